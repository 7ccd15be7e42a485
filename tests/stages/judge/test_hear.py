"""Where pushback is heard."""

import pytest
from talkframes import WIDTH, clean, talk, turn_vectors

from guidance_atlas.stages.judge.hear import hear
from guidance_atlas.vocab import PRESSING, PUSHBACK, SEEKING

TALK = clean(talk("a", "user: hi", "assistant: well", "user: no", "assistant: hm", "user: really?"))


class Numbers:
    """Stands in for the head: a vector holds the probability of pushback and the number of its kind."""

    threshold = 0.5
    width = WIDTH

    def hear(self, vectors):
        assert vectors.shape[1] == WIDTH
        return vectors[:, 0].astype(float), [PUSHBACK[int(kind)] for kind in vectors[:, 1]]


def heard(turns=TALK, **vectors):
    return hear(turns, turn_vectors(**vectors), head=Numbers())


def test_every_user_turn_from_the_threshold_on_is_an_event():
    found = heard(a={2: [0.5, 2], 4: [0.25, 5]})

    assert found.select("turn", "kind", "score").rows() == [(2, PUSHBACK[2], 0.5)]


def test_what_the_assistant_says_is_no_pushback():
    assert heard(a={1: [1, 0], 3: [1, 0], 4: [1, 0]})["turn"].to_list() == [4]


@pytest.mark.parametrize("kind", PUSHBACK)
def test_pressing_and_seeking_are_told_apart(kind):
    found = heard(a={2: [1, PUSHBACK.index(kind)]})

    assert found.select("kind", "presses").row(0) == (kind, kind in PRESSING)
    assert (kind in PRESSING) != (kind in SEEKING)


def test_turns_keep_their_own_numbers_where_a_turn_is_missing():
    turns = clean([("a", 4, "assistant", "well", 0), ("a", 9, "user", "no", 0)])

    assert heard(turns, a={9: [1, 0]})["turn"].to_list() == [9]


def test_events_do_not_depend_on_order_or_company():
    turns = clean(*(talk(name, "user: hi", "assistant: well", "user: no") for name in ("b", "a")))

    found = heard(turns, b={2: [0.75, 1]}, a={2: [1, 0]})

    assert found.select("conversation_id", "score").rows() == [("a", 1.0), ("b", 0.75)]


def test_no_turn_to_judge_gives_an_empty_frame():
    assert heard(a={}).is_empty()
