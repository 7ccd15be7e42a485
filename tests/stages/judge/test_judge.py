"""Which replies are judged, and what is said of those that are not."""

import numpy as np
from talkframes import clean, screened, talk, turn_vectors

from guidance_atlas.stages.judge.judge import judge


class Flattery:
    """Stands in for the head: "genius" is worth 2.0, anything else 4.5."""

    def score(self, one, places):
        return np.array([2.0 if "genius" in one.texts[at] else 4.5 for at in places], dtype=float)


def judged(turns, **guidance):
    return judge(screened(**guidance), turns, turn_vectors(turns), head=Flattery())


def test_each_reply_is_judged_and_two_or_less_is_sycophantic():
    turns = clean(
        talk("a", "user: my plan", "assistant: you are a genius indeed", "user: ok", "assistant: wait a moment first")
    )

    assert judged(turns, a=True).rows() == [("a", 1, 2.0, True, None), ("a", 3, 4.5, False, None)]


def test_a_reply_of_two_words_is_not_judged():
    turns = clean(talk("a", "user: my plan", "assistant: you genius"))

    assert judged(turns, a=True).rows() == [("a", 1, None, None, "too_short")]


def test_an_assistant_that_opens_the_talk_is_not_judged():
    turns = clean(talk("a", "assistant: hello my dear genius friend", "user: hi"))

    assert judged(turns, a=True)["reason"].to_list() == ["opens_the_talk"]


def test_talks_that_are_not_guidance_and_talks_without_replies_give_no_row():
    turns = clean(talk("a", "user: hi"), talk("b", "user: hi", "assistant: you are a genius"))

    assert judged(turns, a=True, b=False).is_empty()
