"""An attack on the promise itself: how much epsilon do many runs in two neighbouring worlds prove?

Nobody can prove by trying that a mechanism keeps its promise; that it breaks it can be proved, and a mechanism with too
little noise is caught (Jagielski, Ullman, Oprea 2020). The attacker knows everything but whether one person is there.
"""

from math import inf, log

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from guidance_atlas.dp.counts import Counts, Key
from guidance_atlas.ports import Noise


def proven_epsilon(without: Counts, with_one: Counts, noise: Noise, *, n: int, delta: float, doubt: float) -> float:
    """The largest epsilon that n runs in each world prove with certainty 1 - doubt; 0 where they prove none.

    without and with_one are exact counts of two worlds that differ in one person. Every number carries noise of its
    own, so n runs of the numbers that differ are one draw of n copies of them. The attacker looks at two events: all
    those numbers are at least as high as with the person, or at most as high as without; for Laplace noise no event
    tells more. Bounds of their chances are those of Clopper and Pearson (1934), doubt shared by the four.
    """
    changed = [key for key in with_one.dense if with_one.dense[key] != without.dense[key]]
    changed_sparse = [key for key in with_one.sparse if with_one.sparse[key] != without.sparse.get(key, 0)]
    high, low = [], []
    for world in (without, with_one):
        told, from_threshold = _runs(world, changed, changed_sparse, noise, n)
        seen = np.hstack([told, from_threshold])
        least = np.array(
            [*(without.dense[key] for key in changed), *(without.sparse.get(k, 0) for k in changed_sparse)]
        )
        most = np.array([*(with_one.dense[key] for key in changed), *(with_one.sparse[key] for key in changed_sparse)])
        high.append(int((seen >= most).all(axis=1).sum()))
        low.append(int((seen <= least).all(axis=1).sum()))
    return max(
        0.0,
        _proven(high[1], high[0], n, delta, doubt / 4),
        _proven(low[0], low[1], n, delta, doubt / 4),
    )


def _runs(
    world: Counts, dense: list[Key], sparse: list[Key], noise: Noise, n: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Noisy numbers of n runs, a row each; a sparse one that is not told is below every count."""
    named = {(*key, str(run)): world.sparse.get(key, 0) for run in range(n) for key in sparse}
    told, above = noise.draw([world.dense[key] for key in dense] * n, named)
    seen = [above.get(name, -inf) for name in named]
    return np.array(told, dtype=float).reshape(n, len(dense)), np.array(seen, dtype=float).reshape(n, len(sparse))


def _proven(often: int, seldom: int, n: int, delta: float, doubt: float) -> float:
    """Log of how much more often an event is surely seen in one world than in the other, less delta."""
    at_least = beta.ppf(doubt, often, n - often + 1) if often else 0.0
    at_most = beta.ppf(1 - doubt, seldom + 1, n - seldom) if seldom < n else 1.0
    return log((at_least - delta) / at_most) if at_least > delta else 0.0
