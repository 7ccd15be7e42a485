"""Normalising: one plain shape, once and for all, in bounded time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.stages.scrub.normalise import MOST_CHARACTERS, MOST_MARKS, normalise


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("a\u2013b\u2014c", "a-b-c"),
        ("555\u00a0123\u202f4567", "555 123 4567"),
        ("jo\u200bhn\u2060", "john"),
        ("\uff4a\uff4f@\uff41.\uff4f\uff52\uff47", "jo@a.org"),
        ("\u0664\u0661\u0661", "411"),
        ("j\u043ehn", "john"),
        ("\u0410\u043d\u043d\u0430", "\u0410\u043d\u043d\u0430"),
        ("\ud800ok", "ok"),
        ("it\u2019s", "it's"),
        ("one\r\ntwo", "one\ntwo"),
        ("caf\u0065\u0301", "café"),
        ("```x```", "```x```"),
        ("\x00\x07a", "a"),
    ],
)
def test_a_text_gets_its_plain_shape(raw, plain):
    assert normalise(raw) == plain


@given(st.text())
def test_normalising_twice_changes_nothing_more(text):
    once = normalise(text)

    assert normalise(once) == once


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00")))
def test_what_comes_out_can_be_stored(text):
    normalise(text).encode()


@given(st.text("aé\u0301\u0323\u0300", max_size=60))
def test_no_run_of_combining_marks_is_long(text):
    run = most = 0
    for character in normalise(text):
        run = run + 1 if "\u0300" <= character <= "\u036f" else 0
        most = max(most, run)
    assert most <= MOST_MARKS


@pytest.mark.parametrize(
    "shape", ["\u0301\u0323", "\ufdfa", "a\u0301", "\u043ea ", "@\u0430", "\u200b", "\u0664", "\ud800", "1 "]
)
def test_no_shape_is_long_or_slow(shape):
    # Composed as it comes, the first of these takes the better part of an hour at this size.
    start = time.process_time()

    assert len(normalise(shape * 500_000)) <= MOST_CHARACTERS
    assert time.process_time() - start < 20


def test_a_sign_that_stands_for_a_sentence_does_not_make_a_text_longer():
    assert normalise("\ufdfa a\ufdfb \ufdd0") == "\ufdfa a\ufdfb "
