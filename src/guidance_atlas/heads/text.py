"""How words are made ready for the encoder; training and use share every line of it."""

import re
from collections.abc import Sequence

GIST_LENGTH = 1_000
READ_LENGTH = 12_000

_TAG = re.compile(r"<([A-Z][A-Z_]{1,30}?)(?:_\d{1,6})?>")
_SPACES = re.compile(r"\s+")
_SENTENCE = re.compile(r"(?<=[.!?\n])\s+")
_ASKING = re.compile(
    r"\?|\b(?:should i|shall i|advi[cs]e|what (?:do|can|would|should) i|how (?:do|can|should|would) i|help me|"
    r"is it (?:ok|okay|worth|normal|wrong)|am i|any (?:tips|thoughts|suggestions|ideas)|not sure|don'?t know)\b",
    re.IGNORECASE,
)

SPOKEN = {
    "PERSON": "someone",
    "LOCATION": "somewhere",
    "ADDRESS": "somewhere",
    "ORGANIZATION": "a company",
    "ORG": "a company",
    "NRP": "a group",
    "DATE_TIME": "some day",
    "DATE": "some day",
    "AGE": "some age",
    "URL": "a link",
    "EMAIL_ADDRESS": "an address",
    "EMAIL": "an address",
    "PHONE_NUMBER": "a number",
    "PHONE": "a number",
}
SPOKEN_OTHERWISE = "something"


def soften(text: str) -> str:
    """Turn masks such as <PERSON_1> into plain words, so that masked texts do not lie together for their masks."""
    return _TAG.sub(lambda tag: SPOKEN.get(tag[1], SPOKEN_OTHERWISE), text)


def clip(text: str, *, length: int = READ_LENGTH) -> str:
    """First and last half of a text that is longer than `length` characters."""
    half = length // 2
    return text if len(text) <= length else f"{text[:half]} {text[-half:]}"


def gist(turns: Sequence[str], *, length: int = GIST_LENGTH) -> str:
    """What a person said, in at most `length` characters: beginning, end, and of the middle what asks.

    The encoder reads some 256 tokens; a long story keeps the place where it is told what it is for.
    """
    said = soften("\n".join(clip(turn) for turn in turns))
    if len(said) <= length:
        return _SPACES.sub(" ", said).strip()
    sentences = [piece for piece in (_SPACES.sub(" ", part).strip() for part in _SENTENCE.split(said)) if piece]
    quarter = length // 4
    chosen: dict[int, str] = {}
    left = length

    def take(order: Sequence[int], allowance: int) -> None:
        nonlocal left
        for at in order:
            if at in chosen:
                continue
            room = min(allowance, left)
            if room <= 0:
                return
            piece = sentences[at][:room]
            chosen[at] = piece
            allowance -= len(piece) + 1
            left -= len(piece) + 1

    everything = range(len(sentences))
    take(everything, quarter)
    take(everything[::-1], quarter)
    take([at for at in everything[::-1] if _ASKING.search(sentences[at])], 2 * quarter)
    take(everything, left)
    return " ".join(chosen[at] for at in sorted(chosen))
