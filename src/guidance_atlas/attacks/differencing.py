"""What two releases tell together that neither tells alone: is she in the second, about what, how many exactly?

The attacker subtracts what one shows from what the other shows. Three pairs of releases: the same people and perhaps
her; a later one with another week's people, and perhaps she came late to the week before; and the same people under two
sets of rules, where two roundings narrow a count down.
"""

from collections.abc import Callable

import dataframely as dy
import numpy as np
import polars as pl

from guidance_atlas.attacks.outcome import Outcome
from guidance_atlas.attacks.worlds import KEY, WEEKS, Ints, Population
from guidance_atlas.contracts import Cells
from guidance_atlas.vocab import ALL

# From the exact cells of an earlier and a later time to what is published of each.
Publish = Callable[[dy.DataFrame[Cells], dy.DataFrame[Cells]], tuple[pl.DataFrame, pl.DataFrame]]
PEOPLE = 1_500
CELLS_A_WORLD = 20  # counts guessed in each pair of releases under two roundings
NUMBERS = ("numerator", "denominator", "n_people")


def differ(
    population: Population, publish: Publish, *, trials: int, seed: int, defended: bool, growing: bool
) -> list[Outcome]:
    """Guess whether one more person is in the second release, and her domain where she is."""
    rng = np.random.default_rng(seed)
    asking = [kind for kind, person in enumerate(population.kinds) if person.guidance]
    domains = sorted({population.kinds[kind].domain for kind in asking})
    right = right_domain = n_domain = 0
    for _ in range(trials):
        kind = int(rng.choice([k for k in asking if not growing or population.kinds[k].week == WEEKS[0]]))
        present = bool(rng.random() < 0.5)
        before = population.draw(PEOPLE, rng)
        after = before + present * population.one(kind) + (_new_week(population, rng) if growing else 0)
        moved = _moved(*publish(population.cells_of(before), population.cells_of(after)))
        if growing:
            moved = moved.filter(week=WEEKS[0])
        right += (moved.height > 0) == present
        if present:
            n_domain += 1
            right_domain += _domain(moved, domains, rng) == population.kinds[kind].domain
    when = "a later week's release" if growing else "a second release"
    told = {"defended": defended, "note": "one ledger" if defended else "no ledger"}
    return [
        Outcome("differencing", f"is she in {when}", trials, right, 0.5, 0.5, **told),  # type: ignore[arg-type]
        Outcome("differencing", f"her domain, {when}", n_domain, right_domain, 1 / len(domains), 1 / len(domains),
                **told),  # type: ignore[arg-type]
    ]  # fmt: skip


def round_twice(
    population: Population, publish: Publish, *, trials: int, seed: int, steps: tuple[int, int], defended: bool
) -> Outcome:
    """Guess a count exactly that two releases of the same people round to multiples of two numbers."""
    rng = np.random.default_rng(seed)
    right = n = 0
    for _ in range(trials):
        cells = population.cells_of(population.draw(PEOPLE, rng))
        one, other = publish(cells, cells)
        shown = one.filter(pl.col("numerator") > 0).join(cells, on=KEY, suffix="_true")
        both = shown.join(other, on=KEY, suffix="_other").unique("numerator_true", maintain_order=True)
        for row in both.sample(min(CELLS_A_WORLD, both.height), seed=int(rng.integers(2**31))).iter_rows(named=True):
            possible = set(_behind(row["numerator"], steps[0]))
            if row["numerator_other"] is not None:
                possible &= set(_behind(row["numerator_other"], steps[1]))
            n += 1
            right += bool(possible) and int(rng.choice(sorted(possible))) == row["numerator_true"]
    blind = 1 / steps[0]
    note = "one ledger" if defended else "no ledger"
    return Outcome(
        "differencing", f"an exact count, rounded to {steps[0]} and to {steps[1]}", n, right, blind, blind,
        defended, note,
    )  # fmt: skip


def _new_week(population: Population, rng: np.random.Generator) -> Ints:
    """People of the later week."""
    later = [person.week == WEEKS[1] for person in population.kinds]
    drawn: Ints = population.draw(PEOPLE, rng) * np.array(later)
    return drawn


def _moved(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Cells of which both releases show a number, and not the same one."""
    both = first.join(second, on=KEY, suffix="_then")
    return both.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}_then") for name in NUMBERS))


def _domain(moved: pl.DataFrame, domains: list[str], rng: np.random.Generator) -> str:
    """The domain in which most cells moved; one at random where none did."""
    in_one = moved.filter(pl.col("domain") != ALL).group_by("domain").len().sort("len", "domain", descending=True)
    return str(rng.choice(domains)) if in_one.is_empty() else str(in_one["domain"][0])


def _behind(rounded: int, step: int) -> range:
    """The counts that are rounded to this one."""
    return range(max(rounded - step // 2, 0), rounded - step // 2 + step)
