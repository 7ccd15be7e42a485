"""outline: who, when and what becomes of a record, without a word of it."""

import random
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.contracts import Conversations, Records
from guidance_atlas.stages.outline import keyed, outline

SECRET = b"sixteen bytes or more"


class Spy:
    """Says 'en', and remembers what it was shown."""

    identity = "spy"

    def __init__(self):
        self.seen = []

    def detect(self, texts):
        self.seen += texts
        return ["en"] * len(texts)


def record(*said, name=None, person=None, at=None, model=None, code=None, n_unread=0):
    turns = [{"role": ("user", "assistant")[i % 2], "text": text} for i, text in enumerate(said)]
    return {
        "code": code,
        "source_id": name,
        "source_person": person,
        "started_at": at,
        "model": model,
        "turns": turns,
        "n_unread": n_unread,
    }


def records(*rows):
    schema = Records.create_empty().schema
    return Records.validate(pl.DataFrame([{"record": i} | row for i, row in enumerate(rows)], schema=schema))


def outlined(*rows, detector=None, secret=SECRET, **settings):
    return outline(records(*rows), secret=secret, detector=detector or Spy(), **settings)


def fates(*rows, **settings):
    found = outlined(*rows, **settings)
    return [code or outcome for outcome, code in found.select("outcome", "code").iter_rows()]


def at(day, hour=12):
    return datetime(2024, 3, day, hour, tzinfo=UTC)


def test_a_conversation_is_told_by_counts_and_keys_alone():
    row = outlined(
        record("Should I?", "Why?", "So.", name="a", person="Zebedee", at=at(1), model="m-1", n_unread=2)
    ).row(0, named=True)

    hashes = {name: row.pop(name) for name in ("conversation_id", "content_key", "person_key")}
    assert row == {
        "record": 0,
        "outcome": "kept",
        "code": None,
        "person_known": True,
        "day": date(2024, 3, 1),
        "week": "2024-W09",
        "model": "m-1",
        "language": "en",
        "n_turns": 3,
        "n_user_turns": 2,
        "n_unread": 2,
    }
    assert all(len(value) == 32 and int(value, 16) >= 0 for value in hashes.values())
    assert len(set(hashes.values())) == 3


@pytest.mark.parametrize(("day", "week"), [((2024, 12, 30), "2025-W01"), ((2021, 1, 3), "2020-W53")])
def test_a_week_is_named_by_the_year_that_iso_gives_it(day, week):
    assert outlined(record("x", at=datetime(*day, 23, tzinfo=UTC)))["week"].to_list() == [week]


def test_a_quarantined_record_keeps_its_code_and_has_no_keys():
    found = outlined(record(code="bad_json"), record("x"))

    assert fates(record(code="bad_json"), record("x")) == ["bad_json", "kept"]
    names = ["conversation_id", "content_key", "person_key", "person_known", "language"]
    assert found.select(names).row(0) == (None,) * 5
    assert found.select("outcome", "n_turns").row(0) == ("quarantined", 0)


def test_one_person_has_one_key_and_nobody_known_has_the_conversations_own():
    found = outlined(
        record("a", name="1", person="p"),
        record("b", name="2", person="p"),
        record("c", name="3"),
        record("d", name="4"),
        record("e", name="p"),
    )

    assert found["person_key"].n_unique() == 4
    assert found["person_key"][0] == found["person_key"][1]
    assert found["person_known"].to_list() == [True, True, False, False, False]


def test_another_secret_gives_other_keys_throughout():
    one, other = (
        outlined(record("a", name="1", person="p"), secret=secret).row(0) for secret in (b"x" * 16, b"y" * 16)
    )

    assert sum(a == b and isinstance(a, str) and len(a) == 32 for a, b in zip(one, other, strict=True)) == 0


def test_the_same_text_is_another_hash_in_another_domain_and_cut_otherwise():
    hashes = {
        keyed(secret, domain, pieces)
        for secret in (b"s" * 16, b"s" * 64, b"s" * 65, b"t" * 200)
        for domain in (b"content", b"person")
        for pieces in (["ab"], ["a", "b"], ["", "ab"], ["ab", ""], [])
    }

    assert len(hashes) == 40


def test_without_an_id_the_content_and_the_person_name_the_conversation():
    rows = record("a", "b", person="p"), record("a", "b", person="q"), record("a", "b"), record("a", "c", person="p")

    assert fates(*rows) == ["kept"] * 4
    assert fates(*rows, *rows) == ["kept"] * 4 + ["same_content"] * 4


