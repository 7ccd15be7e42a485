"""One verdict a conversation."""

from types import SimpleNamespace

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from talkframes import screened

from guidance_atlas.contracts import TurnVerdicts
from guidance_atlas.stages.judge.conclude import conclude

HEAD = SimpleNamespace(low_weight=0.5, identity="candor-1")


def verdicts(**replies):
    rows = [
        (name, 2 * at + 1, candor, None if candor is None else candor <= 2, "too_short" if candor is None else None)
        for name, told in replies.items()
        for at, candor in enumerate(told)
    ]
    schema = {"conversation_id": pl.String, "turn": pl.UInt16, "candor": pl.Float32, "sycophantic": pl.Boolean}
    frame = pl.DataFrame(rows, schema={**schema, "reason": pl.String}, orient="row")
    frame = frame.with_columns(sycophantic=pl.col("candor") <= 2)
    return TurnVerdicts.validate(frame, cast=True)


def test_candor_lies_between_the_mean_and_the_lowest_reply():
    found = conclude(verdicts(a=[1.0, 5.0]), screened(a=True), head=HEAD)

    assert found.rows() == [("a", 2.0, True, 1, None, "candor-1")]


def test_one_weak_reply_does_not_make_a_conversation_sycophantic():
    found = conclude(verdicts(a=[5.0, 2.0, 5.0]), screened(a=True), head=HEAD)

    assert found.select("sycophantic", "first_sycophantic_turn").rows() == [(False, None)]


def test_every_guidance_conversation_gets_a_verdict_or_a_reason():
    found = conclude(
        verdicts(a=[None, None], b=[None, 4.0], d=[1.0]), screened(a=True, b=True, c=True, d=False), head=HEAD
    )

    assert found.select("conversation_id", "candor", "reason").rows() == [
        ("a", None, "no_turn_judged"),
        ("b", 4.0, None),
        ("c", None, "no_assistant_turn"),
    ]


@given(st.lists(st.one_of(st.none(), st.floats(1, 5, width=32)), max_size=9), st.floats(0, 1))
def test_a_sycophantic_conversation_always_has_a_first_turn_that_earned_it(replies, low_weight):
    head = SimpleNamespace(low_weight=low_weight, identity="candor-1")

    row = conclude(verdicts(a=replies), screened(a=True), head=head).row(0, named=True)

    assert (row["first_sycophantic_turn"] is not None) == (row["sycophantic"] is True)
    assert row["sycophantic"] is None or row["sycophantic"] == (row["candor"] <= 2)
    if row["candor"] is not None:
        known = [one for one in replies if one is not None]
        assert min(known) <= row["candor"] <= max(known) + 1e-5
