"""Do the printed intervals of public exports hold the planted rates? Planted worlds, bounded, noised, told.

    python bench/dp_coverage.py [--worlds 200] [--people 4000] [--weeks 4] [--conversations 1] [--alike 0] [--seed 11]

Each world plants its own rates: who asks for guidance, about what, how often people push back, how often the assistant
is sycophantic in each domain, with pushback and without. People have one to five conversations; what is counted of them
goes through the queries, bounds and noise of `export --public`. The planted rate is the chance that was planted, so an
interval must allow for the noise and for who happened to ask. With --alike a share of people always hears the same, so
that a person's conversations are no independent draws; with --conversations 1 that does not matter.
"""

import argparse
import signal
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import takewhile

import numpy as np
import polars as pl

from guidance_atlas import contracts as c
from guidance_atlas.dp.ask import Ask
from guidance_atlas.dp.counts import contributions, count
from guidance_atlas.dp.public import draw as put_noise
from guidance_atlas.dp.public import open_noise
from guidance_atlas.dp.tables import Draw, noisy_cells, noisy_rates
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.vocab import ALL, DOMAINS

EPSILONS = (0.5, 1.0, 2.0)
DELTA = 1e-6
FIRST = date(2026, 3, 2)
CUTS = ("total", "domain", "week")


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
    rates: dict[tuple[float, str], list[tuple[bool, float]]] = defaultdict(list)
    cells: dict[tuple[float, str], list[bool]] = defaultdict(list)
    n_rows: dict[tuple[float, str], int] = defaultdict(int)
    for done in count_until_stopped(worlds):  # noqa: B007 - told below
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
                    rates[ask.epsilon, row["cut"]].append((held, row["high"] - row["low"]))
            compare_cells(noisy_cells(told, ask), truth, cells, ask.epsilon)
    print(
        f"{done + 1} worlds of {people} people, {weeks} weeks, {conversations} a person, alike {alike:g}, seed {seed}"
    )
    print(f"{'epsilon':>7} {'what':22} {'holds':>6} {'95 %':>14} {'mean width':>11} {'shown':>7} {'of':>7}")
    for ask in asks:
        for cut in CUTS:
            print_row(ask.epsilon, f"rates by {cut}", rates[ask.epsilon, cut], n_rows[ask.epsilon, cut])
        every = [row for cut in CUTS for row in rates[ask.epsilon, cut]]
        print_row(ask.epsilon, "all rates", every, sum(n_rows[ask.epsilon, cut] for cut in CUTS))
        for cut in (*CUTS, "domain_week"):
            found = [(held, float("nan")) for held in cells[ask.epsilon, cut]]
            print_row(ask.epsilon, f"counts by {cut}", found, 0)


def count_until_stopped(worlds: int) -> Iterator[int]:
    """Numbers of worlds; Ctrl-C ends with the world at work."""
    stopped: list[int] = []
    signal.signal(signal.SIGINT, lambda *_: stopped.append(1))
    yield from takewhile(lambda _: not stopped, range(worlds))


def compare_cells(told: pl.DataFrame, true: pl.DataFrame, cells: dict, epsilon: float) -> None:
    """Intervals of counts against the exact ones, of those shown."""
    both = told.filter(pl.col("status") == "shown").join(true, on=["cut", "domain", "week", "measure"])
    for cut, held in both.select("cut", pl.col("true").is_between("low", "high")).iter_rows():
        cells[epsilon, cut].append(held)


def print_row(epsilon: float, name: str, rows: list[tuple[bool, float]], of: int) -> None:
    if rows:
        held, n = float(np.mean([row[0] for row in rows])), len(rows)
        error = 1.96 * (held * (1 - held) / n) ** 0.5
        interval = f"{held - error:.3f} to {held + error:.3f}"
        print(f"{epsilon:7g} {name:22} {held:6.3f} {interval:>14} {np.mean([r[1] for r in rows]):11.3f} {n:7} {of:7}")
    else:
        print(f"{epsilon:7g} {name:22} {'none shown':>6} {'':14} {'':11} {0:7} {of:7}")


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
