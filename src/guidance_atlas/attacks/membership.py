"""Is she among the counted? Shadow worlds with and without her teach what to look for in a release.

The attacker knows her kind (domain, week, flags) and draws worlds of her own from the same population (Shokri et al.
2017, with the Gaussian likelihood ratio of Carlini et al. 2022 in the place of shadow models). The stronger one knows
all others as well, which is the attacker of differential privacy: against epsilon and delta nobody is right more often
than (1 + a) / 2 with a = (e^epsilon - 1 + 2 delta) / (e^epsilon + 1) (Humphries et al. 2023, theorem 1).
"""

from collections.abc import Callable, Mapping
from math import exp

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from guidance_atlas.attacks.worlds import KEY, Population
from guidance_atlas.contracts import Cells

Numbers = NDArray[np.float64]
Draw = Callable[[], Mapping[tuple[str, ...], int]]
Publish = Callable[[dy.DataFrame[Cells]], pl.DataFrame]
PEOPLE = 400  # in a world, on average
RIDGE = 0.1  # weight of the prior that no column matters, per column
WITHHELD = -1.0


def member_of(
    population: Population, target: int, publish: Publish, *, n_shadow: int, n_worlds: int, seed: int
) -> tuple[int, int, float]:
    """Attack n_worlds releases with one of the target's kind more and as many without, after 2 * n_shadow shadows.

    Returns right guesses, guesses, and the area under the attacker's curve (0.5: blind, 1: always right).
    """
    rng = np.random.default_rng(seed)
    touched = pl.Series(population.touched(target))

    def look(*, present: bool) -> Numbers:
        counts = population.draw(int(rng.poisson(PEOPLE)), rng)
        world = counts + present * population.one(target)
        return _seen(publish(population.cells_of(world)), population.cells.filter(touched))

    def both(n: int) -> Numbers:
        return np.array([look(present=present) for _ in range(n) for present in (True, False)])

    return _tell(both(n_shadow), both(n_worlds))


def member_in_noise(without: Draw, with_her: Draw, *, n_shadow: int, n_worlds: int) -> tuple[int, int, float]:
    """Attack noisy releases of the same people with and without her: only the noise is in the way."""
    keys = sorted({key for _ in range(3) for draw in (without, with_her) for key in draw()})

    def both(n: int) -> Numbers:
        told = [draw() for _ in range(n) for draw in (with_her, without)]
        return np.array([[one.get(key, WITHHELD) for key in keys] for one in told], dtype=float)

    return _tell(both(n_shadow), both(n_worlds))


def _tell(shadows: Numbers, worlds: Numbers) -> tuple[int, int, float]:
    """Learn from shadows, guess of worlds; both hold one with her and one without in turn."""
    score = _learn(shadows, np.tile([1.0, -1.0], len(shadows) // 2))
    tried = score(worlds)
    present, absent = tried[::2], tried[1::2]
    right = int((present > 0).sum() + (absent <= 0).sum())
    area = float((present[:, None] > absent).mean() + (present[:, None] == absent).mean() / 2)
    return right, len(worlds), area


def most_right(epsilon: float, delta: float) -> float:
    """The share of right guesses that differential privacy allows anybody."""
    return (1 + (exp(epsilon) - 1 + 2 * delta) / (exp(epsilon) + 1)) / 2


def _seen(published: pl.DataFrame, cells: pl.DataFrame) -> Numbers:
    """Her cells as a release shows them: both counts, and whether they are withheld."""
    found = cells.select(KEY).join(published, on=KEY, how="left", maintain_order="left")
    seen: Numbers = (
        found.select(pl.col("numerator", "denominator").cast(pl.Float64).fill_null(WITHHELD)).to_numpy().ravel()
    )
    return seen


def _learn(shadows: Numbers, truth: Numbers) -> Callable[[Numbers], Numbers]:
    """The Gaussian likelihood ratio with one covariance for both, shrunk: ridge regression, solved over worlds."""
    middle, spread = shadows.mean(axis=0), shadows.std(axis=0)
    moves = spread > 0
    if not moves.any():
        return lambda rows: np.zeros(len(rows))

    def scale(rows: Numbers) -> Numbers:
        scaled: Numbers = (rows[:, moves] - middle[moves]) / spread[moves]
        return scaled

    known = scale(shadows)
    weights = np.linalg.solve(known @ known.T + RIDGE * moves.sum() * np.eye(len(known)), truth)
    by_column: Numbers = known.T @ weights
    return lambda rows: np.asarray(scale(rows) @ by_column)
