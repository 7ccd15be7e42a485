"""Do the printed intervals of public exports hold the planted rates? Planted worlds, bounded, noised, told.

    python bench/dp_coverage.py [--worlds 200] [--people 4000] [--weeks 4] [--conversations 1] [--alike 0] [--seed 11]

Each world plants its own rates: who asks for guidance, about what, how often people push back, how often the assistant
is sycophantic in each domain, with pushback and without. People have one to five conversations; what is counted of them
goes through the queries, bounds and noise of `export --public`. The planted rate is the chance that was planted, so an
interval must allow for the noise and for who happened to ask. With --alike a share of people always hears the same, so
that a person's conversations are no independent draws; with --conversations 1 that does not matter.

Ctrl-C ends with the world at work and prints what there is. What intervals of one world hold hangs together, so the
95 % intervals printed are Wilson's for as many independent ones as these are worth (Korn and Graubard 1998).
"""

import argparse
import signal
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import takewhile
from time import perf_counter

import numpy as np
import polars as pl

from guidance_atlas import contracts as c
from guidance_atlas.dp.ask import Ask
from guidance_atlas.dp.counts import contributions, count
from guidance_atlas.dp.public import draw as put_noise
from guidance_atlas.dp.public import open_noise
from guidance_atlas.dp.tables import Draw, noisy_cells, noisy_rates
from guidance_atlas.intervals import with_share
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.vocab import ALL, DOMAINS

EPSILONS = (0.5, 1.0, 2.0)
DELTA = 1e-6
FIRST = date(2026, 3, 2)
CUTS = ("total", "domain", "week")
Held = tuple[int, bool, float]  # world, whether the interval holds the truth, its width
COLUMNS = ("epsilon", "what", "holds", "95 %", "mean width", "n shown", "asked for")
FORM = "{:>7} {:22} {:>6} {:>14} {:>10} {:>8} {:>9}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("worlds", 200), ("people", 4_000), ("weeks", 4), ("conversations", 1), ("seed", 11)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--alike", type=float, default=0.0)
    run(**vars(parser.parse_args()))


def run(*, worlds: int, people: int, weeks: int, conversations: int, seed: int, alike: float) -> None:
    draw, book = np.random.default_rng(seed), SqlBook()
    until = FIRST + timedelta(7 * weeks - 1)
    asks = [Ask(e, DELTA, FIRST, until, conversations, conversations) for e in EPSILONS]
    noises = {ask: open_noise(ask) for ask in asks}
    rates: dict[tuple[float, str], list[Held]] = defaultdict(list)
    cells: dict[tuple[float, str], list[Held]] = defaultdict(list)
    n_rows: dict[tuple[float, str], int] = defaultdict(int)
    started = perf_counter()
    for done in count_until_stopped(worlds):
        tables, planted = world(draw, people, weeks, alike)
        exact = count(contributions(tables, asks[0], book=book), asks[0])
        # Next to no noise: every count above 0 is shown as it is.
        truth = noisy_cells(Draw(exact.dense, exact.sparse, 0.01, 1, "none"), asks[0])
        truth = truth.select("cut", "domain", "week", "measure", true=pl.col("count").fill_null(0))
        for ask in asks:
            told = put_noise(exact, noises[ask])
            for row in noisy_rates(told).iter_rows(named=True):
                n_rows[ask.epsilon, row["cut"]] += 1
                if row["status"] == "shown":
                    # A share that noise alone made, where nobody asks, holds nothing.
                    true = planted[row["measure"]].get(row["domain"], float("nan"))
                    held = row["low"] <= true <= row["high"]
                    rates[ask.epsilon, row["cut"]].append((done, held, row["high"] - row["low"]))
            counts = noisy_cells(told, ask)
            for (cut,), rows in counts.group_by("cut"):
                n_rows[ask.epsilon, f"counts by {cut}"] += rows.height
            compare_cells(counts, truth, cells, ask.epsilon, done)
    n, seconds = done + 1, perf_counter() - started
    print(f"{n} worlds of {people} people, {weeks} weeks, {conversations} a person, alike {alike:g}, seed {seed}")
    print(f"{seconds / n:.1f} s a world, {seconds:.0f} s in all")
    print(FORM.format(*COLUMNS))
    for ask in asks:
        for cut in CUTS:
            print_row(ask.epsilon, f"rates by {cut}", rates[ask.epsilon, cut], n_rows[ask.epsilon, cut])
        every = [row for cut in CUTS for row in rates[ask.epsilon, cut]]
        print_row(ask.epsilon, "all rates", every, sum(n_rows[ask.epsilon, cut] for cut in CUTS))
        for cut in (*CUTS, "domain_week"):
            name = f"counts by {cut}"
            print_row(ask.epsilon, name, cells[ask.epsilon, cut], n_rows[ask.epsilon, name])


def count_until_stopped(worlds: int) -> Iterator[int]:
    """Numbers of worlds; Ctrl-C ends with the world at work."""
    stopped: list[int] = []
    signal.signal(signal.SIGINT, lambda *_: stopped.append(1))
    yield from takewhile(lambda _: not stopped, range(worlds))


