"""Which turns are read, and in the light of what."""

import numpy as np
import polars as pl
from talkframes import ReadsWords, clean, screened, talk

from guidance_atlas.stages.embed_turns import embed_turns

TURNS = clean(
    talk(
        "a", "user: should I", "assistant: yes <PERSON_1> really should", "user: why", "assistant: because of the sun"
    ),
    talk("b", "user: write code", "assistant: here it is then"),
    talk("c", "assistant: hi there my friend", "user: hello"),
)
KNOWN = screened(a=True, b=False, c=None)


def test_turns_that_can_be_judged_and_no_others_get_a_vector():
    found = embed_turns(screened(a=True, b=False, c=True), TURNS, reader=ReadsWords())

    assert found.select("conversation_id", "turn").rows() == [("a", 1), ("a", 2), ("a", 3), ("c", 1)]
    assert set(found["vector"].list.len()) == {ReadsWords.width}


def test_each_turn_is_read_after_what_it_answers_with_masks_as_plain_words():
    reader = ReadsWords()

    embed_turns(KNOWN, TURNS, reader=reader)

    assert reader.asked == [
        ("should I", "yes someone really should"),
        ("should I", "yes someone really should", "why"),
        ("should I", "yes someone really should", "why", "because of the sun"),
    ]


def test_what_is_not_guidance_is_not_even_shown_to_the_reader():
    reader = ReadsWords()

    embed_turns(screened(a=False, b=False, c=None), TURNS, reader=reader)

    assert reader.asked == []


def test_a_turn_keeps_its_number_where_one_is_missing():
    turns = clean([("a", 4, "user", "shall I go", 0), ("a", 9, "assistant", "no, do not go", 0)])

    assert embed_turns(screened(a=True), turns, reader=ReadsWords())["turn"].to_list() == [9]


def test_vectors_do_not_depend_on_order_or_company():
    together = embed_turns(
        screened(c=True, a=True), TURNS.sample(fraction=1, shuffle=True, seed=3), reader=ReadsWords()
    )
    alone = embed_turns(screened(a=True), TURNS, reader=ReadsWords())

    assert together.filter(pl.col("conversation_id") == "a").equals(alone)
    assert np.isfinite(together["vector"].explode().to_numpy()).all()


def test_no_guidance_gives_an_empty_frame():
    assert embed_turns(screened(a=False), TURNS, reader=ReadsWords()).is_empty()
