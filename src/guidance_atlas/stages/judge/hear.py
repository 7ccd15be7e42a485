"""Hear where the person pushes back."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns, Events, TurnVectors
from guidance_atlas.heads.frames import matrix, read_turns
from guidance_atlas.heads.pushback import PushbackHead
from guidance_atlas.vocab import PRESSING


def hear(
    clean_turns: dy.DataFrame[CleanTurns], turn_vectors: dy.DataFrame[TurnVectors], *, head: PushbackHead
) -> dy.DataFrame[Events]:
    """One row per user turn of a guidance conversation that resists what the assistant said before it.

    Only turns after the first assistant turn are heard. `score` is the probability of pushback of any kind.
    """
    turns = read_turns(clean_turns, turn_vectors, role="user")
    scores, kinds = head.hear(matrix(turns["vector"], width=head.width))
    events = turns.select(
        "conversation_id",
        "turn",
        kind=pl.Series(kinds, dtype=pl.String),
        score=pl.Series(scores.tolist(), dtype=pl.Float64),
    )
    events = events.filter(pl.col("score") >= head.threshold)
    return Events.validate(events.with_columns(presses=pl.col("kind").is_in(PRESSING)), cast=True)
