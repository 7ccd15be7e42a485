"""A first cheap look in memory: which conversations are worth masking, embedding and keeping."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import Conversations, Glanced, Records
from guidance_atlas.heads.glance import TURN_LENGTH, GlanceHead


def glance(
    records: dy.DataFrame[Records],
    conversations: dy.DataFrame[Conversations],
    *,
    head: GlanceHead | None,
    languages: frozenset[str],
) -> dy.DataFrame[Glanced]:
    """One row per kept conversation: log-odds of being worth a closer look, and whether it is kept.

    A conversation in a language outside `languages` is let go unscored (reason "language"). Without a head everything
    else is kept unscored (reason "off"). Only what the user said is read, and nothing of it is held on to.
    """
    kept = conversations.filter(pl.col("outcome").cast(pl.String) == "kept").select(
        "record", "conversation_id", known=pl.col("language").is_in(sorted(languages)).fill_null(value=False)
    )
    if head is None:
        seen = kept.with_columns(score=pl.lit(None, pl.Float32), kept=pl.col("known"))
    else:
        told = kept.filter("known").join(records.select("record", "turns"), on="record")
        said = told.select(
            pl.col("turns").list.eval(
                pl.when(pl.element().struct.field("role") == "user").then(
                    pl.element().struct.field("text").str.slice(0, TURN_LENGTH)
                )
            )
        ).to_series()
        scores = head.score(said.list.drop_nulls().to_list())
        scored = told.select("conversation_id", score=pl.Series(scores.tolist(), dtype=pl.Float32))
        seen = kept.join(scored, on="conversation_id", how="left").with_columns(
            kept=pl.col("known") & (pl.col("score") >= head.threshold).fill_null(value=False)
        )
    reason = pl.when(~pl.col("known")).then(pl.lit("language")).when(pl.col("score").is_null()).then(pl.lit("off"))
    return Glanced.validate(
        seen.select("conversation_id", "score", "kept", reason=reason).sort("conversation_id"), cast=True
    )
