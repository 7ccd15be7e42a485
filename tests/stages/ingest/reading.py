"""Builders: write a file, read it as a run would, and look at what became of its records."""

import orjson

from guidance_atlas.stages.ingest.records import ingest
from guidance_atlas.stages.ingest.sources import Part, cut, cut_lines, find_sources

LARGEST = 64 * 1024

TALK = {
    "id": "t1",
    "messages": [{"role": "user", "content": "Should I move?"}, {"role": "assistant", "content": "Why?"}],
}


def talk(name, *said):
    """A conversation whose turns alternate, the user first."""
    said = said or ("Should I move?", "Why?")
    turns = [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(said)]
    return {"id": name, "messages": turns}


def line(record):
    return orjson.dumps(record)


def lines(*records):
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


def part(*given, max_records=1_000):
    """One part of lines or objects."""
    as_bytes = [record if isinstance(record, bytes) else line(record) for record in given]
    return next(cut_lines(as_bytes, file="x.jsonl", max_records=max_records, max_bytes=1 << 30), Part("", "x", 0, []))


def read_one(record, **settings):
    """The one row that a record becomes."""
    return ingest(part(record), **settings).row(0, named=True)


def parts_of(path, *, largest=LARGEST, max_records=3, max_bytes=1 << 20):
    (source,) = find_sources([str(path)])
    return list(cut(source, max_record_bytes=largest, max_records=max_records, max_bytes=max_bytes))


def outcomes(path, *, largest=LARGEST, **settings):
    """What became of each record of a file: its source id, or its code in brackets."""
    rows = [row for part in parts_of(path, largest=largest) for row in ingest(part, **settings).iter_rows(named=True)]
    return [f"[{row['code']}]" if row["code"] else row["source_id"] or "nameless" for row in rows]
