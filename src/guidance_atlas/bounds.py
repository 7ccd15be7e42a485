"""How far counts can be told from what is shown, one equation at a time (points.py: all at once).

Counts are whole numbers of conversations, and every whole is the sum of its parts. *Limits* are narrowed equation by
equation until nothing moves (interval propagation); they hold always and need not be the tightest.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from guidance_atlas.errors import StageError

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_LIMIT = 2.0**40  # conversations: more than any log holds, and sums of these are still exact
NEAR = 1e-6  # what the solver may miss a limit by
ROUNDS = 500  # of narrowing, the most; limits hold also when it is cut short


@dataclass(frozen=True)
class Sums:
    """Equations by their members: rows are equations; a whole counts -1 and a part +1, and each row adds up to 0."""

    equation: Ints  # per member: number of the equation
    member: Ints  # per member: number of the count
    whole: Flags  # per member: whether it is the whole
    n_equations: int

    def matrix(self, n_counts: int) -> sparse.csr_matrix:
        """The equations, one a row, over that many counts."""
        signs = np.where(self.whole, -1.0, 1.0)
        return sparse.csr_matrix((signs, (self.equation, self.member)), shape=(self.n_equations, n_counts))


def open_ended(high: Floats) -> Floats:
    """Upper limits as the solver reads them: what is as good as none is infinite."""
    return np.where(high >= NO_LIMIT / 2, np.inf, high)


def there(at: Floats, ends: Floats, up: Flags) -> Flags:
    """Say of each count whether it has reached its end, upward or downward."""
    return np.where(up, at >= ends - NEAR, at <= ends + NEAR)


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
