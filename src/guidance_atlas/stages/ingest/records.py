"""ingest: a part's lines become records, usable or set aside with a reason."""

import re

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import Records
from guidance_atlas.errors import SettingsError
from guidance_atlas.stages.ingest.codes import CODES, Unusable
from guidance_atlas.stages.ingest.formats import FORMATS, Format, detect
from guidance_atlas.stages.ingest.parse import parse_object
from guidance_atlas.stages.ingest.sources import FAULT, Part
from guidance_atlas.stages.ingest.talk import Talk

AUTO = "auto"
MAX_TURNS = 2_000
MAX_CHARS = 100_000

# controls but newline and tab, and halves of surrogate pairs: no writing system needs them, and some tools choke
UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
LINE_END = re.compile("\r\n?|\x85")
HALF_PAIR = re.compile("[\ud800-\udfff]")


def ingest(
    part: Part, *, format: str = AUTO, max_turns: int = MAX_TURNS, max_chars: int = MAX_CHARS
) -> dy.DataFrame[Records]:
    """Read every line of a part as one record; bad data never raises, it becomes a record with a code of codes.CODES.

    Args:
        part: lines of JSON.
        format: a name from formats.FORMATS, or auto: told from each record by itself.
        max_turns: a conversation with more turns is set aside as too_many_turns.
        max_chars: a turn is cut after this many characters; what is cut off counts as one part not read.

    Raises:
        SettingsError: no format has this name.
    """
    if format != AUTO and format not in FORMATS:
        raise SettingsError(f"{format} is no format; choose {AUTO}, {', '.join(FORMATS)}")
    known = FORMATS.get(format)
    rows: dict[str, list[object]] = {name: [] for name in ("code", "id", "person", "started_at", "model", "n_unread")}
    turns: dict[str, list[object]] = {"record": [], "role": [], "text": []}
    for record, line in enumerate(part.lines):
        code: str | None = None
        talk = None
        try:
            talk = _talk(line, known=known, max_turns=max_turns, max_chars=max_chars)
        except Unusable as error:
            code = error.code
        rows["code"].append(code)
        rows["id"].append(talk and talk.source_id)
        rows["person"].append(talk and talk.source_person)
        rows["started_at"].append(talk and talk.started_at)
        rows["model"].append(talk and talk.model)
        rows["n_unread"].append(talk.n_unread if talk else 0)
        for role, text in talk.turns if talk else ():
            turns["record"].append(record)
            turns["role"].append(role)
            turns["text"].append(text)
    return _frame(rows, turns)


def _talk(line: bytes, *, known: Format | None, max_turns: int, max_chars: int) -> Talk:
    """Read one line.

    Raises:
        Unusable: with the reason.
    """
    if line.startswith(FAULT):
        code = line.removeprefix(FAULT).decode("ascii", "replace")
        raise Unusable(code if code in CODES else "bad_json")
    found = parse_object(line)
    chosen = known or detect(found)
    if chosen is None:
        raise Unusable("unknown_format")
    talk = chosen.read(found)
    if len(talk.turns) > max_turns:
        raise Unusable("too_many_turns")
    turns, n_unread = [], talk.n_unread
    for role, text in talk.turns:
        plain = clean(text)
        if not plain or plain.isspace():
            n_unread += 1
            continue
        if len(plain) > max_chars:
            plain = plain[:max_chars]
            n_unread += 1
        turns.append((role, plain))
    if not turns:
        raise Unusable("no_turns")
    if all(role != "user" for role, _ in turns):
        raise Unusable("no_user_turn")
    return Talk(talk.source_id, talk.source_person, talk.started_at, talk.model, turns, n_unread)


def clean(text: str) -> str:
    """Drop control characters but newline and tab; lone surrogates become the sign for an unknown character."""
    if UNCLEAN.search(text) is None:
        return text
    return UNCLEAN.sub("", HALF_PAIR.sub("\ufffd", LINE_END.sub("\n", text)))


def _frame(rows: dict[str, list[object]], turns: dict[str, list[object]]) -> dy.DataFrame[Records]:
    told = (
        pl.DataFrame(turns, schema={"record": pl.UInt32, "role": pl.String, "text": pl.String})
        .group_by("record", maintain_order=True)
        .agg(turns=pl.struct("role", "text"))
    )
    records = pl.DataFrame(
        {"source_id" if name == "id" else "source_person" if name == "person" else name: rows[name] for name in rows},
        schema={
            "code": pl.String,
            "source_id": pl.String,
            "source_person": pl.String,
            "started_at": pl.Datetime("us", "UTC"),
            "model": pl.String,
            "n_unread": pl.UInt32,
        },
    ).with_row_index("record")
    return Records.validate(
        records.join(told, on="record", how="left", maintain_order="left").with_columns(
            pl.col("turns").fill_null(pl.lit([], dtype=told.schema["turns"]))
        ),
        cast=True,
    )
