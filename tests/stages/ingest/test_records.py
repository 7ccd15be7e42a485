"""Laws of ingest: any bytes become one row each, and cutting otherwise changes nothing."""

import gc
import json

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import line, part, talk
from test_formats import CASES

from guidance_atlas.contracts import Records
from guidance_atlas.stages.ingest.codes import CODES
from guidance_atlas.stages.ingest.records import ingest
from guidance_atlas.stages.ingest.sources import cut_lines

KEYS = tuple(
    {key for case in CASES for key in case[1]}
    | {
        "role",
        "content",
        "from",
        "value",
        "sender",
        "text",
        "type",
        "parts",
        "author",
        "message",
        "parent",
        "name",
        "key",
    }
    | {"gen_ai.input.messages", "gen_ai.choice", "stringValue", "arrayValue", "kvlistValue", "values", "content_type"}
)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["user", "assistant", "system", "text", "GENERATION", "\ud800", "\x00", "\n\nHuman: hi"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(KEYS)), inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None)
@given(given_lines=st.lists(st.binary(max_size=60), max_size=5))
def test_any_bytes_at_all_become_one_row_each(given_lines):
    records = ingest(part(*given_lines))

    assert records["record"].to_list() == list(range(len(given_lines)))
    assert set(records["code"].drop_nulls()) <= CODES.keys()


@settings(max_examples=200, deadline=None)
@given(record=st.dictionaries(st.sampled_from(sorted(KEYS)), anything, max_size=6))
def test_any_object_with_the_right_keys_and_the_wrong_values_becomes_one_row(record):
    records = ingest(part(json.dumps(record).encode()))

    assert Records.is_valid(records)
    assert records.height == 1
    assert set(records["code"].drop_nulls()) <= CODES.keys()


lines = st.lists(
    st.sampled_from([line(talk("a")), line(talk("b", "x")), b"{}", b"[", b'{"chosen":"\\n\\nHuman: hi"}']), max_size=12
)


@settings(deadline=None)
@given(given_lines=lines, max_records=st.integers(1, 5), max_bytes=st.integers(1, 300))
def test_reading_in_parts_of_any_size_gives_the_same_records(given_lines, max_records, max_bytes):
    whole = ingest(part(*given_lines, max_records=100)).drop("record")

    parts = cut_lines(given_lines, file="x", max_records=max_records, max_bytes=max_bytes)

    pieces = [ingest(piece).drop("record") for piece in parts]
    assert pl.concat([whole.clear(), *pieces]).equals(whole)


def test_an_empty_part_is_an_empty_frame():
    assert ingest(part()).equals(Records.create_empty())


def test_nothing_of_a_part_stays_behind_in_an_error():
    gc.collect()
    before = sum(isinstance(one, Exception) for one in gc.get_objects())

    ingest(part(*[b"Zebedee"] * 50))

    gc.collect()
    assert sum(isinstance(one, Exception) for one in gc.get_objects()) <= before + 5
