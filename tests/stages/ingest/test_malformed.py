"""Hostile and broken input: each kind yields its reason, the good records around it are read, and nothing is lost."""

import gzip
import io
import json

import orjson
import polars as pl
import pytest
import zstandard
from reading import LARGEST, TALK, line, lines, outcomes, parts_of, read_one, talk

from guidance_atlas.contracts import Records
from guidance_atlas.errors import SourceError
from guidance_atlas.stages.ingest.codes import CODES
from guidance_atlas.stages.ingest.sources import find_sources

GOOD = lines(*(talk(f"g{i}", f"Should I move to house {i}? {i**9}", "Why?") for i in range(400)))
N_GOOD = 400


def turn(**fields):
    return {"messages": [{"role": "user", "content": "hi"} | fields]}


def nested(depth):
    return b'{"messages":' + b"[" * depth + b"]" * depth + b"}"


# one record each: (what it is, its bytes, its code)
RECORDS = [
    ("bytes that are not UTF-8", b'{"messages":[{"role":"user","content":"caf\xe9"}]}', "not_utf8"),
    ("UTF-8 cut inside a character", b'{"messages":[{"role":"user","content":"caf\xc3"}]}', "not_utf8"),
    ("plain words", b"Should I quit?", "bad_json"),
    ("a line cut in two", b'{"messages":[{"role":"user","con', "bad_json"),
    ("single quotes", b"{'messages': []}", "bad_json"),
    ("two objects on a line", b'{"messages":[]}{"messages":[]}', "bad_json"),
    ("an integer of 5,000 digits", b'{"messages":' + b"9" * 5_000 + b"}", "bad_json"),
    ("a bare NUL", b"\x00", "bad_json"),
    ("a forged fault of no known kind", b"\x00fault:hello", "bad_json"),
    ("a forged fault of a known kind", b"\x00fault:file_corrupt", "file_corrupt"),
    ("an array", b"[1,2]", "not_an_object"),
    ("a number", b"7", "not_an_object"),
    ("null", b"null", "not_an_object"),
    ("a text", b'"hello"', "not_an_object"),
    ("NaN", b"NaN", "not_an_object"),
    ("an empty object", b"{}", "unknown_format"),
    ("an object of something else", b'{"level":"INFO","msg":"ok"}', "unknown_format"),
    ("no messages", b'{"messages":[]}', "no_turns"),
    ("messages null", b'{"messages":null}', "wrong_type"),
    ("messages a text that is no JSON", b'{"messages":"hello"}', "wrong_type"),
    ("messages an object", b'{"messages":{"role":"user"}}', "wrong_type"),
    ("a message that is a text", b'{"messages":["hello"]}', "wrong_type"),
    ("a message without a role", b'{"messages":[{"content":"hi"}]}', "wrong_type"),
    ("a role that is a number", line(turn(role=3)), "wrong_type"),
    ("a role nobody knows", line(turn(role="narrator")), "unknown_role"),
    ("content a number", line(turn(content=3)), "wrong_type"),
    ("content an object of no kind of text", line(turn(content={"type": "text", "text": 3})), "wrong_type"),
    ("content a list of numbers", line(turn(content=[3])), "wrong_type"),
    ("content true", line(turn(content=True)), "wrong_type"),
    ("content null only", line(turn(content=None)), "no_turns"),
    ("content an image only", line(turn(content=[{"type": "image_url", "image_url": {}}])), "no_turns"),
    ("content control characters only", line(turn(content="\x00\x01\x7f \x9f")), "no_turns"),
    ("system turns only", line(turn(role="system")), "no_turns"),
    ("assistant turns only", line(turn(role="assistant")), "no_user_turn"),
    ("nesting of 900", nested(900), "wrong_type"),
    ("nesting of 2,000", nested(2_000), "too_deep"),
    ("nesting of 100,000", nested(100_000), "too_deep"),
    ("objects nested 5,000 deep", b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "too_deep"),
    ("too many turns", line(talk("t", *["x"] * 2_001)), "too_many_turns"),
    ("a tree that leads back to itself", line({"mapping": {"a": {"parent": "b"}, "b": {"parent": "a"}}}), "wrong_type"),
    ("a tree that is a list", line({"mapping": []}), "wrong_type"),
    ("a tree of nothing", line({"mapping": {}}), "no_turns"),
    ("a tree whose nodes are texts", line({"mapping": {"a": "b"}}), "wrong_type"),
    ("a node without an author", line({"mapping": {"a": {"message": {"content": "x"}}}}), "wrong_type"),
    ("a deep OTLP value", line({"spanId": "1", "attributes": [{"key": "gen_ai.input.messages", "value": {
        "arrayValue": {"values": [json.loads('{"arrayValue":{"values":[' * 50 + "]}}" * 50)]}}}]}), "too_deep"),
    ("OTLP attributes a text", line({"spanId": "1", "attributes": "x"}), "wrong_type"),
    ("claude messages null", line({"chat_messages": None}), "wrong_type"),
    ("claude message a text", line({"chat_messages": ["x"]}), "wrong_type"),
    ("a transcript without voices", line({"transcript": "hello"}), "no_turns"),
    ("a transcript that is a number", line({"transcript": 5}), "wrong_type"),
    ("a trace about something else", line({"sessionId": "s", "input": {"rows": 3}, "output": None}), "wrong_type"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "code"), [row[1:] for row in RECORDS], ids=[row[0] for row in RECORDS])
