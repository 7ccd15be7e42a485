"""Whether a probability means what it says: what is true of rows with like probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

EDGES = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True)
class Bin:
    """Rows whose probability lies in [low, high): their mean probability, the share that is true, and their number."""

    low: float
    high: float
    told: float
    true: float
    n: int


def reliability(scores: Sequence[float], truth: Sequence[bool]) -> tuple[Bin, ...]:
    """The reliability curve in six bins; empty ones are left out."""
    told, true = np.array(scores, dtype=float), np.array(truth, dtype=float)
    place = np.clip(np.digitize(told, EDGES) - 1, 0, len(EDGES) - 2)
    return tuple(
        Bin(
            EDGES[at],
            EDGES[at + 1],
            round(float(told[rows].mean()), 3),
            round(float(true[rows].mean()), 3),
            int(rows.sum()),
        )
        for at in range(len(EDGES) - 1)
        if (rows := place == at).any()
    )
