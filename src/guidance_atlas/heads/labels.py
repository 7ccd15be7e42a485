"""The label heads: domain, stakes and mentioned support of a guidance conversation, from its vector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.linear import Linear, read_linear, sigmoid, softmax
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix
from guidance_atlas.vocab import DOMAINS, STAKES, SUPPORT

NAME = "labels"


@dataclass(frozen=True)
class LabelsHead:
    """Domain, second domain, stakes and support of guidance conversations.

    A second domain is given where the next most probable one reaches `second` of the first one's probability. Stakes
    are where the expected level (0 low to 2 high) falls between the two `stakes_cuts`. Support of a kind is mentioned
    from its threshold on.
    """

    domain: Linear
    stakes: Linear
    support: Linear
    second: float
    stakes_cuts: tuple[float, float]
    support_thresholds: NDArray[np.float64]
    identity: str

    @property
    def width(self) -> int:
        """Numbers in the vectors it reads."""
        return int(self.domain.weight.shape[0])

    def domains(self, vectors: Matrix) -> NDArray[np.float64]:
        """Probability of each domain, shape (conversations, 11), in the order of vocab.DOMAINS."""
        return softmax(self.domain(vectors))

    def stakes_of(self, vectors: Matrix) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Level of stakes (0 low, 1 medium, 2 high) and the probability of that level, each (conversations,)."""
        chances = softmax(self.stakes(vectors))
        level = np.digitize(expected_level(chances), self.stakes_cuts)
        return level, np.take_along_axis(chances, level[:, None], axis=1)[:, 0]

    def support_of(self, vectors: Matrix) -> NDArray[np.bool_]:
        """Whether each kind of other help is mentioned, shape (conversations, 5), in the order of vocab.SUPPORT."""
        return np.asarray(sigmoid(self.support(vectors)) >= self.support_thresholds)


def first_two(chances: NDArray[np.float64], second: float) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The two most probable classes of each row, shape (rows, 2), and whether the second is close to the first.

    Args:
        chances: shape (rows, classes).
        second: share of the first one's probability from which a second is given (0 to 1).
    """
    order = np.argsort(-chances, axis=1, kind="stable")[:, :2]
    best = np.take_along_axis(chances, order, axis=1)
    return order, np.asarray(best[:, 1] >= second * best[:, 0])


def expected_level(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean level of stakes under the probabilities of low, medium and high."""
    return chances @ np.arange(len(STAKES), dtype=np.float64)


def labels_head(head: HeadFile) -> LabelsHead:
    """Build the head from its file."""
    domain, stakes, support = (read_linear(head, name) for name in ("domain", "stakes", "support"))
    assert domain.weight.shape[1] == len(DOMAINS)
    assert stakes.weight.shape[1] == len(STAKES)
    assert support.weight.shape[1] == len(SUPPORT)
    low, high = head.fact("stakes_cuts")
    thresholds = np.asarray(head.fact("support_thresholds"), dtype=np.float64)
    return LabelsHead(
        domain, stakes, support, float(head.fact("second")), (float(low), float(high)), thresholds, head.identity
    )
