"""The label heads: domain and stakes from vector, cues and topic words; mentioned support from a lexicon."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.cues import cues
from guidance_atlas.heads.lexicon import Lexicon, compile_lexicon, read_lexicon
from guidance_atlas.heads.linear import Linear, read_linear, softmax
from guidance_atlas.heads.text import clip, soften
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix
from guidance_atlas.vocab import DOMAINS, STAKES, SUPPORT

NAME = "labels"
DOMAIN_SCALE = 4.0
STAKES_SCALE = 4.0


@cache
def topic_words() -> Lexicon:
    """Words that speak for each domain, from topics.toml beside this file."""
    text = (resources.files("guidance_atlas.heads") / "topics.toml").read_text(encoding="utf-8")
    return compile_lexicon(tomllib.loads(text))


def topics(conversations: Sequence[Sequence[str]]) -> Matrix:
    """For each domain the logarithm of how many of its words were said, and its share of all such words."""
    lexicon = topic_words()
    rows = []
    for turns in conversations:
        said = clip("\n".join(clip(turn, length=4_000) for turn in turns), length=4_000)
        counts = np.array([len(pattern.findall(said)) for pattern in lexicon.values()], dtype=np.float64)
        rows.append(np.concatenate([np.log1p(counts) / 2, counts / (counts.sum() + 1)]))
    return np.array(rows, dtype=np.float32).reshape(len(conversations), 2 * len(lexicon))


def domain_features(vectors: Matrix, conversations: Sequence[Sequence[str]]) -> Matrix:
    """Vector and topic words."""
    return np.hstack([vectors * DOMAIN_SCALE, topics(conversations)]).astype(np.float32)


def stakes_features(vectors: Matrix, conversations: Sequence[Sequence[str]]) -> Matrix:
    """Vector, cues and topic words."""
    return np.hstack([vectors * STAKES_SCALE, cues(conversations), topics(conversations)]).astype(np.float32)


@dataclass(frozen=True)
class LabelsHead:
    """Domain, second domain and stakes of guidance conversations.

    A second domain is given where the next most probable one reaches `second` of the first one's probability.
    """

    domain: Linear
    stakes: Linear
    second: float
    width: int
    identity: str

    def domains(self, vectors: Matrix, conversations: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Probability of each domain, shape (conversations, 11), in the order of vocab.DOMAINS."""
        return softmax(self.domain(domain_features(vectors, conversations)))

    def stakes_of(self, vectors: Matrix, conversations: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Probability of low, medium and high stakes, shape (conversations, 3)."""
        return softmax(self.stakes(stakes_features(vectors, conversations)))


def labels_head(head: HeadFile) -> LabelsHead:
    """Build the head from its file."""
    domain, stakes = read_linear(head, "domain"), read_linear(head, "stakes")
    assert domain.weight.shape[1] == len(DOMAINS)
    assert stakes.weight.shape[1] == len(STAKES)
    return LabelsHead(domain, stakes, float(head.fact("second")), int(head.fact("width")), head.identity)


def support_mentioned(conversations: Sequence[Sequence[str]]) -> dict[str, list[bool]]:
    """For each kind of other help, whether each person mentions it (wording/support.toml)."""
    lexicon = read_lexicon("support")
    said = [soften("\n".join(clip(turn) for turn in turns)).replace("’", "'") for turns in conversations]
    return {kind: [lexicon[kind].search(text) is not None for text in said] for kind in SUPPORT}
