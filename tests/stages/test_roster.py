import random
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas import contracts as c
from guidance_atlas.errors import StageError
from guidance_atlas.stages.roster import roster


def record(part, record, conversation=None, *, code=None, outcome=None, person=None, content="x", turns=2, day=None):
    """One row of Conversations as it comes from a part; without a conversation it is quarantined."""
    return {
        "part": part,
        "record": record,
        "outcome": outcome or ("kept" if conversation else "quarantined"),
        "code": code or (None if conversation else "bad_json"),
        "conversation_id": conversation,
        "content_key": conversation and content,
        "person_key": conversation and (person or f"person of {conversation}"),
        "person_known": None,
        "day": day,
        "week": None,
        "model": None,
        "language": "en",
        "n_turns": turns,
        "n_user_turns": 1,
        "n_unread": 0,
    }


def settle(*records, order=None, one_per_person=False):
    """Roster of these records; order lists the parts as they are read, with repeats."""
    order = order or sorted({row["part"] for row in records})
    schema = {"part": pl.String, **c.Conversations.create_empty().schema}
    conversations = pl.DataFrame(list(records), schema=schema)
    sizes = {part: sum(row["part"] == part for row in records) for part in order}
    parts = pl.DataFrame(
        [
            {"position": i, "part": part, "file": "f", "first_record": 0, "n_records": sizes[part], "n_bytes": 1}
            | {"repeats": part in order[:i]}
            for i, part in enumerate(order)
        ],
        schema=c.Parts.create_empty().schema,
    )
    return roster(c.Parts.validate(parts, cast=True), conversations, one_per_person=one_per_person)


def outcomes(settled):
    return settled.select("part", "record", pl.col("outcome").cast(pl.String), "code").rows()


def test_of_a_conversation_in_two_parts_the_longer_one_is_kept():
    settled = settle(record("p", 0, "a", turns=2, content="short"), record("q", 0, "a", turns=4, content="long"))

    assert outcomes(settled) == [("p", 0, "duplicate", "same_id"), ("q", 0, "kept", None)]


def test_of_equally_long_ones_the_later_day_wins_and_no_day_is_the_earliest():
    settled = settle(
        record("p", 0, "a", day=None, content="z"),
        record("p", 1, "a", day=date(2026, 3, 2), content="b"),
        record("q", 0, "a", day=date(2026, 3, 1), content="c"),
    )

    assert [row[2:] for row in outcomes(settled)] == [
        ("duplicate", "same_id"),
        ("kept", None),
        ("duplicate", "same_id"),
    ]


def test_the_same_content_twice_is_called_so():
    settled = settle(record("p", 0, "a"), record("q", 0, "a"))

    assert outcomes(settled) == [("p", 0, "kept", None), ("q", 0, "duplicate", "same_content")]


def test_every_record_of_a_repeated_part_is_a_duplicate_also_the_broken_ones():
    settled = settle(record("p", 0, "a"), record("p", 1), order=["p", "p"])

    assert settled.select(
        "position", "record", "conversation_id", pl.col("outcome").cast(pl.String), "code"
    ).rows() == [
        (0, 0, "a", "kept", None),
        (0, 1, None, "quarantined", "bad_json"),
        (1, 0, "a", "duplicate", "same_bytes"),
        (1, 1, None, "duplicate", "same_bytes"),
    ]


def test_one_per_person_draws_by_the_smallest_keyed_hash_after_duplicates_are_settled():
    records = [record("p", 0, "b", person="x"), record("q", 0, "a", person="x"), record("q", 1, "c", person="y")]

    assert {row[2] for row in outcomes(settle(*records))} == {"kept"}
    assert outcomes(settle(*records, one_per_person=True)) == [
        ("p", 0, "sampled_out", "one_per_person"),
        ("q", 0, "kept", None),
        ("q", 1, "kept", None),
    ]


def test_a_duplicate_does_not_stand_for_its_person():
    """Conversation a is kept as x's; y, named in its shorter copy, still has b."""
    settled = settle(
        record("p", 0, "a", person="x", turns=4),
        record("q", 0, "a", person="y", turns=2),
        record("q", 1, "b", person="y"),
        one_per_person=True,
    )

    assert [row[2] for row in outcomes(settled)] == ["kept", "duplicate", "kept"]


def test_what_a_part_settled_itself_stays_settled():
    settled = settle(
        record("p", 0, "a"), record("p", 1, "a", outcome="duplicate", code="same_id", turns=9), one_per_person=True
    )

    assert outcomes(settled) == [("p", 0, "kept", None), ("p", 1, "duplicate", "same_id")]


def test_no_records_give_an_empty_roster():
    assert settle().is_empty()


def test_a_part_that_lost_records_stops_the_run_and_tells_no_id():
    parts = c.Parts.validate(
        pl.DataFrame(
            {"position": [0], "part": ["secret"], "file": "f", "first_record": 0, "n_records": 2}
        ).with_columns(n_bytes=1, repeats=False),
        cast=True,
    )
    rows = pl.DataFrame([record("secret", 0, "a")], schema={"part": pl.String, **c.Conversations.create_empty().schema})

    with pytest.raises(StageError, match="1 parts do not have one row per record") as told:
        roster(parts, rows, one_per_person=False)
    assert "secret" not in str(told.value)


corpora = st.lists(
    st.builds(
        dict,
        part=st.sampled_from("pqr"),
        conversation=st.sampled_from([None, "a", "b", "c", "d"]),
        person=st.sampled_from("xy"),
        content=st.sampled_from("uv"),
        turns=st.integers(1, 2),
        day=st.sampled_from([None, date(2026, 3, 1), date(2026, 3, 2)]),
    ),
    max_size=12,
)


@given(rows=corpora, one_per_person=st.booleans(), seed=st.integers(0, 99), n_repeats=st.integers(0, 2))
def test_what_is_kept_does_not_depend_on_the_order_of_parts_and_nothing_is_lost(rows, one_per_person, seed, n_repeats):
    numbers = dict.fromkeys("pqr", 0)
    records = []
    for row in rows:
        records.append(record(row["part"], numbers[row["part"]], **{k: v for k, v in row.items() if k != "part"}))
        numbers[row["part"]] += 1
    order = [part for part in "pqr" if numbers[part]] + [row["part"] for row in rows[:n_repeats]]
    shuffled = random.Random(seed).sample(order, len(order))

    one = settle(*records, order=order, one_per_person=one_per_person)
    other = settle(*records[::-1], order=shuffled, one_per_person=one_per_person)

    def met_first(settled):
        return sorted(row for row in outcomes(settled) if row[3] != "same_bytes")

    assert met_first(one) == met_first(other)
    assert one.height == sum(numbers[part] for part in order)
    kept = one.filter(pl.col("outcome") == "kept")["conversation_id"]
    assert kept.is_unique().all()
    assert set(kept) <= {row["conversation"] for row in rows}
    if not one_per_person:
        assert set(kept) == {row["conversation"] for row in rows} - {None}
