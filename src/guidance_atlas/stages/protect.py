"""Cells lose what could tell about few people: small counts, what would give them away by sums, last digits.

*Few people*: a count with fewer people behind it than the minimum is withheld, and so is a share whose other side
(denominator less numerator) has fewer, or that tells a sensitive fact of everybody in a group of few. Groups cut by two
or more of domain, week, model and slice do not show zeros either, so that nobody can tell their few from none.
*Dominance*: a count of which one person holds more than a quarter is withheld. *Complementary*: more is withheld until
nothing withheld can be told from the shown numbers, sum by sum (gaps.py) or by all equations at once (guard.py).
*Rounding*: what is left is rounded, each count by itself, and shares are those of the rounded counts.

docs/decisions/0008 says exactly what is promised; attack.py tries it. Two releases are not compared here.
"""

from typing import TypeVar

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from guidance_atlas.contracts import AtlasCells, Cells, ClusterNames, PublicCells, Table
from guidance_atlas.errors import SettingsError
from guidance_atlas.gaps import FINE, close_gaps, some_cells
from guidance_atlas.guard import Rules, guard
from guidance_atlas.intervals import with_share
from guidance_atlas.margins import NONE, Margins, margins_of
from guidance_atlas.sensitive import tells_of_all, uniform_clusters

T = TypeVar("T", bound=Table)
Flags = NDArray[np.bool_]
LEADING = (
    0.25  # of a count, the most that one person may hold: the (n, k) rule with n = 1 (Hundepool et al. 2012, ch. 4)
)
COUNTS = ["numerator", "denominator", "n_people"]


def protect_inside(cells: dy.DataFrame[Cells], *, least_people: int, round_to: int) -> dy.DataFrame[AtlasCells]:
    """Withhold what analysts inside must not see. No cell is lost: a withheld one keeps its place and says why.

    Raises:
        SettingsError: least_people or round_to is less than 1, or rounding could turn a shown count into 0.
    """
    few = np.zeros(cells.height, dtype=np.bool_)
    return _protected(cells, few, returns=AtlasCells, least_people=least_people, round_to=round_to)


def protect(
    cells: dy.DataFrame[Cells],
    cluster_names: dy.DataFrame[ClusterNames],
    *,
    least_people: int,
    round_to: int,
) -> dy.DataFrame[PublicCells]:
    """Withhold what must not leave. A cluster whose name was found among too few people counts as few people.

    So does a cluster of few whose members all, or nearly all, share a sensitive fact: its name says what they asked.

    Raises:
        SettingsError: least_people or round_to is less than 1, or rounding could turn a shown count into 0.
    """
    small = cluster_names.filter(pl.col("n_people") < least_people)["cluster_id"].cast(pl.String)
    small = pl.concat([small, uniform_clusters(cells, least_people)])
    few = cells.select((pl.col("cut") == "cluster") & pl.col("facet").is_in(small.implode())).to_series().to_numpy()
    return _protected(cells, few, returns=PublicCells, least_people=least_people, round_to=round_to)


def _protected(
    cells: pl.DataFrame, few_named: Flags, *, returns: type[T], least_people: int, round_to: int
) -> dy.DataFrame[T]:
    if least_people < 1 or not 1 <= round_to <= least_people:
        raise SettingsError(
            f"{least_people} people at least, rounded to {round_to}: choose 1 <= round_to <= least people"
        )
    margins = margins_of(cells)
    small = few_people(margins, least_people)
    small[margins.numerator[few_named]] = True
    small &= margins.value > 0
    led = one_leads(margins, cells, least_people) & ~small
    few = small | nobody_among_few(margins, small, least_people)
    guarded = (small & (margins.people < least_people)) | led
    same = tells_of_all(cells, least_people).to_numpy() & (least_people > 1)
    few[margins.numerator[same]] = few[margins.rest[same]] = True
    guarded[margins.rest[same]] = True
    withheld = close_gaps(margins, small | led, least_people) | few
    withheld = guard(margins, withheld, Rules(guarded, led, few, least_people, round_to))
    status = np.where(some_cells(margins, withheld), "complementary", "shown")
    status[some_cells(margins, led)] = "dominance"
    status[some_cells(margins, few)] = "few_people"
    return returns.validate(_show(cells, status, round_to).select(list(returns.columns())), cast=True)


def few_people(margins: Margins, least_people: int) -> Flags:
    """Say of each count whether it is too small: itself, or the other side of a share that it is the numerator of."""
    small: Flags = (margins.people > 0) & (margins.people < least_people) & ~margins.reached
    shares = margins.rest != NONE
    small[margins.numerator[shares][small[margins.rest[shares]]]] = True
    return small & (margins.value > 0)  # where all of a denominator is its other side, the denominator is small itself


def nobody_among_few(margins: Margins, small: Flags, least_people: int) -> Flags:
    """Say of each count whether it is 0 where a 0 would tell about few: in a fine group, or of a share of few people.

    Fine groups are mostly empty or nearly so. Were their zeros shown, each withheld one would be known to be somebody,
    and a domain's dozen conversations could be dealt out among its weeks.
    """
    if least_people == 1:
        return np.zeros_like(small)
    empty: Flags = (margins.value == 0) & ~margins.reached
    nobody = empty & (margins.cuts >= FINE)
    shares = margins.denominator != NONE
    for side in (margins.numerator, margins.rest):
        nobody[side[shares & small[margins.denominator] & empty[side]]] = True
    none_other = shares & nobody[margins.rest]
    nobody[margins.numerator[none_other]] = True
    return nobody


def one_leads(margins: Margins, cells: pl.DataFrame, least_people: int) -> Flags:
    """Say of each count whether one person holds more than a quarter of it (of 1 / least_people, if that is more)."""
    most = max(LEADING, 1 / least_people)
    leads = np.zeros(margins.value.size, dtype=np.bool_)
    shares = margins.denominator != NONE
    of_whole, of_part = (cells[name].to_numpy().astype(np.int64) for name in ("n_most", "n_most_counted"))
    of_numerator = np.where(shares, of_part, of_whole)
    leads[margins.numerator[of_numerator > most * margins.value[margins.numerator]]] = True
    leads[margins.denominator[shares & (of_whole > most * margins.value[margins.denominator])]] = True
    return leads


def _show(cells: pl.DataFrame, status: NDArray[np.str_], round_to: int) -> pl.DataFrame:
    rounded = (pl.col(COUNTS) + round_to // 2) // round_to * round_to
    numbers = with_share(cells.with_columns(rounded)).with_columns(status=pl.Series(status, dtype=pl.String))
    shown = pl.col("status") == "shown"
    return numbers.with_columns(pl.when(shown).then(pl.col(*COUNTS, "share", "low", "high")))
