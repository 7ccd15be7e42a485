"""The two databases of a run root: atlas.duckdb for analysts (protected numbers, views), internal.duckdb (all else).

atlas.duckdb is a link to a file whose name holds when it was made and a digest of what is in it. A new file is written
beside the old one and the link is swapped at once, so a reader keeps the file it has open.
"""

import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from guidance_atlas.adapters import duckdb
from guidance_atlas.contracts import AtlasCells, AtlasRates, ClusterNames, Table
from guidance_atlas.errors import StoreError
from guidance_atlas.settings import Settings, retold
from guidance_atlas.sqlbook import SqlBook

ATLAS, INTERNAL = "atlas.duckdb", "internal.duckdb"
KEPT_VERSIONS = 3
SCRATCH = ".making-"


def write_atlas(
    root: Path,
    *,
    atlas_cells: pl.DataFrame,
    atlas_rates: pl.DataFrame,
    cluster_names: pl.DataFrame,
    cards: pl.DataFrame,
    about: Mapping[str, str | int | float | bool],
    book: SqlBook,
) -> tuple[Path, bool]:
    """Publish a new version of atlas.duckdb, mode 0644, and swap the link; the last three versions stay.

    Returns the version's path, and whether it is new: the same contents are not written twice. Of clusters only the
    names leave, and only of those whose size is shown.

    Raises:
        StoreError: the root cannot be written.
    """
    tables = {
        "cells": atlas_cells.sort(list(AtlasCells.primary_key())),
        "rates": atlas_rates.sort(list(AtlasRates.primary_key())),
        "cluster_names": _shown_clusters(atlas_cells, cluster_names),
        "cards": cards,
        "about": pl.DataFrame(
            {"name": list(about), "value": [str(value) for value in about.values()]},
            schema={"name": pl.String, "value": pl.String},
        ),
    }
    # The order of the alphabet puts all_numbers before the views that read it.
    views = {name.rpartition("/")[2]: name for name in book.names("views")}
    link = root / ATLAS
    digest = _digest(tables, [book.text(name) for name in views.values()])
    current = _current(link)
    if current is not None and current.stem.endswith(f"-{digest}"):
        return current, False
    version = root / f"atlas-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{digest}.duckdb"
    comments = [
        *_comments("cells", AtlasCells, tables["cells"]),
        *_comments("rates", AtlasRates, tables["rates"]),
        *_comments("cluster_names", ClusterNames, tables["cluster_names"]),
        ("table", "cards", "One row per figure measured of a head on conversations it never saw."),
        ("table", "about", "One row per fact about how these numbers were made."),
        *(("view", view, book.says(name)) for view, name in views.items()),
    ]
    with _made_whole(version, mode=0o644) as scratch:
        texts = {view: book.text(name) for view, name in views.items()}
        duckdb.write_database(scratch, tables, views=texts, comments=comments)
    _swap(link, version)
    for old in sorted(root.glob("atlas-*.duckdb"), reverse=True)[KEPT_VERSIONS:]:
        if old != version:
            old.unlink(missing_ok=True)
    return version, True


def write_internal(root: Path, tables: Mapping[str, pl.DataFrame]) -> Path:
    """Replace internal.duckdb, mode 0600, at once.

    Raises:
        StoreError: the root cannot be written.
    """
    path = root / INTERNAL
    with _made_whole(path, mode=0o600) as scratch:
        duckdb.write_database(scratch, tables, views={}, comments=[])
    return path


def read_internal(root: Path, *names: str) -> dict[str, pl.DataFrame]:
    """Tables of internal.duckdb.

    Raises:
        StoreError: there is no such database yet.
    """
    path = root / INTERNAL
    if not path.is_file():
        raise StoreError(f"there is no finished run in {root}: start one with guidance-atlas run")
    return {name: duckdb.ask_file(path, f"from {duckdb.quoted(name)}") for name in names}


def settings_of_last_run(root: Path) -> Settings:
    """All settings that the last run had, options and environment of its time among them.

    Raises:
        SettingsError: another version kept them.
        StoreError: there is no finished run.
    """
    return retold(dict(read_internal(root, "settings")["settings"].rows()))


def ask_atlas(root: Path, sql: str) -> pl.DataFrame:
    """Rows of an analyst's query over atlas.duckdb: read-only, without files, network or settings.

    Raises:
        StoreError: nothing is published yet.
        AtlasError: the query cannot be answered; the message says why.
    """
    path = _current(root / ATLAS)
    if path is None:
        raise StoreError(f"nothing is published in {root} yet: start a run with guidance-atlas run")
    return duckdb.ask_file(path, sql)


def _shown_clusters(cells: pl.DataFrame, cluster_names: pl.DataFrame) -> pl.DataFrame:
    shown = cells.filter(
        pl.col("cut") == "cluster", pl.col("measure") == "guidance_conversations", pl.col("status") == "shown"
    )["facet"]
    named = cluster_names.filter(pl.col("cluster_id").cast(pl.String).is_in(shown.implode()))
    return named.select("cluster_id", "name", "terms", "named_by").sort("cluster_id")


def _digest(tables: Mapping[str, pl.DataFrame], texts: list[str]) -> str:
    content = json.dumps([{name: frame.rows() for name, frame in tables.items()}, texts], default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _comments(name: str, contract: type[Table], frame: pl.DataFrame) -> list[tuple[str, str, str]]:
    columns = contract.columns()
    opening = (contract.__doc__ or "").strip().splitlines()[0]
    told = [("column", f"{name}.{column}", columns[column].description or "") for column in frame.columns]
    return [("table", name, opening), *told]


def _current(link: Path) -> Path | None:
    """The version that the link leads to, if there is one."""
    return link.resolve() if link.is_file() else None


def _swap(link: Path, target: Path) -> None:
    scratch = link.with_name(f".{link.name}.{secrets.token_hex(4)}")
    scratch.symlink_to(target.name)
    os.replace(scratch, link)


@contextmanager
def _made_whole(path: Path, *, mode: int) -> Iterator[Path]:
    """Give a path in a folder that only its owner can enter; when all went well the file takes the target's name.

    What a killed run left of its own is removed first.
    """
    for left in path.parent.glob(f"{SCRATCH}*"):
        shutil.rmtree(left, ignore_errors=True)
    try:
        folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=path.parent))
        try:
            scratch = folder / path.name
            yield scratch
            scratch.chmod(mode)
            with scratch.open("rb") as written:
                os.fsync(written.fileno())
            os.replace(scratch, path)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise StoreError(
            f"cannot write {path.name}: {error.strerror}; free some space or choose another root"
        ) from None
