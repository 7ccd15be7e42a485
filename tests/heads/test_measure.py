"""The measures agree with scikit-learn, and say None where there is nothing to measure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn import metrics

from guidance_atlas.heads.measure import (
    accuracy,
    auc,
    average_precision,
    f1,
    figure,
    kappa,
    macro_f1,
    ranks,
    spearman,
)

pairs = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=40)


@settings(deadline=None)
@given(pairs)
def test_flags_and_scores_are_measured_as_scikit_learn_does(rows):
    truth, scores = np.array(rows, dtype=float).T
    told = (scores > 3).astype(float)

    if truth.any() or told.any():
        assert f1(truth, told) == pytest.approx(metrics.f1_score(truth, told, zero_division=0))
    else:
        assert f1(truth, told) is None
    if truth.any():
        assert average_precision(truth, scores) == pytest.approx(metrics.average_precision_score(truth, scores))
    if 0 < truth.sum() < len(truth):
        assert auc(truth, scores) == pytest.approx(metrics.roc_auc_score(truth, scores))
    else:
        assert auc(truth, scores) is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=3, max_size=30))
def test_classes_are_measured_as_scikit_learn_does(rows):
    truth, told = np.array(rows, dtype=float).T

    assert accuracy(truth, told) == pytest.approx(metrics.accuracy_score(truth, told))
    assert macro_f1(truth, told) == pytest.approx(
        metrics.f1_score(truth, told, average="macro", labels=np.unique(truth), zero_division=0)
    )
    if len(set(truth)) > 1 or len(set(told)) > 1:
        for quadratic, name in ((True, "quadratic"), (False, None)):
            expected = metrics.cohen_kappa_score(truth, told, labels=[0, 1, 2], weights=name)
            assert kappa(truth, told, n_classes=3, quadratic=quadratic) == pytest.approx(expected)
    if truth.std() and told.std():
        assert spearman(truth, told) == pytest.approx(spearmanr(truth, told).statistic)
    else:
        assert spearman(truth, told) is None


def test_ties_share_their_rank():
    assert ranks(np.array([5.0, 1.0, 5.0])).tolist() == [2.5, 1.0, 2.5]


def test_an_interval_holds_the_value_narrows_with_rows_and_repeats():
    truth = np.tile([1.0, 0.0, 1.0, 1.0], 10)
    told = np.tile([1.0, 0.0, 0.0, 1.0], 10)

    few, many = figure("F1", f1, truth, told), figure("F1", f1, np.tile(truth, 9), np.tile(told, 9))

    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low
    assert figure("F1", f1, truth, told) == few


def test_what_cannot_be_measured_is_none_and_not_zero():
    none = np.array([])

    assert figure("AUC", auc, none, none).value is None
    assert figure("AUC", auc, np.ones(3), np.ones(3)).low is None
