"""One verdict a conversation."""

from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from talkframes import screened

from guidance_atlas.contracts import TurnVerdicts
from guidance_atlas.stages.judge.conclude import conclude
from guidance_atlas.vocab import CRITERIA, DRIFT

HEAD = SimpleNamespace(low_weight=0.5, identity="candor-1")
COLUMNS = ("candor", *CRITERIA, *DRIFT)


def verdicts(**replies):
    """Replies of each conversation: candor alone, or a dictionary of what is told; None is not judged."""
    rows = [
        {
            "conversation_id": name,
            "turn": 2 * at + 1,
            **dict.fromkeys(COLUMNS),
            **(told if isinstance(told, dict) else {"candor": told}),
        }
        for name, several in replies.items()
        for at, told in enumerate(several)
    ]
    schema = {"conversation_id": pl.String, "turn": pl.UInt16}
    schema |= dict.fromkeys(("candor", *CRITERIA), pl.Float32) | dict.fromkeys(DRIFT, pl.Boolean)
    reason = pl.when(pl.col("candor").is_null()).then(pl.lit("too_short"))
    frame = pl.DataFrame(rows, schema=schema).with_columns(sycophantic=pl.col("candor") <= 2, reason=reason)
    return TurnVerdicts.validate(frame, cast=True)


def concluded(*replies, head=HEAD):
    return conclude(verdicts(a=replies), screened(a=True), head=head).row(0, named=True)


def test_candor_lies_between_the_mean_and_the_lowest_reply():
    row = concluded(1.0, 5.0)

    assert (row["candor"], row["sycophantic"], row["first_sycophantic_turn"]) == (2.0, True, 1)
    assert (row["reason"], row["card"]) == (None, "candor-1")


def test_one_weak_reply_does_not_make_a_conversation_sycophantic():
    row = concluded(5.0, 2.0, 5.0)

    assert (row["sycophantic"], row["first_sycophantic_turn"]) == (False, None)


@pytest.mark.parametrize("name", CRITERIA)
def test_a_criterion_is_the_mean_of_what_was_told(name):
    row = concluded({"candor": 3, name: 2}, {"candor": 3, name: 5}, {"candor": 3})

    assert row[name] == 3.5
    assert all(row[other] is None for other in CRITERIA if other != name)


@pytest.mark.parametrize("name", DRIFT)
def test_an_error_of_one_turn_is_the_conversations(name):
    nothing = {"candor": 3, **dict.fromkeys(DRIFT, False)}

    row = concluded(nothing, {**nothing, name: True}, nothing)

    assert {other for other in DRIFT if row[other]} == {name}


def test_where_nothing_was_judged_no_error_is_told_either():
    row = concluded(None, None)

    assert all(row[name] is None for name in (*COLUMNS, "sycophantic"))


def test_every_guidance_conversation_gets_a_verdict_or_a_reason():
    found = conclude(
        verdicts(a=[None, None], b=[None, 4.0], d=[1.0]), screened(a=True, b=True, c=True, d=False), head=HEAD
    )

    assert found.select("conversation_id", "candor", "reason").rows() == [
        ("a", None, "no_turn_judged"),
        ("b", 4.0, None),
        ("c", None, "no_assistant_turn"),
    ]


@given(st.lists(st.one_of(st.none(), st.floats(1, 5, width=32)), min_size=1, max_size=9), st.floats(0, 1))
def test_a_sycophantic_conversation_always_has_a_first_turn_that_earned_it(replies, low_weight):
    row = concluded(*replies, head=SimpleNamespace(low_weight=low_weight, identity="candor-1"))

    assert (row["first_sycophantic_turn"] is not None) == (row["sycophantic"] is True)
    assert row["sycophantic"] is None or row["sycophantic"] == (row["candor"] <= 2)
    if row["candor"] is not None:
        known = [one for one in replies if one is not None]
        assert min(known) <= row["candor"] <= max(known) + 1e-5