def compare_cells(told: pl.DataFrame, true: pl.DataFrame, cells: dict, epsilon: float, world: int) -> None:
    """Intervals of counts against the exact ones, of those shown."""
    both = told.filter(pl.col("status") == "shown").join(true, on=["cut", "domain", "week", "measure"])
    found = both.select("cut", pl.col("true").is_between("low", "high"), width=pl.col("high") - pl.col("low"))
    for cut, held, width in found.iter_rows():
        cells[epsilon, cut].append((world, held, width))


def print_row(epsilon: float, name: str, rows: list[Held], of: int) -> None:
    if not rows:
        print(FORM.format(f"{epsilon:g}", name, "-", "-", "-", 0, of))
        return
    world, held, width = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    share, low, high = interval(world, held)
    between = f"{low:.3f} to {high:.3f}"
    print(FORM.format(f"{epsilon:g}", name, f"{share:.3f}", between, f"{width.mean():.3f}", len(rows), of))


def interval(world: np.ndarray, held: np.ndarray) -> tuple[float, float, float]:
    """Share held with its 95 % interval; variance by how far each world's sum is off the share of all."""
    n, share = len(held), held.mean()
    _, at = np.unique(world, return_inverse=True)
    n_worlds, off = at.max() + 1, np.bincount(at, held - share)
    alone = n * share * (1 - share)
    worse = n_worlds / (n_worlds - 1) * (off**2).sum() / alone if n_worlds > 1 and alone else 1.0
    worth = n / max(worse, 1.0)
    told = with_share(pl.DataFrame({"numerator": [share * worth], "denominator": [worth]}))
    return told.select("share", "low", "high").row(0)


def world(draw: np.random.Generator, people: int, weeks: int, alike: float) -> tuple[dict, dict]:
    """The tables of one planted world, and the planted rate of every measure by domain."""
    share = draw.dirichlet(np.full(len(DOMAINS), 1.5))
    guidance, pushed = draw.uniform(0.1, 0.6), draw.uniform(0.1, 0.5)
    calm = draw.uniform(0.02, 0.4, len(DOMAINS))
    pressed = np.minimum(calm * draw.uniform(1.0, 2.5), 0.9)
    n_each = draw.integers(1, 6, people)
    person = np.repeat(np.arange(people), n_each)
    n = len(person)
    domain = draw.choice(len(DOMAINS), n, p=share)
    is_pushed, twice = draw.random(n) < pushed, draw.random(n) < 0.7
    is_pushed &= twice
    luck = np.where((draw.random(people) < alike)[person], draw.random(people)[person], draw.random(n))
    sycophantic = luck < np.where(is_pushed, pressed[domain], calm[domain])
    frame = pl.DataFrame(
        {
            "conversation_id": draw.bytes(8 * n).hex(" ", 8).split(),
            "person_key": person.astype(str),
            "day": [FIRST + timedelta(int(day)) for day in draw.integers(0, 7 * weeks, n)],
            "n_user_turns": np.where(twice, 3, 1),
            "asks": draw.random(n) < guidance,
            "domain": np.array(DOMAINS)[domain],
            "pushed": is_pushed,
            "sycophantic": sycophantic,
            "judged": draw.random(n) < 0.9,
        }
    )
    p = 0.7 * pushed  # of those who speak twice
    mixed = p * pressed + (1 - p) * calm
    planted = {
        "guidance": {ALL: guidance},
        "pushback": by_domain(np.full(len(DOMAINS), pushed), share),
        "sycophantic": by_domain(mixed, share),
        "sycophantic_with_pushback": by_domain(pressed, share),
        "sycophantic_without_pushback": by_domain(calm, share),
    }
    return as_stored(frame), planted


def by_domain(rates: np.ndarray, share: np.ndarray) -> dict[str, float]:
    return dict(zip(DOMAINS, rates.tolist(), strict=True)) | {ALL: float(rates @ share)}


def as_stored(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Frames as the stages store them, as far as the queries read them."""
    asked = frame.filter("asks")
    judged = asked.filter("judged")
    known = {"evasive": None, "rigid": None, "harsh": None, "first_sycophantic_turn": None}
    support = {f"support_{kind}": False for kind in ("friends", "family", "professional", "digital", "no_access")}

    def lit(values: dict) -> list[pl.Expr]:
        return [pl.lit(value, dtype=pl.Boolean).alias(name) for name, value in values.items()]

    return {
        "conversations": frame.select(
            "conversation_id", "person_key", "day", "n_user_turns", week=pl.col("day").dt.strftime("%G-W%V"),
            model=pl.lit("m"), language=pl.lit("en"),
        ),
        "glanced": frame.select("conversation_id", kept=True, reason=pl.lit(None, dtype=pl.String)),
        "screened": frame.select(
            "conversation_id", guidance="asks", reason=pl.lit(None, dtype=pl.String), unsure=False
        ),
        "labels": asked.select(
            "conversation_id", "domain", *lit(support), domain_2=pl.lit(None, dtype=pl.String), stakes=pl.lit("low")
        ),
        "events": asked.filter("pushed").select("conversation_id", turn=2, presses=True),
        "turn_verdicts": c.TurnVerdicts.create_empty(),
        "verdicts": judged.select("conversation_id", "sycophantic", *lit(known)),
        "clusters": c.Clusters.create_empty(),
    }  # fmt: skip


if __name__ == "__main__":
    main()
