"""How good answers are: F1, average precision, AUC, rank correlation, kappa, each with a bootstrap interval.

Where a measure takes weights, a row of weight 3 counts as three rows of weight 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Measure = Callable[..., float | None]  # of truth, told, and weights=… where they are given
BOOTSTRAPS = 2_000


@dataclass(frozen=True)
class Figure:
    """One measured number with its 95 % bootstrap interval and its number of rows. None: cannot be measured."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    n: int


def figure(
    name: str, measure: Measure, truth: Array, told: Array, *, weights: Array | None = None, seed: int = 0
) -> Figure:
    """Measure on all rows, and on rows drawn again with replacement for the interval; rows are conversations."""

    def measured(rows: slice | NDArray[np.int64]) -> float | None:
        weighed = {} if weights is None else {"weights": weights[rows]}
        return measure(truth[rows], told[rows], **weighed)

    value = measured(slice(None)) if len(truth) else None
    if value is None:
        return Figure(name, None, None, None, len(truth))
    draw = np.random.default_rng(seed)
    again = [measured(rows) for rows in draw.integers(0, len(truth), (BOOTSTRAPS, len(truth)))]
    known = [one for one in again if one is not None]
    low, high = np.quantile(known, [0.025, 0.975]) if known else (np.nan, np.nan)
    return Figure(name, round(value, 3), round(float(low), 3), round(float(high), 3), len(truth))


def f1(truth: Array, told: Array, *, weights: Array | None = None) -> float | None:
    """F1 of flags; None where there is nothing to find and nothing found."""
    each = _each(truth, weights)
    hits, either = float(each @ ((truth > 0) & (told > 0))), float(each @ (truth > 0) + each @ (told > 0))
    return 2 * hits / either if either else None


def precision(truth: Array, told: Array, *, weights: Array | None = None) -> float | None:
    """Share of what is told that is true."""
    return _share(truth > 0, _each(truth, weights) * (told > 0))


def recall(truth: Array, told: Array, *, weights: Array | None = None) -> float | None:
    """Share of what is true that is told."""
    return _share(told > 0, _each(truth, weights) * (truth > 0))


def rate_error(truth: Array, told: Array, *, weights: Array | None = None) -> float | None:
    """Share told minus share true."""
    each = _each(truth, weights)
    found, true = _share(told > 0, each), _share(truth > 0, each)
    return None if found is None or true is None else found - true


def accuracy(truth: Array, told: Array, *, weights: Array | None = None) -> float | None:
    """Share of equal answers."""
    return _share(truth == told, _each(truth, weights))


def average_precision(truth: Array, scores: Array) -> float | None:
    """Mean precision at the rank of each positive; rows of equal score count together."""
    n_positive = float(truth.sum())
    if not n_positive:
        return None
    order = np.argsort(-scores, kind="stable")
    hits, last = np.cumsum(truth[order]), np.append(np.diff(scores[order]) != 0, [True])
    at = np.flatnonzero(last)
    precision, recall = hits[at] / (at + 1), hits[at] / n_positive
    return float(np.sum(np.diff(np.append([0.0], recall)) * precision))


def auc(truth: Array, scores: Array) -> float | None:
    """Chance that a positive scores above a negative, ties counted half; None without both."""
    n_positive = float(truth.sum())
    n_negative = len(truth) - n_positive
    if not n_positive or not n_negative:
        return None
    above = ranks(scores)[truth > 0].sum() - n_positive * (n_positive + 1) / 2
    return float(above / (n_positive * n_negative))


def ranks(values: Array) -> Array:
    """Ranks from 1, ties at their mean."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[group], dtype=np.float64)


def spearman(truth: Array, told: Array) -> float | None:
    """Correlation of ranks; None where one side does not vary."""
    one, other = ranks(truth), ranks(told)
    if len(truth) < 3 or not one.std() or not other.std():
        return None
    return float(np.corrcoef(one, other)[0, 1])


def macro_f1(truth: Array, told: Array, *, fewest: int = 1) -> float | None:
    """Mean F1 over the classes of which the truth has `fewest` rows or more."""
    kinds, n_rows = np.unique(truth, return_counts=True)
    each = [f1((truth == kind).astype(float), (told == kind).astype(float)) for kind in kinds[n_rows >= fewest]]
    known = [one for one in each if one is not None]
    return float(np.mean(known)) if known else None


def kappa(truth: Array, told: Array, *, n_classes: int, weights: Array | None = None) -> float | None:
    """Agreement beyond chance on 0 … n_classes-1, far misses by their square (Cohen's quadratic kappa)."""
    if not len(truth):
        return None
    table = np.zeros((n_classes, n_classes))
    np.add.at(table, (truth.astype(int), told.astype(int)), _each(truth, weights))
    distance = np.square(np.subtract.outer(np.arange(n_classes), np.arange(n_classes))).astype(float)
    chance = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    expected = float((distance * chance).sum())
    return 1 - float((distance * table).sum()) / expected if expected else None


def _each(truth: Array, weights: Array | None) -> Array:
    return np.ones(len(truth)) if weights is None else weights


def _share(yes: NDArray[np.bool_], weight: Array) -> float | None:
    whole = float(weight.sum())
    return float(weight @ yes) / whole if whole else None
