"""Finding files, reading each kind as records, and cutting them into parts."""

import gzip
import json
import pickle
import subprocess
import sys
from pathlib import Path

import orjson
import polars as pl
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import LARGEST, line, lines, outcomes, parts_of, talk

from guidance_atlas.errors import SourceError
from guidance_atlas.modes import own_places
from guidance_atlas.stages.ingest.codes import Fault
from guidance_atlas.stages.ingest.records import ingest
from guidance_atlas.stages.ingest.sources import Source, cut, cut_lines, find_sources, read_lines

THREE = [talk("a"), talk("b"), talk("c")]
NAMES = ["a", "b", "c"]


def spans(*names):
    attributes = {"gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]}
    return [{"traceId": name, "spanId": "1", "attributes": attributes} for name in names]


def envelope(*names):
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": spans(*names)}]}]}


def test_files_folders_and_patterns_are_found_once_each_in_a_steady_order(tmp_path):
    for name in ("b.jsonl", "a.json", "deep/c.parquet", "deep/d.csv.gz", "deep/notes.txt", "e.NDJSON.zst"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "b.jsonl")

    found = find_sources([str(tmp_path / "b.jsonl"), str(tmp_path), str(tmp_path / "*.json*"), "-", "-"])

    names = [source.name.removeprefix(str(tmp_path)).lstrip("/") for source in found]
    assert names == ["b.jsonl", "a.json", "deep/c.parquet", "deep/d.csv.gz", "e.NDJSON.zst", "-"]


def test_what_a_run_wrote_among_the_logs_is_not_read_as_logs(tmp_path, monkeypatch):
    written = ("atlas/vault/CleanTurns/1.parquet", "atlas/releases/1/cells.csv", "atlas/last_run.json")
    for name in ("day.jsonl", "atlas/my/day.jsonl", *written):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)

    for asked in (".", str(tmp_path), "**/*"):
        found = find_sources([asked], but=own_places(Path("atlas")))
        names = [str(Path(source.name).resolve().relative_to(tmp_path)) for source in found]
        assert sorted(names) == ["atlas/my/day.jsonl", "day.jsonl"]


