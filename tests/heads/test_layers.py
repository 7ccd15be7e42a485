"""The arithmetic of heads: layers, probabilities, hashed words, and what each head makes of its layers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.glance import BITS, GlanceHead, hash_words, word_values
from guidance_atlas.heads.linear import Linear, sigmoid, softmax

seeds = st.integers(0, 1_000)


def layer(draw, n_features=7, n_classes=3):
    return Linear(
        draw.normal(size=(n_features, n_classes)).astype(np.float32), draw.normal(size=n_classes).astype(np.float32)
    )


@given(seed=seeds, n=st.integers(1, 40))
def test_a_row_scores_the_same_alone_and_in_any_company(seed, n):
    draw = np.random.default_rng(seed)
    rows, one = draw.normal(size=(n, 7)).astype(np.float32), layer(draw)

    together = one(rows)

    assert all(np.array_equal(one(rows[at : at + 1])[0], together[at]) for at in range(n))


def test_a_layer_refuses_vectors_of_another_width_and_names_the_next_step():
    with pytest.raises(HeadError, match=r"wants 7 features and got 8; run: guidance-atlas train"):
        layer(np.random.default_rng(0))(np.zeros((1, 8), dtype=np.float32))


@given(st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=6))
def test_probabilities_lie_between_0_and_1_and_add_up(scores):
    row = np.array([scores])

    assert ((sigmoid(row) >= 0) & (sigmoid(row) <= 1)).all()
    assert np.isclose(softmax(row).sum(), 1)
    assert softmax(row)[0, row.argmax()] == softmax(row).max()


def test_hashed_words_are_the_same_on_every_machine():
    words = hash_words([["Should I go?"]])

    assert words.bucket.tolist() == sorted(words.bucket.tolist())
    assert words.bucket.tolist() == [
        *(13937, 31337, 37718, 40177, 49840, 60187, 61875, 115264),
        *(142916, 150015, 170685, 206494, 221128, 223908, 245019),
    ]


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=60), max_size=8), max_size=5))
def test_every_text_with_words_has_length_one_and_its_own_buckets(conversations):
    words = hash_words(conversations)
    squares = np.bincount(words.text, weights=word_values(words) ** 2, minlength=words.n_texts)

    assert words.n_texts == len(conversations)
    assert ((words.bucket >= 0) & (words.bucket < 1 << BITS)).all()
    assert all(np.isclose(one, 1) or one == 0 for one in squares)
    for at, turns in enumerate(conversations):
        assert np.array_equal(hash_words([turns]).bucket, words.bucket[words.text == at])


def test_pairs_do_not_reach_over_from_one_conversation_to_the_next():
    apart = hash_words([["one"], ["two"]])

    assert np.array_equal(apart.bucket, np.concatenate([hash_words([[one]]).bucket for one in ("one", "two")]))


def buckets(*turns):
    return set(hash_words([turns]).bucket.tolist())


def test_words_at_either_end_count_once_more():
    filler = " ".join(f"w{at}" for at in range(40))

    inside = buckets(f"{filler} quit {filler}") - buckets(f"{filler} {filler}")
    first = buckets(f"quit {filler} {filler}") - buckets(f"{filler} {filler}")
    last = buckets(f"{filler} {filler} quit") - buckets(f"{filler} {filler}")

    assert len(inside) == 3  # the word and its two pairs
    assert len(first) == len(last) == 3  # the word, its pair, and its place
    assert len(first & last) == 1
    assert buckets("stay or quit") != buckets("quit or stay")


def test_of_a_long_talk_both_ends_are_read():
    middle = " ".join(f"w{at}" for at in range(300))

    assert buckets(f"quit {middle} stay") == buckets(f"quit {middle.replace('w150', 'other')} stay")
    assert buckets(f"quit {middle} stay") != buckets(f"quit {middle} go")
    assert buckets(f"quit {middle} stay") != buckets(f"leave {middle} stay")


def test_the_glance_reads_the_last_turn_of_a_long_talk():
    table = np.zeros(1 << BITS, dtype=np.float32)
    table[hash_words([["quit"]]).bucket] = 1
    head = GlanceHead(table=table, bias=0, threshold=0, identity="")

    assert head.score([["hm"] * 30 + ["quit"]])[0] > 0
    assert head.score([["hm"] * 10 + ["quit"] + ["hm"] * 10])[0] == 0
