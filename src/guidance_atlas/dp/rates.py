"""Intervals for what is known only with noise: a count, and a share whose both sides are noisy."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]

SEED = 7  # of the intervals; the noise itself is drawn by OpenDP and kept
DRAWS = 10_000
LEVEL = 0.95
# Of Jeffreys' interval for a share (Brown, Cai, DasGupta 2001): half a conversation on either side.
PRIOR = 0.5
# A share is told where what it is of is at least this many standard deviations of its noise.
CLEAR = 4.0


@dataclass(frozen=True)
class Noisy:
    """A noisy count: the sum of n_parts numbers that each carry discrete Laplace noise of one scale."""

    value: int
    n_parts: int

    def __add__(self, other: "Noisy") -> "Noisy":
        return Noisy(self.value + other.value, self.n_parts + other.n_parts)


def deviation(n_parts: int, scale: float) -> float:
    """Standard deviation of the noise of a sum, in conversations (Canonne, Kamath, Steinke 2020, section 3)."""
    q = exp(-1 / scale)
    return float((n_parts * 2 * q) ** 0.5 / (1 - q))


def half_width(n_parts: int, scale: float) -> int:
    """What the noise of a sum stays within in 95 of 100 cases, in conversations."""
    return int(np.quantile(np.abs(_noise(n_parts, scale, 0)), LEVEL, method="higher"))


def share_interval(yes: Noisy, no: Noisy, scale: float) -> tuple[float, float, float] | None:
    """Share of yes among yes and no with its 95 % interval; None where the noise drowns it.

    The interval holds both chances, that of the noise and that of who was asked. By Monte Carlo: the true counts are
    drawn as the noisy ones less the noise they may carry, not below 0, and for each the share that may stand behind
    them from Jeffreys' beta distribution. It takes what is counted for independent draws: true where the bound is one
    conversation a person, too narrow where it is more and a person's conversations are alike.
    """
    whole = yes + no
    if whole.value < CLEAR * deviation(whole.n_parts, scale):
        return None
    true_yes = np.maximum(yes.value - _noise(yes.n_parts, scale, 1), 0)
    true_no = np.maximum(no.value - _noise(no.n_parts, scale, 2), 0)
    draws = np.random.default_rng(SEED).beta(true_yes + PRIOR, true_no + PRIOR)
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    share = min(max(yes.value, 0), whole.value) / whole.value
    return share, min(float(low), share), max(float(high), share)


@lru_cache(maxsize=1_000)
def _noise(n_parts: int, scale: float, stream: int) -> Whole:
    """Draws of a sum of discrete Laplace variables: each is the difference of two geometric ones."""
    draw = np.random.default_rng([SEED, stream, n_parts])
    stop = 1 - exp(-1 / scale)
    return draw.negative_binomial(n_parts, stop, DRAWS) - draw.negative_binomial(n_parts, stop, DRAWS)
