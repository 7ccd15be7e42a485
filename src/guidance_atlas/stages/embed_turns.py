"""Give each turn of a guidance conversation a direction."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns, Screened, TurnVectors
from guidance_atlas.heads.text import one_turn
from guidance_atlas.ports import Encoder


def embed_turns(
    screened: dy.DataFrame[Screened], clean_turns: dy.DataFrame[CleanTurns], *, encoder: Encoder
) -> dy.DataFrame[TurnVectors]:
    """One unit-length vector per turn, user and assistant, of guidance conversations; no other gets a row."""
    asked = screened.filter(pl.col("guidance")).select("conversation_id")
    turns = clean_turns.join(asked, on="conversation_id", how="semi").sort("conversation_id", "turn")
    raw = encoder.encode([one_turn(text) for text in turns["text"].to_list()])
    vector = pl.Series("vector", raw.tolist(), dtype=pl.List(pl.Float32))
    return TurnVectors.validate(turns.select("conversation_id", "turn", vector), cast=True)
