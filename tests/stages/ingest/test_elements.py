"""The JSON cutter against the standard parser: it finds the same elements, in chunks of any size."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.stages.ingest import elements
from guidance_atlas.stages.ingest.codes import Fault
from guidance_atlas.stages.ingest.elements import document

words = st.text(alphabet='ab"\\{}[]:, \n\u00e9', max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


class Dripping(io.BytesIO):
    """Gives few bytes at a time, however many are asked for."""

    def __init__(self, given_bytes, size):
        super().__init__(given_bytes)
        self.size = size

    def read(self, _n=-1):
        return super().read(self.size)


def cut_up(text, *, size=7, largest=10_000, is_talk=lambda _: True):
    return list(document(Dripping(text.encode(), size), largest=largest, is_talk=is_talk))


@given(listed=st.lists(values, max_size=6), size=st.integers(1, 9), indent=st.sampled_from([None, 1]))
def test_the_elements_of_an_array_are_those_that_a_parser_finds(listed, size, indent):
    text = json.dumps(listed, indent=indent, ensure_ascii=False)

    assert [json.loads(found) for found in cut_up(text, size=size)] == listed


@given(listed=st.lists(st.dictionaries(words, values, max_size=3), max_size=4), size=st.integers(1, 9))
def test_objects_one_after_another_are_found_each(listed, size):
    text = " ".join(json.dumps(one) for one in listed)

    assert [json.loads(found) for found in cut_up(text, size=size)] == listed


@given(listed=st.lists(values, min_size=1, max_size=6), size=st.integers(1, 9), others=st.dictionaries(words, values))
def test_a_list_inside_an_object_is_found_beside_anything_else(listed, size, others):
    text = json.dumps(others | {"data": listed} | {"later": others})

    assert [json.loads(found) for found in cut_up(text, size=size, is_talk=lambda _: False)] == listed


@given(listed=st.lists(values, min_size=1, max_size=6), largest=st.integers(1, 30), size=st.integers(1, 9))
def test_exactly_the_elements_over_the_limit_are_passed_by(listed, largest, size):
    text = json.dumps(listed)
    too_large = Fault("record_too_large")

    found = cut_up(text, size=size, largest=largest)

    written = [json.dumps(one).encode() for one in listed]
    assert found == [one if len(one) <= largest else too_large for one in written]


@given(listed=st.lists(values, min_size=1, max_size=6), at=st.integers(0, 300), size=st.integers(1, 9))
def test_a_document_cut_anywhere_gives_the_elements_before_the_cut(listed, at, size):
    text = json.dumps(listed)
    kept = text[: min(at, len(text) - 1)]

    found = cut_up(kept, size=size)

    assert found[-1:] == ([Fault("file_truncated")] if kept else [])
    assert [json.loads(one) for one in found[:-1]] == listed[: len(found[:-1])] or not found[:-1] or kept[-1].isdigit()


@pytest.mark.parametrize("text", ["[1", "[nul", '["a', '{"data":[tru', "["])
def test_a_value_cut_in_two_is_not_taken_for_a_whole_one(text):
    assert cut_up(text, is_talk=lambda _: False) == [Fault("file_truncated")]


@given(text=st.text(alphabet='a1"\\{}[]:, \n', max_size=40), size=st.integers(1, 9), talk=st.booleans())
def test_nonsense_ends_and_nothing_but_values_and_faults_comes_out(text, size, talk):
    found = cut_up(text, size=size, is_talk=lambda _: talk)

    assert all(isinstance(one, bytes | Fault) for one in found)


def test_the_memory_for_a_passed_by_value_does_not_grow_with_it(monkeypatch):
    monkeypatch.setattr(elements, "CHUNK", 64)
    cursor = elements.Cursor(io.BytesIO(b'["' + b"x" * 100_000 + b'"]'), 100)
    seen = []
    more = elements.Cursor._more

    def watching(self, keep):
        told = more(self, keep)
        seen.append(len(self._held))
        return told

    monkeypatch.setattr(elements.Cursor, "_more", watching)

    assert cursor.value() is None
    assert max(seen) < 1_000


@pytest.mark.parametrize("text", ["[1}", "]", "}", '{"a" 1}', '{"data":[}'])
def test_brackets_that_do_not_match_are_told(text):
    assert cut_up(text, is_talk=lambda _: False)[-1] in (
        Fault("file_corrupt"),
        Fault("file_truncated"),
        Fault("bad_json"),
    )
