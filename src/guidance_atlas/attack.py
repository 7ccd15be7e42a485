"""What somebody can prove about withheld counts who has nothing but the published cells and a linear program.

The attacker knows what every cell means: which counts add up to which, how they are rounded, how few people are few,
and what a status says. Nothing of how counts were protected is used, and no count is left out of any equation.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from guidance_atlas.bounds import NO_LIMIT, Floats, Sums, narrowed
from guidance_atlas.errors import StageError
from guidance_atlas.gaps import FINE
from guidance_atlas.margins import NONE, Margins, structure_of
from guidance_atlas.points import Points, left_behind

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
KEY = ["cut", "domain", "week", "model", "facet", "measure"]
SIDES = ("numerator", "denominator", "rest")
SEED = 7


def attack(
    published: pl.DataFrame,
    round_to: int,
    largest: int = 1_500,
    *,
    least_people: int,
    one_per_person: bool = False,
    among: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Say of each withheld count between which limits it lies, as far as can be proven from what is published.

    published holds cells that were protected (contract PublicCells or AtlasCells). One row per withheld cell and side
    (numerator, denominator, or rest: the one less the other): low and high in conversations, limits that surely hold;
    and of counts that say few_people, can_be_low and can_be_high: whether a table of counts exists that fits all that
    is published and in which the count is at most 1, at least least_people - 1. Counts beyond the largest number
    (drawn evenly, always the same ones) are not tried: null. one_per_person: whether it is known that every person has
    one conversation. among: what to try instead, whatever its status, for whoever knows what matters: cell keys, side,
    and the ends (down, up) that the count must be able to reach.

    Raises:
        StageError: a measure is not known, or nothing fits what is published.
    """
    margins = structure_of(published)
    sums = Sums(margins.equation, margins.member, margins.whole, margins.n_equations)
    low, high = _limits(published, margins, round_to, least_people, one_per_person)
    low, high = narrowed(sums, low, high)
    low, high = narrowed(sums, *_with_rests(published, margins, low, high, least_people))
    wanted, ends = _wanted(published, margins, among, least_people)
    tried = np.flatnonzero(wanted & (high > low))
    if tried.size > largest:
        tried = np.sort(np.random.default_rng(SEED).choice(tried, largest, replace=False))
    asked = np.concatenate([tried, np.flatnonzero(wanted & (high <= low))])
    up = np.repeat([True, False], asked.size)
    both, aims = np.tile(asked, 2), np.concatenate([ends[True][asked], ends[False][asked]])
    left = left_behind(Points(sums, low, high), both, aims, up=up, each=True)
    can = {way: np.full(low.size, -1, dtype=np.int8) for way in ends}
    for way in ends:
        can[way][asked] = ~left[up == way]
    return _told(published, margins, low, high, can)


def _hidden_sides(published: pl.DataFrame, margins: Margins) -> list[tuple[str, Ints, Flags]]:
    """Of each side: the count of each cell, and whether the cell is withheld and has that side."""
    withheld = (published["status"] != "shown").to_numpy()
    counts = (margins.numerator, margins.denominator, margins.rest)
    return [(side, count, withheld & (count != NONE)) for side, count in zip(SIDES, counts, strict=True)]


def _wanted(
    published: pl.DataFrame, margins: Margins, among: pl.DataFrame | None, least_people: int
) -> tuple[Flags, dict[bool, Floats]]:
    """Say of each count whether it is to be tried, and its ends: those downward, and those upward."""
    n = margins.value.size
    wanted, down, up = np.zeros(n, dtype=np.bool_), np.full(n, np.inf), np.full(n, -np.inf)
    if among is None:
        wanted[_few(published, margins)] = True
        return wanted, {False: np.full(n, 1.0), True: np.full(n, least_people - 1.0)}
    for side, count, has in _hidden_sides(published, margins):
        asked = published.select(KEY).join(among.filter(side=side), on=KEY, how="left", maintain_order="left")
        here = has & asked["down"].is_not_null().to_numpy()
        wanted[count[here]] = True
        np.minimum.at(down, count[here], asked["down"].to_numpy()[here])
        np.maximum.at(up, count[here], asked["up"].to_numpy()[here])
    return wanted, {False: down, True: up}


def _few(published: pl.DataFrame, margins: Margins) -> Ints:
    """The counts that stand in a cell that says few_people."""
    says = (published["status"] == "few_people").to_numpy()
    found = [count[says & has] for _, count, has in _hidden_sides(published, margins)]
    return np.unique(np.concatenate(found))


def _limits(
    published: pl.DataFrame, margins: Margins, round_to: int, least_people: int, one_per_person: bool
) -> tuple[Floats, Floats]:
    """What is told of each count outright: shown counts lie round their number, and a status tells the rest."""
    low, high = np.zeros(margins.value.size), np.full(margins.value.size, NO_LIMIT)
    status = published["status"].cast(pl.String).to_numpy()
    for column, counts in (("numerator", margins.numerator), ("denominator", margins.denominator)):
        told = (status == "shown") & (counts != NONE)
        number = published[column].fill_null(0).cast(pl.Int64).to_numpy()[told]
        at = counts[told]
        low[at] = np.where(number > 0, np.maximum(number - round_to // 2, least_people), 0)
        high[at] = np.where(number > 0, number + round_to - 1 - round_to // 2, 0)
    plain = margins.denominator == NONE
    unseen = high >= NO_LIMIT
    if one_per_person:
        at = margins.numerator[plain & (status == "few_people")]
        high[at[unseen[at]]] = least_people - 1
    many = plain & ((status == "dominance") | ((status == "complementary") & (margins.cuts[margins.numerator] >= FINE)))
    at = margins.numerator[many]
    low[at[unseen[at]]] = least_people
    return low, high


def _with_rests(
    published: pl.DataFrame, margins: Margins, low: Floats, high: Floats, least_people: int
) -> tuple[Floats, Floats]:
    """The other side of a share that is shown has enough people too, or nobody at all."""
    shown = (published["status"] == "shown").to_numpy() & (margins.rest != NONE)
    at = np.unique(margins.rest[shown])
    low, high = low.copy(), high.copy()
    nobody = at[high[at] < least_people]
    if (low[nobody] > 0).any():
        raise StageError("a share is shown although few are on its other side")
    high[nobody] = 0
    somebody = at[low[at] > 0]
    low[somebody] = np.maximum(low[somebody], least_people)
    return low, high


def _told(
    published: pl.DataFrame, margins: Margins, low: Floats, high: Floats, can: dict[bool, NDArray[np.int8]]
) -> pl.DataFrame:
    def answer(of: NDArray[np.int8]) -> pl.Series:
        return pl.Series(of, dtype=pl.Int8).replace(-1, None).cast(pl.Boolean)

    frames = [
        published.filter(pl.Series(has)).select(
            *KEY,
            pl.col("status").cast(pl.String),
            pl.lit(side).alias("side"),
            low=pl.Series(low[count[has]]),
            high=pl.Series(np.where(high[count[has]] >= NO_LIMIT / 2, np.inf, high[count[has]])),
            can_be_low=answer(can[False][count[has]]),
            can_be_high=answer(can[True][count[has]]),
        )
        for side, count, has in _hidden_sides(published, margins)
    ]
    return pl.concat(frames)
