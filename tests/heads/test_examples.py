"""Labelled turns as examples: what is taken over from a conversation's label, what is left unknown, and the pairs."""

import numpy as np
import pytest
from headdata import item
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.heads.examples import (
    SHARED_WEIGHT,
    WRITTEN_CANDOR,
    WRITTEN_WEIGHT,
    Examples,
    add_talk,
    add_written,
    replies_of,
    turn_candor,
)
from guidance_atlas.heads.material import Labelled
from guidance_atlas.vocab import CRITERIA, DRIFT, PUSHBACK

REPLY = "so that is what I say"
LOW, MIDDLE, HIGH = -1.0, 0.0, 1.0


def examples(labels, *said, file="candor_train", source="a"):
    found = Examples()
    add_talk(found, Labelled(item("t:1", *said, labels=labels, source=source), file, "fit"))
    return found


def known(values):
    return [None if np.isnan(one) else one for one in values]


ONE_REPLY = ("shall I", REPLY)
TWO_REPLIES = ("shall I", REPLY, "no", REPLY)


@pytest.mark.parametrize(
    ("candor", "named", "turns"),
    [(2, [3], [3.0, 2.0]), (1, [1, 3], [1.0, 1.0]), (4, [1], [2.0, 4.0]), (5, [], [5.0, 5.0]), (1, [], [3.0, 3.0])],
)
def test_named_turns_are_low_and_others_are_not(candor, named, turns):
    labels = {"candor": candor, "sycophantic_turns": named}

    assert [turn_candor(labels, at, alone=False) for at in (1, 3)] == turns


def test_one_reply_has_the_conversations_candor_whether_it_is_named_or_not():
    assert turn_candor({"candor": 2, "sycophantic_turns": []}, 1, alone=True) == 2
    assert turn_candor({"candor": None}, 1, alone=True) is None


def test_candor_is_learned_around_zero_and_unknown_where_there_is_none():
    assert known(examples({"candor": 1}, *ONE_REPLY).candor) == [LOW]
    assert known(examples({"candor": 5}, *ONE_REPLY).candor) == [HIGH]
    assert known(examples({}, *ONE_REPLY).candor) == [None]


def test_criteria_are_taken_over_only_where_the_assistant_speaks_once():
    labels = {"candor": 3, **dict.fromkeys(CRITERIA, 5), "frank": None}

    assert known(examples(labels, *ONE_REPLY).criteria[0]) == [HIGH, HIGH, HIGH, None]
    assert all(known(one) == [None] * 4 for one in examples(labels, *TWO_REPLIES).criteria)


@pytest.mark.parametrize("labels", [{"drift": ["harsh"]}, {"harsh": True}])
def test_an_error_of_a_conversation_is_a_turns_only_where_it_speaks_once(labels):
    assert known(examples(labels, *ONE_REPLY).drift[0]) == [float(name == "harsh") for name in DRIFT]
    assert all(known(one) == [None] * 3 for one in examples(labels, *TWO_REPLIES).drift)


def test_no_error_of_a_conversation_is_no_error_of_its_turns():
    found = examples({"drift": []}, *TWO_REPLIES)

    assert [known(one) for one in found.drift] == [[0] * 3, [None] * 3, [0] * 3]


def test_every_reaction_is_pushback_of_its_kind_or_none():
    found = examples({"pushback": [{"turn": 2, "kind": "insists"}]}, *TWO_REPLIES, "thanks")

    assert known(found.pushed) == [None, 1, None, 0]
    assert found.kind[1] == [float(name == "insists") for name in PUSHBACK]
    assert found.kind[0] == found.kind[3] == [0.0] * len(PUSHBACK)


def test_labels_by_turn_go_before_the_conversations():
    labels = {"candor": 1, "turns": {"1": 5, "3": None}}

    assert known(examples(labels, *TWO_REPLIES, file="read_replies").candor) == [HIGH, None, None]


def test_turns_that_share_a_label_weigh_less_than_turns_with_their_own():
    shared = examples({"candor": 3}, *TWO_REPLIES).weight
    own = examples({"turns": {"1": 3, "3": 3}}, *TWO_REPLIES, file="read_replies").weight

    assert shared == [SHARED_WEIGHT, 1, SHARED_WEIGHT]
    assert own == [1, 1, 1]
    assert examples({"candor": 3}, *ONE_REPLY).weight == [1]


def test_readers_labels_of_scripted_reactions_are_not_used():
    labels = {"turns": {"1": 3}, "pushback": [[2, "insists"]]}

    assert len(examples(labels, *TWO_REPLIES, file="read_replies", source="sycon_bench").exchanges) == 2
    assert len(examples(labels, *TWO_REPLIES, file="candor_train", source="sycon_bench").exchanges) == 3


