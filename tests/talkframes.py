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
        (name, None if one is None else 0.5, one, "short" if one is None else None) for name, one in guidance.items()
    ]
    schema = {"conversation_id": pl.String, "score": pl.Float32, "guidance": pl.Boolean, "reason": pl.String}
    return Screened.validate(pl.DataFrame(rows, schema=schema, orient="row"), cast=True)


def vectors(*names, encoder=None):
    """A vector for each of these conversations."""
    raw = (encoder or ByWords()).encode(list(names)).tolist()
    frame = pl.DataFrame(
        {"conversation_id": list(names), "vector": raw}, schema_overrides={"vector": pl.List(pl.Float32)}
    )
    return Vectors.validate(frame.cast({"conversation_id": pl.String}), cast=True)


def turn_vectors(turns, *, encoder=None):
    """A vector for each of these turns."""
    raw = (encoder or ByWords()).encode(turns["text"].to_list()).tolist()
    vector = pl.Series("vector", raw, dtype=pl.List(pl.Float32))
    return TurnVectors.validate(turns.select("conversation_id", "turn", vector), cast=True)


class ByWords:
    """Stands in for an encoder: texts with the same words lie together."""

    identity = "by-words"
    width = WIDTH

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked += list(texts)
        raw = np.zeros((len(texts), WIDTH), dtype=np.float32)
        for row, text in enumerate(texts):
            raw[row, 0] = 0.1
            for word in text.lower().split():
                raw[row, zlib.crc32(word.encode()) % WIDTH] += 1
        return raw / np.linalg.norm(raw, axis=1, keepdims=True)
