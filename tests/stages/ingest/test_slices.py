"""A part is found again where it lies: the same bytes, whatever the file's kind and the order of asking."""

import gzip
import json

import polars as pl
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.errors import SourceError
from guidance_atlas.stages.ingest import slices
from guidance_atlas.stages.ingest.slices import SliceReader, slice_of
from guidance_atlas.stages.ingest.sources import cut, find_sources

LARGEST = 400  # bytes of a record
RECORDS = [{"id": f"c{n}", "messages": [{"role": "user", "content": "word " * (n % 7)}]} for n in range(60)]
LINES = "\n".join(map(json.dumps, RECORDS)).encode()
DAMAGED = LINES[:300] + b"\n\n{not json\n" + b"x" * 2 * LARGEST + b"\n" + LINES[300:]
KINDS = {
    "chats.jsonl": LINES,
    "damaged.jsonl": DAMAGED,
    "chats.jsonl.gz": gzip.compress(LINES),
    "cut short.jsonl.gz": gzip.compress(LINES)[:-20],
    "chats.jsonl.zst": zstandard.compress(LINES),
    "chats.json": json.dumps(RECORDS).encode(),
    "chats.csv": ("id,text\n" + "\n".join(f"{n},hello {n}" for n in range(60))).encode(),
    "empty.jsonl": b"",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("logs")
    for name, held in KINDS.items():
        (folder / name).write_bytes(held)
    pl.DataFrame(RECORDS).write_parquet(folder / "chats.parquet")
    return folder


def parts_of(folder, name, max_records=7):
    (source,) = find_sources([str(folder / name)])
    return list(cut(source, max_record_bytes=LARGEST, max_records=max_records))


@pytest.mark.parametrize("name", [*KINDS, "chats.parquet"])
@given(chosen=st.lists(st.integers(0, 8), min_size=1, max_size=6))
def test_a_slice_gives_its_part_in_whatever_order_it_is_asked(folder, name, chosen):
    parts, reader = parts_of(folder, name), SliceReader()

    for part in (parts[at % len(parts)] for at in chosen):
        found = reader.read(slice_of(part), max_record_bytes=LARGEST)
        assert (found.digest, found.first_record, found.lines) == (part.digest, part.first_record, part.lines)


def test_one_reader_goes_from_file_to_file(folder):
    reader = SliceReader()
    parts = [
        part for pair in zip(*(parts_of(folder, name) for name in sorted(KINDS)[1:4]), strict=False) for part in pair
    ]

    assert [reader.read(slice_of(part), max_record_bytes=LARGEST).digest for part in parts] == [
        part.digest for part in parts
    ]


def test_parts_in_order_are_read_from_one_opening_of_their_file(folder, monkeypatch):
    opened = []
    real = slices.read_lines
    monkeypatch.setattr(slices, "read_lines", lambda source, **how: opened.append(source) or real(source, **how))
    reader = SliceReader()

    for part in parts_of(folder, "chats.jsonl")[::2]:
        reader.read(slice_of(part), max_record_bytes=LARGEST)

    assert len(opened) == 1


def test_a_slice_holds_no_word_of_its_part(folder):
    part = parts_of(folder, "chats.jsonl")[1]

    assert "word" not in repr(slice_of(part))


@pytest.mark.parametrize("changed", [LINES.replace(b"word", b"WORD"), LINES[:200], b""])
def test_a_file_that_changed_meanwhile_is_one_clear_line_and_then_read_anew(tmp_path, changed):
    path = tmp_path / "chats.jsonl"
    path.write_bytes(LINES)
    part, reader = parts_of(tmp_path, path.name)[1], SliceReader()
    path.write_bytes(changed)

    with pytest.raises(SourceError, match="changed while it was being read; let it come to rest and run again"):
        reader.read(slice_of(part), max_record_bytes=LARGEST)

    path.write_bytes(LINES)
    assert reader.read(slice_of(part), max_record_bytes=LARGEST).lines == part.lines
