"""What all sums together tell of a withheld count: the least and the most it can be, by linear programming.

The attacker knows which counts add up to which (margins.py), the rules, and every shown number to within its rounding.
A withheld count is pinned where the least and the most are the same whole number.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from guidance_atlas.attacks.outcome import Outcome
from guidance_atlas.margins import NONE, Margins, margins_of

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
MOST_TRIED = 12  # withheld counts of a table, drawn at random
NEAR = 1e-6  # what the solver may be off by


def solve(
    attack: str,
    tables: Sequence[tuple[pl.DataFrame, pl.DataFrame]],
    *,
    least_people: int,
    round_to: int,
    seed: int,
    defended: bool = True,
) -> Outcome:
    """Solve for withheld counts of few people; a pair holds exact cells, for the truth, and the shown ones."""
    rng = np.random.default_rng(seed)
    n = pinned = 0
    widths: list[float] = []
    for cells, shown in tables:
        margins = margins_of(cells)
        status = cells.select(KEY).join(shown, on=KEY, how="left", maintain_order="left")["status"].to_numpy()
        small = (margins.people > 0) & (margins.people < least_people) & ~margins.reached
        among = np.flatnonzero(small & _withheld(margins, status != "shown"))
        tried = rng.choice(among, min(MOST_TRIED, among.size), replace=False)
        low, high = limits(margins, tried, *_told(cells, shown, margins, round_to))
        n += tried.size
        pinned += int((np.ceil(low - NEAR) == np.floor(high + NEAR)).sum())
        widths += (np.floor(high + NEAR) - np.ceil(low - NEAR)).tolist()
    note = f"median width {np.median(widths):.0f}" if widths else "nothing withheld"
    return Outcome("linear program", attack, n, pinned, 1 / max(1, least_people - 1), 0.0, defended, note)


KEY = ["cut", "domain", "week", "model", "facet", "measure"]


def limits(margins: Margins, counts: NDArray[np.int64], low: Numbers, high: Numbers) -> tuple[Numbers, Numbers]:
    """The least and the most each of these counts can be, all equations and limits holding."""
    from scipy.optimize import linprog  # type: ignore[import-untyped]
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

    sign = np.where(margins.whole, -1.0, 1.0)
    equations = csr_matrix((sign, (margins.equation, margins.member)), shape=(margins.n_equations, low.size))
    settled, bounds = np.zeros(margins.n_equations), np.column_stack([low, high])
    ends = np.empty((2, counts.size))
    for place, count in enumerate(counts):
        for end, direction in enumerate((1.0, -1.0)):
            wanted = np.zeros(low.size)
            wanted[count] = direction
            found = linprog(wanted, A_eq=equations, b_eq=settled, bounds=bounds, method="highs")
            ends[end, place] = found.x[count] if found.status == 0 else (low, high)[end][count]
    return ends[0], ends[1]


def _withheld(margins: Margins, hidden: Flags) -> Flags:
    """Counts of withheld cells that no cell shows."""
    some, shown = np.zeros(margins.value.size, dtype=np.bool_), np.zeros(margins.value.size, dtype=np.bool_)
    for numbers in (margins.numerator, margins.denominator):
        known = numbers != NONE
        some[numbers[known & hidden]] = True
        shown[numbers[known & ~hidden]] = True
    return some & ~shown


def _told(cells: pl.DataFrame, shown: pl.DataFrame, margins: Margins, round_to: int) -> tuple[Numbers, Numbers]:
    """Limits of every count by the cells that show it."""
    low, high = np.zeros(margins.value.size), np.full(margins.value.size, np.inf)
    told = cells.select(KEY).join(shown, on=KEY, how="left", maintain_order="left")
    for numbers, column in ((margins.numerator, "numerator"), (margins.denominator, "denominator")):
        value = told[column].cast(pl.Float64).to_numpy()
        seen = ~np.isnan(value) & (numbers != NONE)
        least = np.where(value == 0, 0, value - round_to // 2)[seen]
        np.maximum.at(low, numbers[seen], least)
        np.minimum.at(high, numbers[seen], np.where(value[seen] == 0, 0, least + round_to - 1))
    return low, high