@pytest.mark.parametrize("name", ["nowhere", "nowhere/*.jsonl", "empty", "notes.txt"])
def test_what_cannot_be_found_is_told_with_the_next_step(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").touch()

    with pytest.raises(SourceError, match=f"^{name.replace('*', '.')}.*(;|,).+"):
        find_sources([name])


def test_naming_nothing_is_told():
    with pytest.raises(SourceError, match="no source is named"):
        find_sources([])


def test_a_file_gone_since_it_was_found_is_told_without_a_trace(tmp_path):
    with pytest.raises(SourceError, match="cannot be opened") as raised:
        list(read_lines(Source("x", tmp_path / "gone.jsonl"), max_record_bytes=LARGEST))

    assert raised.value.__cause__ is None


DOCUMENTS = {
    "an array": orjson.dumps(THREE),
    "a pretty array": json.dumps(THREE, indent=2).encode(),
    "lines": lines(*THREE),
    "lines with blank ones between": b"\n\n" + lines(THREE[0]) + b"  \n" + lines(*THREE[1:]),
    "pretty objects one after another": b"\n".join(json.dumps(one, indent=1).encode() for one in THREE),
    "an object around them": orjson.dumps({"meta": {"page": [1]}, "data": THREE, "next": None}),
    "a pretty object around them": json.dumps({"total": 3, "conversations": THREE}, indent=1).encode(),
    "an object around them that has NaN": b'{"x": NaN, "items": ' + orjson.dumps(THREE) + b"}",
    "an envelope of spans": orjson.dumps(envelope(*NAMES)),
    "an array of envelopes of spans": orjson.dumps([envelope("a"), envelope("b", "c")]),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("pack", [lambda x: x, gzip.compress, zstandard.compress], ids=["plain", "gz", "zst"])
def test_a_json_file_may_hold_conversations_in_many_ways(tmp_path, kind, pack):
    packing = {gzip.compress: ".gz", zstandard.compress: ".zst"}.get(pack, "")
    file = tmp_path / f"x.json{packing}"
    file.write_bytes(pack(DOCUMENTS[kind]))

    assert outcomes(file) == NAMES


def test_one_conversation_may_be_a_file_of_its_own(tmp_path):
    shared = {"id": "a", "conversations": [{"from": "human", "value": "hi"}]}
    for text in (line(shared), json.dumps(shared, indent=1).encode(), b"\n\n" + line(shared) + b"\n"):
        (tmp_path / "x.json").write_bytes(text)

        assert outcomes(tmp_path / "x.json") == ["a"]


def test_a_broken_line_in_a_json_file_of_lines_costs_only_itself(tmp_path):
    (tmp_path / "x.json").write_bytes(lines(THREE[0]) + b'{"messages":[{\n' + lines(*THREE[1:]))

    assert outcomes(tmp_path / "x.json") == ["a", "[bad_json]", "b", "c"]


def test_a_document_too_deep_to_parse_is_one_record_set_aside(tmp_path):
    deep = b'{"messages":' + b"[" * 9_000 + b"]" * 9_000 + b"}"
    (tmp_path / "x.json").write_bytes(b"\n".join([b"{", b'"a": ' + deep, b"}"]) + lines(talk("b")))

    assert outcomes(tmp_path / "x.json") == ["[too_deep]", "b"]


def test_an_object_that_holds_conversations_may_be_larger_than_any_record(tmp_path):
    many = [talk(f"t{i}", "x" * 1_000) for i in range(200)]
    (tmp_path / "x.json").write_bytes(orjson.dumps({"meta": "x" * LARGEST * 2, "data": many}))

    assert outcomes(tmp_path / "x.json") == [one["id"] for one in many]


def test_an_object_larger_than_any_record_that_holds_none_is_one_fault(tmp_path):
    (tmp_path / "x.json").write_bytes(orjson.dumps({"meta": "x" * LARGEST * 2}) + lines(talk("b")))

    assert outcomes(tmp_path / "x.json") == ["[record_too_large]", "b"]


def test_an_element_larger_than_the_limit_costs_only_itself(tmp_path):
    for big in (talk("big", "x" * LARGEST), "x" * LARGEST * 9, [[["x"] * LARGEST]]):
        (tmp_path / "x.json").write_bytes(orjson.dumps([talk("a"), big, talk("b")]))

        assert outcomes(tmp_path / "x.json") == ["a", "[record_too_large]", "b"]


def test_a_line_of_spans_is_one_record_a_span_and_an_empty_envelope_is_told(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(lines(envelope("a", "b"), envelope(), envelope("c")))

    assert outcomes(tmp_path / "x.jsonl") == ["a", "b", "[unknown_format]", "c"]


def test_a_conversation_that_speaks_of_resource_spans_stays_whole(tmp_path):
    tricky = talk("a", 'what is {"resourceSpans": [1]}?') | {"data": [1, 2], "x": {"resourceSpans": [3]}}
    (tmp_path / "x.jsonl").write_bytes(lines(tricky))

    assert outcomes(tmp_path / "x.jsonl") == ["a"]


def test_a_csv_file_gives_a_record_a_row_whatever_is_in_its_cells(tmp_path):
    rows = [
        'a,"Should I, or not?\nSay ""yes"".",Why?',
        "b,hi,yo",
        '"c","one\n\n\nfour",""',
    ]
    (tmp_path / "x.csv").write_text("id,prompt,response\n" + "\n".join(rows) + "\n")

    assert outcomes(tmp_path / "x.csv") == ["a", "b", "c"]
    (one, *_) = parts_of(tmp_path / "x.csv")
    assert ingest(one)["turns"][0].to_list()[0]["text"] == 'Should I, or not?\nSay "yes".'


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_file_may_be_separated_otherwise_and_hold_messages_as_json(tmp_path, separator):
    cell = '"' + json.dumps(talk("x")["messages"]).replace('"', '""') + '"'
    (tmp_path / "x.csv").write_text(f"id{separator}messages\na{separator}{cell}\n")

    assert outcomes(tmp_path / "x.csv") == ["a"]


def test_a_broken_csv_row_costs_only_itself(tmp_path):
    rows = [
        'a,"hi",yo',
        'big,"' + "x\n" * LARGEST + '",yo',
        "b,hi,yo",
        'bad,"h"i,yo',
        'twice,"h\n"i"\n",yo',
        "c,hi,yo",
    ]
    (tmp_path / "x.csv").write_text("id,prompt,response\n" + "\n".join(rows) + "\n")

    assert outcomes(tmp_path / "x.csv") == ["a", "[record_too_large]", "b", "[bad_csv]", "[bad_csv]", "c"]


def test_a_parquet_file_gives_a_record_a_row_with_its_lists_times_and_bytes(tmp_path):
    frame = pl.DataFrame(
        {
            "id": [b"a", b"b", b"c"],
            "messages": [one["messages"] for one in THREE],
            "created_at": pl.Series(["2024-03-01 12:00:00"] * 3).str.to_datetime(time_unit="us"),
            "image": [b"\xff\xfe"] * 3,
            "images": [[{"bytes": b"\xff"}]] * 3,
        }
    )
    frame.write_parquet(tmp_path / "x.parquet", row_group_size=2)
    (tmp_path / "y.parquet.gz").write_bytes(gzip.compress((tmp_path / "x.parquet").read_bytes()))

    for name in ("x.parquet", "y.parquet.gz"):
        assert outcomes(tmp_path / name) == NAMES
        (one,) = parts_of(tmp_path / name)
        assert ingest(one)["started_at"].dt.to_string("%F %T").to_list() == ["2024-03-01 12:00:00"] * 3


@pytest.mark.parametrize("pack", [lambda x: x, gzip.compress, zstandard.compress], ids=["plain", "gz", "zst"])
def test_standard_input_is_read_whatever_it_is_packed_in(pack):
    program = (
        "from guidance_atlas.stages.ingest.sources import *\n"
        "for part in cut(find_sources(['-'])[0], max_record_bytes=1000): print(part.file, len(part.lines))"
    )

    told = subprocess.run([sys.executable, "-c", program], input=pack(lines(*THREE)), capture_output=True, check=True)

    assert told.stdout.decode().split() == ["-", "3"]


def test_a_part_can_be_sent_to_another_process_and_does_not_print_its_words(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(lines(talk("a", "Zebedee")))
    (part,) = parts_of(tmp_path / "x.jsonl")

    assert pickle.loads(pickle.dumps(part)) == part
    assert "Zebedee" not in repr(part)


def test_appending_to_a_file_leaves_all_parts_but_the_last_as_they_were(tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_bytes(lines(*(talk(f"t{i}") for i in range(10))))
    before = parts_of(file)
    with file.open("ab") as more:
        more.write(lines(*(talk(f"t{i}") for i in range(10, 20))))

    after = parts_of(file)

    assert after[: len(before) - 1] == before[:-1]
    assert [part.first_record for part in after] == [0, 3, 6, 9, 12, 15, 18]


def test_parts_with_other_bytes_or_the_same_bytes_cut_otherwise_have_other_digests():
    digests = {
        next(cut_lines(given, file="x", max_records=9, max_bytes=99)).digest
        for given in ([b"ab", b"c"], [b"a", b"bc"], [b"abc"], [b"ab", b"d"], [Fault("bad_csv")])
    }

    assert len(digests) == 5


@given(sizes=st.lists(st.integers(0, 12), max_size=30), max_records=st.integers(1, 9), max_bytes=st.integers(1, 40))
def test_cutting_keeps_every_record_in_order_and_holds_to_both_limits(sizes, max_records, max_bytes):
    records = [bytes([65 + i]) * size for i, size in enumerate(sizes)]

    parts = list(cut_lines(records, file="x", max_records=max_records, max_bytes=max_bytes))

    assert [record for part in parts for record in part.lines] == records
    assert [part.first_record for part in parts] == [sum(len(p.lines) for p in parts[:i]) for i in range(len(parts))]
    assert all(1 <= len(part.lines) <= max_records for part in parts)
    assert all(len(part.lines) == 1 or sum(map(len, part.lines)) <= max_bytes for part in parts)


@settings(max_examples=60, deadline=None)
@given(
    given_bytes=st.binary(max_size=400),
    name=st.sampled_from(["x.jsonl", "x.json", "x.csv", "x.jsonl.gz", "x.json.zst"]),
    packed=st.booleans(),
    chop=st.integers(0, 30),
)
def test_any_bytes_in_a_file_of_any_kind_are_read_without_raising(tmp_path_factory, given_bytes, name, packed, chop):
    file = tmp_path_factory.mktemp("any") / name
    if packed and name.endswith(".gz"):
        given_bytes = gzip.compress(given_bytes)
    if packed and name.endswith(".zst"):
        given_bytes = zstandard.compress(given_bytes)
    file.write_bytes(given_bytes[: len(given_bytes) - chop])

    found = outcomes(file, largest=50)

    assert len(found) == sum(len(part.lines) for part in parts_of(file, largest=50)) >= 1


@pytest.mark.shared
def test_the_development_chats_are_read_without_one_set_aside(shared):
    (source,) = find_sources([str(shared / "chats.jsonl.gz")])

    frames = [ingest(part) for part in cut(source, max_record_bytes=16 << 20)]

    assert sum(frame.height for frame in frames) == 11_463
    assert sum(frame["code"].count() for frame in frames) == 0
