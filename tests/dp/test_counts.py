"""What one person can change, whatever they say, is what the noise is made for."""

from dataclasses import replace
from re import sub

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import ASK, BOOK, Said, counted, world

from guidance_atlas import contracts as c
from guidance_atlas.dp.counts import DENSE, contributions, count, dense_keys
from guidance_atlas.dp.public import _tables
from guidance_atlas.errors import StageError
from guidance_atlas.stages.clump.clump import clump
from guidance_atlas.vocab import DOMAINS

one_said = st.builds(
    Said,
    person=st.just("x"),
    day=st.integers(0, 27),
    domain=st.sampled_from(DOMAINS[:3]),
    sycophantic=st.sampled_from((True, False, None)),
    pushback=st.booleans(),
    turns=st.integers(1, 3),
    guidance=st.booleans(),
)
OTHERS = tuple(Said(f"p{i}", day=i % 28, domain=DOMAINS[i % 3], sycophantic=i % 4 == 0) for i in range(20))


@settings(max_examples=8)
@given(
    theirs=st.lists(one_said, min_size=1, max_size=12),
    conversations=st.integers(1, 4),
    cells=st.integers(1, 4),
)
def test_one_person_more_changes_no_more_than_the_bounds_say(theirs, conversations, cells):
    bounds = {"conversations": conversations, "cells": cells}
    before, after = counted(*OTHERS, **bounds), counted(*OTHERS, *theirs, **bounds)

    dense = [after.dense[key] - before.dense[key] for key in after.dense]
    sparse = [n for key in after.sparse if (n := after.sparse[key] - before.sparse.get(key, 0))]
    assert min(dense) >= 0
    assert 1 <= sum(dense) <= len(DENSE) * conversations
    assert sum(sparse) <= conversations
    assert len(sparse) <= min(cells, conversations)
    assert set(before.sparse) <= set(after.sparse)


ONE, OTHER = (
    "rent deposit landlord stain kitchen painter letter court",
    "kitchen painter letter court sister wedding cake song",
)
BETWEEN = "rent deposit kitchen painter letter court sister wedding"  # near copy of both, which are none of each other


def clumps_of(tables, words):
    """Who counts as whom, by the real stage, where the i-th conversation has these words; all vectors are the same."""
    ids = tables["conversations"]["conversation_id"]
    said = {"conversation_id": ids, "turn": 0, "role": "user", "text": words, "n_masked": 0}
    vectors = pl.DataFrame({"conversation_id": ids, "vector": [[1.0, 0.0]] * len(ids)})
    return clump(
        tables["screened"],
        tables["conversations"],
        c.CleanTurns.validate(pl.DataFrame(said), cast=True),
        c.Vectors.validate(vectors, cast=True),
    )


def test_an_account_whose_words_join_two_others_changes_nothing_but_its_own_share():
    two = [Said("a", domain="legal"), Said("b", domain="legal")]
    before, after = world(*two), world(*two, Said("x", domain="legal"))
    joined = [
        {**tables, "clumps": clumps_of(tables, words)}
        for tables, words in ((before, [ONE, OTHER]), (after, [ONE, OTHER, BETWEEN]))
    ]
    assert [tables["clumps"]["counted_as"].n_unique() for tables in joined] == [2, 1]

    without, with_one = (count(contributions(tables, ASK, book=BOOK), ASK) for tables in joined)

    changes = [with_one.dense[key] - n for key, n in without.dense.items() if with_one.dense[key] != n]
    assert changes == [1] * len(DENSE)
    assert {key: n - without.sparse[key] for key, n in with_one.sparse.items()} == dict.fromkeys(without.sparse, 1)


def test_the_export_reads_all_that_is_counted_and_not_who_is_counted_as_whom():
    tables = world(*OTHERS)

    class Ran:
        def table(self, wanted):
            return tables[sub(r"(?<!^)(?=[A-Z])", "_", wanted.__name__).lower()]

    read = _tables(Ran())

    assert {"clumps", "clusters"}.isdisjoint(read)
    assert count(contributions(read, ASK, book=BOOK), ASK) == counted(*OTHERS)


def test_what_was_said_plays_no_part_in_the_choice():
    calm = [Said("x", day=7 * i, domain="legal", sycophantic=None) for i in range(4)]
    chosen = []
    for nth in range(4):  # one conversation stands out in everything but its id
        said = [
            replace(one, domain="career", sycophantic=True, pushback=True) if i == nth else one
            for i, one in enumerate(calm)
        ]
        kept = contributions(world(*said), ASK, book=BOOK).filter(among="guidance")
        chosen.append(kept["week"].to_list())

    assert chosen == [[ASK.weeks[0]]] * 4


def test_counts_are_of_people_where_each_counts_once():
    counts = counted(
        *[Said(f"p{i}", sycophantic=i < 3, pushback=i % 2 == 0) for i in range(10)],
        *[Said(f"q{i}", guidance=False) for i in range(5)],
    )

    week = ASK.weeks[0]
    assert counts.dense[("week_asked", "all", week, "guidance")] == 10
    assert counts.dense[("week_asked", "all", week, "other")] == 5
    assert counts.dense[("domain", "career", "all", "sycophantic", "pushback")] == 2
    assert counts.dense[("week", "all", week, "sycophantic", "no_pushback")] == 1
    assert counts.sparse == {
        ("domain_week", "career", week, "sycophantic"): 3,
        ("domain_week", "career", week, "not_sycophantic"): 7,
    }


def test_a_record_without_a_person_counts_as_a_person_of_its_own():
    counts = counted(*[Said(None, id=f"c{i}") for i in range(4)], *[Said("one", id=f"d{i}") for i in range(4)])

    assert counts.sparse == {("domain_week", "career", ASK.weeks[0], "not_sycophantic"): 5}


def test_days_outside_the_period_and_unknown_ones_do_not_count():
    counts = counted(Said("a", day=-1), Said("b", day=28), Said("c", day=None), Said("d", day=27), Said("e", day=0))

    assert sum(counts.sparse.values()) == 2


def test_keys_follow_from_the_request_alone():
    assert list(counted(Said("a")).dense) == list(dense_keys(ASK)) == list(counted(Said("b", day=None)).dense)
    assert [w[-2:] for w in ASK.weeks] == ["10", "11", "12", "13"]


def test_more_of_a_person_than_allowed_stops_everything():
    class Unbounded:
        """Reads the queries of the book, with bounds that somebody forgot."""

        over, make = staticmethod(BOOK.over), staticmethod(BOOK.make)

        def rows(self, con, name, **_params):
            return BOOK.rows(con, name, conversations=9, cells=9)

    with pytest.raises(StageError, match="1 people count for more than the bounds allow"):
        contributions(world(Said("a"), Said("a", day=9), Said("b")), ASK, book=Unbounded())


def test_a_group_that_is_not_public_stops_everything():
    kept = contributions(world(Said("a")), ASK, book=BOOK).with_columns(week=pl.lit("2031-W01"))

    with pytest.raises(StageError, match="of no public kind"):
        count(kept, ASK)
