"""How words are made ready: what is kept of a long story, and what becomes of masks."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.heads.text import GIST_LENGTH, clip, gist, soften


@pytest.mark.parametrize(
    ("masked", "spoken"),
    [
        ("<PERSON_1> left", "someone left"),
        ("in <LOCATION>", "in somewhere"),
        ("call <PHONE_NUMBER_12>", "call a number"),
        ("<IBAN_CODE_3>", "something"),
        ("a <b> c < d_1>", "a <b> c < d_1>"),
        ("List<STRING>", "Listsomething"),
    ],
)
def test_masks_become_plain_words(masked, spoken):
    assert soften(masked) == spoken


def test_a_short_text_is_read_whole():
    assert gist(["Should I\n  go?", "Yes"]) == "Should I go? Yes"


def test_of_a_long_story_the_beginning_the_end_and_the_question_are_read():
    story = ["It began in May.", *(f"Then thing {n} happened to us." for n in range(200))]
    story.insert(120, "Should I forgive him?")

    told = gist([" ".join([*story, "That is all."])])

    assert told.startswith("It began in May.")
    assert "Should I forgive him?" in told
    assert told.endswith("That is all.")
    assert told.index("forgive") < told.index("That is all")


@given(st.lists(st.text(max_size=3_000), max_size=5))
def test_nothing_is_longer_than_the_encoder_reads(turns):
    assert len(gist(turns)) <= GIST_LENGTH + 10


def test_a_clipped_text_keeps_both_ends():
    assert clip("a" * 50 + "b" * 50, length=10) == "aaaaa bbbbb"


@pytest.mark.parametrize("shape", ["<" * 200_000, "<PERSON_" * 40_000, "? " * 100_000, "a" * 400_000, "\n" * 300_000])
def test_hostile_shapes_take_no_time(shape):
    began = time.perf_counter()

    gist([shape, shape])

    assert time.perf_counter() - began < 2
