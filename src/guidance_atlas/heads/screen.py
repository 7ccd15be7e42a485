"""The screen head: is somebody asking what they themselves should do?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.linear import Linear, read_linear, sigmoid
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix

NAME = "screen"


@dataclass(frozen=True)
class ScreenHead:
    """Calibrated probability of guidance from a conversation's vector; `threshold` tells yes from no.

    Between `unsure_from` and `unsure_to` fewer than three in four answers were right on rows it had not seen.
    """

    layer: Linear
    threshold: float
    unsure_from: float
    unsure_to: float
    identity: str

    @property
    def width(self) -> int:
        """Numbers in the vectors it reads."""
        return int(self.layer.weight.shape[0])

    def score(self, vectors: Matrix) -> NDArray[np.float64]:
        """Probability of guidance of each conversation."""
        return sigmoid(self.layer(vectors)[:, 0])

    def unsure(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each probability lies where answers are often wrong."""
        return np.asarray((scores >= self.unsure_from) & (scores < self.unsure_to))


def screen_head(head: HeadFile) -> ScreenHead:
    """Build the head from its file."""
    low, high = head.fact("unsure")
    return ScreenHead(
        read_linear(head, "guidance"), float(head.fact("threshold")), float(low), float(high), head.identity
    )
