"""Training of the glance: what it learns from, which line it draws, and who has a say in what it is judged by."""

from types import SimpleNamespace

import numpy as np
import pytest
from headdata import item

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.glance import BITS, glance_head
from guidance_atlas.heads.material import Labelled
from guidance_atlas.heads.train_glance import (
    HIGHEST,
    LOWEST,
    kept_by_others,
    lessons_of,
    out_of_fold,
    sparse,
    threshold_of,
    train_glance,
)
from guidance_atlas.heads.weights import HeadFile

ASK, WORK = "should i quit my job because of reason{}", "write a function that sorts list{}"
SCREEN = SimpleNamespace(threshold=0.4, score=lambda vectors: vectors)
GUIDANCE, NONE = {"guidance": True}, {"guidance": False}


class Encoder:
    """Its vectors are what the screen will say: much for who asks what they should do."""

    def __init__(self):
        self.read = []

    def encode(self, texts):
        self.read += texts
        return np.array([0.9 if "should i" in text else 0.01 for text in texts])


def chats(n):
    return [item(f"c:{at}", (ASK if at % 5 == 0 else WORK).format(at), source="chats") for at in range(n)]


def post(name, text, labels, use="fit"):
    return Labelled(item(name, text, labels=labels, source="forum"), "read_asks", use)


def lessons(labelled=(), n=10):
    return lessons_of(labelled, chats(n), SCREEN, encoder=Encoder())


def test_what_the_screen_accepts_lies_over_its_line():
    told = lessons()

    assert told.accepted.tolist() == [at % 5 == 0 for at in range(10)]
    assert np.isclose(told.over[0], np.log(0.9 / 0.1) - np.log(0.4 / 0.6), atol=1e-3)


def test_a_forum_post_counts_by_its_label_and_is_not_encoded():
    encoder = Encoder()

    told = lessons_of(
        [post("p:1", "a story", GUIDANCE), post("p:2", "should i", NONE)], chats(5), SCREEN, encoder=encoder
    )

    assert told.over[-2:].tolist() == [HIGHEST, LOWEST]
    assert len(encoder.read) == 5
    assert not told.chat[-2:].any()


def test_nothing_is_learned_from_rows_that_are_kept_for_measuring():
    told = lessons([post("p:1", "a story", GUIDANCE, use="check"), post("p:2", "a story", GUIDANCE, use="natural")])

    assert len(told.items) == 10


def test_what_begins_alike_is_never_both_learned_from_and_judged():
    same = " ".join(["the same long prompt that was put to several models"] * 2)
    twins = [item(f"t:{at}", f"{same} {at}", source="chats") for at in range(20)]
    told = lessons_of([], [*chats(100), *twins], SCREEN, encoder=Encoder())

    _, fold = out_of_fold(sparse([one.said for one in told.items]), told, seed=3)

    assert len(set(fold[100:])) == 1
    assert len(set(fold[:100])) == 5


def test_a_threshold_is_judged_on_rows_that_had_no_say_in_it():
    scores, fold, wanted = np.arange(200.0), np.repeat([0, 1], 100), np.ones(200, dtype=bool)

    kept = kept_by_others(scores, fold, wanted)

    assert threshold_of(scores[100:]) == pytest.approx(101.485)
    assert not kept[:100].any()
    assert kept[100:].all()


def test_it_learns_whom_the_screen_would_accept_and_says_how_well():
    found = train_glance([], chats(400), SCREEN, encoder=Encoder(), seed=3)
    head = glance_head(found.head)

    told = head.score([[ASK.format("new")], [WORK.format("new")]])

    assert told[0] >= head.threshold > told[1]
    assert found.chosen["chats_recall_of_screen"] >= 0.95
    assert found.chosen["chats_kept_share"] < 0.3
    assert found.chosen["by_source_n_kept_recall"]["chats"][0] == 400


def test_the_same_seed_gives_the_same_bytes():
    one, again = (train_glance([], chats(100), SCREEN, encoder=Encoder(), seed=3).head for _ in range(2))

    assert one.identity == again.identity


def test_a_table_made_for_other_features_is_refused():
    head = HeadFile("glance", None, {"table": np.zeros(1 << (BITS - 1))}, {"bias": 0.0, "threshold": 0.0})

    with pytest.raises(HeadError, match="run: guidance-atlas train"):
        glance_head(head)
