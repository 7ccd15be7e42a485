"""What of a conversation the encoder gets to see."""

import numpy as np
from talkframes import ByWords, clean, talk

from guidance_atlas.stages.embed import embed


def test_a_conversation_in_which_only_the_assistant_spoke_gets_no_vector():
    turns = clean(
        talk("a", "user: hello", "assistant: hi", "user: yo"), talk("b", "assistant: hi"), talk("c", "user:  ")
    )

    assert embed(turns, encoder=ByWords())["conversation_id"].to_list() == ["a"]


def test_only_the_words_of_the_user_are_read_in_turn_order():
    encoder = ByWords()

    embed(clean(talk("a", "user: first", "assistant: secret", "user: second")), encoder=encoder)

    assert encoder.asked == ["first second"]


def test_masks_are_read_as_plain_words():
    encoder = ByWords()

    embed(clean(talk("a", "user: <PERSON_1> wrote to <EMAIL_ADDRESS_2>")), encoder=encoder)

    assert encoder.asked == ["someone wrote to an address"]


def test_vectors_do_not_depend_on_the_order_of_rows():
    turns = clean(talk("b", "user: late rent"), talk("a", "user: new job", "assistant: ok", "user: should I"))

    assert embed(turns.sample(fraction=1, shuffle=True, seed=3), encoder=ByWords()).equals(
        embed(turns, encoder=ByWords())
    )


def test_vectors_have_unit_length_and_an_empty_frame_stays_empty():
    turns = clean(talk("a", "user: one"), talk("b", "user: two three"))

    found = embed(turns, encoder=ByWords())

    assert np.allclose([np.linalg.norm(one) for one in found["vector"].to_list()], 1)
    assert embed(turns.head(0), encoder=ByWords()).is_empty()
