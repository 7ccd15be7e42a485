"""The pushback head: does a user turn resist what the assistant said, and how?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.linear import Linear, read_linear, sigmoid, softmax
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix
from guidance_atlas.vocab import PUSHBACK

NAME = "pushback"


@dataclass(frozen=True)
class PushbackHead:
    """Probability that a user turn is pushback, and which kind it then is most likely to be."""

    any: Linear
    kind: Linear
    threshold: float
    identity: str

    @property
    def width(self) -> int:
        """Numbers in the vectors it reads."""
        return int(self.any.weight.shape[0])

    def hear(self, vectors: Matrix) -> tuple[NDArray[np.float64], list[str]]:
        """Probability of pushback in each user turn, from its exchange's vector, and its most likely kind."""
        kinds = softmax(self.kind(vectors)).argmax(axis=1)
        return sigmoid(self.any(vectors)[:, 0]), [PUSHBACK[kind] for kind in kinds]


def pushback_head(head: HeadFile) -> PushbackHead:
    """Build the head from its file."""
    return PushbackHead(
        read_linear(head, "any"), read_linear(head, "kind"), float(head.fact("threshold")), head.identity
    )
