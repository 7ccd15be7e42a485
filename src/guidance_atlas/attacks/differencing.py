"""What two releases tell together that neither tells alone: is she in the second, about what, how many exactly?

The attacker subtracts what one shows from what the other shows. Three pairs of releases: the same people and perhaps
her; a later one with another week's people, and perhaps she came late to the week before; and the same people under two
sets of rules, where two roundings narrow a count down.
"""

from collections import Counter
from collections.abc import Callable, Mapping

import dataframely as dy
import numpy as np
import polars as pl

from guidance_atlas.attacks.outcome import Outcome
from guidance_atlas.attacks.worlds import KEY, WEEKS, Ints, Population
from guidance_atlas.contracts import Cells
from guidance_atlas.vocab import ALL

Pair = tuple[pl.DataFrame, pl.DataFrame]
# From exact cells at two times to both releases: with every defence (true), and without one between them (false).
Publish = Callable[[dy.DataFrame[Cells], dy.DataFrame[Cells]], Mapping[bool, Pair]]
PEOPLE = 1_500
CELLS_A_WORLD = 20  # counts guessed in each pair of releases under two roundings
NUMBERS = ("numerator", "denominator", "n_people")


def differ(population: Population, publish: Publish, *, trials: int, seed: int, growing: bool) -> list[Outcome]:
    """Guess whether one more person is in the second release, and her domain where she is.

    growing: the second has another week's people as well, and she came late to the week before.
    """
    rng = np.random.default_rng(seed)
    asking = [
        kind
        for kind, person in enumerate(population.kinds)
        if person.guidance and (not growing or person.week == WEEKS[0])
    ]
    domains = sorted({population.kinds[kind].domain for kind in asking})
    tallies: dict[bool, Counter[str]] = {}
    for _ in range(trials):
        kind, present = int(rng.choice(asking)), bool(rng.random() < 0.5)
        before = population.draw(PEOPLE, rng)
        after = before + present * population.one(kind) + (_new_week(population, rng) if growing else 0)
        for defended, (one, other) in publish(population.cells_of(before), population.cells_of(after)).items():
            seen = (one.filter(week=WEEKS[0]), other.filter(week=WEEKS[0])) if growing else (one, other)
            changed = _changed(*seen)
            moved, own = _moved(*seen), population.kinds[kind].domain
            tallies.setdefault(defended, Counter()).update(
                by_numbers=(moved.height > 0) == present,
                by_all=(changed.height > 0) == present,
                present=present,
                domain_by_numbers=present and _domain(moved, domains, rng) == own,
                domain_by_all=present and _domain(changed, domains, rng) == own,
            )
    when = "later week's" if growing else "second"
    return [
        one for defended, tally in tallies.items() for one in _outcomes(tally, trials, when, len(domains), defended)
    ]


def _outcomes(tally: Counter[str], trials: int, when: str, n_domains: int, defended: bool) -> list[Outcome]:
    note, blind = "one ledger" if defended else "no ledger", 1 / n_domains

    def outcome(guessed: str, n: int, right: int, blind: float, bound: float | None) -> Outcome:
        return Outcome("differencing", f"{guessed}, {when} release", n, right, blind, bound, defended, note)

    return [
        outcome("is she in, by numbers", trials, tally["by_numbers"], 0.5, 0.5),
        outcome("is she in, by all that differs", trials, tally["by_all"], 0.5, 0.5),
        outcome("her domain, by numbers", tally["present"], tally["domain_by_numbers"], blind, blind),
        outcome("her domain, by all that differs", tally["present"], tally["domain_by_all"], blind, blind),
    ]


def round_twice(
    population: Population, publish: Publish, *, trials: int, seed: int, steps: tuple[int, int]
) -> list[Outcome]:
    """Guess counts exactly that two releases of the same people round to multiples of two numbers."""
    rng = np.random.default_rng(seed)
    tallies: dict[bool, Counter[str]] = {}
    for _ in range(trials):
        cells = population.cells_of(population.draw(PEOPLE, rng))
        for defended, (one, other) in publish(cells, cells).items():
            shown = one.filter(pl.col("numerator") > 0).join(cells, on=KEY, suffix="_true")
            both = shown.join(other, on=KEY, how="left", suffix="_other").unique("numerator_true", maintain_order=True)
            for row in both.sample(min(CELLS_A_WORLD, both.height), seed=1).iter_rows(named=True):
                possible = set(_behind(row["numerator"], steps[0]))
                if row["numerator_other"] is not None:
                    possible &= set(_behind(row["numerator_other"], steps[1]))
                right = bool(possible) and int(rng.choice(sorted(possible))) == row["numerator_true"]
                tallies.setdefault(defended, Counter()).update(n=1, right=right)
    guessed, blind = f"an exact count, rounded to {steps[0]} and to {steps[1]}", 1 / steps[0]
    return [
        Outcome("differencing", guessed, tally["n"], tally["right"], blind, blind, defended,
                "one ledger" if defended else "no ledger")
        for defended, tally in tallies.items()
    ]  # fmt: skip


def _new_week(population: Population, rng: np.random.Generator) -> Ints:
    """People of the later week."""
    later = [person.week == WEEKS[1] for person in population.kinds]
    drawn: Ints = population.draw(PEOPLE, rng) * np.array(later)
    return drawn


def _moved(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Cells of which both releases show a number, and not the same one."""
    both = first.join(second, on=KEY, suffix="_then")
    return both.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}_then") for name in NUMBERS))


def _changed(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Rows that are not the same in both: another number, withheld in one alone, told anew, or not there."""
    both = first.join(second, on=KEY, how="full", coalesce=True, suffix="_then")
    told = [name for name in first.columns if name not in KEY]
    return both.filter(pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_then")) for name in told))


def _domain(moved: pl.DataFrame, domains: list[str], rng: np.random.Generator) -> str:
    """The domain in which most cells moved; one at random where none did."""
    in_one = moved.filter(pl.col("domain") != ALL).group_by("domain").len().sort("len", "domain", descending=True)
    return str(rng.choice(domains)) if in_one.is_empty() else str(in_one["domain"][0])


def _behind(rounded: int, step: int) -> range:
    """The counts that are rounded to this one."""
    return range(max(rounded - step // 2, 0), rounded - step // 2 + step)
