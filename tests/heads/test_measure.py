"""The measures agree with scikit-learn, with weights too, and say None where there is nothing to measure."""

from functools import partial

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
    precision,
    ranks,
    rate_error,
    recall,
    spearman,
)

WEIGHTED = (f1, precision, recall, rate_error, accuracy, partial(kappa, n_classes=2))
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
        expected = metrics.cohen_kappa_score(truth, told, labels=[0, 1, 2], weights="quadratic")
        assert kappa(truth, told, n_classes=3) == pytest.approx(expected)
    if truth.std() and told.std():
        assert spearman(truth, told) == pytest.approx(spearmanr(truth, told).statistic)
    else:
        assert spearman(truth, told) is None


flags = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 9)), min_size=1, max_size=30)


@pytest.mark.parametrize("measure", WEIGHTED)
@given(flags)
def test_a_row_of_weight_three_counts_as_three_rows(measure, rows):
    truth, told, weights = np.array(rows, dtype=float).T
    many = measure(*(np.repeat(one, weights.astype(int)) for one in (truth, told)))
    weighted = measure(truth, told, weights=weights)

    assert (weighted is None) == (many is None)
    assert weighted == pytest.approx(many)


@pytest.mark.parametrize("measure", WEIGHTED)
@given(flags, st.floats(0.5, 50))
def test_equal_weights_give_the_plain_figures(measure, rows, weight):
    truth, told, _ = np.array(rows, dtype=float).T
    plain, weighted = measure(truth, told), measure(truth, told, weights=np.full(len(truth), weight))

    assert (weighted is None) == (plain is None)
    assert weighted == pytest.approx(plain)


@settings(deadline=None)
@given(flags)
def test_weighted_flags_are_measured_as_scikit_learn_does(rows):
    truth, told, weights = np.array(rows, dtype=float).T
    known = {"sample_weight": weights, "zero_division": np.nan}

    for ours, theirs in ((f1, metrics.f1_score), (precision, metrics.precision_score), (recall, metrics.recall_score)):
        expected, found = theirs(truth, told, **known), ours(truth, told, weights=weights)
        assert found == (pytest.approx(expected) if not np.isnan(expected) else None)
    assert rate_error(truth, told, weights=weights) == pytest.approx(np.average(told - truth, weights=weights))


def test_an_interval_is_of_the_weighted_rows():
    truth, told = np.tile([1.0, 1.0], 40), np.tile([1.0, 0.0], 40)
    plain = figure("recall", recall, truth, told)
    weighted = figure("recall", recall, truth, told, weights=np.tile([9.0, 1.0], 40))

    assert (plain.value, weighted.value) == (0.5, 0.9)
    assert plain.high < weighted.low < weighted.value < weighted.high


def test_a_mean_over_classes_leaves_out_those_of_too_few_rows():
    truth, told = np.array([0.0, 0, 0, 1, 1, 2]), np.array([0.0, 0, 0, 1, 0, 0])

    assert macro_f1(truth, told, fewest=2) == pytest.approx((6 / 8 + 2 / 3) / 2)
    assert macro_f1(truth, told, fewest=4) is None


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
