"""The pushback head: does a user turn resist what the assistant said, and how?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.lexicon import read_lexicon
from guidance_atlas.heads.linear import Linear, read_linear, sigmoid, softmax
from guidance_atlas.heads.talk import Talk
from guidance_atlas.heads.text import clip, soften
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix
from guidance_atlas.vocab import PUSHBACK

NAME = "pushback"


def places_of_pushback(talk: Talk) -> list[int]:
    """Positions of the user turns that stand after an assistant turn."""
    return [at for at, role in enumerate(talk.roles) if role == "user" and talk.before(at, "assistant") is not None]


def pushback_features(talk: Talk, places: Sequence[int]) -> Matrix:
    """The turn's vector, its nearness to the reply and to earlier asks, and cues of resistance."""
    rows = [_features_at(talk, at) for at in places]
    return np.array(rows, dtype=np.float32).reshape(len(places), -1)


def _features_at(talk: Talk, at: int) -> NDArray[np.float64]:
    reply, earlier = talk.before(at, "assistant"), talk.before(at, "user")
    said, replied, asked = talk.vector(at), talk.vector(reply), talk.vector(earlier)
    text = clip(soften(talk.text(at)).replace("’", "'"), length=3_000)
    words = len(text.split())
    cues = [min(len(pattern.findall(text)), 3) / 3 for pattern in read_lexicon("pushback").values()]
    first = next((place for place, role in enumerate(talk.roles) if role == "user"), at)
    shape = [
        float(said @ replied),
        float(said @ asked),
        float(said @ talk.vector(first)),
        float(text.rstrip().endswith("?")),
        float(np.log1p(words)) / 6,
        float(words < 6),
        min(at, 10) / 10,
        float(np.log1p(len(talk.text(reply).split()))) / 6,
    ]
    return np.concatenate([said, cues, shape])


@dataclass(frozen=True)
class PushbackHead:
    """Probability that a user turn is pushback, and which kind it then is most likely to be."""

    any: Linear
    kind: Linear
    threshold: float
    identity: str

    def hear(self, talk: Talk, places: Sequence[int]) -> tuple[NDArray[np.float64], list[str]]:
        """Probability of pushback at each position, and its most likely kind."""
        if not places:
            return np.zeros(0), []
        features = pushback_features(talk, places)
        kinds = softmax(self.kind(features)).argmax(axis=1)
        return sigmoid(self.any(features)[:, 0]), [PUSHBACK[kind] for kind in kinds]


def pushback_head(head: HeadFile) -> PushbackHead:
    """Build the head from its file."""
    return PushbackHead(
        read_linear(head, "any"), read_linear(head, "kind"), float(head.fact("threshold")), head.identity
    )