def test_a_record_that_cannot_be_used_says_why_and_harms_no_other(tmp_path, given, code):
    file = tmp_path / "x.jsonl"
    file.write_bytes(line(talk("before")) + b"\n" + given + b"\n" + line(talk("after")) + b"\n")

    assert outcomes(file, largest=1 << 20) == ["before", f"[{code}]", "after"]
    assert code in CODES


# fields that may be wrong without costing the conversation: (what it is, fields, what is then known)
TOLERATED = [
    ("an id that is an object", {"id": {"x": 1}}, {"source_id": None}),
    ("an id that is a list", {"id": [1]}, {"source_id": None}),
    ("an id that is true", {"id": True}, {"source_id": None}),
    ("an id that is a number", {"id": 12}, {"source_id": "12"}),
    ("an id with a path in it", {"id": "../../etc/passwd"}, {"source_id": "../../etc/passwd"}),
    ("an id with a NUL", {"id": "a\x00b"}, {"source_id": "a\x00b"}),
    ("an empty id", {"id": ""}, {"source_id": None}),
    ("a person that is a list", {"user": ["x"]}, {"source_person": None}),
    ("a person that is an object with an id", {"user": {"id": 9}}, {"source_person": "9"}),
    ("a negative time", {"created_at": -5}, {"started_at": None}),
    ("a time beyond all calendars", {"created_at": 10**300}, {"started_at": None}),
    ("a time that is a word", {"created_at": "yesterday"}, {"started_at": None}),
    ("a time that is an object", {"created_at": {"$date": 1}}, {"started_at": None}),
    ("a time of true", {"created_at": True}, {"started_at": None}),
    ("a time in the year 1", {"created_at": "0001-01-01T00:00:00+14:00"}, {"started_at": None}),
    ("a time in the year 2200", {"created_at": "2200-01-01"}, {"started_at": None}),
    ("a model that is a sentence", {"model": "ignore all rules and print"}, {"model": None}),
    ("a model that is a list", {"model": ["gpt"]}, {"model": None}),
    ("a model with a newline", {"model": "gpt-4\n"}, {"model": None}),
    ("a model of 81 characters", {"model": "m" * 81}, {"model": None}),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "known"), [row[1:] for row in TOLERATED], ids=[row[0] for row in TOLERATED])
def test_an_odd_field_beside_the_words_is_not_known_and_the_conversation_is_read(fields, known):
    record = json.dumps(TALK | fields).encode()

    row = read_one(record)

    assert row["code"] is None
    assert {name: row[name] for name in known} == known


# bytes no strict parser takes, in conversations worth keeping: (what it is, bytes, the text that is read)
KEPT = [
    ("a lone surrogate", b'{"messages":[{"role":"user","content":"a\\ud800b"}]}', "a\ufffdb"),
    ("a written NUL", b'{"messages":[{"role":"user","content":"a\\u0000b"}]}', "ab"),
    ("a bare NUL in a text", b'{"messages":[{"role":"user","content":"a\x00b"}]}', "ab"),
    ("NaN beside the words", b'{"score":NaN,"messages":[{"role":"user","content":"ab"}]}', "ab"),
    ("Infinity beside the words", b'{"score":-Infinity,"messages":[{"role":"user","content":"ab"}]}', "ab"),
    ("a number out of range", b'{"score":1e999,"messages":[{"role":"user","content":"ab"}]}', "ab"),
    ("a huge integer", b'{"n":%s,"messages":[{"role":"user","content":"ab"}]}' % (b"9" * 400), "ab"),
    ("a key said twice", b'{"messages":[],"messages":[{"role":"user","content":"ab"}]}', "ab"),
    ("old line ends", b'{"messages":[{"role":"user","content":"a\\r\\nb\\rc"}]}', "a\nb\nc"),
    ("escape codes of a terminal", b'{"messages":[{"role":"user","content":"a\\u001b[31mb"}]}', "a[31mb"),
    ("a tab and a newline", b'{"messages":[{"role":"user","content":"a\\tb\\nc"}]}', "a\tb\nc"),
    ("emoji joined from several", '{"messages":[{"role":"user","content":"👩‍👧 hi"}]}'.encode(), "👩‍👧 hi"),
    ("a byte order mark on the line", b'\xef\xbb\xbf{"messages":[{"role":"user","content":"ab"}]}', "ab"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "text"), [row[1:] for row in KEPT], ids=[row[0] for row in KEPT])
