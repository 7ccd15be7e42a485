"""The candor head: how frankly a reply stands towards the person, from 1 (pure validation) to 5 (candid)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.linear import Linear, read_linear
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix
from guidance_atlas.vocab import CRITERIA

NAME = "candor"


@dataclass(frozen=True)
class CandorHead:
    """Candor of replies; raw scores are put on the codebook's scale by a rising curve whose 2 is the best cut.

    `low_weight` is how far a conversation's candor leans to its lowest turn (1) rather than to its mean (0).
    """

    layer: Linear
    criteria: Linear
    knots: NDArray[np.float64]
    values: NDArray[np.float64]
    low_weight: float
    identity: str

    @property
    def width(self) -> int:
        """Numbers in the vectors it reads."""
        return int(self.layer.weight.shape[0])

    def score(self, vectors: Matrix) -> NDArray[np.float64]:
        """Candor (1 to 5) of each assistant turn, from its exchange's vector."""
        return np.interp(self.layer(vectors)[:, 0], self.knots, self.values)

    def criteria_of(self, vectors: Matrix) -> NDArray[np.float64]:
        """The four criteria (1 to 5) of each assistant turn, shape (turns, 4), in the order of vocab.CRITERIA."""
        return np.clip(self.criteria(vectors), 1.0, 5.0)


def lean_to_lowest(candor: NDArray[np.float64], low_weight: float) -> float:
    """A conversation's candor from its replies: between their mean and the lowest; NaN where there are none."""
    return float(low_weight * candor.min() + (1 - low_weight) * candor.mean()) if len(candor) else float("nan")


def candor_head(head: HeadFile) -> CandorHead:
    """Build the head from its file."""
    criteria = read_linear(head, "criteria")
    assert criteria.weight.shape[1] == len(CRITERIA)
    return CandorHead(
        layer=read_linear(head, "candor"),
        criteria=criteria,
        knots=np.asarray(head.fact("knots"), dtype=np.float64),
        values=np.asarray(head.fact("values"), dtype=np.float64),
        low_weight=float(head.fact("low_weight")),
        identity=head.identity,
    )
