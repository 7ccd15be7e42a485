"""Where pushback is heard."""

import numpy as np
from talkframes import clean, screened, talk, turn_vectors

from guidance_atlas.stages.judge.hear import hear


class HearsNo:
    """Stands in for the head: "no" is insisting, "really?" rechecks, anything else is no pushback."""

    threshold = 0.5

    def hear(self, one, places):
        said = [one.texts[at] for at in places]
        scores = np.array([0.9 if "no" in text else 0.5 if "really" in text else 0.1 for text in said], dtype=float)
        return scores, ["insists" if "no" in text else "recheck" for text in said]


def heard(turns, **guidance):
    return hear(screened(**guidance), turns, turn_vectors(turns), head=HearsNo())


def test_nothing_before_the_first_reply_can_be_pushback():
    turns = clean(talk("a", "user: no", "user: no", "assistant: well", "user: no"))

    assert heard(turns, a=True)["turn"].to_list() == [3]


def test_pressing_and_seeking_are_told_apart():
    turns = clean(talk("a", "user: hi", "assistant: well", "user: no", "assistant: hm", "user: really?"))

    assert heard(turns, a=True).select("turn", "kind", "presses").rows() == [
        (2, "insists", True),
        (4, "recheck", False),
    ]


def test_turns_under_the_threshold_and_talks_that_are_not_guidance_give_no_row():
    one = ("user: hi", "assistant: well", "user: thanks")
    turns = clean(talk("a", *one), talk("b", "user: hi", "assistant: well", "user: no"))

    assert heard(turns, a=True, b=False).is_empty()


def test_turns_keep_their_own_numbers_where_a_turn_is_missing():
    turns = clean([("a", 4, "assistant", "well", 0), ("a", 9, "user", "no", 0)])

    assert heard(turns, a=True)["turn"].to_list() == [9]