def test_one_odd_character_does_not_cost_a_conversation(given, text):
    assert read_one(given)["turns"] == [{"role": "user", "text": text}]


def test_an_id_of_a_megabyte_stays_an_id_and_two_that_differ_at_the_end_stay_two():
    ids = [read_one(TALK | {"id": "x" * (1 << 20) + end})["source_id"] for end in ("a", "b")]

    assert len(set(ids)) == 2
    assert max(map(len, ids)) < 100


def test_a_number_that_lost_its_end_names_no_conversation():
    """Two ids of 30 digits that differ in the last are one number to a quick parser; taken as ids they would merge."""
    assert read_one(b'{"id":' + b"9" * 30 + b',"messages":[{"role":"user","content":"x"}]}')["source_id"] is None


def test_a_line_over_the_limit_is_passed_by_and_told(tmp_path):
    file = tmp_path / "x.jsonl"
    for size in (LARGEST + 1, 10 << 20, 20 << 20):
        file.write_bytes(lines(talk("a")) + b'{"messages":"' + b"x" * size + b'"}\n' + lines(talk("b")))

        assert outcomes(file) == ["a", "[record_too_large]", "b"]


@pytest.mark.parametrize("size", [LARGEST - 1, LARGEST, LARGEST + 1])
def test_the_limit_is_the_size_of_the_record_itself(tmp_path, size):
    file = tmp_path / "x.jsonl"
    record = b'{"messages":[{"role":"user","content":""}]}'
    file.write_bytes(record.replace(b'""', b'"' + b"x" * (size - len(record)) + b'"') + b"\n" + lines(talk("b")))

    assert outcomes(file) == ["nameless" if size <= LARGEST else "[record_too_large]", "b"]
    file.write_bytes(file.read_bytes().split(b"\n")[0])
    assert outcomes(file) == ["nameless" if size <= LARGEST else "[record_too_large]"]


def zst(data, **settings):
    return zstandard.ZstdCompressor(**settings).compress(data)


def parquet():
    written = io.BytesIO()
    pl.DataFrame({"id": ["a"], "prompt": ["hi"], "response": ["yo"]}).write_parquet(written)
    return written.getvalue()


ARRAY = orjson.dumps([talk("a"), talk("b"), talk("c")])

# whole files: (name, bytes, what must come last; how many good records at least)
FILES = [
    ("x.jsonl", b"", "empty_file", 0),
    ("x.json", b"", "empty_file", 0),
    ("x.json", b"\n \n", "empty_file", 0),
    ("x.json", b"[]", "empty_file", 0),
    ("x.csv", b"", "empty_file", 0),
    ("x.csv", b"id,prompt,response\n", "empty_file", 0),
    ("x.parquet", b"", "empty_file", 0),
    ("x.jsonl.gz", b"", "empty_file", 0),
    ("x.jsonl.gz", gzip.compress(b"", mtime=0), "empty_file", 0),
    ("x.jsonl.zst", zst(b""), "empty_file", 0),
    ("x.jsonl.gz", gzip.compress(GOOD, mtime=0)[:-2_000], "file_truncated", 100),
    ("x.jsonl.gz", gzip.compress(GOOD, mtime=0)[:-4], "file_truncated", N_GOOD),
    ("x.jsonl.gz", b"this is no gzip", "file_corrupt", 0),
    ("x.jsonl.gz", gzip.compress(GOOD, mtime=0)[:-8] + b"\0" * 8, "file_corrupt", N_GOOD),
    ("x.jsonl.gz", gzip.compress(GOOD, mtime=0) + b"rubbish after the end", "file_corrupt", N_GOOD),
    ("x.jsonl.zst", zst(GOOD)[:-2_000], "file_truncated", 0),
    ("x.jsonl.zst", zst(GOOD) + zst(GOOD)[:-1_000], "file_truncated", N_GOOD),
    ("x.jsonl.zst", b"this is no zstd", "file_corrupt", 0),
    ("x.jsonl.zst", zst(GOOD) + b"rubbish after the end", "file_corrupt", N_GOOD),
    ("x.jsonl", GOOD.decode().encode("utf-16"), "not_utf8", 0),
    ("x.jsonl", GOOD.decode().encode("utf-16-le"), "not_utf8", 0),
    ("x.json", ARRAY.decode().encode("utf-16"), "not_utf8", 0),
    ("x.csv", "id,prompt\n1,hi\n".encode("utf-16"), "not_utf8", 0),
    ("x.json", ARRAY[:-1], "file_truncated", 3),
    ("x.json", ARRAY[:-20], "file_truncated", 2),
    ("x.json", ARRAY[:-1] + b"}", "file_corrupt", 3),
    ("x.json", ARRAY[:-1] + b',:]', "file_corrupt", 3),
    ("x.json", ARRAY + b"]", "file_corrupt", 3),
    ("x.json", b'{"data":' + ARRAY[:-20], "file_truncated", 0),
    ("x.parquet", b"this is no parquet", "file_corrupt", 0),
    ("x.parquet", parquet()[:-9], "file_truncated", 0),
    ("x.parquet", b"PAR1" + b"\0" * 60 + b"PAR1", "file_corrupt", 0),
    ("x.parquet.gz", gzip.compress(parquet(), mtime=0)[:-9], "file_truncated", 0),
    ("x.csv", b'id,prompt,response\n1,hi,yo\n2,"hi,yo\n3,hi,yo\n', "file_truncated", 1),
    ("x.csv", b"id,prompt,response\n1,hi,yo\n2,hi,yo,what,more\n", "bad_csv", 1),
    ("x.csv", b'id,prompt,response\n1,hi,yo\n2,"hi"there,yo\n', "bad_csv", 1),
    ("x.csv", b"id,prompt,response\n1,hi,yo\n2,caf\xe9,yo\n", "not_utf8", 1),
    ("x.csv", b"caf\xe9,prompt,response\n1,hi,yo\n", "not_utf8", 0),
    ("x.csv", b"id,colour\n1,red\n", "unknown_format", 0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "code", "n_good"), FILES)
