"""The screen head: is somebody asking what they themselves should do?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.cues import NAMES, cues
from guidance_atlas.heads.kernel import Kernel, read_kernel
from guidance_atlas.heads.linear import sigmoid
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix

NAME = "screen"
VECTOR_SCALE = 2.0


def screen_features(vectors: Matrix, conversations: Sequence[Sequence[str]]) -> Matrix:
    """A conversation's vector, at a length that balances it with the plain cues of its person's turns beside it."""
    return np.hstack([vectors * VECTOR_SCALE, cues(conversations)]).astype(np.float32)


@dataclass(frozen=True)
class ScreenHead:
    """Probability of guidance from a conversation's vector and cues; `threshold` tells yes from no."""

    layer: Kernel
    threshold: float
    identity: str

    @property
    def width(self) -> int:
        """Numbers in the vectors it reads."""
        return int(self.layer.landmarks.shape[1]) - len(NAMES)

    def score(self, vectors: Matrix, conversations: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Probability of guidance of each conversation, from its vector and its user turns in order."""
        return sigmoid(self.layer(screen_features(vectors, conversations))[:, 0])


def screen_head(head: HeadFile) -> ScreenHead:
    """Build the head from its file."""
    return ScreenHead(read_kernel(head), float(head.fact("threshold")), head.identity)
