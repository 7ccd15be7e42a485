"""DuckDB, the only place that opens it: nothing is installed or loaded from outside, frames go in and out by Arrow.

Annotations stay unread: a module that holds one of DuckDB's classes when Python ends makes DuckDB report leaks on
standard error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from guidance_atlas.errors import AtlasError, StoreError

if TYPE_CHECKING:
    Connection = duckdb.DuckDBPyConnection

# DuckDB 1.2 and everything after it can open a file of this version.
STORAGE_VERSION = "v1.2.0"
CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # Without this a query could read any polars frame that is a variable of the calling Python code.
    "python_enable_replacements": False,
    # Without this, what does not fit into memory is written into .tmp of the working directory, open to others.
    "temp_directory": "",
}
LOCKED: dict[str, str | bool | int | float | list[str]] = {"enable_external_access": False, "lock_configuration": True}
# Polars aborts on these types instead of raising, so they leave as text.
AS_TEXT = ("INTERVAL", "UNION", "BIGNUM")


class _ArrowOnly:
    """Shows nothing but an object's Arrow stream, which is read without pyarrow."""

    def __init__(self, inner: Any) -> None:  # noqa: ANN401 - a frame or a relation
        self._inner = inner

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._inner.__arrow_c_stream__(requested_schema)


@contextmanager
def in_memory(tables: Mapping[str, pl.DataFrame]) -> Iterator[Connection]:
    """Open a database in memory that shows each frame under its name; nothing touches the disk."""
    with duckdb.connect(":memory:", config=CLOSED) as con:
        for name, frame in tables.items():
            # DuckDB cannot read a column of no type, which a column of nothing but nulls may have.
            con.register(name, _ArrowOnly(frame.with_columns(pl.col(pl.Null).cast(pl.String))))
        yield con


def ask(con: Connection, text: str, params: Mapping[str, object] | None = None) -> pl.DataFrame:
    """Rows of one query. Enums come back as text, sums of integers as wide decimals."""
    return _to_polars(con.sql(text, params=dict(params) if params else None))


def make(con: Connection, name: str, text: str, params: Mapping[str, object] | None = None) -> None:
    """Keep the rows of one query as a table of that name for later queries of the same connection."""
    con.execute(f"create table {quoted(name)} as {text}", dict(params) if params else None).fetchall()


def add(con: Connection, name: str, text: str, params: Mapping[str, object] | None = None) -> None:
    """Add the rows of one query to the table of that name, which is made where it is not there yet."""
    values = dict(params) if params else None
    con.execute(f"create table if not exists {quoted(name)} as from ({text}) limit 0", values).fetchall()
    con.execute(f"insert into {quoted(name)} {text}", values).fetchall()


def parameters(con: Connection, text: str) -> set[str]:
    """Names of the parameters that a query asks for."""
    return {name for statement in con.extract_statements(text) for name in statement.named_parameters}


def write_database(
    path: Path,
    tables: Mapping[str, pl.DataFrame],
    *,
    views: Mapping[str, str],
    comments: Sequence[tuple[str, str, str]],
) -> None:
    """Write tables, then views over them, then comments into a new file that DuckDB 1.2 and later can open.

    A comment is (kind: table, view or column; dotted name; words).

    Raises:
        StoreError: the file cannot be written.
    """
    try:
        with in_memory(tables) as con:
            con.execute(f"attach {_text(str(path))} as atlas (storage_version {_text(STORAGE_VERSION)})").fetchall()
            for name in tables:
                con.execute(f"create table atlas.{quoted(name)} as from {quoted(name)}").fetchall()
                con.unregister(name)  # else views and comments would take the frame for the table
            con.execute("use atlas").fetchall()
            for name, query in views.items():
                con.execute(f"create view {quoted(name)} as {query}").fetchall()
            for kind, name, words in comments:
                dotted = ".".join(quoted(part) for part in name.split("."))
                con.execute(f"comment on {kind} {dotted} is {_text(words)}").fetchall()
            con.execute("use memory").fetchall()
            con.execute("detach atlas").fetchall()
    except duckdb.IOException as error:
        raise StoreError(f"cannot write {path.name}: free some space or check the folder's permissions") from error


def ask_file(path: Path, sql: str) -> pl.DataFrame:
    """Rows of an analyst's query over a database file: read-only, no files, no network, settings locked.

    A statement without rows gives an empty frame. A column name that comes twice gets a number.

    Raises:
        AtlasError: DuckDB refuses the query; the message is DuckDB's own.
    """
    try:
        with duckdb.connect(str(path), read_only=True, config=CLOSED | LOCKED) as con:
            relation = con.sql(sql)
            return pl.DataFrame() if relation is None else _to_polars(_without_odd_types(relation))
    except (duckdb.Error, pl.exceptions.PolarsError) as error:
        raise AtlasError(f"the query failed: {_plain(error)}; see the tables with: show all tables") from None


def quoted(name: str) -> str:
    """Quote a name so that it stands in SQL as a name whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


def _to_polars(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    return pl.DataFrame(_ArrowOnly(relation))


def _without_odd_types(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    relation = relation.project("*")  # gives columns of the same name different ones
    odd = [name for name, kind in zip(relation.columns, relation.types, strict=True) if _is_odd(str(kind))]
    if not odd:
        return relation
    casts = ", ".join(f"{quoted(name)}::varchar as {quoted(name)}" for name in odd)
    return relation.project(f"* replace ({casts})")


def _is_odd(kind: str) -> bool:
    return any(word in kind for word in AS_TEXT)


def _plain(error: Exception) -> str:
    """Say what went wrong on one line, without the wrapping of the Arrow reader or the echo of the query."""
    told = str(error).removeprefix("got external error: ").split("\n\nLINE ")[0]
    return " ".join(told.split())
