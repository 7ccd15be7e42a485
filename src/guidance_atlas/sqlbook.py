"""The project's SQL, one question a file; a query's name is its path without .sql."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import dataframely as dy
import polars as pl

from guidance_atlas.adapters import duckdb
from guidance_atlas.contracts import Table
from guidance_atlas.errors import StoreError

T = TypeVar("T", bound=Table)


def _find_sql() -> Path:
    """Folder of the queries: inside the installed package, or beside src in a checkout.

    Raises:
        StoreError: neither is there.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "sql", package.parents[1] / "sql"):
        if (folder / "aggregate").is_dir():
            return folder
    raise StoreError("the SQL folder is missing: reinstall guidance-atlas")


SQL = _find_sql()


@dataclass(frozen=True)
class SqlBook:
    """The queries under one folder."""

    root: Path = SQL

    @property
    def identity(self) -> str:
        """Digest of every query: a changed one redoes what was counted with it."""
        sha = hashlib.sha256()
        for path in sorted(self.root.rglob("*.sql")):
            sha.update(path.relative_to(self.root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
        return sha.hexdigest()[:32]

    def names(self, folder: str) -> list[str]:
        """Names of the queries in one folder, in the order of the alphabet."""
        return sorted(f"{folder}/{path.stem}" for path in (self.root / folder).glob("*.sql"))

    def text(self, name: str) -> str:
        """Read one query.

        Raises:
            StoreError: there is no such query.
        """
        path = self.root / f"{name}.sql"
        if not path.is_file():
            raise StoreError(f"there is no query {name}: reinstall guidance-atlas")
        return path.read_text(encoding="utf-8")

    def says(self, name: str) -> str:
        """What a row of the query is: the comment it opens with, on one line."""
        lines = self.text(name).splitlines()
        opening = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
        return " ".join(line.removeprefix("--").strip() for line in lines[:opening])

    def over(self, tables: Mapping[str, pl.DataFrame]) -> AbstractContextManager[duckdb.Connection]:
        """Open a database in memory in which each frame is a table of its own name."""
        return duckdb.in_memory(tables)

    def ask(self, con: duckdb.Connection, name: str, *, returns: type[T], **params: object) -> dy.DataFrame[T]:
        """Run one query and hold its rows to a contract; dtypes are cast, since DuckDB gives enums back as text."""
        return returns.validate(self.rows(con, name, **params), cast=True)

    def rows(self, con: duckdb.Connection, name: str, **params: object) -> pl.DataFrame:
        """Run one query that answers to no contract."""
        text = self.text(name)
        return duckdb.ask(con, text, _asked_for(con, text, params))

    def make(self, con: duckdb.Connection, name: str, **params: object) -> None:
        """Keep the rows of one query as a table named after its file, for the queries that build on it."""
        text = self.text(name)
        duckdb.make(con, name.rpartition("/")[2], text, _asked_for(con, text, params))

    def add(self, con: duckdb.Connection, name: str, **params: object) -> None:
        """Add the rows of one query to the table named after its file, which the first call makes."""
        text = self.text(name)
        duckdb.add(con, name.rpartition("/")[2], text, _asked_for(con, text, params))

    def make_together(self, con: duckdb.Connection, folder: str, **params: object) -> None:
        """Keep the rows of all queries of a folder, which share their columns, as one table named after the folder."""
        text = "\nunion all by name\n".join(f"(\n{self.text(name)}\n)" for name in self.names(folder))
        duckdb.make(con, folder.rpartition("/")[2], text, _asked_for(con, text, params))


def _asked_for(con: duckdb.Connection, text: str, params: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters that a query asks for: DuckDB refuses any other."""
    asked = duckdb.parameters(con, text) if params else set()
    return {name: list(value) if isinstance(value, tuple) else value for name, value in params.items() if name in asked}