def test_written_talks_have_their_errors_by_turn():
    labels = {"turns": {"1": 5, "3": 1}, "turn_drift": {"3": ["rigid"]}, "pushback": []}

    found = examples(labels, *TWO_REPLIES, file="talks", source="written")

    assert [known(found.drift[at]) for at in (0, 2)] == [[0, 0, 0], [float(name == "rigid") for name in DRIFT]]
    assert found.weight == [WRITTEN_WEIGHT] * 3


def test_turns_in_which_nothing_can_be_judged_give_no_example():
    assert examples({"candor": 3}, "shall I", "yes").exchanges == []


SITUATION = {
    "id": "x",
    "ask": "shall I sell my house",
    "candid": "no, I would not sell it",
    "middling": "that is up to you",
    "pleasing": "yes, you are a genius",
    "drift": {"kind": "evasive", "text": "I cannot speak about houses"},
    "pushback": {"kind": "insists", "text": "but I want", "holds": "still I would wait", "caves": "then do sell it"},
    "follow": "where is a lawyer",
}


def written(**changes):
    found = Examples()
    add_written(found, {**SITUATION, **changes})
    return found


def said(found, at):
    return found.exchanges[at].said.text


def test_of_a_written_situation_every_reply_and_reaction_is_an_example():
    found = written()

    assert {said(found, at) for at in range(len(found.exchanges))} == {
        *(SITUATION[name] for name in ("candid", "middling", "pleasing", "follow")),
        SITUATION["drift"]["text"],
        *(SITUATION["pushback"][name] for name in ("text", "holds", "caves")),
    }
    assert set(found.weight) == {WRITTEN_WEIGHT}


def test_the_better_reply_stands_first_in_every_pair():
    found = written()

    assert [(said(found, better), said(found, worse)) for better, worse in found.pairs] == [
        (SITUATION["candid"], SITUATION["pleasing"]),
        (SITUATION["pushback"]["holds"], SITUATION["pushback"]["caves"]),
        (SITUATION["candid"], SITUATION["middling"]),
    ]
    assert all(found.candor[better] > found.candor[worse] for better, worse in found.pairs)


def test_replies_after_pushback_are_read_after_it():
    replies = replies_of(SITUATION)

    assert set(replies) == set(WRITTEN_CANDOR)
    assert [part.text for part in replies["holds"].before] == [
        SITUATION["ask"],
        SITUATION["candid"],
        SITUATION["pushback"]["text"],
    ]


def test_whether_a_middling_reply_errs_is_not_known_and_other_replies_do_not():
    found = written()
    by_text = {said(found, at): known(found.drift[at]) for at in range(len(found.exchanges))}

    assert by_text[SITUATION["middling"]] == [None] * 3
    assert by_text[SITUATION["candid"]] == [0] * 3
    assert by_text[SITUATION["drift"]["text"]] == [float(name == "evasive") for name in DRIFT]


@pytest.mark.parametrize(("kind", "candor"), [("evasive", MIDDLE), ("rigid", None), ("harsh", None)])
def test_only_an_evasive_reply_has_a_known_candor(kind, candor):
    found = written(drift={"kind": kind, "text": SITUATION["drift"]["text"]})
    at = [said(found, each) for each in range(len(found.exchanges))].index(SITUATION["drift"]["text"])

    assert known(found.candor)[at] == candor


def test_a_next_question_is_no_pushback_and_pushback_is_of_its_kind():
    found = written()
    pushed = {said(found, at): found.pushed[at] for at in range(len(found.exchanges))}

    assert (pushed[SITUATION["follow"]], pushed[SITUATION["pushback"]["text"]]) == (0, 1)


parts = st.sets(st.sampled_from(["middling", "pleasing", "drift", "pushback", "follow"]))
short = st.sampled_from(["candid", "middling", "pleasing"])


@given(parts, st.sets(short))
def test_whatever_is_missing_columns_are_even_and_pairs_in_range(missing, too_short):
    found = written(**dict.fromkeys(missing), **dict.fromkeys(too_short - missing, "no"))

    n = len(found.exchanges)
    columns = (found.weight, found.candor, found.criteria, found.drift, found.pushed, found.kind)
    assert all(len(column) == n for column in columns)
    assert all(0 <= at < n for pair in found.pairs for at in pair)
    assert all(-1 <= one <= 1 for one in known(found.candor) if one is not None)
