"""outline: who, when, which model, which language, how long; no words. A gate from RAW to SCRUBBED."""

import re
from datetime import date
from itertools import chain, islice

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import Conversations, Records
from guidance_atlas.ports import LanguageDetector
from guidance_atlas.stages.forgotten import NOBODY, Forgotten, blanked
from guidance_atlas.stages.keys import conversation_key, keyed, person_key

# what the person says is told apart by language; code and addresses speak none
NO_LANGUAGE = re.compile(r"```.*?(?:```|\Z)|(?:https?://|www\.)\S+", re.DOTALL)
LISTENS_CHARS = 1_000
LOOKS_CHARS = 8_000

Turn = tuple[str, str]


def outline(
    records: dy.DataFrame[Records],
    *,
    secret: bytes,
    detector: LanguageDetector,
    since: date | None = None,
    until: date | None = None,
    models: frozenset[str] = frozenset(),
    forgotten: Forgotten = NOBODY,
) -> dy.DataFrame[Conversations]:
    """Say of every record what it is and what becomes of it, in words that name nobody.

    Outcomes, in this order: quarantined (the record's own code); sampled_out (forgotten, age_unknown, past_retention,
    of which no key is left; no_date, before_since, after_until, other_model); duplicate (same_content or same_id as the
    one kept); kept. Of the records with one id the longest is kept, then the latest, then the one with the largest
    content key: not the first, so that order does not matter.

    Args:
        records: one part's records.
        secret: key of all hashes; who does not have it cannot tell whether a known id or text is in the table.
        detector: tells the language of what the user says.
        since: first UTC day to keep.
        until: last UTC day to keep.
        models: assistant models to keep; empty: all.
        forgotten: whose records may not be held.
    """
    read = records.filter(pl.col("code").is_null())
    talks = _talks(read)
    told = read.select(
        "record",
        "started_at",
        "n_unread",
        "model",
        day=pl.col("started_at").dt.date(),
        week=pl.col("started_at").dt.strftime("%G-W%V"),
        n_turns=pl.col("turns").list.len(),
        n_user_turns=pl.Series([sum(role == "user" for role, _ in talk) for talk in talks], dtype=pl.UInt32),
        person_known=pl.col("source_person").is_not_null(),
        language=pl.Series(detector.detect([_said(talk) for talk in talks]), dtype=pl.String),
        **_keys(read, talks, secret=secret),
    )
    code = pl.coalesce(forgotten.reasons(told, secret=secret), _left_out(since=since, until=until, models=models))
    left_out = told.with_columns(code=code)
    chosen = pl.concat(
        [left_out.filter(pl.col("code").is_not_null()), _distinct(left_out.filter(pl.col("code").is_null()))]
    )
    outcome = (
        pl.when(pl.col("code").is_null())
        .then(pl.lit("kept"))
        .when(pl.col("code").is_in(["same_id", "same_content"]))
        .then(pl.lit("duplicate"))
        .otherwise(pl.lit("sampled_out"))
    )
    unread = records.filter(pl.col("code").is_not_null()).select(
        "record", "code", "n_unread", outcome=pl.lit("quarantined"), n_turns=pl.lit(0), n_user_turns=pl.lit(0)
    )
    every = pl.concat([chosen.with_columns(outcome=outcome), unread], how="diagonal_relaxed").sort("record")
    return Conversations.validate(blanked(every.select(Conversations.column_names())), cast=True)


def _talks(read: pl.DataFrame) -> list[list[Turn]]:
    """Take the turns out of the frame, by column: a record of dictionaries would take three times as long."""
    flat = read.select(pl.col("turns").explode()).unnest("turns")
    each = zip(flat["role"].to_list(), flat["text"].to_list(), strict=True)
    return [list(islice(each, n)) for n in read["turns"].list.len().to_list()]


def _keys(read: pl.DataFrame, talks: list[list[Turn]], *, secret: bytes) -> dict[str, pl.Series]:
    contents, conversations, people = [], [], []
    ids, persons = read["source_id"].to_list(), read["source_person"].to_list()
    for source_id, source_person, talk in zip(ids, persons, talks, strict=True):
        content = keyed(secret, b"content", chain.from_iterable(talk))
        if source_id is not None:
            conversation = conversation_key(secret, source_id)
        else:
            unnamed = ["content", content, *filter(None, [source_person])]
            conversation = keyed(secret, b"conversation", unnamed)
        if source_person is not None:
            person = person_key(secret, source_person)
        else:
            person = keyed(secret, b"person", ["conversation", conversation])
        contents.append(content)
        conversations.append(conversation)
        people.append(person)
    found = {"content_key": contents, "conversation_id": conversations, "person_key": people}
    return {name: pl.Series(name, values, dtype=pl.String) for name, values in found.items()}


def _said(talk: list[Turn]) -> str:
    """The first thousand characters or so that the user says, without code and addresses."""
    said, length = [], 0
    for role, text in talk:
        if role == "user":
            plain = NO_LANGUAGE.sub(" ", text[:LOOKS_CHARS])
            said.append(plain)
            length += len(plain)
            if length >= LISTENS_CHARS:
                break
    return "\n".join(said)[:LISTENS_CHARS]


def _left_out(*, since: date | None, until: date | None, models: frozenset[str]) -> pl.Expr:
    day = pl.col("day")
    reasons = {
        "no_date": day.is_null() if since or until else pl.lit(False),
        "before_since": (day < since) if since else pl.lit(False),
        "after_until": (day > until) if until else pl.lit(False),
        "other_model": ~pl.col("model").is_in(sorted(models)).fill_null(False) if models else pl.lit(False),
    }
    return pl.coalesce(*(pl.when(reason).then(pl.lit(code)) for code, reason in reasons.items()))


def _distinct(told: pl.DataFrame) -> pl.DataFrame:
    """Mark all but the best record of each conversation as duplicates."""
    best_first = told.sort(
        "conversation_id",
        "n_turns",
        "started_at",
        "content_key",
        "record",
        descending=[False, True, True, True, False],
        nulls_last=True,
    )
    rank = pl.int_range(pl.len()).over("conversation_id")
    same = pl.col("content_key") == pl.col("content_key").first().over("conversation_id")
    return best_first.with_columns(
        code=pl.when(rank == 0)
        .then(pl.lit(None, dtype=pl.String))
        .otherwise(pl.when(same).then(pl.lit("same_content")).otherwise(pl.lit("same_id")))
    )
