"""What a draw costs is what OpenDP says of it, and never more than was asked."""

import numpy as np
import pytest

from guidance_atlas.adapters.opendp import Bounds, OpenDpNoise
from guidance_atlas.dp.rates import deviation

ONE = Bounds(3, 1, 1)


@pytest.mark.parametrize(
    ("epsilon", "delta", "bounds"),
    [
        (0.1, 1e-9, ONE),
        (0.3, 1e-6, ONE),
        (1.0, 1e-6, Bounds(9, 3, 2)),
        (7.0, 1e-3, Bounds(30, 10, 10)),
        (20.0, 1e-3, ONE),
    ],
)
def test_the_cost_stays_within_what_was_asked_and_near_it(epsilon, delta, bounds):
    noise = OpenDpNoise(epsilon=epsilon, delta=delta, bounds=bounds)

    assert 0.999 * epsilon < noise.epsilon <= epsilon
    assert noise.delta <= delta
    assert noise.scale == pytest.approx((bounds.dense_l1 + bounds.sparse_l1) / epsilon, rel=1e-6)
    assert noise.threshold >= bounds.sparse_l1


def test_more_of_one_person_takes_more_noise_and_a_higher_threshold():
    one, more = (OpenDpNoise(epsilon=1.0, delta=1e-6, bounds=Bounds(3 * n, n, n)) for n in (1, 3))

    assert more.scale == pytest.approx(3 * one.scale, rel=1e-6)
    assert more.threshold > 2 * one.threshold


def test_every_number_carries_noise_of_its_own_and_of_the_scale_that_is_said():
    noise = OpenDpNoise(epsilon=1.0, delta=1e-6, bounds=ONE)
    dense, _ = noise.draw([100] * 4_000, {})
    again, _ = noise.draw([100] * 4_000, {})

    errors = np.array(dense) - 100
    assert abs(errors.mean()) < 5 * deviation(1, noise.scale) / 4_000**0.5
    assert errors.std() == pytest.approx(deviation(1, noise.scale), rel=0.12)
    assert abs(np.corrcoef(errors, np.array(again) - 100)[0, 1]) < 0.1
    assert {type(value) for value in dense} == {int}


def test_a_sparse_count_is_told_from_the_threshold_on():
    noise = OpenDpNoise(epsilon=1.0, delta=1e-6, bounds=ONE)
    _, told = noise.draw([], {("many", "x"): 10_000, ("alone", "y"): 1} | {("few", str(i)): 5 for i in range(50)})

    assert set(told) == {("many", "x")}
    assert all(value >= noise.threshold for value in told.values())
