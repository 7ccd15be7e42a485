"""Comparing releases, learning from shadows and solving for what is withheld: each wins where the defence is off."""

from functools import partial

import numpy as np
import polars as pl
import pytest

from guidance_atlas.attacks import differencing, linear, membership, seams
from guidance_atlas.attacks.ledgered import in_one_ledger
from guidance_atlas.attacks.suite import without
from guidance_atlas.attacks.worlds import population
from guidance_atlas.settings import load_settings

SETTINGS = load_settings()
BARE = without(SETTINGS)


@pytest.fixture(scope="module")
def counted():
    return population(14, seed=3)


@pytest.fixture(scope="module")
def cells(counted):
    return counted.cells_of(counted.draw(300, np.random.default_rng(5)))


def bare(first, second):
    return {False: (seams.released(first, BARE), seams.released(second, BARE))}


@pytest.mark.parametrize("growing", [False, True])
def test_two_releases_without_a_ledger_tell_whether_somebody_came_and_her_domain(counted, growing):
    found = differencing.differ(counted, bare, trials=8, seed=1, growing=growing)

    assert [one.right == one.n > 0 for one in found] == [True, True, True, True]
    assert not any(one.defended for one in found)


def test_one_ledger_keeps_a_late_comer_out_of_all_that_readers_see(counted):
    def ledgered(first, second):
        one, two = seams.released(first, SETTINGS), seams.released(second, SETTINGS)
        return {True: in_one_ledger((first, one), (second, two), SETTINGS, SETTINGS)}

    for found in differencing.differ(counted, ledgered, trials=8, seed=2, growing=True):
        assert found.holds, found


def test_two_roundings_without_a_ledger_narrow_a_count_down(counted):
    def rounded(cells, _same):
        exact = seams.released(cells, BARE)
        return {False: tuple(exact.with_columns((pl.col("numerator") + k // 2) // k * k) for k in (5, 8))}

    (found,) = differencing.round_twice(counted, rounded, trials=8, seed=1, steps=(5, 8))

    assert found.holds, found


def test_shadows_teach_who_is_there_where_one_person_is_enough(counted):
    publish = partial(seams.released, settings=BARE)

    right, n, area = membership.member_of(counted, 0, publish, n_shadow=10, n_worlds=10, seed=1)

    assert right >= 0.8 * n
    assert area > 0.8


def test_shadows_teach_nothing_where_nothing_is_shown(counted):
    right, n, area = membership.member_of(counted, 0, pl.DataFrame.clear, n_shadow=4, n_worlds=4, seed=1)

    assert (right / n, area) == (0.5, 0.5)


def test_differential_privacy_allows_so_many_right_guesses():
    assert membership.most_right(1.0, 0.0) == pytest.approx(0.7311, abs=1e-4)  # e / (e + 1)
    assert membership.most_right(0.0, 0.0) == 0.5


def test_the_linear_program_pins_what_nothing_guards(cells):
    alone = linear.only_few_withheld(cells, seams.shown_inside(cells, BARE), least_people=10)

    pinned, narrow = linear.solve("alone", [(cells, alone)], least_people=10, round_to=1, defended=False)

    assert pinned.holds
    assert narrow.right >= pinned.right > 10


def test_the_linear_program_tells_nothing_of_few_in_what_is_shown(cells):
    inside = seams.shown_inside(cells, SETTINGS)

    pinned, narrow = linear.solve("atlas.duckdb", [(cells, inside)], least_people=10, round_to=1)

    assert (pinned.right, narrow.right) == (0, 0)
    assert pinned.n > 5
