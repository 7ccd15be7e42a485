"""The nearest are the nearest, whatever the block, the comb and the floats."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.adapters import nearest as module
from guidance_atlas.adapters.nearest import nearest


def unit(n, seed=0, width=48):
    rows = np.random.default_rng(seed).standard_normal((n, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(params=[True, False], ids=["short floats", "full floats"])
def _floats(request, monkeypatch):
    monkeypatch.setattr(module, "multiplies_short_floats", lambda: request.param)


@pytest.mark.usefixtures("_floats")
@pytest.mark.parametrize(("n", "m"), [(700, 1_700), (3, 20), (1, 15), (300, 515)])
def test_they_are_those_of_a_full_comparison(n, m):
    rows, among = unit(n, 1), unit(m, 2)
    numbers, cosines = nearest(rows, among, 15)
    full = rows @ among.T

    assert np.allclose(cosines, -np.sort(-full, axis=1)[:, :15], atol=2e-3)
    assert np.allclose(cosines, np.take_along_axis(full, numbers, axis=1), atol=1e-6)
    assert (np.sort(numbers, axis=1) == np.sort(np.argsort(-full, axis=1)[:, :15], axis=1)).mean() > 0.99
    assert all(len(set(row)) == 15 for row in numbers.tolist())


def test_a_row_is_its_own_nearest_and_the_first():
    rows = unit(600)

    assert nearest(rows, rows, 5)[0][:, 0].tolist() == list(range(600))


@given(seed=st.integers(0, 99), n=st.integers(1, 90), m=st.integers(40, 500), count=st.integers(1, 20))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_the_best_scores_are_found_through_the_comb(seed, n, m, count):
    import torch

    scores = torch.from_numpy(np.random.default_rng(seed).standard_normal((n, m)).astype(np.float32))
    found = module._best(scores, count)

    assert torch.equal(scores.gather(1, found).sort(dim=1).values, scores.sort(dim=1).values[:, m - count :])
