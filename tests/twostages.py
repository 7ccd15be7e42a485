"""A plan without models: real ingest, and two small stages behind it."""

from functools import partial

import dataframely as dy
import polars as pl

from guidance_atlas.chain import Scope, stage
from guidance_atlas.contracts import Conversations, Glanced, Records
from guidance_atlas.stages.ingest.records import ingest


def outline(records: dy.DataFrame[Records], *, secret: bytes) -> dy.DataFrame[Conversations]:
    frame = records.select("record", conversation_id=pl.col("source_id"), outcome=pl.lit("kept"))
    frame = frame.with_columns(n_turns=1, n_user_turns=1, n_unread=0, person_key=pl.lit("p"), content_key=pl.lit("c"))
    return Conversations.validate(
        frame.join(Conversations.create_empty().drop(frame.columns[1:]), on="record", how="left"), cast=True
    )


def glance(conversations: dy.DataFrame[Conversations], *, threshold: float = 0.5) -> dy.DataFrame[Glanced]:
    return Glanced.validate(
        conversations.select("conversation_id", score=pl.lit(threshold), kept=pl.lit(True), reason=pl.lit(None)),
        cast=True,
    )


def small_plan(_settings, secret):
    part = partial(stage, scope=Scope.PART)
    return (part(ingest), part(outline, gate=True, secret=secret), part(glance))
