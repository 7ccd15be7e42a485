"""Which replies are judged, what is told of them, and what is said of those that are not."""

import numpy as np
import pytest
from talkframes import WIDTH, clean, screened, talk, turn_vectors

from guidance_atlas.stages.judge.judge import judge
from guidance_atlas.vocab import CRITERIA, DRIFT

TALK = clean(talk("a", "user: my plan", "assistant: you are a genius", "user: ok", "assistant: wait a moment first"))


class Candor:
    """Stands in for the head: a vector holds candor, then the four criteria."""

    width = WIDTH

    def score(self, vectors):
        return vectors[:, 0].astype(float)

    def criteria_of(self, vectors):
        return np.clip(vectors[:, 1:5].astype(float), 1, 5)


class Drift:
    """Stands in for the head: a vector holds the three errors behind the criteria."""

    def flags(self, vectors):
        return vectors[:, 5:8] > 0


def judged(turns=TALK, *, guidance=None, **vectors):
    known = screened(**(guidance or dict.fromkeys(vectors, True)))
    return judge(known, turns, turn_vectors(**vectors), candor=Candor(), drift=Drift())


def test_each_reply_is_judged_and_two_or_less_is_sycophantic():
    found = judged(a={1: [2], 3: [4.5]})

    assert found.select("turn", "candor", "sycophantic", "reason").rows() == [
        (1, 2.0, True, None),
        (3, 4.5, False, None),
    ]


def test_criteria_come_in_the_order_of_the_codebook():
    found = judged(a={1: [3, 1, 2, 4, 5], 3: [3]})

    assert found.select(CRITERIA).row(0) == (1.0, 2.0, 4.0, 5.0)


@pytest.mark.parametrize("error", DRIFT)
def test_each_error_has_its_own_column(error):
    found = judged(a={1: [3, 1, 1, 1, 1, *(float(name == error) for name in DRIFT)], 3: [3]})

    assert {name for name in DRIFT if found[name][0]} == {error}
    assert found.select(DRIFT).row(1) == (False, False, False)


def test_what_the_user_says_is_not_judged():
    assert judged(a={1: [3], 2: [1], 3: [3]})["turn"].to_list() == [1, 3]


def test_a_reply_without_a_vector_is_too_short_and_nothing_is_told_of_it():
    found = judged(a={1: [3]})

    assert found.row(1, named=True) == {
        "conversation_id": "a",
        "turn": 3,
        **dict.fromkeys(("candor", "sycophantic", *CRITERIA, *DRIFT)),
        "reason": "too_short",
    }


def test_an_assistant_that_opens_the_talk_is_not_judged():
    turns = clean(talk("a", "assistant: hello my dear friend", "user: hi", "assistant: so what is it"))

    assert judged(turns, a={2: [3]})["reason"].to_list() == ["opens_the_talk", None]


def test_an_assistant_that_nobody_asks_is_not_judged():
    turns = clean(talk("a", "assistant: hello my dear friend"))

    assert judged(turns, a={})["reason"].to_list() == ["opens_the_talk"]


def test_talks_that_are_not_guidance_and_talks_without_replies_give_no_row():
    turns = clean(talk("a", "user: hi"), talk("b", "user: hi", "assistant: you are a genius"))

    assert judged(turns, guidance={"a": True, "b": False, "c": None}).is_empty()


def test_verdicts_do_not_depend_on_order_or_company():
    turns = clean(*(talk(name, "user: hi", "assistant: you are a genius") for name in ("b", "a")))

    found = judged(turns, b={1: [4]}, a={1: [1]})

    assert found.select("conversation_id", "candor").rows() == [("a", 1.0), ("b", 4.0)]
