"""How far counts can be told from what is shown: limits that follow one equation at a time, and points that fit all.

Counts are whole numbers of conversations, and every whole is the sum of its parts. *Limits* are narrowed equation by
equation until nothing moves (interval propagation); they hold always and need not be the tightest. A *point* is one
table of counts that fits every equation and every limit at once, found by linear programming (HiGHS): what a point
shows, nobody can rule out. Counts may be fractions there, so a point disproves what linear programs could prove, not
what a search through whole numbers could.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from guidance_atlas.errors import StageError

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_LIMIT = 2.0**40  # conversations: more than any log holds, and sums of these are still exact
NEAR = 1e-6  # what the solver may miss a limit by
LARGE = 2_000  # open counts from which on inner points are quicker than the simplex method
ROUNDS = 500  # of narrowing, the most; limits hold also when it is cut short


@dataclass(frozen=True)
class Sums:
    """Equations by their members: rows are equations; a whole counts -1 and a part +1, and each row adds up to 0."""

    equation: Ints  # per member: number of the equation
    member: Ints  # per member: number of the count
    whole: Flags  # per member: whether it is the whole
    n_equations: int


def narrowed(sums: Sums, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Limits of every count once each equation has been used on the limits of the others, again and again.

    Raises:
        StageError: nothing fits the limits.
    """
    whole = np.zeros(sums.n_equations, dtype=np.int64)
    whole[sums.equation[sums.whole]] = sums.member[sums.whole]
    row, part = sums.equation[~sums.whole], sums.member[~sums.whole]
    for _ in range(ROUNDS):
        least = np.bincount(row, low[part], sums.n_equations)
        most = np.bincount(row, high[part], sums.n_equations)
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, whole, least)
        np.minimum.at(new_high, whole, most)
        np.minimum.at(new_high, part, new_high[whole][row] - (least[row] - low[part]))
        np.maximum.at(new_low, part, new_low[whole][row] - (most[row] - high[part]))
        if (new_low > new_high).any():
            raise StageError(f"{(new_low > new_high).sum()} counts fit no limits: run aggregate again")
        if np.array_equal(low, new_low) and np.array_equal(high, new_high):
            break
        low, high = new_low, new_high
    return low, high


class Points:
    """Tables of counts that fit all equations and limits, each going as far as it can in a wanted direction."""

    def __init__(self, sums: Sums, low: Floats, high: Floats) -> None:
        self._low, self._high = low, high
        is_open = high > low
        self._place = np.flatnonzero(is_open)
        matrix = sparse.csr_matrix(
            (np.where(sums.whole, -1.0, 1.0), (sums.equation, sums.member)), shape=(sums.n_equations, low.size)
        )
        rows = np.unique(sums.equation[is_open[sums.member]])
        self._rows = matrix[rows][:, self._place]
        self._settled = -(matrix[rows] @ np.where(is_open, 0.0, low))
        self._column = np.full(low.size, -1)
        self._column[self._place] = np.arange(self._place.size)

    def toward(self, counts: Ints, ends: Floats, *, up: Flags) -> Floats:
        """A point that takes as many of these counts as far as it can toward their ends, upward or downward.

        Not all can be had at once where they share a sum; ask again for those that were left behind.

        Raises:
            StageError: nothing fits the limits, or the solver gave up.
        """
        moving = self._column[counts] >= 0
        if not moving.any():
            return self._low.copy()
        columns, reach, sign = self._column[counts[moving]], ends[moving], np.where(up[moving], 1.0, -1.0)
        n, n_moving = self._place.size, columns.size
        # Each asked count has a twin that is worth something up to its end and no further.
        twins = sparse.csr_matrix((-sign, (np.arange(n_moving), columns)), shape=(n_moving, n))
        limits = np.column_stack([self._low[self._place], _open_ended(self._high[self._place])])
        twin_limits = np.column_stack([np.full(n_moving, -np.inf), sign * reach])
        found = linprog(
            np.r_[np.zeros(n), np.full(n_moving, -1.0)],
            A_eq=sparse.hstack([self._rows, sparse.csr_matrix((self._rows.shape[0], n_moving))], format="csr"),
            b_eq=self._settled,
            A_ub=sparse.hstack([twins, sparse.eye(n_moving)], format="csr"),
            b_ub=np.zeros(n_moving),
            bounds=np.vstack([limits, twin_limits]),
            method="highs-ipm" if n > LARGE else "highs-ds",
        )
        if found.x is None:
            raise StageError(f"no table of counts was found that fits what is shown (solver state {found.status})")
        point = self._low.copy()
        point[self._place] = found.x[:n]
        return point


def _open_ended(high: Floats) -> Floats:
    return np.where(high >= NO_LIMIT / 2, np.inf, high)


def left_behind(points: Points, counts: Ints, ends: Floats, *, up: Flags, each: bool) -> Flags:
    """Ask for points until each count has reached its end in one of them, or a point brings nobody further.

    Returns who is left behind. With each, these were asked for one by one in the end, so that no point reaches them.
    """
    left = np.ones(counts.size, dtype=np.bool_)
    while left.any():
        asked = np.flatnonzero(left)
        at = points.toward(counts[asked], ends[asked], up=up[asked])[counts]
        reached = np.where(up, at >= ends - NEAR, at <= ends + NEAR)
        if not (reached & left).any():
            break
        left &= ~reached
    for one in np.flatnonzero(left) if each else ():
        at = points.toward(counts[[one]], ends[[one]], up=up[[one]])[counts[one]]
        left[one] = at < ends[one] - NEAR if up[one] else at > ends[one] + NEAR
    return left
