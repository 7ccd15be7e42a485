"""Who may not be held is left out when a record is read, and nothing but that is left of the record."""

from datetime import date

import polars as pl
import pytest
from test_outline import SECRET, at, outlined, record

from guidance_atlas.contracts import Conversations
from guidance_atlas.stages.forgotten import CONVERSATION, PERSON, Forgotten, tombstone
from guidance_atlas.stages.keys import conversation_key, person_key

ZEBEDEE = tombstone(SECRET, PERSON, person_key(SECRET, "Zebedee"))
TALK_B = tombstone(SECRET, CONVERSATION, conversation_key(SECRET, "b"))
RECORDS = [
    record("Should I?", "Why?", name="a", person="Zebedee", at=at(5), model="m", n_unread=2),
    record("Or not?", name="b", person="Yolanda", at=at(9)),
    record("Perhaps?", name="c", person="Yolanda", at=None),
    record("Anyone?", name="d", at=at(2)),
]


def codes(forgotten, *rows):
    return outlined(*(rows or RECORDS), forgotten=forgotten)["code"].to_list()


@pytest.mark.parametrize(
    ("forgotten", "expected"),
    [
        (Forgotten(), [None, None, None, None]),
        (Forgotten(frozenset({ZEBEDEE})), ["forgotten", None, None, None]),
        (Forgotten(frozenset({ZEBEDEE, TALK_B})), ["forgotten", "forgotten", None, None]),
        (Forgotten(first_day=date(2024, 3, 5)), [None, None, "age_unknown", "past_retention"]),
        (
            Forgotten(frozenset({ZEBEDEE}), date(2024, 3, 10)),
            ["forgotten", "past_retention", "age_unknown", "past_retention"],
        ),
    ],
)
def test_each_record_says_why_it_may_not_be_held(forgotten, expected):
    assert codes(forgotten) == expected


def test_of_a_forgotten_record_only_its_place_is_left():
    row = outlined(*RECORDS, forgotten=Forgotten(frozenset({ZEBEDEE}))).row(0, named=True)

    assert {name: row.pop(name) for name in ("record", "outcome", "code")} == {
        "record": 0,
        "outcome": "sampled_out",
        "code": "forgotten",
    }
    assert set(row.values()) == {None, 0}


def test_another_s_record_of_the_same_conversation_is_kept_in_its_place():
    both = [
        record("Should I?", "Yes.", "Really?", name="x", person="Zebedee"),
        record("Should I?", name="x", person="Y"),
    ]

    assert codes(Forgotten(), *both) == [None, "same_id"]
    assert codes(Forgotten(frozenset({ZEBEDEE})), *both) == ["forgotten", None]


SAME = ("Should I?", "Why?")


@pytest.mark.parametrize(
    ("again", "code"),
    [
        (record(*SAME, name="a", person="Zebedee"), "forgotten"),
        (record(*SAME, name="under another id", person="Zebedee"), "forgotten"),
        (record(*SAME, person="Zebedee"), "forgotten"),
        (record("Other words", name="z", person="Zebedee"), "forgotten"),
        (record(*SAME, name="a", person="Zeb's other account"), None),
        (record(*SAME, name="a"), None),
    ],
    ids=["the same", "other id", "no id", "other words", "other account", "no account"],
)
def test_a_person_is_known_by_the_id_of_the_account_and_by_nothing_else(again, code):
    assert codes(Forgotten(frozenset({ZEBEDEE})), again) == [code]


def test_a_conversation_is_known_by_its_id_and_where_it_has_none_by_its_words_and_person():
    nameless = record(*SAME, person="Zebedee")
    stored = outlined(nameless)["conversation_id"].item()
    forgotten = Forgotten(frozenset({TALK_B, tombstone(SECRET, CONVERSATION, stored)}))

    assert codes(forgotten, record("New words", name="b", person="Anybody")) == ["forgotten"]
    assert codes(forgotten, record("Or not?", name="b under another id", person="Yolanda")) == [None]
    assert codes(forgotten, nameless) == ["forgotten"]
    assert codes(forgotten, record(*SAME, person="Yolanda")) == [None]
    assert codes(forgotten, record(*SAME, "And now?", person="Zebedee")) == [None]


def test_a_tombstone_holds_neither_id_nor_key_and_means_nothing_under_another_secret():
    key = person_key(SECRET, "Zebedee")

    assert key not in ZEBEDEE
    assert tombstone(b"another secret, as long", PERSON, key) != ZEBEDEE
    assert tombstone(SECRET, CONVERSATION, key) != ZEBEDEE


def test_whoever_is_forgotten_no_table_changes_its_name():
    from guidance_atlas.plan import plan, remembering
    from guidance_atlas.settings import load_settings

    stages = plan(load_settings(), SECRET)
    knowing = remembering(stages, Forgotten(frozenset({ZEBEDEE})))

    assert [step.identity for step in stages] == [step.identity for step in knowing]
    assert [step.fixed["forgotten"].tombstones for step in knowing if "forgotten" in step.fixed] == [{ZEBEDEE}]


def test_every_stored_table_of_a_part_can_be_cut_by_conversation():
    from guidance_atlas.chain import Scope
    from guidance_atlas.contracts import Exposure
    from guidance_atlas.plan import plan
    from guidance_atlas.settings import load_settings

    stored = [
        step.writes
        for step in plan(load_settings(), SECRET)
        if step.scope is Scope.PART and step.writes.exposure is not Exposure.RAW
    ]
    assert [table.__name__ for table in stored if "conversation_id" not in table.columns()] == []
    with_people = [table for table in stored if "person_key" in table.columns()]
    assert with_people == [Conversations]
    assert pl.Series(stored).len() > 8
