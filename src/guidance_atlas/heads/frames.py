"""From frames to what heads read: the turns of one role with their vectors, and a column of vectors as one array."""

import dataframely as dy
import numpy as np
import polars as pl

from guidance_atlas.contracts import CleanTurns, TurnVectors
from guidance_atlas.ports import Matrix


def matrix(vectors: pl.Series, *, width: int = 0) -> Matrix:
    """A column of equally long vectors as an array (rows, width); `width` is needed only where it is empty."""
    if vectors.is_empty():
        return np.zeros((0, width), dtype=np.float32)
    flat = vectors.explode().to_numpy()
    return np.ascontiguousarray(flat, dtype=np.float32).reshape(len(vectors), -1)


def read_turns(
    clean_turns: dy.DataFrame[CleanTurns], turn_vectors: dy.DataFrame[TurnVectors], *, role: str
) -> pl.DataFrame:
    """Vectors of one role's turns that can be judged, by conversation and turn."""
    spoken = clean_turns.filter(pl.col("role").cast(pl.String) == role).select("conversation_id", "turn")
    return turn_vectors.join(spoken, on=["conversation_id", "turn"], how="semi").sort("conversation_id", "turn")
