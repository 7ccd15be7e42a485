"""Who is told to ask for guidance, where that is unsure, and what is said where it cannot be told."""

from dataclasses import dataclass

import pytest
from talkframes import WIDTH, clean, talk, vectors

from guidance_atlas.stages.screen import screen


@dataclass
class FirstNumber:
    """Stands in for the head: a vector's first number is the probability of guidance."""

    threshold: float = 0.5
    width: int = WIDTH

    def score(self, directions):
        assert directions.shape[1] == WIDTH
        return directions[:, 0].astype(float)

    def unsure(self, scores):
        return (scores >= 0.375) & (scores < 0.75)


def spoken(*names):
    return clean(*(talk(name, "user: should I?", "assistant: no") for name in names))


def test_scores_from_the_threshold_on_are_guidance():
    found = screen(vectors(a=[0.5], b=[0.25]), spoken("a", "b"), head=FirstNumber())

    assert found.rows() == [("a", 0.5, True, True, None), ("b", 0.25, False, False, None)]


@pytest.mark.parametrize(("score", "unsure"), [(0.25, False), (0.375, True), (0.625, True), (0.75, False)])
def test_where_answers_are_often_wrong_they_are_marked_on_both_sides_of_the_threshold(score, unsure):
    found = screen(vectors(a=[score]), spoken("a"), head=FirstNumber())

    assert found["unsure"].to_list() == [unsure]


def test_where_the_user_said_nothing_guidance_is_unknown_and_not_false():
    turns = clean(talk("a", "user: no."), talk("b", "assistant: hello"))

    found = screen(vectors(a=[0.25]), turns, head=FirstNumber())

    assert found.row(1) == ("b", None, None, None, "no_user_words")


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_each_conversation_is_scored_by_its_own_vector_whatever_the_order(order):
    scores = {"a": [0.75], "b": [0.25]}

    found = screen(vectors(**{name: scores[name] for name in order}), spoken("b", "a"), head=FirstNumber())

    assert found["guidance"].to_list() == [True, False]


def test_no_conversation_gives_an_empty_frame():
    assert screen(vectors(), spoken("a").head(0), head=FirstNumber()).is_empty()
