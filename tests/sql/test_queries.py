"""Every query runs over empty tables made from the contracts: a renamed column fails here, in milliseconds."""

import pytest

from guidance_atlas import contracts as c
from guidance_atlas.adapters import duckdb
from guidance_atlas.sqlbook import SQL, SqlBook
from guidance_atlas.stages.forgotten import CODES
from guidance_atlas.vocab import DOMAINS, DRIFT, OUTCOMES, PUSHBACK, RARE_MODEL, STAKES

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
    "clumps": c.Clumps,
}
CHECKED = {
    "roster": c.Roster,
    "parts": c.Parts,
    "cells": c.Cells,
    "protected": c.PublicCells,
    "rates": c.PublicRates,
}
WORDS = {
    "domains": DOMAINS,
    "kinds": PUSHBACK,
    "stakes": STAKES,
    "outcomes": OUTCOMES,
    "drift": DRIFT,
    "blanked": CODES,
}

GROUP = "cut domain week model"
RATE = "share low high corrected corrected_low corrected_high state"
COUNTS = "conversations of_conversations n_people status"
JUDGED = "sycophantic judged n_people status"
VIEWS = {
    "all_numbers": f"{GROUP} measure facet {RATE} {COUNTS}",
    "by_domain": f"domain {RATE} conversations status sycophantic_{RATE.replace(' ', ' sycophantic_')} judged"
    " sycophantic_status",
    "clusters": f"cluster_id name measure {RATE} {COUNTS}",
    "domain_week": f"domain week {RATE} conversations of_conversations status",
    "domains": f"domain {RATE} conversations of_conversations status",
    "drift": f"{GROUP} error {RATE} conversations judged n_people status",
    "funnel": "step reason records status",
    "languages": f"language measure {RATE} {COUNTS}",
    "models": f"model measure {RATE} {COUNTS}",
    "overview": f"measure facet {RATE} {COUNTS}",
    "pushback": f"{GROUP} kind {RATE} {COUNTS}",
    "stakes": f"{GROUP} stakes {RATE} {COUNTS}",
    "support": f"{GROUP} support {RATE} {COUNTS}",
    "sycophancy": f"{GROUP} {RATE} {JUDGED}",
    "sycophancy_and_pushback": f"{GROUP} pushback {RATE} {JUDGED}",
    "weeks": f"week measure {RATE} {COUNTS}",
}


def empty(tables):
    return {name: table.create_empty() for name, table in tables.items()}


def queries(folder):
    return sorted(str(path.relative_to(SQL).with_suffix("")) for path in (SQL / folder).rglob("*.sql"))


@pytest.fixture
def views():
    tables = empty({"cells": c.AtlasCells, "rates": c.AtlasRates, "cluster_names": c.ClusterNames})
    with BOOK.over(tables) as con:
        for name in BOOK.names("views"):
            BOOK.make(con, name)
        yield con


def test_the_aggregate_queries_fit_the_contracts_they_read():
    with BOOK.over(empty(READ)) as con:
        BOOK.make(con, "aggregate/facts", least_to_name=1, rare_model=RARE_MODEL)
        BOOK.make_together(con, "aggregate/answers", **WORDS)
        assert duckdb.ask(con, "from facts").is_empty()
        assert duckdb.ask(con, "from answers").columns == ["conversation", "measure", "facet", "counted"]
        for name in ("questions", "groups", "names", "asked"):
            BOOK.make(con, f"aggregate/{name}", **WORDS)
        BOOK.add(con, "aggregate/counted", asked_of=("guidance",), by=("week",), sliced=False)
        for name in BOOK.names("aggregate/cells"):
            assert BOOK.rows(con, name, **WORDS)["numerator"].sum() == 0, name


def test_every_answer_belongs_to_a_question_that_is_asked():
    with BOOK.over(empty(READ)) as con:
        BOOK.make(con, "aggregate/facts", least_to_name=1, rare_model=RARE_MODEL)
        asked = set(BOOK.rows(con, "aggregate/questions", **WORDS)["measure"])
    answered = {name.rpartition("/")[2] for name in queries("aggregate/answers")}

    assert answered - asked == {"sycophantic_by_pushback"}  # answers two questions, with and without
    assert asked - answered == {"sycophantic_with_pushback", "sycophantic_without_pushback"}


@pytest.mark.parametrize("name", [name for name in queries("checks") if not name.endswith("domain_lost")])
def test_every_check_finds_nothing_in_nothing(name):
    with BOOK.over(empty(CHECKED)) as con:
        assert BOOK.rows(con, name, least_people=10, round_to=5, domains=DOMAINS, rare_model=RARE_MODEL).is_empty()


@pytest.mark.parametrize("name", queries("views"))
def test_every_view_fits_the_cells(views, name):
    assert duckdb.ask(views, BOOK.text(name)).is_empty()


def test_the_views_show_the_columns_that_analysts_count_on(views):
    shown = {name: duckdb.ask(views, BOOK.text(f"views/{name}")).columns for name in VIEWS}

    assert sorted(f"views/{name}" for name in VIEWS) == queries("views")
    assert shown == {name: columns.split() for name, columns in VIEWS.items()}


def test_the_view_that_others_read_is_made_first():
    assert BOOK.names("views")[0] == "views/all_numbers"


@pytest.mark.parametrize("name", queries("queries"))
def test_every_ready_question_fits_the_views(views, name):
    assert duckdb.ask(views, BOOK.text(name)).is_empty()
