"""Comparing releases, learning from shadows and solving for what is withheld: each wins where the defence is off."""

from functools import partial

import numpy as np
import pytest

from guidance_atlas.attacks import differencing, linear, membership, seams
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


def test_two_releases_without_a_ledger_tell_whether_somebody_came(counted):
    def apart(*both):
        return tuple(seams.released(one, BARE) for one in both)

    is_in, domain = differencing.differ(counted, apart, trials=12, seed=1, defended=False, growing=False)

    assert is_in.right == is_in.n == 12
    assert domain.right == domain.n > 0


def test_two_roundings_without_a_ledger_narrow_a_count_down(counted):
    other = load_settings(protect={"release_people": 50, "release_round": 8})

    def apart(first, second):
        return seams.released(first, SETTINGS), seams.released(second, other)

    assert differencing.round_twice(counted, apart, trials=6, seed=1, steps=(5, 8), defended=False).holds


def test_shadows_teach_who_is_there_where_one_person_is_enough(counted):
    publish = partial(seams.released, settings=BARE)

    right, n, area = membership.member_of(counted, 0, publish, n_shadow=10, n_worlds=10, seed=1)

    assert right >= 0.9 * n
    assert area > 0.9


def test_shadows_teach_nothing_where_nothing_is_shown(counted):
    def nothing(cells):
        return seams.released(cells, SETTINGS).clear()

    right, n, area = membership.member_of(counted, 0, nothing, n_shadow=4, n_worlds=4, seed=1)

    assert (right / n, area) == (0.5, 0.5)


def test_differential_privacy_allows_so_many_right_guesses():
    assert membership.most_right(1.0, 0.0) == pytest.approx(0.7311, abs=1e-4)  # e / (e + 1)
    assert membership.most_right(0.0, 0.0) == 0.5


def test_a_lone_gap_is_pinned_by_the_linear_program(cells):
    everything = seams.shown_inside(cells, BARE)
    lone = (cells["cut"] == "domain") & (cells["measure"] == "guidance_conversations") & (cells["n_people"] > 0)
    place = cells.with_row_index().filter(lone).sort("n_people")["index"][0]
    counts = linear.pinned_where(cells, everything, hidden=[place], round_to=1)

    assert counts == [cells["numerator"][place]]
