"""The label heads: domain and stakes from vector and cues, mentioned support from a lexicon."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.lexicon import read_lexicon
from guidance_atlas.heads.linear import Linear, read_linear, softmax
from guidance_atlas.heads.screen import screen_features
from guidance_atlas.heads.text import clip, soften
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix
from guidance_atlas.vocab import DOMAINS, STAKES, SUPPORT

NAME = "labels"


@dataclass(frozen=True)
class LabelsHead:
    """Domain, second domain and stakes of guidance conversations.

    A second domain is given where the next most probable one reaches `second` of the first one's probability.
    """

    domain: Linear
    stakes: Linear
    second: float
    identity: str
    width: int

    def domains(self, vectors: Matrix, conversations: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Probability of each domain, shape (conversations, 11), in the order of vocab.DOMAINS."""
        return softmax(self.domain(screen_features(vectors, conversations)))

    def stakes_of(self, vectors: Matrix, conversations: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Probability of low, medium and high stakes, shape (conversations, 3)."""
        return softmax(self.stakes(screen_features(vectors, conversations)))


def labels_head(head: HeadFile) -> LabelsHead:
    """Build the head from its file."""
    domain, stakes = read_linear(head, "domain"), read_linear(head, "stakes")
    assert domain.weight.shape[1] == len(DOMAINS)
    assert stakes.weight.shape[1] == len(STAKES)
    return LabelsHead(domain, stakes, float(head.fact("second")), head.identity, int(head.fact("width")))


def support_mentioned(conversations: Sequence[Sequence[str]]) -> dict[str, list[bool]]:
    """For each kind of other help, whether each person mentions it (wording/support.toml)."""
    lexicon = read_lexicon("support")
    said = [soften("\n".join(clip(turn) for turn in turns)).replace("’", "'") for turns in conversations]
    return {kind: [lexicon[kind].search(text) is not None for text in said] for kind in SUPPORT}
