"""Builders of talks and of the frames that the judging stages read: say what was said, the rest is filled in."""

import zlib
from itertools import chain

import numpy as np
import polars as pl

from guidance_atlas.contracts import CleanTurns, Screened, TurnVectors, Vectors

WIDTH = 24


def talk(name, *lines):
    """Turns of one conversation from lines such as "user: hello"."""
    return [(name, turn, *line.split(": ", 1), 0) for turn, line in enumerate(lines)]


def clean(*talks):
    """The frame of these conversations."""
    schema = ["conversation_id", "turn", "role", "text", "n_masked"]
    return CleanTurns.validate(pl.DataFrame(list(chain.from_iterable(talks)), schema=schema, orient="row"), cast=True)


def screened(**guidance):
    """Whether each conversation is guidance; None is unknown."""
    rows = [
        (name, *(None if one is None else value for value in (0.5, one, False)), "short" if one is None else None)
        for name, one in guidance.items()
    ]
    schema = {"conversation_id": pl.String, "score": pl.Float32, "guidance": pl.Boolean, "unsure": pl.Boolean}
    return Screened.validate(pl.DataFrame(rows, schema={**schema, "reason": pl.String}, orient="row"), cast=True)


def vectors(**numbers):
    """A vector for each of these conversations that begins with these numbers."""
    raw = [_vector(*each) for each in numbers.values()]
    schema = {"conversation_id": pl.String, "vector": pl.List(pl.Float32)}
    return Vectors.validate(pl.DataFrame(list(zip(numbers, raw, strict=True)), schema=schema, orient="row"), cast=True)


def turn_vectors(**turns):
    """For each conversation the turns that can be judged: {turn: numbers that its vector begins with}."""
    rows = [(name, turn, _vector(*numbers)) for name, told in turns.items() for turn, numbers in told.items()]
    schema = {"conversation_id": pl.String, "turn": pl.UInt16, "vector": pl.List(pl.Float32)}
    return TurnVectors.validate(pl.DataFrame(rows, schema=schema, orient="row"), cast=True)


def _vector(*numbers):
    return [*map(float, numbers), *[0.0] * (WIDTH - len(numbers))]


def by_words(texts):
    """Vectors of length 1: texts with the same words lie together."""
    raw = np.zeros((len(texts), WIDTH), dtype=np.float32)
    raw[:, 0] = 0.1
    for row, text in enumerate(texts):
        for word in text.lower().split():
            raw[row, zlib.crc32(word.encode()) % WIDTH] += 1
    return raw / np.linalg.norm(raw, axis=1, keepdims=True)


class ByWords:
    """Stands in for an encoder."""

    identity = "by-words/exact"
    made_for = "by-words"
    width = WIDTH

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += list(texts)
        return by_words(texts)


class ReadsWords:
    """Stands in for a reader of exchanges: what was before and what was said, each by its words."""

    identity = "reads-words/float32"
    made_for = "reads-words"
    width = 2 * WIDTH

    def __init__(self):
        self.asked = []

    def read(self, exchanges):
        self.asked += [(*(part.text for part in one.before), one.said.text) for one in exchanges]
        before = by_words([" ".join(part.text for part in one.before) for one in exchanges])
        return np.hstack([before, by_words([one.said.text for one in exchanges])])
