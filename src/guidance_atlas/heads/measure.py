"""How good answers are: F1, average precision, AUC, rank correlation, kappa, each with a bootstrap interval."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
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
    name: str, measure: Callable[[Array, Array], float | None], truth: Array, told: Array, *, seed: int = 0
) -> Figure:
    """Measure on all rows, and on rows drawn again with replacement for the interval; rows are conversations."""
    value = measure(truth, told) if len(truth) else None
    if value is None:
        return Figure(name, None, None, None, len(truth))
    draw = np.random.default_rng(seed)
    again = [measure(truth[rows], told[rows]) for rows in draw.integers(0, len(truth), (BOOTSTRAPS, len(truth)))]
    known = [one for one in again if one is not None]
    low, high = np.quantile(known, [0.025, 0.975]) if known else (np.nan, np.nan)
    return Figure(name, round(value, 3), round(float(low), 3), round(float(high), 3), len(truth))


def f1(truth: Array, told: Array) -> float | None:
    """F1 of flags; None where there is nothing to find and nothing found."""
    hits, either = float(np.sum((truth > 0) & (told > 0))), float(np.sum(truth > 0) + np.sum(told > 0))
    return 2 * hits / either if either else None


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


def accuracy(truth: Array, told: Array) -> float | None:
    """Share of equal answers."""
    return float(np.mean(truth == told)) if len(truth) else None


def macro_f1(truth: Array, told: Array) -> float | None:
    """Mean F1 over the classes that occur in the truth."""
    each = [f1((truth == kind).astype(float), (told == kind).astype(float)) for kind in np.unique(truth)]
    known = [one for one in each if one is not None]
    return float(np.mean(known)) if known else None


def kappa(truth: Array, told: Array, *, n_classes: int, quadratic: bool = True) -> float | None:
    """Agreement beyond chance on 0 … n_classes-1; quadratic: far misses weigh more."""
    if not len(truth):
        return None
    table = np.zeros((n_classes, n_classes))
    np.add.at(table, (truth.astype(int), told.astype(int)), 1)
    distance = np.subtract.outer(np.arange(n_classes), np.arange(n_classes)).astype(float)
    weight = distance**2 if quadratic else (distance != 0).astype(float)
    chance = np.outer(table.sum(1), table.sum(0)) / len(truth)
    expected = float((weight * chance).sum())
    return 1 - float((weight * table).sum()) / expected if expected else None
