import re

import polars as pl
import pytest

from guidance_atlas import contracts as c
from guidance_atlas.adapters import duckdb
from guidance_atlas.errors import StoreError
from guidance_atlas.sqlbook import SQL, SqlBook


def book_of(folder, **queries):
    for name, text in queries.items():
        path = folder / "some" / f"{name}.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return SqlBook(folder)


def test_the_project_finds_its_own_queries():
    assert SqlBook(SQL).names("aggregate/cells") == [
        "aggregate/cells/domain_share",
        "aggregate/cells/funnel",
        "aggregate/cells/of_groups",
    ]


def test_every_query_opens_by_saying_what_a_row_is():
    book = SqlBook(SQL)
    names = [str(path.relative_to(SQL).with_suffix("")) for path in SQL.rglob("*.sql")]

    assert len(names) > 50
    assert [name for name in names if not book.says(name).startswith(("One row per", "Any row is a fault"))] == []


def test_no_query_asks_for_columns_by_star_but_of_the_view_that_lists_them():
    texts = {path.name: path.read_text(encoding="utf-8") for path in SQL.rglob("*.sql")}
    starred = {name for name, text in texts.items() if re.search(r"(select|,|\.)\s*\*", text)}

    assert "domains.sql" in starred
    assert {name for name in starred if "\nfrom all_numbers\n" not in texts[name]} == set()


def test_parameters_are_bound_and_those_not_asked_for_left_out(tmp_path):
    book = book_of(tmp_path, one="select $a as a, unnest($b) as b")

    with book.over({}) as con:
        assert book.rows(con, "some/one", a="' or 1=1", b=("x", "y"), other=3).rows() == [
            ("' or 1=1", "x"),
            ("' or 1=1", "y"),
        ]


def test_rows_are_added_to_a_table_that_the_first_call_makes(tmp_path):
    book = book_of(tmp_path, one="select $a as a")

    with book.over({}) as con:
        for a in (1, 2):
            book.add(con, "some/one", a=a)
        assert duckdb.ask(con, "from one order by a").rows() == [(1,), (2,)]


def test_answers_are_held_to_their_contract(tmp_path):
    good = {"conversation_id": ["a"], "score": [0.5], "kept": [True], "reason": [None]}
    book = book_of(tmp_path, one="from told")

    with book.over({"told": pl.DataFrame(good)}) as con:
        assert book.ask(con, "some/one", returns=c.Glanced).schema == c.Glanced.create_empty().schema
    with book.over({"told": pl.DataFrame(good).drop("kept")}) as con, pytest.raises(Exception, match="kept"):
        book.ask(con, "some/one", returns=c.Glanced)


def test_queries_of_a_folder_can_be_kept_as_one_table(tmp_path):
    book = book_of(tmp_path, one="-- One.\nselect 1 as a, 2 as b -- end", two="select 3 as b, $x as a")

    with book.over({}) as con:
        book.make_together(con, "some", x=4)
        assert sorted(duckdb.ask(con, 'select a, b from "some"').rows()) == [(1, 2), (4, 3)]


def test_a_missing_query_says_what_to_do():
    with pytest.raises(StoreError, match="reinstall"):
        SqlBook(SQL).text("aggregate/nothing")


def test_a_book_is_another_one_when_a_query_changes(tmp_path):
    before = book_of(tmp_path, one="select 1").identity

    assert book_of(tmp_path, one="select 1").identity == before
    assert book_of(tmp_path, one="select 2").identity != before


def test_a_query_cannot_see_the_frames_of_the_calling_code():
    hidden = pl.DataFrame({"a": [1]})

    with duckdb.in_memory({}) as con, pytest.raises(Exception, match="hidden does not exist"):
        con.sql("from hidden")
    assert hidden.height == 1


def test_no_leak_is_reported_when_python_ends():
    import subprocess
    import sys

    code = (
        "import polars as pl; from guidance_atlas.adapters import duckdb\n"
        "from guidance_atlas.stages import aggregate\n"
        "with duckdb.in_memory({'t': pl.DataFrame({'a': [1]})}) as con: print(duckdb.ask(con, 'from t').rows())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", f"def f():\n {code.replace(chr(10), chr(10) + ' ')}\nf()"],
        capture_output=True,
        check=True,
    )

    assert ended.stdout == b"[(1,)]\n"
    assert ended.stderr == b""
