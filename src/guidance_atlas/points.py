"""Points: tables of counts that fit every equation and every limit at once, found by linear programming (HiGHS).

What a point shows, nobody can rule out who has these equations. Counts may be fractions there, so a point disproves
what linear programs could prove, not what a search through whole numbers could.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from guidance_atlas.bounds import Flags, Floats, Ints, Sums, open_ended, there
from guidance_atlas.errors import StageError

LARGE = 2_000  # unknowns from which on inner points are quicker than the simplex method
LITTLE = 0.05  # of those asked, reached by a program: less is not worth another program over all equations
NEIGHBOURS = (800, 4_000)  # unknowns near a count that may move while all others stay, before all may


class NoWayOutError(Exception):
    """A count cannot be hidden as things are, or it would take more work than is allowed to see that it can."""


@dataclass
class Work:
    """How many unknowns may still be solved for, added up over programs: a bound that no slow machine changes."""

    left: float = np.inf

    def spend(self, unknowns: int) -> None:
        """Take one program off what is left.

        Raises:
            NoWayOutError: there is not enough left.
        """
        if unknowns > self.left:
            raise NoWayOutError
        self.left -= unknowns


class Points:
    """Tables of counts that fit all equations and limits, each going as far as it can in a wanted direction."""

    def __init__(
        self, sums: Sums, low: Floats, high: Floats, *, fits: Floats | None = None, work: Work | None = None
    ) -> None:
        """Take fits, a table that fits, where one is known; else the first one found stands in for it."""
        self._low, self._high, self._work = low, high, work or Work()
        self._fits, self._n_found = fits, 0 if fits is None else 1
        is_open = high > low
        self._place = np.flatnonzero(is_open)
        matrix = sums.matrix(low.size)
        rows = np.unique(sums.equation[is_open[sums.member]])
        self._rows = matrix[rows][:, self._place].tocsr()
        self._columns = self._rows.tocsc()
        self._settled = -(matrix[rows] @ np.where(is_open, 0.0, low))
        self._column = np.full(low.size, -1)
        self._column[self._place] = np.arange(self._place.size)

    def far_from(self, counts: Ints, ends: Floats, up: Flags) -> tuple[Flags, Flags]:
        """Say of each count whether it is not known to reach its end, and whether a program might still take it there.

        Limits that end before it are proof that none does; one value that is left is proof both ways.
        """
        can = there(np.where(up, self._high[counts], self._low[counts]), ends, up)
        is_open = self._column[counts] >= 0
        known = ~is_open if self._fits is None else ~is_open | there(self._fits[counts], ends, up)
        return ~(can & known), can & ~known

    def toward(self, counts: Ints, ends: Floats, *, up: Flags, near: int | None = None) -> Floats:
        """A point that takes as many of these open counts as far as it can toward their ends, upward or downward.

        Not all can be had at once where they share a sum; ask again for those that were left behind. With near, only so
        many counts nearest to the first one may move, and all others stay where the known table has them.

        Raises:
            StageError: nothing fits the limits, or the solver gave up.
            NoWayOutError: there is no work left.
        """
        columns, sign = self._column[counts], np.where(up, 1.0, -1.0)
        free = np.arange(self._place.size) if near is None or self._fits is None else self._around(columns[0], near)
        found = self._solve(free, np.searchsorted(free, columns), sign, sign * ends)
        point = self._low.copy() if self._fits is None else self._fits.copy()
        point[self._place[free]] = found
        if near is None:
            self._remember(point)
        return point

    def _remember(self, point: Floats) -> None:
        before = point if self._fits is None else self._fits
        self._n_found += 1
        self._fits = before + (point - before) / self._n_found

    def _solve(self, free: Ints, asked: Ints, sign: Floats, reach: Floats) -> Floats:
        """Where the free columns go; each asked one has a twin that is worth something up to its end and no further."""
        from scipy.optimize import linprog

        n, n_asked = free.size, asked.size
        self._work.spend(n + n_asked)
        rows, settled, low, high = self._among(free)
        twins = sparse.csr_matrix((-sign, (np.arange(n_asked), asked)), shape=(n_asked, n))
        found = linprog(
            np.r_[np.zeros(n), np.full(n_asked, -1.0)],
            A_eq=sparse.hstack([rows, sparse.csr_matrix((rows.shape[0], n_asked))], format="csr"),
            b_eq=settled,
            A_ub=sparse.hstack([twins, sparse.eye(n_asked)], format="csr"),
            b_ub=np.zeros(n_asked),
            bounds=np.vstack([np.column_stack([low, high]), np.column_stack([np.full(n_asked, -np.inf), reach])]),
            method="highs-ipm" if n > LARGE else "highs-ds",
        )
        if found.x is None:
            raise StageError(f"no table of counts was found that fits what is shown (solver state {found.status})")
        point: Floats = found.x[:n]
        return point

    def _among(self, free: Ints) -> tuple[sparse.csr_matrix, Floats, Floats, Floats]:
        """Equations, what their free columns add up to, and limits, where all other columns stay as they are known."""
        low, high = self._low[self._place[free]], open_ended(self._high[self._place[free]])
        if self._fits is None or free.size == self._place.size:
            return self._rows, self._settled, low, high
        some, at = self._columns[:, free], self._fits[self._place[free]]
        rows = some.tocsr()[np.unique(some.indices)]
        return rows, rows @ at, np.minimum(low, at), np.maximum(high, at)

    def _around(self, first: int, most: int) -> Ints:
        """The columns nearest to one, equation by equation, in their order."""
        seen, rows, waiting = {int(first)}, set(), [int(first)]
        for column in waiting:
            for row in self._columns.indices[slice(*self._columns.indptr[column : column + 2])].tolist():
                if len(seen) >= most:
                    return np.array(sorted(seen))
                if row not in rows:
                    rows.add(row)
                    fresh = set(self._rows.indices[slice(*self._rows.indptr[row : row + 2])].tolist()) - seen
                    seen |= fresh
                    waiting += sorted(fresh)
        return np.array(sorted(seen))


def left_behind(points: Points, counts: Ints, ends: Floats, *, up: Flags, each: bool) -> Flags:
    """Ask for points until each count has reached its end in one of them, or programs bring hardly anybody further.

    Returns who is left behind. With each, these were asked for one by one in the end, so that no point reaches them.
    """
    left, can = points.far_from(counts, ends, up)
    ways = [up, ~up]  # at first apart, since no count goes both ways at once; then together, for there are few
    while True:
        n_asked = int((left & can).sum())
        for way in ways:
            asked = np.flatnonzero(left & can & way)
            if asked.size:
                at = points.toward(counts[asked], ends[asked], up=up[asked])
                left &= ~there(at[counts], ends, up)
        ways = [np.ones_like(up)]
        if n_asked - int((left & can).sum()) <= LITTLE * n_asked:
            break
    for one in np.flatnonzero(left & can) if each else ():
        for near in (*NEIGHBOURS, None):
            if left[one]:
                at = points.toward(counts[[one]], ends[[one]], up=up[[one]], near=near)
                left &= ~there(at[counts], ends, up)
    return left
