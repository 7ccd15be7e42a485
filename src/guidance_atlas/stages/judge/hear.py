"""Hear where the person pushes back."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns, Events, Screened, TurnVectors
from guidance_atlas.heads.pushback import PushbackHead, places_of_pushback
from guidance_atlas.heads.talk import talks
from guidance_atlas.vocab import PRESSING

_COLUMNS = {"conversation_id": pl.String, "turn": pl.UInt16, "kind": pl.String, "score": pl.Float32}


def hear(
    screened: dy.DataFrame[Screened],
    clean_turns: dy.DataFrame[CleanTurns],
    turn_vectors: dy.DataFrame[TurnVectors],
    *,
    head: PushbackHead,
) -> dy.DataFrame[Events]:
    """One row per user turn of a guidance conversation that resists what the assistant said before it.

    Only turns after the first assistant turn are heard. `score` is the probability of pushback of any kind.
    """
    rows = []
    for talk in talks(screened, clean_turns, turn_vectors):
        places = places_of_pushback(talk)
        scores, kinds = head.hear(talk, places)
        rows += [
            (talk.conversation_id, talk.turns[at], kind, float(score))
            for at, kind, score in zip(places, kinds, scores, strict=True)
            if score >= head.threshold
        ]
    events = pl.DataFrame(rows, schema=_COLUMNS, orient="row")
    return Events.validate(events.with_columns(presses=pl.col("kind").is_in(PRESSING)), cast=True)
