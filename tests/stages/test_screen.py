"""Who is told to ask for guidance, and what is said where it cannot be told."""

from dataclasses import dataclass

import numpy as np
import pytest
from talkframes import WIDTH, clean, talk, vectors

from guidance_atlas.stages.screen import screen


@dataclass
class Asks:
    """Stands in for the head: sure of guidance where the last user turn ends in a question mark."""

    threshold: float = 0.5
    width: int = WIDTH

    def score(self, directions, said):
        assert directions.shape == (len(said), WIDTH)
        return np.array([0.5 if turns[-1].endswith("?") else 0.25 for turns in said], dtype=float)


def test_scores_from_the_threshold_on_are_guidance():
    turns = clean(talk("a", "user: hm", "assistant: ?", "user: should I?"), talk("b", "user: fine."))

    found = screen(vectors("a", "b"), turns, head=Asks())

    assert found.rows() == [("a", 0.5, True, None), ("b", 0.25, False, None)]


def test_where_the_user_said_nothing_guidance_is_unknown_and_not_false():
    found = screen(vectors("a"), clean(talk("a", "user: no."), talk("b", "assistant: hello")), head=Asks())

    assert found.row(1) == ("b", None, None, "no_user_words")


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_each_conversation_is_scored_by_its_own_words_whatever_the_order(order):
    turns = clean(talk("b", "user: no."), talk("a", "user: should I?"))

    found = screen(vectors(*order), turns, head=Asks())

    assert found["guidance"].to_list() == [True, False]


def test_no_conversation_gives_an_empty_frame():
    assert screen(vectors(), clean(talk("a", "user: x")).head(0), head=Asks()).is_empty()
