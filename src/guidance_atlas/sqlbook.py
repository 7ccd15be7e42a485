"""The project's SQL, one question a file; a query's name is its path without .sql."""

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


@dataclass(frozen=True)
class SqlBook:
    """The queries under one folder."""

    root: Path

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
        return returns.validate(duckdb.ask(con, self.text(name), params), cast=True)

    def rows(self, con: duckdb.Connection, name: str, **params: object) -> pl.DataFrame:
        """Run one query that answers to no contract. Parameters that it does not ask for are left out."""
        text = self.text(name)
        asked = duckdb.parameters(text)
        return duckdb.ask(con, text, {key: value for key, value in params.items() if key in asked})

    def make(self, con: duckdb.Connection, name: str, **params: object) -> None:
        """Keep the rows of one query as a table named after its file, for the queries that build on it."""
        duckdb.make(con, name.rpartition("/")[2], self.text(name), params)


def find_sql() -> Path:
    """Folder of the queries: inside the installed package, or beside src in a checkout.

    Raises:
        StoreError: neither is there.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "sql", package.parents[1] / "sql"):
        if (folder / "aggregate").is_dir():
            return folder
    raise StoreError("the SQL folder is missing: reinstall guidance-atlas")
