"""Weighted answers: counts as if every conversation had been labelled, as sure as the few that were."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.confusion import Confusion

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def weigh(each: Sequence[Sequence[Confusion]], weights: Sequence[float]) -> list[tuple[Confusion, Floats]]:
    """Add up confusions of one conversation each, by weight.

    Args:
        each: per conversation, the same measures in the same order.
        weights: one over the chance of being drawn.

    Returns:
        Every measure as one confusion of whole counts, scaled to what the labels are worth (see `effective`), and its
        weighted table as it was before.
    """
    found = []
    for same in zip(*each, strict=True):
        tables = np.stack([one.table for one in same]).astype(float)
        total = np.einsum("i,itc->tc", weights, tables)
        counts = effective(total, np.einsum("i,itc->tc", np.square(weights), tables))
        found.append((with_counts(same[0], counts), total))
    return found


def effective(weighted: Floats, squared: Floats) -> Counts:
    """Counts of as many equally weighted labels as these are worth: each row keeps its shares (as well as whole
    numbers can) and adds up to Kish's effective sample size, (sum of weights)² / (sum of squared weights).

    Row by row and not over the whole table: a correction asks of each true class alone what it is taken for, and the
    weights of rare classes are smaller because more of them were drawn.
    """
    n = weighted.sum(axis=1) ** 2 / np.maximum(squared.sum(axis=1), 1e-300)
    share = weighted / np.maximum(weighted.sum(axis=1, keepdims=True), 1e-300)
    return np.array([_whole(one) for one in share * n[:, None]], dtype=np.int64)


def with_counts(confusion: Confusion, counts: Counts) -> Confusion:
    """The same measure with other counts."""
    rows = tuple(tuple(int(n) for n in row) for row in counts)
    return Confusion(confusion.measure, confusion.facet, confusion.domain, confusion.classes, rows)


def _whole(row: Floats) -> Counts:
    """Whole numbers that add up to the row's rounded sum: what is cut off most is rounded up first."""
    down = np.floor(row + 1e-9)
    left = round(float(row.sum())) - int(down.sum())
    counts = down.astype(np.int64)
    counts[np.argsort(-(row - down), kind="stable")[:left]] += 1
    return counts
