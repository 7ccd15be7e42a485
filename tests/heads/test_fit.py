"""Fitting of layers: they find what is there, and a class that never occurs never wins."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from guidance_atlas.heads.fit import FOLDS, fit_logistic, fit_ridge, folds

DRAW = np.random.default_rng(0)
ROWS = DRAW.normal(size=(300, 3)).astype(np.float32)


def test_two_classes_give_log_odds_of_the_second():
    layer = fit_logistic(ROWS, (ROWS[:, 0] > 0.5).astype(np.int64), strength=100)

    assert layer.weight.shape == (3, 1)
    assert ((layer(ROWS)[:, 0] > 0) == (ROWS[:, 0] > 0.5)).mean() > 0.97


@pytest.mark.parametrize("present", [(0, 1, 3), (1, 3)])
def test_a_class_that_never_occurs_never_wins(present):
    classes = np.array(present)[np.argmax(ROWS[:, : len(present)], axis=1)]

    told = fit_logistic(ROWS, classes, strength=100, n_classes=4)(ROWS).argmax(axis=1)

    assert set(told) <= set(present)
    assert (told == classes).mean() > 0.95


def test_rows_of_no_weight_do_not_count():
    half = np.arange(300) < 150
    truth = (ROWS[:, 0] > 0).astype(np.int64)
    wrong = np.where(half, truth, 1 - truth)

    told = fit_logistic(ROWS, wrong, strength=100, weights=np.where(half, 1.0, 0.0))(ROWS)[:, 0] > 0

    assert (told == (truth > 0)).mean() > 0.95
    ridge = fit_ridge(ROWS, np.where(half, ROWS[:, 1], -99.0), penalty=1e-3, weights=np.where(half, 1.0, 0.0))
    assert np.allclose(ridge(ROWS)[:, 0], ROWS[:, 1], atol=0.05)


def test_a_line_is_found_again():
    layer = fit_ridge(ROWS, 2.0 * ROWS[:, 0] - 1, penalty=1e-3)

    assert np.allclose(layer.weight[:, 0], [2, 0, 0], atol=1e-3)
    assert layer.bias[0] == pytest.approx(-1, abs=1e-3)


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 25)), min_size=40, max_size=80), st.integers(0, 9))
def test_every_row_is_measured_once_and_never_beside_its_own_group(rows, seed):
    groups = [f"g{group}" for _, group in rows]
    assume(len(set(groups)) >= FOLDS)

    found = list(folds([stratum for stratum, _ in rows], groups, seed=seed))

    assert len(found) == FOLDS
    assert sorted(at for _, unseen in found for at in unseen) == list(range(len(rows)))
    for seen, unseen in found:
        assert not {groups[at] for at in seen} & {groups[at] for at in unseen}
