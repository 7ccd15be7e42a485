"""Give each conversation a direction: what its person said, as one vector."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns, Vectors
from guidance_atlas.heads.text import gist
from guidance_atlas.ports import Encoder


def embed(clean_turns: dy.DataFrame[CleanTurns], *, encoder: Encoder) -> dy.DataFrame[Vectors]:
    """One unit-length vector per conversation, of what its user said in turn order.

    Long talks are cut to their beginning, their end and the sentences that ask; masks become plain words.
    A conversation in which the user said nothing gets no row.
    """
    said = (
        clean_turns.filter(pl.col("role").cast(pl.String) == "user", pl.col("text").str.strip_chars() != "")
        .sort("conversation_id", "turn")
        .group_by("conversation_id", maintain_order=True)
        .agg(pl.col("text"))
    )
    raw = encoder.encode([gist(turns) for turns in said["text"].to_list()])
    vector = pl.Series("vector", raw.tolist(), dtype=pl.List(pl.Float32))
    return Vectors.validate(said.select("conversation_id", vector), cast=True)
