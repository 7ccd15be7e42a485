"""How many labels of one's own give which interval? Planted worlds through the draw, the weights and the correction.

    python bench/own_labels.py [--worlds 300] [--seed 11]

Each world has 20,000 conversations that the screen scored and 20,000 that glance let go, and heads that err at random
as often as planted. For each number of labels it tells how wide the 95 % interval of the corrected rate is (median),
in how many worlds it holds the truth, and in how many there are labels enough to correct at all.
"""

import argparse

import numpy as np

from guidance_atlas.correction import LEAST_ROWS, corrected_share
from guidance_atlas.labelling.draw import LEAST_DOUBT, chances, take
from guidance_atlas.labelling.weigh import effective

SCORED, LET_GO = 20_000, 20_000
LABELS = (50, 100, 200, 400, 800)
# What is asked; share of it that is true; how often it is found where true, and where not.
GUIDANCE = {"guidance, 5 in 100": (0.10, 0.90, 0.03), "guidance, 15 in 100": (0.30, 0.90, 0.05)}
SYCOPHANTIC = {"sycophantic, 20 in 100": (0.20, 0.75, 0.10)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=11)
    told = parser.parse_args()
    chooser = np.random.default_rng(told.seed)
    print(f"{told.worlds} worlds, seed {told.seed}\n")
    print(f"{'rate':<24}{'draw':<8}{'labels':>7}{'width':>9}{'holds':>9}{'can be':>9}")
    for name, errors in {**GUIDANCE, **SYCOPHANTIC}.items():
        for how in ("random", "unsure"):
            for n in LABELS:
                found = [world(name in GUIDANCE, errors, how, n, chooser) for _ in range(told.worlds)]
                known = np.array([one for one in found if not np.isnan(one[0])]).reshape(-1, 3)
                width = np.median(known[:, 1] - known[:, 0]) if len(known) else np.nan
                holds = ((known[:, 0] <= known[:, 2]) & (known[:, 2] <= known[:, 1])).mean() if len(known) else np.nan
                print(f"{name:<24}{how:<8}{n:>7}{width:>9.3f}{holds:>9.2f}{len(known) / len(found):>9.2f}")


def world(is_guidance: bool, errors: tuple[float, float, float], how: str, n: int, chooser: np.random.Generator):
    """Low, high and true rate of one world."""
    share, hit, alarm = errors
    # Of candor labels half the sheet tells: the half that is drawn from what the screen calls guidance.
    size = SCORED if is_guidance else SCORED // 5
    truth = chooser.random(size) < share
    said = chooser.random(size) < np.where(truth, hit, alarm)
    near = np.where(truth == said, chooser.random(size) * 0.6, 0.4 + chooser.random(size) * 0.6)
    sides = [(said, n // 2), (~said, n - n // 2)] if is_guidance else [(np.ones(size, dtype=bool), n // 2)]
    total, squared = np.zeros((2, 2)), np.zeros((2, 2))
    for side, wanted in sides:
        rows = np.flatnonzero(side)
        chance = chances(LEAST_DOUBT + near[rows] if how == "unsure" else np.ones(len(rows)), wanted)
        drawn = take(chance, chooser)
        cell = (truth[rows[drawn]].astype(int), said[rows[drawn]].astype(int))
        np.add.at(total, cell, 1 / chance[drawn])
        np.add.at(squared, cell, 1 / chance[drawn] ** 2)
    counts = effective(total, squared)
    let_go = LET_GO if is_guidance else 0
    if let_go and total[0].sum():
        counts[0, 0] += round(let_go * counts[0].sum() / total[0].sum())
    answer = corrected_share(np.array([said.sum()]), np.array([size + let_go]), counts)
    return answer.low[0], answer.high[0], truth.sum() / (size + let_go)


if __name__ == "__main__":
    assert LEAST_ROWS == 10
    main()
