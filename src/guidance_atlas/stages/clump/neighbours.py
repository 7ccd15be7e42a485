"""Pairs of vectors that lie close together, without comparing every one with every other."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.ports import Matrix

Rows = NDArray[np.int64]
LEAF = 1024  # vectors that are compared with one another
TREES = 8
CROWD = 128  # others of one row; beyond them it needs no more
SEED = 7


def close_pairs(matrix: Matrix, *, least: float) -> tuple[Rows, Rows, Matrix]:
    """Pairs of rows i < j whose cosine is at least `least`: i, j, cosine, each pair once, ordered.

    Up to LEAF rows all pairs are compared. Above, the rows are halved at the median of a random direction until no
    more than LEAF are together, TREES times over (random projection trees, Dasgupta and Freund 2008), so that time
    grows as the number of rows. At cosine 0.95 a random direction parts one pair in ten, at 0.90 one in seven.

    Where more than CROWD rows lie that close to a row, its CROWD nearest of those met together are enough, and it looks
    for no more in later trees: so pairs, too, grow as the rows, however many are copies.

    Args:
        matrix: (n, width), unit-length rows, in an order that the caller keeps the same.
    """
    n = len(matrix)
    rng = np.random.default_rng(SEED)
    keys, cosines = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    for _ in range(1 if n <= LEAF else TREES):
        met = np.bincount(keys // max(n, 1), minlength=n) + np.bincount(keys % max(n, 1), minlength=n)
        found = [_close(matrix[rows], rows, met[rows] >= CROWD, least) for rows in _leaves(matrix, rng)]
        a, b, likeness = (np.concatenate(column) for column in zip(*found, strict=True))
        keys, first = np.unique(np.concatenate([keys, a * n + b]), return_index=True)
        cosines = np.concatenate([cosines, likeness])[first]
    i, j = np.divmod(keys, max(n, 1))
    return i, j, cosines


def _close(block: Matrix, rows: Rows, served: NDArray[np.bool_], least: float) -> tuple[Rows, Rows, Matrix]:
    """Close pairs of a leaf's rows (ascending): those of every row that is not served, of a crowd its nearest."""
    likeness = block @ block.T
    close = likeness >= least
    np.fill_diagonal(close, False)
    close[served] = False
    crowded = np.flatnonzero(close.sum(axis=1) > CROWD)
    if len(crowded):
        close[crowded[:, None], np.argpartition(-likeness[crowded], CROWD, axis=1)[:, CROWD + 1 :]] = False
    a, b = np.nonzero(np.triu(close | close.T, 1))
    return rows[a], rows[b], likeness[a, b]


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
