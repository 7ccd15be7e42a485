"""The counts of a release by their number in the margins, and what is certain about who stands behind a change.

Nobody keeps a list of who was in which cell. Behind a change of a group stand at least as many people as their number
differs by; as many as behind the change of one of its weeks or models, since what changed there changed in the group;
and as many as a sum leaves no other part to account for.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from guidance_atlas.margins import NONE, Margins
from guidance_atlas.vocab import ALL, OUTCOMES

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
NUMBERS = ["numerator", "denominator", "n_people", "n_people_counted"]
SLICED = ["language", "cluster", "funnel"]  # cuts whose facet is no value of the measure
ASIDE = [outcome for outcome in OUTCOMES if outcome != "kept"]
DEPTH = 3  # from all to a domain, to its model, to the rest of a share there


@dataclass(frozen=True)
class Counted:
    """The counts of one release by their number in the margins; NaN where it never counted such a thing."""

    value: Floats
    least: Floats  # people behind the count, the fewest they can be
    most: Floats  # and the most
    shown: Flags


@dataclass(frozen=True)
class Step:
    """From one earlier release to the new one: its counts, what changed, and how many people stand behind that."""

    old: Counted
    change: Floats  # NaN: not known
    least: Floats  # people certain to stand behind the change; 0: nothing changed
    most: Floats


def counted(every: pl.DataFrame, rows: pl.DataFrame, margins: Margins) -> Counted:
    """The counts of one release, from its cells in the order of every."""
    value, least, most = (np.full(len(margins.kind), np.nan) for _ in range(3))
    shown = np.zeros(value.size, dtype=np.bool_)
    numbers = rows.select(pl.col(NUMBERS).cast(pl.Float64)).to_dict(as_series=True)
    counted, of, n_people, n_counted = (numbers[name].to_numpy() for name in NUMBERS)
    share = margins.denominator != NONE
    people = np.where(share, n_counted, n_people)
    rest, whole = margins.rest[share], margins.denominator[share]
    value[rest] = of[share] - counted[share]
    least[rest] = np.maximum(n_people[share] - n_counted[share], value[rest] > 0)
    most[rest] = np.minimum(value[rest], n_people[share])
    value[whole], value[margins.numerator] = of[share], counted
    least[whole] = most[whole] = n_people[share]
    least[margins.numerator] = most[margins.numerator] = people
    is_shown = rows["shown"].fill_null(value=False).to_numpy()
    shown[margins.numerator[is_shown]] = True
    shown[margins.denominator[is_shown & share]] = True
    _by_sums(margins, value, least, most)
    parts = ~margins.whole
    at_whole = np.zeros(margins.n_equations, dtype=np.int64)
    at_whole[margins.equation[margins.whole]] = margins.member[margins.whole]
    np.fmax.at(least, at_whole[margins.equation[parts]], least[margins.member[parts]])
    _of_parts(margins, least, most)
    return Counted(value, least, most, shown)


def _by_sums(margins: Margins, value: Floats, least: Floats, most: Floats) -> None:
    """Work out counts that no cell shows."""
    signed = np.where(margins.whole, 1.0, -1.0)
    while True:
        lacking = np.isnan(value[margins.member])
        gaps = np.bincount(margins.equation[lacking], minlength=margins.n_equations)
        lone = lacking & (gaps[margins.equation] == 1)
        if not lone.any():
            return
        rest = np.bincount(
            margins.equation[~lacking],
            weights=(signed * value[margins.member])[~lacking],
            minlength=margins.n_equations,
        )
        found, equation = margins.member[lone], margins.equation[lone]
        value[found] = -signed[lone] * rest[equation]
        least[found], most[found] = value[found] > 0, value[found]


def _of_parts(margins: Margins, least: Floats, most: Floats) -> None:
    """Whoever stands behind a whole stands behind a part: a part has at least those that no other can account for."""
    n, whole = margins.n_equations, margins.whole
    equation, of = margins.equation, margins.member
    for _ in range(DEPTH):
        others = (
            np.bincount(equation[~whole], weights=most[of[~whole]], minlength=n)[equation[~whole]] - most[of[~whole]]
        )
        behind = np.bincount(equation[whole], weights=least[of[whole]], minlength=n)[equation[~whole]]
        alone = np.where(least[of[~whole]] > 0, np.fmin(behind - others, most[of[~whole]]), 0)
        np.fmax.at(least, of[~whole], alone)


def step_from(every: pl.DataFrame, new: Counted, old: Counted, margins: Margins) -> Step:
    """What changed, and how many people stand behind that at least and at most."""
    change = new.value - old.value
    known = ~np.isnan(change)
    fewer = np.fmax(new.least - old.most, old.least - new.most)
    kept, read, aside = _records(every, margins)
    fewer[read] = fewer[aside] = 0
    changed = known & ((change != 0) | (fewer > 0))
    least = np.where(known, np.where(changed, np.fmax(fewer, 1), 0), np.nan)
    most = np.where(changed, new.most + old.most, 0.0)
    keys = every.select("domain", "week", "model", "measure", "facet", sliced=pl.col("cut").is_in(SLICED))
    for counts in (margins.numerator, margins.denominator, margins.rest):
        for axis in ("week", "model", "week"):
            _through(keys, axis, counts, changed, least, most)
    if changed[read].any():
        least[read] = np.fmax(least[read], least[kept])
    _of_parts(margins, least, most)
    return Step(old, change, least, most)


def _records(every: pl.DataFrame, margins: Margins) -> tuple[Ints, Ints, Ints]:
    """The counts of records that were kept, read and set aside.

    Nobody is known behind a record that is not kept: many may be one person's, so only those kept are certain.
    """
    steps = every.select("measure", at=pl.col("cut") == "funnel", count=pl.Series(margins.numerator)).filter("at")
    kept, read, aside = (
        steps.filter(pl.col("measure").is_in(some))["count"].to_numpy() for some in (["kept"], ["read"], ASIDE)
    )
    return kept, read, aside


def _through(keys: pl.DataFrame, axis: str, counts: Ints, changed: Flags, least: Floats, most: Floats) -> None:
    """A change of a whole stands on the people of each of its weeks' (models') changes, and on no others."""
    has = counts != NONE
    rows = keys.with_columns(
        count=pl.Series(counts), least=pl.Series(least[counts]), most=pl.Series(most[counts])
    ).filter(pl.Series(has), ~pl.col("sliced"))
    group = [name for name in ("domain", "week", "model", "measure", "facet") if name != axis]
    parts = rows.filter(pl.col(axis) != ALL).group_by(group).agg(pl.col("least").max(), pl.col("most").sum())
    wholes = rows.filter(pl.col(axis) == ALL).select(*group, "count").join(parts, on=group)
    at = wholes["count"].to_numpy()
    at_least, at_most = wholes["least"].to_numpy(), wholes["most"].to_numpy()
    least[at] = np.where(changed[at], np.fmax(least[at], at_least), 0)
    most[at] = np.where(changed[at], np.fmax(np.fmin(most[at], at_most), least[at]), 0)
