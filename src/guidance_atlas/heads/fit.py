"""Fitting of linear layers, and rows to fit and to measure on in turn."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.linear import Linear
from guidance_atlas.ports import Matrix

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
FOLDS = 5


def fit_logistic(
    features: Matrix, classes: NDArray[np.int64], *, strength: float, weights: Array | None = None, n_classes: int = 2
) -> Linear:
    """Logistic regression; `strength` is the inverse of the penalty.

    Two classes give one column (log-odds of class 1). A class that never occurs gets a score that never wins.
    """
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression(C=strength, max_iter=2_000).fit(features, classes, sample_weight=weights)
    if n_classes == 2:
        return Linear(model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32))
    weight = np.zeros((features.shape[1], n_classes), dtype=np.float32)
    bias = np.full(n_classes, -20.0, dtype=np.float32)
    if len(model.classes_) == 2:
        weight[:, model.classes_] = np.stack([-model.coef_[0], model.coef_[0]], axis=1) / 2
        bias[model.classes_] = np.array([-model.intercept_[0], model.intercept_[0]]) / 2
    else:
        weight[:, model.classes_], bias[model.classes_] = model.coef_.T, model.intercept_
    return Linear(weight, bias)


def fit_ridge(features: Matrix, targets: Array, *, penalty: float, weights: Array | None = None) -> Linear:
    """Ridge regression onto one number."""
    from sklearn.linear_model import Ridge

    model = Ridge(alpha=penalty).fit(features.astype(np.float64), targets, sample_weight=weights)
    return Linear(model.coef_.reshape(-1, 1).astype(np.float32), np.atleast_1d(model.intercept_).astype(np.float32))


def folds(strata: Sequence[str], groups: Sequence[str], *, seed: int) -> Iterator[tuple[Rows, Rows]]:
    """Rows to fit on and rows to measure on, five times; rows of one group stay together, strata are spread evenly."""
    from sklearn.model_selection import StratifiedGroupKFold

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
        yield from splitter.split(np.zeros(len(strata)), strata, groups)
