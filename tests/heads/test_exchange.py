"""Which turns can be judged, and what stands before each."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.heads.exchange import (
    ANSWERED,
    ASKED,
    BEFORE_TOKENS,
    EARLIER_ANSWER,
    FIRST_ASK,
    LAST_SAID,
    LEAST_WORDS,
    LONGEST,
    SAID_TOKENS,
    answer_at,
    exchange_at,
    reaction_at,
)

ENCODER_TOKENS = 512


def talk(roles):
    """Turns that say who speaks and when: u for the user, a for the assistant."""
    return [({"u": "user", "a": "assistant"}[role], f"{role} says turn {at}") for at, role in enumerate(roles)]


def read(roles, at):
    """Numbers of the turns that stand before a turn, and the tokens given to each."""
    exchange = exchange_at(talk(roles), at)
    assert exchange.said.text.endswith(f"turn {at}")
    return [(int(part.text.rpartition(" ")[2]), part.tokens) for part in exchange.before]


def test_a_first_answer_is_read_after_what_was_asked():
    assert read("ua", 1) == [(0, BEFORE_TOKENS)]


def test_a_later_answer_is_read_after_the_first_ask_the_earlier_answer_and_the_last_word():
    assert read("uauauaua", 7) == [(0, FIRST_ASK), (5, EARLIER_ANSWER), (6, LAST_SAID)]


@pytest.mark.parametrize(
    ("roles", "at", "before"),
    [("uaa", 2, [0]), ("uua", 2, [1]), ("aua", 2, [1]), ("auua", 3, [2]), ("uaua", 3, [0, 1, 2])],
)
def test_an_answer_is_read_after_the_last_ask_where_talk_does_not_alternate(roles, at, before):
    assert [turn for turn, _ in read(roles, at)] == before


def test_a_reaction_is_read_after_the_answer_and_what_that_answered():
    assert read("uauau", 4) == [(2, ASKED), (3, ANSWERED)]


@pytest.mark.parametrize(("roles", "at", "before"), [("uauu", 3, [0, 1]), ("au", 1, [0]), ("auu", 2, [0])])
def test_a_reaction_is_never_read_after_another_reaction(roles, at, before):
    assert [turn for turn, _ in read(roles, at)] == before


@pytest.mark.parametrize(("roles", "at"), [("ua", 0), ("uua", 1), ("a", 0), ("aa", 1)])
def test_nothing_can_be_judged_before_the_other_has_spoken(roles, at):
    assert exchange_at(talk(roles), at) is None


@pytest.mark.parametrize(("reply", "judged"), [("so it is", False), ("so it is now", True), ("  \n ", False)])
def test_a_reply_has_at_least_four_words(reply, judged):
    assert (answer_at([("user", "hm"), ("assistant", reply)], 1) is not None) == judged
    assert LEAST_WORDS == 4


def test_a_reaction_may_be_one_word():
    assert reaction_at([("user", "hm"), ("assistant", "no"), ("user", "why")], 2).said.text == "why"


def test_masks_are_read_as_plain_words_and_spaces_once():
    exchange = answer_at([("user", "<PERSON_1>\n\n hit  me"), ("assistant", "call <PHONE_NUMBER_2> right\tnow ")], 1)

    assert (exchange.before[0].text, exchange.said.text) == ("someone hit me", "call a number right now")


def test_of_a_long_turn_both_ends_are_kept():
    exchange = answer_at([("user", "hm"), ("assistant", "first " + "word " * 200_000 + "last")], 1)

    assert exchange.said.text.startswith("first word")
    assert exchange.said.text.endswith("word last")


SHAPES = ["a", " ", "<", "<PERSON_", "word <PERSON_1> ", "\n", "\u202e"]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_megabyte_is_clipped_and_takes_no_time(shape):
    turns = [(role, "so it was then " + shape * (1_000_000 // len(shape))) for role in ("user", "assistant") * 3]
    began = time.perf_counter()

    read = [one for at in range(len(turns)) if (one := exchange_at(turns, at))]

    assert time.perf_counter() - began < 2
    assert len(read) == 5
    assert all(len(part.text) <= LONGEST + 1 for one in read for part in (*one.before, one.said))


turns = st.lists(st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=60)), max_size=12)


@given(turns)
def test_every_turn_is_judged_or_there_is_a_plain_reason_why_not(several):
    for at, (role, text) in enumerate(several):
        others = {other for other, _ in several[:at]}
        exchange = exchange_at(several, at)
        if role == "assistant":
            assert (exchange is None) == ("user" not in others or len(text.split()) < LEAST_WORDS)
        else:
            assert (exchange is None) == ("assistant" not in others)


@given(st.text("ua", min_size=1, max_size=14))
def test_what_stands_before_is_told_oldest_first_and_once(roles):
    for at in range(len(roles)):
        if exchange_at(talk(roles), at):
            places = [turn for turn, _ in read(roles, at)]
            assert places == sorted(set(places))
            assert places[-1] < at


@given(turns)
def test_a_turn_is_judged_by_what_came_before_it_alone(several):
    for at in range(len(several)):
        assert exchange_at(several, at) == exchange_at(several[: at + 1], at)


@given(st.text("ua", min_size=1, max_size=14))
def test_an_exchange_always_fits_the_encoder(roles):
    for at in range(len(roles)):
        exchange = exchange_at(talk(roles), at)
        if exchange:
            pieces = [*exchange.before, exchange.said]
            assert exchange.said.tokens == SAID_TOKENS
            assert 1 + sum(part.tokens + 1 for part in pieces) <= ENCODER_TOKENS
