"""Tables about conversations as they come in: raw records, who and when, the first look, masked words."""

from typing import ClassVar

import dataframely as dy
import polars as pl

from guidance_atlas.contracts.base import Exposure, Table
from guidance_atlas.vocab import OUTCOMES, ROLES


class Records(Table):
    """One row per record read from a source, usable or not. Lives in memory only."""

    exposure: ClassVar[Exposure] = Exposure.RAW
    record = dy.UInt32(primary_key=True, description="position in the part, from 0")
    code = dy.String(nullable=True, description="why the record cannot be used; null when it can")
    source_id = dy.String(nullable=True, description="the conversation's id in the source; null when it has none")
    source_person = dy.String(nullable=True, description="the user's id in the source; null when it has none")
    started_at = dy.Datetime(
        nullable=True, time_unit="us", time_zone="UTC", description="start of the conversation; null when not known"
    )
    model = dy.String(nullable=True, description="the assistant's model, a plain name; null when not known")
    turns = dy.List(
        dy.Struct({"role": dy.String(nullable=False), "text": dy.String(nullable=False)}),
        description="user and assistant turns in order; empty when the record cannot be used",
    )
    n_unread = dy.UInt32(description="system, tool, image and empty parts, counted and not read")

    @dy.rule()
    def usable_has_turns(cls) -> pl.Expr:
        """A record without a code has at least one turn, one with a code has none."""
        return pl.col("code").is_null() == (pl.col("turns").list.len() > 0)


class Conversations(Table):
    """One row per record: who (keyed), when, which model, which language, how long. No words."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    record = dy.UInt32(primary_key=True, description="position in the part, from 0")
    outcome = dy.Enum(OUTCOMES, description="what became of the record inside its part")
    code = dy.String(nullable=True, description="reason of any outcome but kept")
    conversation_id = dy.String(nullable=True, description="keyed hash; null when quarantined")
    content_key = dy.String(nullable=True, description="keyed hash of the turns; null when quarantined")
    person_key = dy.String(nullable=True, description="keyed hash of the user's id, else of the conversation")
    person_known = dy.Bool(nullable=True, description="whether the source named a user; null when quarantined")
    day = dy.Date(nullable=True, description="UTC day of the start; null when not known")
    week = dy.String(nullable=True, regex=r"^\d{4}-W\d{2}$", description="ISO week of the day; null when not known")
    model = dy.String(nullable=True, description="the assistant's model; null when not known")
    language = dy.String(nullable=True, description="ISO 639 code, und where not determined; null when quarantined")
    n_turns = dy.UInt32(description="user and assistant turns")
    n_user_turns = dy.UInt32(description="user turns")
    n_unread = dy.UInt32(description="system, tool, image and empty parts")

    @dy.rule()
    def kept_or_explained(cls) -> pl.Expr:
        """Every record is kept or says why not."""
        return (pl.col("outcome") == "kept") == pl.col("code").is_null()


class Glanced(Table):
    """One row per kept conversation of a part: a cheap first score, and whether its words are looked at further."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    conversation_id = dy.String(primary_key=True, description="keyed hash")
    score = dy.Float32(nullable=True, description="log-odds of being worth a closer look; null where not scored")
    kept = dy.Bool(nullable=False, description="whether the heavy stages see it")
    reason = dy.String(nullable=True, description="why there is no score: language, off")


class CleanTurns(Table):
    """One row per turn of a conversation that glance kept, with everything found private masked."""

    exposure: ClassVar[Exposure] = Exposure.SCRUBBED
    guidance_only: ClassVar[bool] = True
    conversation_id = dy.String(primary_key=True, description="keyed hash")
    turn = dy.UInt16(primary_key=True, description="from 0, user and assistant turns counted together")
    role = dy.Enum(ROLES, description="who speaks")
    text = dy.String(description="masked words; placeholders look like <PERSON_1>")
    n_masked = dy.UInt32(description="spans masked in this turn")
