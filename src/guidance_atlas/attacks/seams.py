"""How the attacks reach what they attack: the plan's own stages over given tables, and publishing as a run does it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import dataframely as dy
import polars as pl

from guidance_atlas import contracts as c
from guidance_atlas.chain import Scope, Stage
from guidance_atlas.errors import StageError
from guidance_atlas.plan import plan
from guidance_atlas.publish import publish
from guidance_atlas.settings import Settings

T = TypeVar("T", bound=c.Table)
Tables = dict[type[c.Table], pl.DataFrame]
_SECRET = b"of no root: the worlds of an attack have keys already"


def made(table: type[T], held: Tables, settings: Settings) -> dy.DataFrame[T]:
    """The table, as the plan's stages make it of those that are held; what is made on the way is held as well.

    Raises:
        StageError: a table is needed that is neither held nor written by a stage.
    """
    if table not in held:
        writer = _writers(settings).get(table)
        if writer is None or not writer.reads:
            raise StageError(f"an attack's world lacks {table.__name__}: add it in attacks/worlds.py")
        held[table] = writer.run(*(made(read, held, settings) for read in writer.reads))
    return held[table]  # type: ignore[return-value]


def _writers(settings: Settings) -> dict[type[c.Table], Stage]:
    return {step.writes: step for step in plan(settings, _SECRET)}


def released(cells: pl.DataFrame, settings: Settings) -> dy.DataFrame[c.PublicCells]:
    """The cells of a release, nothing having been released before."""
    return made(c.PublicCells, _counted(cells), settings)


def shown_inside(cells: pl.DataFrame, settings: Settings) -> dy.DataFrame[c.AtlasCells]:
    """The cells of atlas.duckdb."""
    return made(c.AtlasCells, _counted(cells), settings)


def _counted(cells: pl.DataFrame) -> Tables:
    return {c.Cells: cells, c.ClusterNames: c.ClusterNames.create_empty()}


@contextmanager
def published(held: Tables, settings: Settings) -> Iterator[tuple[Path, Path]]:
    """A run root and its release, made of these tables by publish; gone when the attack is over."""
    with TemporaryDirectory(prefix="guidance-atlas-attack-") as folder:
        root = Path(folder)
        yield root, Path(publish_into(root, held, settings))


def publish_into(root: Path, held: Tables, settings: Settings) -> str:
    """Publish these tables in a run root as its next run; returns the release's folder.

    Raises:
        StageError: a release is refused.
    """
    vault = root / "vault"
    vault.mkdir(mode=0o700, exist_ok=True)
    files: Mapping[type[c.Table], Path] = {
        step.writes: vault / f"{step.writes.__name__}.parquet"
        for step in plan(settings, _SECRET)
        if step.scope is Scope.CORPUS
    }
    for table, path in files.items():
        made(table, held, settings).write_parquet(path)
    parts = pl.DataFrame({"position": [0], "part": "part", "file": "attack.jsonl", "first_record": 0, "n_bytes": 1})
    told = parts.with_columns(n_records=pl.lit(held[c.Roster].height), repeats=pl.lit(value=False))
    done = publish(root, tables=files, parts=c.Parts.validate(told, cast=True), settings=settings)
    if done["release"] is None:
        raise StageError("a world made for an attack got no release; run guidance-atlas check on a run of your own")
    return done["release"]
