"""Ways out for counts that no point takes to their ends: the cheapest shown counts whose loss lets one through.

Found by a linear program, the relaxation of cell suppression that Kelly, Golden and Assad (1992) use.
"""

from collections.abc import Callable

import numpy as np
from scipy import sparse

from guidance_atlas.bounds import NEAR, Flags, Floats, Ints, open_ended
from guidance_atlas.folded import Folded, Wanted
from guidance_atlas.gaps import rank_of, shown_counts
from guidance_atlas.margins import Margins
from guidance_atlas.points import LARGE, NoWayOutError, Work

COSTS = np.array([1_000.0, 60.0, 6.0, 1.0])  # of withholding a count, per conversation moved, by the cuts of its group
AT_ONCE = 16  # counts, the least, that a way out is looked for at the same time: fewer lose less, more are quicker
SHARE = 8  # one in so many of those that lack one, where that is more

Limits = Callable[[Flags], tuple[Floats, Floats]]  # of all counts of a view, once these counts are withheld


def withhold_more(margins: Margins, view: Folded, limits: Limits, wanted: Wanted, withheld: Flags, work: Work) -> Flags:
    """Withhold more until some of the wanted counts can reach their ends; others may come with them.

    Raises:
        NoWayOutError: no table takes one of them to its end, whatever is withheld; or there is no work left.
    """
    cost = COSTS[np.minimum(margins.cuts, 3)] * (1 + np.array([rank_of(kind) for kind in margins.kind])) / 10
    waiting = _apart(view, wanted)
    while waiting:
        some = waiting.pop()
        moved = _cheapest_move(margins, view, limits, wanted.only(some), withheld, cost, work)
        if moved is not None:
            withheld = withheld | moved
        elif some.size > 1:
            waiting += [some[: some.size // 2], some[some.size // 2 :]]
        else:
            raise NoWayOutError
    return withheld


def _apart(view: Folded, wanted: Wanted) -> list[Ints]:
    """Some of the wanted counts upward, and some downward, no two of them in the same sum."""
    columns = view.sums.matrix(view.n_counts + view.left_of.size).tocsc()
    at_once = max(AT_ONCE, wanted.counts.size // SHARE)
    found = []
    for way in (True, False):
        taken: set[int] = set()
        members: list[int] = []
        for place in np.flatnonzero(wanted.up == way).tolist():
            count = wanted.counts[place]
            rows = columns.indices[slice(*columns.indptr[count : count + 2])].tolist()
            if len(members) < at_once and taken.isdisjoint(rows):
                taken.update(rows)
                members.append(place)
        found += [np.array(members, dtype=np.int64)] * bool(members)
    return found


def _cheapest_move(
    margins: Margins, view: Folded, limits: Limits, wanted: Wanted, withheld: Flags, cost: Floats, work: Work
) -> Flags | None:
    """Counts that differ from what is shown in the cheapest table in which the wanted ones are at their ends.

    None where there is no such table whatever is withheld.
    """
    from scipy.optimize import linprog

    shown = np.flatnonzero(shown_counts(margins, withheld))
    least, most = limits(withheld | shown_counts(margins, withheld))  # of what may go, once it is gone
    low, high = least.copy(), most.copy()
    low[shown], high[shown] = (both[shown] for both in limits(withheld))
    np.maximum.at(low, wanted.counts[wanted.up], wanted.ends[wanted.up])
    np.minimum.at(high, wanted.counts[~wanted.up], wanted.ends[~wanted.up])
    if (low > high).any():
        return None
    moving, free = shown, np.flatnonzero(high > low)
    room = np.maximum(np.r_[(most - high)[moving], (low - least)[moving]], 0)
    matrix = view.sums.matrix(low.size)
    # A shown count is what it was, and more of it, or less: both of these cost.
    columns = sparse.hstack([matrix[:, free], matrix[:, moving], -matrix[:, moving]], format="csr")
    work.spend(columns.shape[1])
    found = linprog(
        np.r_[np.zeros(free.size), cost[moving], cost[moving]],
        A_eq=columns,
        b_eq=-(matrix @ np.where(high > low, 0.0, low)),
        bounds=np.column_stack([np.r_[low[free], np.zeros(2 * moving.size)], open_ended(np.r_[high[free], room])]),
        method="highs-ipm" if columns.shape[1] > LARGE else "highs-ds",
    )
    if found.x is None:
        return None
    moved = np.zeros(margins.value.size, dtype=np.bool_)
    moved[moving] = found.x[free.size : free.size + moving.size] + found.x[free.size + moving.size :] > NEAR
    return moved
