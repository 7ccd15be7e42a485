"""The attack on the promise: it must fail on the mechanism as it is, and succeed on one with half the noise."""

import pytest
from planted import Said, counted

from guidance_atlas.adapters.opendp import Bounds, OpenDpNoise
from guidance_atlas.dp.audit import proven_epsilon
from guidance_atlas.dp.counts import DENSE

OTHERS = tuple(Said(f"p{i}") for i in range(150))
# Somebody who says far more than counts, in many places.
LOUD = tuple(Said("x", day=i % 28, domain=("career", "legal")[i % 2], sycophantic=i % 3 == 0) for i in range(12))
N, DOUBT = 6_000, 1e-6  # runs in each world; how often a sound mechanism may be refuted by chance


def proven(without, with_one, *, epsilon, delta=1e-6):
    noise = OpenDpNoise(epsilon=epsilon, delta=delta, bounds=Bounds(len(DENSE), 1, 1))
    return proven_epsilon(without, with_one, noise, n=N, delta=delta, doubt=DOUBT)


@pytest.fixture(scope="module")
def worlds():
    # Whoever is there counts where many are, so that no threshold hides them.
    everywhere = tuple(
        Said(f"q{day}-{i}", day=day, domain=domain, sycophantic=verdict)
        for day in (0, 7, 14, 21)
        for domain in ("career", "legal")
        for verdict in (True, False)
        for i in range(80)
    )
    return counted(*OTHERS, *everywhere), counted(*OTHERS, *everywhere, *LOUD)


def test_no_attack_proves_more_than_was_promised(worlds):
    assert 0.3 < proven(*worlds, epsilon=1.0) <= 1.0


def test_half_the_noise_is_refuted(worlds):
    assert proven(*worlds, epsilon=2.0) > 1.0


def test_a_person_who_counts_beyond_the_bounds_is_refuted():
    others, loud = (counted(*who, conversations=3, cells=3) for who in (OTHERS, OTHERS + (Said("x"),) * 3))

    assert proven(others, loud, epsilon=1.0) > 1.0


def test_somebody_alone_in_a_cell_shows_no_oftener_than_delta_allows():
    from scipy.stats import binomtest

    delta, n = 0.02, 4_000
    noise = OpenDpNoise(epsilon=1.0, delta=delta, bounds=Bounds(len(DENSE), 1, 1))
    _, shown = noise.draw([0], {("alone", str(i)): 1 for i in range(n)})

    assert binomtest(len(shown), n, delta, alternative="greater").pvalue > DOUBT
    assert len(shown) > 0
