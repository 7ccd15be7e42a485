"""What the guard takes an attacker to know, and what it does where it cannot finish."""

import numpy as np
import polars as pl
import pytest
from corpus import Chat, tables

from guidance_atlas import guard as guard_module
from guidance_atlas import ways_out
from guidance_atlas.attack import KEY, attack
from guidance_atlas.bounds import Sums
from guidance_atlas.guard import Rules, known_limits
from guidance_atlas.margins import margins_of
from guidance_atlas.points import NEIGHBOURS, NoWayOutError, Points, Work, left_behind
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.protect import protect_inside


def cells_of(**sizes):
    """Cells of weeks of these sizes, two thirds of each in one domain; a third of every fifth one is sycophantic."""
    chats = [
        Chat(f"{week} {i}", week=f"2026-{week}", domain="career" if i % 3 else "legal", sycophantic=i % 5 == 0, first=1)
        for week, n in sizes.items()
        for i in range(n)
    ]
    return aggregate(**tables(*chats), book=SqlBook())


def shown(protected):
    return protected.filter(pl.col("status") == "shown")


def test_a_rounded_number_is_known_as_all_that_round_to_it():
    margins = margins_of(cells_of(W01=33, W02=61))
    none = np.zeros(margins.value.size, dtype=np.bool_)

    low, high = known_limits(margins, none, Rules(none, none, none, least_people=10, round_to=5))

    kept = [place for place, kind in enumerate(margins.kind) if kind == "kept" and margins.cuts[place] == 1]
    told = {int(margins.value[place]): (low[place], high[place]) for place in kept}
    assert told[33] == (33, 37)
    assert told[61] == (58, 62)


def test_the_attacker_takes_a_rounded_number_for_all_that_round_to_it():
    """40 + 45 + 5 = 90, and all but the 5 are shown: exact numbers would tell it, rounded ones do not."""
    cells = cells_of(W01=40, W02=45, W03=5)
    few = (pl.col("week") == "2026-W03") | (pl.col("cut").is_in(["domain_week", "domain_week_model", "domain_model"]))
    plain = pl.col("measure") == "guidance_conversations"
    status = pl.when(plain & ~few).then(pl.lit("shown")).otherwise(pl.lit("few_people"))
    published = cells.with_columns(status=status)
    asked = cells.filter(plain, cut="week", week="2026-W03").select(*KEY, side=pl.lit("numerator"), down=1.0, up=9.0)

    rounded = attack(published, 5, least_people=10, among=asked).join(asked.select(*KEY, "side"), on=[*KEY, "side"])
    exact = attack(published, 1, least_people=10, among=asked).join(asked.select(*KEY, "side"), on=[*KEY, "side"])

    assert rounded.select("low", "high", "can_be_low", "can_be_high").row(0) == (0.0, 11.0, True, True)
    assert exact.select("low", "high", "can_be_low", "can_be_high").row(0) == (5.0, 5.0, False, False)


@pytest.fixture
def weeks():
    return cells_of(W01=3, W02=17, W03=40, W04=90)


def test_without_work_nothing_is_shown_that_would_have_to_be_tried(weeks, monkeypatch):
    monkeypatch.setattr(guard_module, "WORK", 0)

    assert shown(protect_inside(weeks, least_people=10, round_to=1)).is_empty()


def test_too_little_work_costs_the_finest_groups_first(weeks, monkeypatch):
    whole = shown(protect_inside(weeks, least_people=10, round_to=1))
    monkeypatch.setattr(guard_module, "WORK", 2_000)

    less = shown(protect_inside(weeks, least_people=10, round_to=1))

    fine = pl.col("cut").is_in(["domain_week", "domain_week_model"])
    assert not whole.filter(fine).is_empty()
    assert less.filter(fine).is_empty()
    assert not less.is_empty()


def test_a_count_that_no_way_out_is_found_for_is_never_accepted(weeks, monkeypatch):
    monkeypatch.setattr(guard_module, "left_behind", lambda points, counts, ends, *, up, each: np.ones_like(up))
    monkeypatch.setattr(ways_out, "_cheapest_move", lambda *_: None)

    assert shown(protect_inside(weeks, least_people=10, round_to=1)).is_empty()


def test_work_is_refused_once_it_is_used_up():
    work = Work(10)
    work.spend(7)

    with pytest.raises(NoWayOutError):
        work.spend(4)


@pytest.mark.parametrize("end", [4.0, 7.0])
def test_points_near_a_count_find_what_all_equations_allow(end, monkeypatch):
    """x1 + x2 = 6 and x2 + x3 = 6, and so on: x1 can be 4 if all the others move with it, and never 7."""
    monkeypatch.setattr("guidance_atlas.points.NEIGHBOURS", (2, *NEIGHBOURS))
    n = 8
    equation = np.repeat(np.arange(n), 3)
    member = np.array([[n + 1, i, i + 1] for i in range(n)]).ravel()
    sums = Sums(equation, member, np.tile([True, False, False], n), n)
    low, high = np.r_[np.zeros(n + 1), 6.0], np.r_[np.full(n + 1, 10.0), 6.0]
    points = Points(sums, low, high, fits=np.r_[np.full(n + 1, 3.0), 6.0])

    left = left_behind(points, np.array([0]), np.array([end]), up=np.array([True]), each=True)

    assert left.tolist() == [end > 6]
