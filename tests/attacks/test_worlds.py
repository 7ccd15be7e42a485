"""Cells by the thousand are those that the pipeline's own queries count."""

import numpy as np
import polars as pl
import pytest

from guidance_atlas.attacks.seams import made
from guidance_atlas.attacks.worlds import KEY, WEEKS, Person, drawn_people, population, population_of, tables_of
from guidance_atlas.contracts import Cells
from guidance_atlas.errors import StageError
from guidance_atlas.settings import load_settings


@pytest.fixture(scope="module")
def counted():
    return population(14, seed=3)


def test_cells_that_are_added_up_are_those_that_are_counted(counted):
    counts = 1 + counted.draw(60, np.random.default_rng(1))
    people = [kind for kind, n in zip(counted.kinds, counts, strict=True) for _ in range(n)]

    added, by_query = counted.cells_of(counts), made(Cells, tables_of(people), load_settings())

    assert added.sort(KEY).equals(by_query.sort(KEY))


def test_somebody_touches_the_total_and_her_own_domain_alone(counted):
    touched = counted.cells.filter(counted.touched(0))

    asked = touched.filter(pl.col("measure") == "guidance_conversations")
    assert set(asked["domain"]) == {"all", "ethics"}
    assert set(asked["week"]) == {"all", WEEKS[0]}
    assert touched.filter(cut="total", measure="guidance").height == 1


def test_people_of_another_week_are_refused():
    with pytest.raises(ValueError, match="outside the weeks"):
        population_of([*drawn_people(2, np.random.default_rng(1)), Person(week="2026-W30")], np.ones(3) / 3)


def test_a_table_that_no_stage_writes_is_asked_for_by_name():
    with pytest.raises(StageError, match="lacks Parts"):
        made(Cells, {}, load_settings())
