"""Plain features of what a person said."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.heads.cues import NAMES, cues


def cue(name, *turns):
    return float(cues([list(turns)])[0, NAMES.index(name)])


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("should_i", "Should I leave?", "They should leave."),
        ("how_do_i", "how can i sleep", "how trees sleep"),
        ("my_close", "my little sister", "a sister city"),
        ("my_life", "my new job", "the job market"),
        ("order", "Please write a poem", "I want to write"),
        ("role_play", "Act as a pirate", "an actor"),
        ("cannot", "I don’t know", "nobody knows"),
        ("ends_in_question", "now what? ", "what? now"),
        ("symbols", "x = {};", "hello there"),
        ("foreign", "что делать", "what to do"),
    ],
)
def test_a_cue_is_found_where_it_is_said_and_not_elsewhere(name, yes, no):
    assert cue(name, yes) > 0
    assert cue(name, no) == 0


def test_an_order_counts_only_at_the_beginning():
    assert cue("order", "My boss told me to write a letter") == 0


@given(st.lists(st.lists(st.text(max_size=200), max_size=4), max_size=4))
def test_features_are_finite_and_a_row_does_not_depend_on_its_company(conversations):
    together = cues(conversations)

    assert together.shape == (len(conversations), len(NAMES))
    assert np.isfinite(together).all()
    for row, turns in zip(together, conversations, strict=True):
        assert np.array_equal(cues([turns])[0], row)


@pytest.mark.parametrize("shape", ["please " * 50_000, "my " * 100_000, "i " * 100_000, "A" * 300_000, "'" * 300_000])
def test_hostile_shapes_take_no_time(shape):
    began = time.perf_counter()

    cues([[shape]])

    assert time.perf_counter() - began < 2
