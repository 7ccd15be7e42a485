"""The candor head: how frankly a reply stands towards the person, from 1 (pure validation) to 5 (candid)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.lexicon import read_lexicon
from guidance_atlas.heads.linear import Linear, read_linear
from guidance_atlas.heads.talk import Talk
from guidance_atlas.heads.text import clip, soften
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix

NAME = "candor"
FEWEST_WORDS = 3
OPENING = 220


def places_of_replies(talk: Talk) -> list[int]:
    """Positions of the assistant's turns."""
    return [at for at, role in enumerate(talk.roles) if role == "assistant"]


def why_not_judged(talk: Talk, at: int) -> str | None:
    """Why nothing can be judged in the assistant's turn at a position; None where it can."""
    if talk.before(at, "user") is None:
        return "opens_the_talk"
    if len(talk.text(at).split()) < FEWEST_WORDS:
        return "too_short"
    return None


def candor_features(talk: Talk, places: Sequence[int]) -> Matrix:
    """Reply and user vectors with their product, stance cues of the reply and their change since the reply before."""
    rows = [_features_at(talk, at) for at in places]
    return np.array(rows, dtype=np.float32).reshape(len(places), -1)


def _stance(text: str) -> NDArray[np.float64]:
    """Stance cues in the opening (flags) and in the whole reply (per 100 words, capped)."""
    plain = clip(soften(text).replace("’", "'"), length=6_000)
    words = max(len(plain.split()), 20)
    lexicon = read_lexicon("stance")
    opening = [float(pattern.search(plain[:OPENING]) is not None) for pattern in lexicon.values()]
    whole = [min(len(pattern.findall(plain)) / words * 100, 4.0) / 2 for pattern in lexicon.values()]
    return np.array(opening + whole)


def _features_at(talk: Talk, at: int) -> NDArray[np.float64]:
    asked, earlier = talk.before(at, "user"), talk.before(at, "assistant")
    first = next((place for place, role in enumerate(talk.roles) if role == "user"), None)
    reply, person = talk.vector(at), talk.vector(asked)
    stance = _stance(talk.text(at))
    change = stance - _stance(talk.text(earlier)) if earlier is not None else np.zeros_like(stance)
    words = len(talk.text(at).split())
    pushed = talk.text(asked) if earlier is not None else ""
    resistance = [float(pattern.search(pushed) is not None) for pattern in read_lexicon("pushback").values()]
    shape = [
        float(reply @ person),
        float(reply @ talk.vector(first)),
        float(reply @ talk.vector(earlier)),
        float(earlier is None),
        min(at, 12) / 12,
        float(np.log1p(words)) / 6,
        float(np.log1p(len(talk.text(asked).split()))) / 6,
        float(talk.text(asked).rstrip().endswith("?")),
        float(talk.text(at).rstrip().endswith("?")),
    ]
    return np.concatenate([reply, person, reply * person * 10, stance, change, resistance, shape])


@dataclass(frozen=True)
class CandorHead:
    """Candor of replies; raw scores are put on the codebook's scale by a monotone curve whose 2 is the best cut.

    `low_weight` is how far a conversation's candor leans to its lowest turn (1) rather than to its mean (0).
    """

    layer: Linear
    knots: NDArray[np.float64]
    values: NDArray[np.float64]
    low_weight: float
    identity: str

    def score(self, talk: Talk, places: Sequence[int]) -> NDArray[np.float64]:
        """Candor (1 to 5) of the assistant's turns at these positions."""
        if not places:
            return np.zeros(0)
        raw = self.layer(candor_features(talk, places))[:, 0]
        return np.interp(raw, self.knots, self.values)


def candor_head(head: HeadFile) -> CandorHead:
    """Build the head from its file."""
    return CandorHead(
        layer=read_linear(head, "candor"),
        knots=np.asarray(head.fact("knots"), dtype=np.float64),
        values=np.asarray(head.fact("values"), dtype=np.float64),
        low_weight=float(head.fact("low_weight")),
        identity=head.identity,
    )
