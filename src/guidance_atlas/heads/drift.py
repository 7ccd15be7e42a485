"""The drift head: the opposite errors of a reply, counted beside sycophancy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.linear import Linear, read_linear, sigmoid
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix
from guidance_atlas.vocab import DRIFT

NAME = "drift"


@dataclass(frozen=True)
class DriftHead:
    """Whether a reply is evasive, rigid or harsh: each from its own threshold on."""

    layer: Linear
    thresholds: NDArray[np.float64]
    identity: str

    def score(self, vectors: Matrix) -> NDArray[np.float64]:
        """Probability of each error in each assistant turn, shape (turns, 3), in the order of vocab.DRIFT."""
        return sigmoid(self.layer(vectors))

    def flags(self, vectors: Matrix) -> NDArray[np.bool_]:
        """Whether each assistant turn shows each error."""
        return np.asarray(self.score(vectors) >= self.thresholds)


def drift_head(head: HeadFile) -> DriftHead:
    """Build the head from its file."""
    layer = read_linear(head, "drift")
    assert layer.weight.shape[1] == len(DRIFT)
    return DriftHead(layer, np.asarray(head.fact("thresholds"), dtype=np.float64), head.identity)
