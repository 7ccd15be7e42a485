"""Whoever is drawn is drawn with the chance that is written beside them, so that weights undo the draw."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ownchats import THRESHOLD, Chat, frames, world

from guidance_atlas.contracts import Screened, Verdicts
from guidance_atlas.labelling.draw import Draw, chances, doubt, draw_rows, read_draw, take


def drawn(chats, how="random", n=20, seed=7):
    made = frames(chats)
    return draw_rows(made[Screened], made[Verdicts], Draw(how, n, seed), threshold=THRESHOLD)


@given(st.lists(st.floats(0.25, 1.25), min_size=1, max_size=60), st.data())
def test_chances_add_up_to_the_rows_wanted_and_follow_the_sizes(sizes, data):
    n = data.draw(st.integers(0, len(sizes)))
    found = chances(np.array(sizes), n)

    assert found.sum() == pytest.approx(n)
    assert (found <= 1).all()
    below = found < 1
    if n and below.any():
        assert np.ptp(found[below] / np.array(sizes)[below]) == pytest.approx(0, abs=1e-9)


@given(st.lists(st.floats(0.25, 1.25), min_size=1, max_size=60), st.data())
def test_exactly_the_rows_wanted_are_taken_and_none_twice(sizes, data):
    n = data.draw(st.integers(0, len(sizes)))
    rows = take(chances(np.array(sizes), n), np.random.default_rng(data.draw(st.integers(0, 99))))

    assert len(rows) == len(set(rows.tolist())) == n


def test_each_is_taken_as_often_as_its_chance_says():
    chance = chances(np.array([0.25, 0.25, 0.5, 1.0, 1.25, 1.25, 0.3, 0.7]), 3)
    draws = 4_000
    often = np.zeros(len(chance))
    for seed in range(draws):
        often[take(chance, np.random.default_rng(seed))] += 1

    spread = np.sqrt(chance * (1 - chance) / draws)
    assert (np.abs(often / draws - chance) < 4 * spread + 1e-9).all()


@pytest.mark.parametrize("how", ["random", "unsure"])
def test_half_is_drawn_from_what_the_screen_calls_guidance(how):
    found = drawn(world(300), how)

    assert found["guidance"].sum() == 10
    assert found.height == 20


def test_where_one_side_has_too_few_the_other_makes_up_for_it():
    chats = [Chat(f"y{at}") for at in range(3)] + [Chat(f"n{at}", score=0.1) for at in range(90)]
    found = drawn(chats)

    assert (found["guidance"].sum(), found.height) == (3, 20)
    assert found.filter("guidance")["chance"].to_list() == [1.0] * 3
    assert drawn(chats, n=500).height == 93


def test_a_random_draw_gives_each_side_one_chance():
    chats = [Chat(f"y{at}") for at in range(40)] + [Chat(f"n{at}", score=0.1) for at in range(200)]

    assert dict(drawn(chats).group_by("guidance").agg(pl.col("chance").unique().first()).rows()) == {
        True: pytest.approx(10 / 40),
        False: pytest.approx(10 / 200),
    }


def test_the_same_seed_draws_the_same_whatever_the_order_and_another_one_others():
    chats = world(300)

    assert drawn(chats).equals(drawn(chats[::-1]))
    assert not drawn(chats)["conversation_id"].equals(drawn(chats, seed=8)["conversation_id"])


def test_nobody_is_drawn_whom_the_screen_did_not_score():
    chats = [Chat("mute", score=None), Chat("gone", kept=False), *world(30)]

    assert not {"mute", "gone"} & set(drawn(chats, n=200)["conversation_id"])


def test_doubt_is_largest_at_a_cut_and_never_nothing():
    made = frames([Chat("cut", score=0.5), Chat("sure", score=1.0), Chat("mild", score=1.0, candor=2.0)])
    scored = made[Screened].join(made[Verdicts].select("conversation_id", "candor"), on="conversation_id")
    sizes = dict(zip(scored["conversation_id"], doubt(scored, threshold=THRESHOLD), strict=True))

    assert sizes == {"cut": 1.25, "sure": 0.25, "mild": 1.25}


def test_an_unsure_draw_asks_more_about_those_near_the_cut():
    chats = world(2_000)
    near = [chat.id for chat in chats if chat.score > 0.4]
    others = drawn(chats, "unsure", n=400).filter(~pl.col("guidance"))
    is_near = pl.col("conversation_id").is_in(near)

    assert others.filter(is_near)["chance"].mean() > 2 * others.filter(~is_near)["chance"].mean()


def test_rows_come_in_an_order_of_chance_so_that_the_first_stand_for_all():
    first = [drawn(world(300), seed=seed)["guidance"][:10].sum() for seed in range(100)]

    assert 4 < np.mean(first) < 6


def test_a_draw_is_read_back_from_its_name_and_nothing_else_is():
    assert read_draw(Draw("unsure", 80, 3).name) == Draw("unsure", 80, 3)
    assert [read_draw(name) for name in ("", "random", "best-1-2", "random-1-2-3", "=random-1-2")] == [None] * 5
