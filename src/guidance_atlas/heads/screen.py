"""The screen head: is somebody asking what they themselves should do?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.cues import NAMES, cues
from guidance_atlas.heads.linear import Linear, read_linear, sigmoid
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix

NAME = "screen"


def screen_features(vectors: Matrix, conversations: Sequence[Sequence[str]]) -> Matrix:
    """A conversation's vector beside the plain cues of its person's turns."""
    return np.hstack([vectors, cues(conversations)]).astype(np.float32)


@dataclass(frozen=True)
class ScreenHead:
    """Probability of guidance from a conversation's vector and cues; `threshold` tells yes from no."""

    layer: Linear
    threshold: float
    identity: str

    @property
    def width(self) -> int:
        """Numbers in the vectors it reads."""
        return len(self.layer.weight) - len(NAMES)

    def score(self, vectors: Matrix, conversations: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Probability of guidance of each conversation, from its vector and its user turns in order."""
        return sigmoid(self.layer(screen_features(vectors, conversations))[:, 0])


def screen_head(head: HeadFile) -> ScreenHead:
    """Build the head from its file."""
    return ScreenHead(read_linear(head, "guidance"), float(head.fact("threshold")), head.identity)
