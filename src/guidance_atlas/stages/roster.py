"""What became of every record, over all parts: the one place that sees repeats across parts."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import Conversations, Parts, Roster
from guidance_atlas.errors import StageError


def roster(
    parts: dy.DataFrame[Parts], conversations: dy.DataFrame[Conversations], *, one_per_person: bool
) -> dy.DataFrame[Roster]:
    """Settle every record: kept, duplicate, quarantined or sampled out; read is always the sum of the four.

    conversations holds the rows of all parts that repeat no earlier bytes, with the digest of their part in an extra
    column, part. Of the same conversation in several records the longest is kept, then the latest, then the one with
    the largest content key. Of the same person's conversations one_per_person keeps the one with the smallest id,
    which is a keyed hash and so a fair draw. Which ones are kept does not depend on the order of the parts.

    Raises:
        StageError: a part's rows are not its records.
    """
    settled = _settle_people(_settle_conversations(conversations), one_per_person=one_per_person)
    read = parts.select("position", "part", "n_records", "repeats")
    first = read.filter(~pl.col("repeats"))
    _refuse_lost_records(first, settled)
    rows = pl.concat([_of_first(first, settled), _of_repeats(read.filter("repeats"), settled)])
    return Roster.validate(rows.sort("position", "record"), cast=True)


def _settle_conversations(conversations: pl.DataFrame) -> pl.DataFrame:
    """Keep one record of each conversation; the others become duplicates of it."""
    records = conversations.select(
        "part",
        "record",
        "conversation_id",
        "content_key",
        "person_key",
        "day",
        "n_turns",
        "code",
        outcome=pl.col("outcome").cast(pl.String),
    )
    kept = records.filter(pl.col("outcome") == "kept").sort(
        "n_turns",
        "day",
        "content_key",
        "part",
        "record",
        descending=[True, True, True, False, False],
        nulls_last=True,
    )
    best = pl.col("content_key").first().over("conversation_id")
    repeats = pl.int_range(pl.len()).over("conversation_id") > 0
    same = pl.when(pl.col("content_key") == best).then(pl.lit("same_content")).otherwise(pl.lit("same_id"))
    settled = kept.with_columns(
        outcome=pl.when(repeats).then(pl.lit("duplicate")).otherwise("outcome"),
        code=pl.when(repeats).then(same).otherwise("code"),
    )
    return pl.concat([settled, records.filter(pl.col("outcome") != "kept")])


def _settle_people(settled: pl.DataFrame, *, one_per_person: bool) -> pl.DataFrame:
    """Keep one conversation of each person, if asked to; the others are sampled out."""
    if not one_per_person:
        return settled
    kept = pl.col("outcome") == "kept"
    drawn = pl.col("conversation_id").filter(kept).min().over("person_key")
    extra = kept & (pl.col("conversation_id") != drawn)
    return settled.with_columns(
        outcome=pl.when(extra).then(pl.lit("sampled_out")).otherwise("outcome"),
        code=pl.when(extra).then(pl.lit("one_per_person")).otherwise("code"),
    )


def _refuse_lost_records(first: pl.DataFrame, settled: pl.DataFrame) -> None:
    """Hold the rows of every part against the number of records that were read from it."""
    came = settled.group_by("part").agg(n_came=pl.len())
    wrong = first.join(came, on="part", how="full", coalesce=True).filter(
        pl.col("n_records").fill_null(0) != pl.col("n_came").fill_null(0)
    )
    if not wrong.is_empty():
        raise StageError(f"{wrong.height} parts do not have one row per record: delete them from the vault, run again")


def _of_first(first: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    return settled.join(first, on="part").select("position", "record", "part", "conversation_id", "outcome", "code")


def _of_repeats(repeats: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """One row per record of a part whose bytes came before: all of them are duplicates."""
    records = repeats.select("position", "part", record=pl.int_ranges(pl.col("n_records"))).explode(
        "record", empty_as_null=False
    )
    known = settled.select("part", "conversation_id", pl.col("record").cast(pl.Int64))
    return records.join(known, on=["part", "record"], how="left").select(
        "position",
        pl.col("record").cast(pl.UInt32),
        "part",
        "conversation_id",
        outcome=pl.lit("duplicate"),
        code=pl.lit("same_bytes"),
    )