@pytest.mark.parametrize(
    ("rows", "fate"),
    [
        ([record("a", name="1"), record("a", name="1")], ["kept", "same_content"]),
        ([record("a", name="1"), record("b", name="2")], ["kept", "kept"]),
        ([record("a", name="1"), record("a", name="2")], ["kept", "kept"]),
        ([record("a", name="1"), record("a", "b", name="1"), record("a", name="1")], ["same_id", "kept", "same_id"]),
        ([record("a", name="1", at=at(1)), record("b", name="1", at=at(2))], ["same_id", "kept"]),
        ([record("a", name="1"), record("b", name="1", at=at(2))], ["same_id", "kept"]),
        ([record("a", name="1", at=at(9)), record("a", "b", name="1", at=at(1))], ["same_id", "kept"]),
        ([record(code="bad_json"), record(code="bad_json")], ["bad_json", "bad_json"]),
    ],
)  # fmt: skip
def test_of_the_records_with_one_id_the_longest_then_latest_is_kept(rows, fate):
    assert fates(*rows) == fate


def test_of_two_equally_long_and_late_the_same_one_is_kept_in_either_order():
    one, other = record("a", name="1", at=at(1)), record("b", name="1", at=at(1))

    kept = [
        outlined(*rows).filter(pl.col("outcome") == "kept")["content_key"][0] for rows in ([one, other], [other, one])
    ]

    assert kept[0] == kept[1]


pool = [
    record(*said, name=name, at=moment)
    for name in ("1", None)
    for said in (["a"], ["b"], ["a", "b"])
    for moment in (None, at(1), at(2))
]


@settings(deadline=None, max_examples=60)
@given(chosen=st.lists(st.sampled_from(pool), max_size=12), seed=st.integers(0, 99))
def test_what_is_kept_does_not_depend_on_order(chosen, seed):
    shuffled = random.Random(seed).sample(chosen, len(chosen))

    one, other = (
        outlined(*rows).filter(pl.col("outcome") == "kept").drop("record").sort("conversation_id")
        for rows in (chosen, shuffled)
    )

    assert one.equals(other)
    assert one["conversation_id"].is_unique().all()


@pytest.mark.parametrize(
    ("wanted", "fate"),
    [
        ({}, ["kept", "kept", "kept", "kept"]),
        ({"since": date(2024, 3, 2)}, ["before_since", "kept", "kept", "no_date"]),
        ({"until": date(2024, 3, 2)}, ["kept", "kept", "after_until", "no_date"]),
        ({"since": date(2024, 3, 2), "until": date(2024, 3, 2)}, ["before_since", "kept", "after_until", "no_date"]),
        ({"models": frozenset({"m-1"})}, ["kept", "other_model", "other_model", "kept"]),
        ({"since": date(2024, 3, 2), "models": frozenset({"m-2"})}, ["before_since", "kept", "other_model", "no_date"]),
    ],
)
def test_days_and_models_not_asked_for_are_left_out_with_their_reason(wanted, fate):
    rows = [
        record("a", at=at(1, 23), model="m-1"),
        record("b", at=at(2, 0), model="m-2"),
        record("c", at=at(3, 0)),
        record("d", model="m-1"),
    ]

    assert fates(*rows, **wanted) == fate


def test_what_is_left_out_does_not_stand_in_the_way_of_what_is_kept():
    old_and_long, new = record("a", "b", "c", name="1", at=at(1)), record("a", name="1", at=at(5))

    assert fates(old_and_long, new, since=date(2024, 3, 2)) == ["before_since", "kept"]


def test_the_language_is_told_from_the_users_own_words_alone():
    spy = Spy()
    code = "Fix it ```python\nprint(1)\n``` please, see https://example.org/x and www.example.org now ```open"

    outlined(record(code, "réponse", "encore"), record("x" * 5_000, "y", "z"), detector=spy)

    assert spy.seen[0].split() == ["Fix", "it", "please,", "see", "and", "now", "encore"]
    assert spy.seen[1] == "x" * 1_000


def test_the_outcomes_add_up_and_every_record_has_one():
    rows = [record("a", name="1"), record("a", name="1"), record("b", name="2", at=at(1)), record(code="no_turns")]

    found = outlined(*rows, *rows, until=date(2024, 3, 9))

    assert found.height == 8
    assert Conversations.is_valid(found)
    assert dict(found["outcome"].value_counts().iter_rows()) == {
        "sampled_out": 4,
        "kept": 1,
        "duplicate": 1,
        "quarantined": 2,
    }


def test_an_empty_part_is_an_empty_frame():
    assert outlined().equals(Conversations.create_empty())
