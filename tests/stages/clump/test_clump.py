"""Accounts that copy one another count as one person; people who ask alike in their own words do not."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.contracts import CleanTurns, Clumps, Conversations, Screened, Vectors
from guidance_atlas.stages.clump.clump import clump
from guidance_atlas.stages.clump.neighbours import CROWD, LEAF, close_pairs

WIDTH = 64
DAY = date(2026, 3, 2)
ASKS = "my landlord keeps the deposit because of a stain in the kitchen what can i do"
ALIKE = "my landlord keeps the deposit because of a mark in the hallway what can we do"
OTHER = "should i tell my sister that her husband was seen with another woman"


def towards(seed, *, cosine=1.0, away=1):
    """A direction of this seed, or one that lies at this cosine of it."""
    one, off = (np.random.default_rng(s).standard_normal(WIDTH) for s in (seed, 1000 + away))
    one /= np.linalg.norm(one)
    off -= (off @ one) * one
    return (cosine * one + np.sqrt(1 - cosine**2) * off / np.linalg.norm(off)).astype(np.float32)


def frames(*talks):
    """(person, words, vector, day, guidance) → the frames that clump reads."""
    n = len(talks)
    ids = [f"c{i:03}" for i in range(n)]
    plain = {"record": range(n), "outcome": "kept", "code": None, "conversation_id": ids, "content_key": ids}
    plain |= {"person_key": [t[0] for t in talks], "person_known": True, "day": [t[3] for t in talks], "week": None}
    plain |= {"model": None, "language": "en", "n_turns": 2, "n_user_turns": 1, "n_unread": 0}
    screened = {"conversation_id": ids, "score": 0.9, "guidance": [t[4] for t in talks], "unsure": False}
    clean = {"conversation_id": ids, "turn": 0, "role": "user", "text": [t[1] for t in talks], "n_masked": 0}
    vectors = {"conversation_id": ids, "vector": [t[2].tolist() for t in talks]}
    return {
        "screened": Screened.validate(pl.DataFrame(screened | {"reason": None}), cast=True),
        "conversations": Conversations.validate(pl.DataFrame(plain), cast=True),
        "clean_turns": CleanTurns.validate(pl.DataFrame(clean), cast=True),
        "vectors": Vectors.validate(pl.DataFrame(vectors), cast=True),
    }


def talk(person, words=ASKS, vector=None, day=None, guidance=True):
    return person, words, towards(1) if vector is None else vector, day, guidance


def counted(*talks):
    """Who is counted as whom, and why."""
    found = clump(**frames(*talks))
    return dict(found.select("person_key", "counted_as").rows()), dict(found.select("person_key", "joined_by").rows())


def test_the_same_words_are_one_person_whatever_was_masked_or_written_large():
    who, why = counted(
        talk("a"),
        talk("b", words=f"<PERSON_1>, {ASKS.upper()}!"),
        talk("c", words=OTHER, vector=towards(2)),
    )

    assert who == {"a": "a", "b": "a", "c": "c"}
    assert why == {"a": "same_words", "b": "same_words", "c": None}


@pytest.mark.parametrize(
    ("words", "cosine", "one"),
    [(ALIKE, 0.92, True), (ALIKE, 0.88, False), (OTHER, 0.99, False)],  # copies; too far off; no shared words
)
def test_near_copies_need_both_a_close_vector_and_shared_words(words, cosine, one):
    who, _ = counted(talk("a"), talk("b", words=words, vector=towards(1, cosine=cosine)))

    assert (who["b"] == "a") is one


def test_joining_carries_on_over_a_person_s_other_conversations():
    far = towards(2)
    who, _ = counted(talk("b"), talk("a"), talk("b", words=OTHER, vector=far), talk("c", words=OTHER, vector=far))

    assert who == {"a": "a", "b": "a", "c": "a"}


def test_what_is_not_guidance_joins_nobody_and_nobody_is_an_empty_table():
    who, _ = counted(talk("a"), talk("b", guidance=False))

    assert who == {"a": "a"}
    assert clump(**frames(talk("a", guidance=False))).is_empty()


def of_campaign(n, *, day, first="p", cosine=0.965, words=OTHER):
    """n accounts whose texts share few words and lie at cosine² of one another."""
    rare = "abcdefghijklmnopqrstuvwxyz"
    return [
        talk(
            f"{first}{i}", f"{words} {rare[i % 26] * 9} " * 2, towards(3, cosine=cosine, away=ord(first) * 99 + i), day
        )
        for i in range(n)
    ]


def crowd(n=30, first="h"):
    """Honest people over two months, each with a matter of their own."""
    return [
        talk(f"{first}{i}", f"matter {'xyz'[i % 3] * (i + 3)}", towards(100 + i), DAY - timedelta(days=2 * i))
        for i in range(n)
    ]


def unlike(n, **told):
    """The same without any words in common."""
    return [(p, chr(97 + i) * 5, v, d, g) for i, (p, _, v, d, g) in enumerate(of_campaign(n, **told))]


def test_a_burst_of_new_people_who_say_something_alike_is_one_person():
    who, why = counted(*unlike(8, day=DAY), *crowd())

    assert {who[f"p{i}"] for i in range(8)} == {"p0"}
    assert set(why.values()) == {"burst", None}
    assert len({who[f"h{i}"] for i in range(30)}) == 30


@pytest.mark.parametrize(
    "talks",
    [
        [*unlike(4, day=DAY), *crowd()],  # too few
        [*unlike(8, day=DAY)],  # nothing to hold it against: all are of one day
        [(*t[:3], DAY - timedelta(days=5 * i), True) for i, t in enumerate(unlike(8, day=DAY))],  # spread
        [*unlike(8, day=None), *crowd()],  # no days known
        [*unlike(8, day=DAY), *((t[0], chr(97 + i) * 7, towards(500 + i), DAY - timedelta(days=40), True)
                                for i, t in enumerate(unlike(8, day=DAY))), *crowd()],  # none of them is new
    ],
)  # fmt: skip
def test_what_is_no_burst_joins_nobody(talks):
    who, _ = counted(*talks)

    assert all(head == person for person, head in who.items())


def test_a_matter_that_is_asked_about_every_day_is_no_burst():
    daily = [
        (f"q{i}", f"daily{'k' * i}", towards(3, cosine=0.965, away=7000 + i), DAY - timedelta(days=i % 20), True)
        for i in range(60)
    ]
    who, _ = counted(*unlike(6, day=DAY), *daily)

    assert len({who[f"p{i}"] for i in range(6)}) == 6


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.sampled_from([ASKS, ALIKE, OTHER]), st.integers(0, 3)), max_size=12),
    st.randoms(),
)
def test_who_is_counted_as_whom_does_not_depend_on_order_and_never_makes_more_people(said, rng):
    talks = [talk(f"p{p}", words, towards(v)) for p, words, v in said]
    found = frames(*talks)
    turned = {name: table.sample(fraction=1, shuffle=True, seed=rng.randrange(99)) for name, table in found.items()}
    one, other = clump(**found), clump(**turned)

    assert one.equals(other)
    assert set(one["person_key"]) == {person for person, *_ in talks}
    heads = dict(one.select("person_key", "counted_as").rows())
    assert all(heads[head] == head <= person for person, head in heads.items())
    Clumps.validate(one)


def test_neighbours_are_met_among_many_without_comparing_all():
    rng = np.random.default_rng(4)
    many = rng.standard_normal((4 * LEAF, 32)).astype(np.float32)
    twins = many[:200] + 0.2 * rng.standard_normal((200, 32)).astype(np.float32)
    matrix = np.vstack([many, twins])
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    i, j, cosine = close_pairs(matrix, least=0.95)

    assert (i < j).all()
    assert (cosine >= 0.95).all()
    close = [k for k in range(200) if matrix[k] @ matrix[4 * LEAF + k] >= 0.95]
    met = set(zip(i.tolist(), j.tolist(), strict=True))
    assert len(close) > 150
    assert sum((k, 4 * LEAF + k) in met for k in close) >= 0.95 * len(close)


@pytest.mark.parametrize("noise", [0.0, 0.01], ids=["equal", "alike"])
def test_pairs_of_a_crowd_grow_as_its_rows_and_leave_nobody_out(noise):
    n = 3 * LEAF
    rows = towards(1) + noise * np.random.default_rng(2).standard_normal((n, WIDTH)).astype(np.float32)
    i, j, _ = close_pairs(rows / np.linalg.norm(rows, axis=1, keepdims=True), least=0.95)

    met = np.bincount(np.concatenate([i, j]), minlength=n)
    assert met.min() >= CROWD
    assert len(i) <= 2 * CROWD * n
    assert len(set(zip(i.tolist(), j.tolist(), strict=True))) == len(i)


def test_no_more_than_a_crowd_are_all_met():
    groups = [towards(seed) for seed in range(6)]
    rows = np.repeat(groups, CROWD // 2, axis=0)
    i, j, _ = close_pairs(rows, least=0.95)

    assert len(i) == 6 * (CROWD // 2) * (CROWD // 2 - 1) // 2
    assert (i // (CROWD // 2) == j // (CROWD // 2)).all()