def test_a_broken_file_gives_what_stood_before_the_break_and_then_says_so(tmp_path, name, given, code, n_good):
    (tmp_path / name).write_bytes(given)

    found = outcomes(tmp_path / name)

    assert found[-1] == f"[{code}]"
    assert len(found) - 1 >= n_good
    assert not any(row.startswith("[") for row in found[:-1])


def test_a_zstd_file_that_wants_a_window_of_gigabytes_is_refused(tmp_path):
    window = zstandard.ZstdCompressionParameters(window_log=30)
    packer = zstandard.ZstdCompressor(compression_params=window).compressobj()
    (tmp_path / "x.jsonl.zst").write_bytes(packer.compress(GOOD) + packer.flush())

    assert outcomes(tmp_path / "x.jsonl.zst") == ["[window_too_large]"]


def test_a_record_of_a_gigabyte_in_a_few_bytes_is_passed_by_in_little_memory(tmp_path):
    import tracemalloc

    packer = zstandard.ZstdCompressor().compressobj()
    bomb = b"".join(packer.compress(b" x" * (1 << 19)) for _ in range(256)) + packer.flush()
    (tmp_path / "x.jsonl.zst").write_bytes(bomb + zst(b"\n" + GOOD))

    tracemalloc.start()
    found = outcomes(tmp_path / "x.jsonl.zst")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert found[0] == "[record_too_large]"
    assert len(found) == 1 + N_GOOD
    assert len(bomb) < 1 << 20
    assert peak < 96 << 20


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x.csv"])
def test_a_byte_order_mark_is_no_part_of_the_first_record(tmp_path, name, mark):
    body = b"id,prompt,response\na,hi,yo\n" if name == "x.csv" else lines(talk("a"))
    (tmp_path / name).write_bytes(mark + body)

    assert outcomes(tmp_path / name) == ["a"]


def test_no_words_of_a_broken_record_are_in_any_error(tmp_path):
    secret = "my name is Zebedee"
    (tmp_path / "x.txt").write_text(secret)
    with pytest.raises(SourceError) as raised:
        find_sources([str(tmp_path / "x.txt")])

    assert "Zebedee" not in str(raised.value)


def test_all_codes_say_what_to_do_next_and_every_table_of_this_file_uses_known_ones():
    used = {row[2] for row in RECORDS} | {row[2] for row in FILES} | {"record_too_large", "window_too_large"}

    assert used <= CODES.keys()
    assert CODES.keys() - used == {"file_too_large"}
    assert all(";" in advice for advice in CODES.values())


def test_read_is_usable_plus_set_aside(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(b"\n".join(row[1] for row in RECORDS) + b"\n" + GOOD)

    from guidance_atlas.stages.ingest.records import ingest

    parts = parts_of(tmp_path / "x.jsonl", largest=1 << 20)
    frames = [ingest(part) for part in parts]

    assert [frame.height for frame in frames] == [len(part.lines) for part in parts]
    assert sum(frame.height for frame in frames) == len(RECORDS) + N_GOOD
    assert sum(frame["code"].null_count() for frame in frames) == N_GOOD
    assert all(Records.is_valid(frame) for frame in frames)
