"""Fitting of a linear layer, and rows to fit and measure on in turn."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.linear import Linear
from guidance_atlas.ports import Matrix

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
FOLDS = 5


def fit_logistic(features: Matrix, truth: NDArray[np.int64], *, strength: float) -> Linear:
    """Logistic regression onto 0 and 1: one column, the log-odds of 1. `strength` is the inverse of the penalty."""
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression(C=strength, max_iter=2_000).fit(features, truth)
    return Linear(model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32))


def folds(strata: Sequence[str], groups: Sequence[str], *, seed: int) -> Iterator[tuple[Rows, Rows]]:
    """Rows to fit on and rows to measure on, five times; rows of one group stay together, strata are spread evenly."""
    from sklearn.model_selection import StratifiedGroupKFold

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
        yield from splitter.split(np.zeros(len(strata)), strata, groups)
