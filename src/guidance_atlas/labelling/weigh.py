"""Weighted answers: counts and figures as if every conversation had been labelled, as sure as the few that were."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.confusion import Confusion
from guidance_atlas.heads.measure import Array, Figure, figure

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
# Of truth and of (told, weight), both one row per conversation.
Measure = Callable[[Array, Array], float | None]


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


def weighted_figure(
    name: str, measure: Measure, truth: Sequence[float], told: Sequence[float], weights: Sequence[float]
) -> Figure:
    """A weighted measure with its bootstrap interval; rows are conversations."""
    both = np.column_stack([np.array(told, dtype=float), np.array(weights, dtype=float)])
    return figure(name, measure, np.array(truth, dtype=float), both)


def f1(truth: Array, both: Array) -> float | None:
    """F1 of flags; None where there is nothing to find and nothing found."""
    told, weight = both.T
    either = float(weight @ (truth > 0) + weight @ (told > 0))
    return 2 * float(weight @ ((truth > 0) & (told > 0))) / either if either else None


def precision(truth: Array, both: Array) -> float | None:
    """Share of what is told that is true."""
    told, weight = both.T
    return _share(truth > 0, weight * (told > 0))


def recall(truth: Array, both: Array) -> float | None:
    """Share of what is true that is told."""
    told, weight = both.T
    return _share(told > 0, weight * (truth > 0))


def rate_error(truth: Array, both: Array) -> float | None:
    """Share told minus share true."""
    told, weight = both.T
    return float(weight @ (told - truth) / weight.sum()) if len(truth) else None


def accuracy(truth: Array, both: Array) -> float | None:
    """Share of equal answers."""
    told, weight = both.T
    return _share(truth == told, weight)


def kappa(n_classes: int) -> Measure:
    """Agreement beyond chance on 0 … n_classes-1, far misses by their square."""
    return partial(_kappa, n_classes=n_classes)


def _kappa(truth: Array, both: Array, *, n_classes: int) -> float | None:
    told, weight = both.T
    table = np.zeros((n_classes, n_classes))
    np.add.at(table, (truth.astype(int), told.astype(int)), weight)
    distance = np.square(np.subtract.outer(np.arange(n_classes), np.arange(n_classes))).astype(float)
    chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / max(weight.sum(), 1e-300)
    expected = float((distance * chance).sum())
    return 1 - float((distance * table).sum()) / expected if expected else None


def _share(yes: NDArray[np.bool_], weight: Array) -> float | None:
    whole = float(weight.sum())
    return float(weight @ yes) / whole if whole else None


def _whole(row: Floats) -> Counts:
    """Whole numbers that add up to the row's rounded sum: what is cut off most is rounded up first."""
    down = np.floor(row + 1e-9)
    left = round(float(row.sum())) - int(down.sum())
    counts = down.astype(np.int64)
    counts[np.argsort(-(row - down), kind="stable")[:left]] += 1
    return counts
