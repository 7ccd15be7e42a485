"""Pairs of vectors that lie close together, without comparing every one with every other."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.ports import Matrix

Rows = NDArray[np.int64]
LEAF = 1024  # vectors that are compared with one another
TREES = 8
SEED = 7


def close_pairs(matrix: Matrix, *, least: float) -> tuple[Rows, Rows, Matrix]:
    """Pairs of rows i < j whose cosine is at least `least`: i, j, cosine, each pair once, ordered.

    Up to LEAF rows all pairs are compared. Above, the rows are halved at the median of a random direction until no
    more than LEAF are together, TREES times over (random projection trees, Dasgupta and Freund 2008), so that time
    grows as the number of rows. At cosine 0.95 a random direction parts one pair in ten, at 0.90 one in seven.

    Args:
        matrix: (n, width), unit-length rows, in an order that the caller keeps the same.
    """
    n = len(matrix)
    rng = np.random.default_rng(SEED)
    keys, cosines = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.float32)]
    for _ in range(1 if n <= LEAF else TREES):
        for rows in _leaves(matrix, rng):
            block = matrix[rows]
            likeness = block @ block.T
            a, b = np.nonzero(np.triu(likeness >= least, 1))
            keys.append(rows[a] * n + rows[b])
            cosines.append(likeness[a, b])
    key, first = np.unique(np.concatenate(keys), return_index=True)
    i, j = np.divmod(key, max(n, 1))
    return i, j, np.concatenate(cosines)[first]


def _leaves(matrix: Matrix, rng: np.random.Generator) -> Iterator[Rows]:
    """The rows in groups of at most LEAF; every group is in ascending order."""
    waiting = [np.arange(len(matrix), dtype=np.int64)]
    while waiting:
        rows = waiting.pop()
        if len(rows) <= LEAF:
            yield rows
            continue
        along = matrix[rows] @ rng.standard_normal(matrix.shape[1], dtype=np.float32)
        low = along < np.median(along)
        if low.any():
            waiting += [rows[low], rows[~low]]
        else:  # more than half of them are the same vector
            waiting += [rows[: len(rows) // 2], rows[len(rows) // 2 :]]
