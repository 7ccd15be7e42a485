"""Everything a run leaves, as text: each file's bytes, each table decoded, what was printed."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from guidance_atlas.adapters import duckdb

PUBLIC, INSIDE, VAULT = "release and atlas.duckdb", "internal.duckdb, logs, output", "vault (masked words)"


@dataclass(frozen=True)
class Place:
    """Text in lower case, and who may see it: PUBLIC, INSIDE or VAULT."""

    where: str
    text: str
    decoded: bool = True  # false: a file's name or its bytes


def places(root: Path, printed: str = "") -> list[Place]:
    """Every file of a run root, with the tables in it decoded, and what the run printed."""
    found = [Place(INSIDE, printed.lower())]
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        first = path.relative_to(root).parts[0]
        public = first == "releases" or first.startswith("atlas")
        where = VAULT if first == "vault" else PUBLIC if public else INSIDE
        plain = [str(path.relative_to(root)), path.read_bytes().decode("latin-1")]
        found += [Place(where, text.lower(), decoded=False) for text in plain]
        found += [Place(where, text.lower()) for text in _decoded(path)]
    return found


def _decoded(path: Path) -> list[str]:
    if path.suffix == ".parquet":
        return [_words(pl.read_parquet(path))]
    if path.suffix == ".duckdb":
        tables = duckdb.ask_file(path, "select table_name from duckdb_tables() where not internal")["table_name"]
        return [_words(duckdb.ask_file(path, f"from {duckdb.quoted(table)}")) for table in tables]
    if path.suffix in (".csv", ".json", ".jsonl", ".txt", ".html"):
        return [path.read_text(encoding="utf-8", errors="replace")]
    return []


def _words(frame: pl.DataFrame) -> str:
    """All that is text in a table, one value after the other; numbers hold no words."""
    kinds = (pl.String, pl.Enum, pl.Categorical)
    flat = frame.select(
        pl.col(name).cast(pl.String) if isinstance(kind, kinds) else pl.col(name).list.join("\n")
        for name, kind in frame.schema.items()
        if isinstance(kind, kinds) or kind == pl.List(pl.String)
    )
    return "\n".join("\n".join(flat[name].drop_nulls().unique()) for name in flat.columns)
