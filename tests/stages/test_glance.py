"""The first look: who is let go, and what is said of those who were not scored."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.contracts import Conversations, Records
from guidance_atlas.heads.glance import BITS, GlanceHead, hash_words
from guidance_atlas.stages.glance import glance

ENGLISH = frozenset({"en"})


def records(*talks):
    turns = [[{"role": role, "text": text} for role, text in one] for one in talks]
    none = [None] * len(talks)
    frame = pl.DataFrame(
        {
            "record": range(len(talks)),
            "code": [None if one else "empty" for one in turns],
            "source_id": none,
            "source_person": none,
            "started_at": none,
            "model": none,
            "turns": pl.Series(turns, dtype=pl.List(pl.Struct({"role": pl.String, "text": pl.String}))),
            "n_unread": [0] * len(talks),
        }
    )
    return Records.validate(frame, cast=True)


def conversations(*languages, outcome="kept"):
    n = len(languages)
    ids = [f"c{at}" for at in range(n)]
    frame = pl.DataFrame(
        {
            "record": range(n),
            "outcome": [outcome] * n,
            "code": [None if outcome == "kept" else "same_turns"] * n,
            "conversation_id": ids,
            "content_key": ids,
            "person_key": ids,
            "person_known": [True] * n,
            "day": [None] * n,
            "week": [None] * n,
            "model": [None] * n,
            "language": list(languages),
            "n_turns": [1] * n,
            "n_user_turns": [1] * n,
            "n_unread": [0] * n,
        }
    )
    return Conversations.validate(frame, cast=True)


def head_that_likes(word, threshold=0.0):
    table = np.zeros(1 << BITS, dtype=np.float32)
    table[hash_words([[word]]).bucket] = 2.0
    return GlanceHead(table=table, bias=-1.0, threshold=threshold, identity="likes")


def test_without_a_head_everything_in_a_known_language_is_kept():
    found = glance(records([("user", "a")], [("user", "b")]), conversations("en", "ru"), head=None, languages=ENGLISH)

    assert found.rows() == [("c0", None, True, "off"), ("c1", None, False, "language")]


def test_another_language_is_let_go_unscored():
    talks = records([("user", "advice")], [("user", "advice")])

    found = glance(talks, conversations("en", "de"), head=head_that_likes("advice"), languages=ENGLISH)

    assert found["kept"].to_list() == [True, False]
    assert found["reason"].to_list() == [None, "language"]


def test_only_what_the_user_says_counts():
    talks = records([("user", "code"), ("assistant", "advice")], [("user", "code"), ("user", "advice")])

    found = glance(talks, conversations("en", "en"), head=head_that_likes("advice"), languages=ENGLISH)

    assert found["kept"].to_list() == [False, True]


def test_duplicates_get_no_row():
    found = glance(
        records([("user", "advice")]), conversations("en", outcome="duplicate"), head=None, languages=ENGLISH
    )

    assert found.is_empty()


def test_a_conversation_without_user_words_is_scored_by_the_bias_alone():
    found = glance(
        records([("assistant", "advice")]), conversations("en"), head=head_that_likes("advice"), languages=ENGLISH
    )

    assert found.rows() == [("c0", -1.0, False, None)]


def test_words_far_down_a_long_turn_are_not_read():
    long = "x " * 1_000 + "advice"

    found = glance(records([("user", long)]), conversations("en"), head=head_that_likes("advice"), languages=ENGLISH)

    assert found["kept"].to_list() == [False]


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.text(max_size=80), min_size=1, max_size=6))
def test_a_score_does_not_depend_on_who_else_is_in_the_part(texts):
    head = head_that_likes("advice")

    together = glance(
        records(*([("user", text + " advice")] for text in texts)),
        conversations(*["en"] * len(texts)),
        head=head,
        languages=ENGLISH,
    )
    alone = glance(records([("user", texts[-1] + " advice")]), conversations("en"), head=head, languages=ENGLISH)

    assert together["score"][-1] == alone["score"][0]
