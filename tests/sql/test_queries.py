"""Every query runs over empty tables made from the contracts: a renamed column fails here, in milliseconds."""

import pytest

from guidance_atlas import contracts as c
from guidance_atlas.adapters import duckdb
from guidance_atlas.sqlbook import SQL, SqlBook
from guidance_atlas.vocab import DOMAINS, DRIFT, OUTCOMES, PUSHBACK, STAKES

BOOK = SqlBook(SQL)
READ = {
    "parts": c.Parts,
    "roster": c.Roster,
    "conversations": c.Conversations,
    "glanced": c.Glanced,
    "screened": c.Screened,
    "labels": c.Labels,
    "events": c.Events,
    "turn_verdicts": c.TurnVerdicts,
    "verdicts": c.Verdicts,
    "clusters": c.Clusters,
}
CHECKED = {
    "roster": c.Roster,
    "parts": c.Parts,
    "cells": c.Cells,
    "protected": c.PublicCells,
    "rates": c.PublicRates,
}
WORDS = {"domains": DOMAINS, "kinds": PUSHBACK, "stakes": STAKES, "outcomes": OUTCOMES, "drift": DRIFT}


def empty(tables):
    return {name: table.create_empty() for name, table in tables.items()}


def queries(folder):
    return sorted(str(path.relative_to(SQL).with_suffix("")) for path in (SQL / folder).rglob("*.sql"))


@pytest.fixture
def views():
    tables = empty({"cells": c.AtlasCells, "rates": c.AtlasRates, "cluster_names": c.ClusterNames})
    with BOOK.over(tables) as con:
        for name in queries("views"):
            BOOK.make(con, name)
        yield con


def test_the_aggregate_queries_fit_the_contracts_they_read():
    with BOOK.over(empty(READ)) as con:
        BOOK.make(con, "aggregate/facts")
        BOOK.make_together(con, "aggregate/answers", **WORDS)
        assert duckdb.ask(con, "from facts").is_empty()
        assert duckdb.ask(con, "from answers").columns == ["conversation_id", "measure", "facet", "counted"]
        for name in ("questions", "groups", "counted"):
            BOOK.make(con, f"aggregate/{name}", **WORDS)
        for name in BOOK.names("aggregate/cells"):
            assert BOOK.rows(con, name, **WORDS)["numerator"].sum() == 0, name


def test_every_answer_belongs_to_a_question_that_is_asked():
    with BOOK.over(empty(READ)) as con:
        BOOK.make(con, "aggregate/facts")
        asked = set(BOOK.rows(con, "aggregate/questions", **WORDS)["measure"])
    answered = {name.rpartition("/")[2] for name in queries("aggregate/answers")}

    assert answered - asked == {"sycophantic_by_pushback"}  # answers two questions, with and without
    assert asked - answered == {"sycophantic_with_pushback", "sycophantic_without_pushback"}


@pytest.mark.parametrize("name", [name for name in queries("checks") if not name.endswith("domain_lost")])
def test_every_check_finds_nothing_in_nothing(name):
    with BOOK.over(empty(CHECKED)) as con:
        assert BOOK.rows(con, name, least_people=10, round_to=5, domains=DOMAINS).is_empty()


@pytest.mark.parametrize("name", queries("views"))
def test_every_view_fits_the_cells(views, name):
    assert duckdb.ask(views, BOOK.text(name)).is_empty()


@pytest.mark.parametrize("name", queries("queries"))
def test_every_ready_question_fits_the_views(views, name):
    assert duckdb.ask(views, BOOK.text(name)).is_empty()
