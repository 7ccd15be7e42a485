"""The reliability curve: every row in one bin, and what a bin says is true of its rows."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.heads.calibration import EDGES, Bin, reliability

rows = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60)


@given(rows)
def test_every_row_is_in_one_bin(several):
    scores, truth = [one for one, _ in several], [one for _, one in several]

    curve = reliability(scores, truth)

    assert sum(one.n for one in curve) == len(several)
    assert sum(one.true * one.n for one in curve) == pytest.approx(sum(truth), abs=0.001 * len(several))
    assert sum(one.told * one.n for one in curve) == pytest.approx(sum(scores), abs=0.001 * len(several))


@given(rows)
def test_bins_lie_in_order_without_overlap_and_hold_their_mean(several):
    curve = reliability([one for one, _ in several], [one for _, one in several])

    assert all(one.low - 0.001 <= one.told <= one.high + 0.001 for one in curve)
    assert all(one.high <= other.low for one, other in pairwise(curve))
    assert all(one.n > 0 for one in curve)


def test_an_edge_belongs_to_the_bin_above_and_one_to_the_last():
    curve = reliability([0.0, 0.1, 0.5, 1.0], [False, False, True, True])

    assert curve == (
        Bin(0.0, 0.1, 0.0, 0.0, 1),
        Bin(0.1, 0.25, 0.1, 0.0, 1),
        Bin(0.5, 0.75, 0.5, 1.0, 1),
        Bin(0.9, 1.0, 1.0, 1.0, 1),
    )


def test_honest_probabilities_lie_on_the_diagonal():
    draw = np.random.default_rng(0)
    scores = draw.random(20_000)

    curve = reliability(scores.tolist(), (draw.random(20_000) < scores).tolist())

    assert len(curve) == len(EDGES) - 1
    assert all(abs(one.told - one.true) < 0.03 for one in curve)
