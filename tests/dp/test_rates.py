"""Intervals hold what is true as often as they say, and nothing is told where noise drowns it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.dp.rates import Noisy, deviation, half_width, share_interval


def laplace(draw, n_parts, scale, size):
    stop = 1 - np.exp(-1 / scale)
    return (draw.geometric(stop, (size, n_parts)) - draw.geometric(stop, (size, n_parts))).sum(axis=1)


@pytest.mark.parametrize(("n_parts", "scale"), [(1, 4.0), (3, 2.0), (36, 4.0), (1, 0.3)])
def test_noise_is_as_wide_as_is_said(n_parts, scale):
    noise = laplace(np.random.default_rng(1), n_parts, scale, 40_000)

    assert noise.std() == pytest.approx(deviation(n_parts, scale), rel=0.03)
    assert 0.94 < (np.abs(noise) <= half_width(n_parts, scale)).mean() < 0.9999
    assert (np.abs(noise) < half_width(n_parts, scale)).mean() < 0.96


@pytest.mark.parametrize(
    ("asked", "rate", "n_parts", "scale"),
    [(400, 0.25, 3, 4.0), (150, 0.1, 3, 4.0), (2_000, 0.05, 36, 4.0), (300, 0.5, 1, 8.0), (120, 0.02, 3, 2.0)],
)
def test_an_interval_holds_the_planted_rate(asked, rate, n_parts, scale):
    draw, worlds = np.random.default_rng(2), 250
    yes = draw.binomial(asked, rate, worlds)
    noisy_yes = yes + laplace(draw, n_parts, scale, worlds)
    noisy_no = asked - yes + laplace(draw, n_parts, scale, worlds)
    told = [
        share_interval(Noisy(int(a), n_parts), Noisy(int(b), n_parts), scale)
        for a, b in zip(noisy_yes, noisy_no, strict=True)
    ]
    held = [one[1] <= rate <= one[2] for one in told if one is not None]

    assert len(held) > 150
    # four standard errors of 250 worlds below .95
    assert np.mean(held) > 0.95 - 4 * (0.95 * 0.05 / len(held)) ** 0.5


def test_more_noise_makes_a_wider_interval_and_then_none():
    widths = []
    for scale in (0.5, 4.0, 16.0):
        _, low, high = share_interval(Noisy(60, 1), Noisy(140, 1), scale)
        widths.append(high - low)

    assert widths == sorted(widths)
    assert share_interval(Noisy(60, 1), Noisy(140, 1), 60.0) is None
    assert share_interval(Noisy(0, 1), Noisy(0, 1), 1.0) is None


@given(yes=st.integers(-500, 500), no=st.integers(-500, 500), scale=st.sampled_from((0.2, 3.0)))
def test_a_share_lies_in_its_interval_and_that_between_0_and_1(yes, no, scale):
    told = share_interval(Noisy(yes, 2), Noisy(no, 2), scale)

    if told is not None:
        share, low, high = told
        assert 0 <= low <= share <= high <= 1
