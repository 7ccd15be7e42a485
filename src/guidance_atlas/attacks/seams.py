"""How the attacks reach what they attack: the plan's own stages over given tables, and publishing as a run does it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from re import sub
from tempfile import TemporaryDirectory
from typing import TypeVar

import dataframely as dy
import polars as pl

from guidance_atlas import contracts as c
from guidance_atlas.chain import Scope, Stage
from guidance_atlas.dp.ask import make_ask
from guidance_atlas.dp.counts import Key, contributions, count
from guidance_atlas.dp.public import _opendp as open_noise
from guidance_atlas.dp.public import draw
from guidance_atlas.errors import ReleaseError, StageError
from guidance_atlas.plan import plan
from guidance_atlas.publish import publish
from guidance_atlas.releases import _refuse_too_little as refuse_too_little
from guidance_atlas.settings import Settings
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.hold_back import hold_back, released_cells

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
        if writer is not None and writer.scope is Scope.CORPUS and not writer.reads:
            held[table] = _of_nothing(table, settings)
            return made(table, held, settings)
        if writer is None or not writer.reads:
            raise StageError(f"an attack's world lacks {table.__name__}: add it in attacks/worlds.py")
        held[table] = writer.run(*(made(read, held, settings) for read in writer.reads))
    return held[table]  # type: ignore[return-value]


def _writers(settings: Settings) -> dict[type[c.Table], Stage]:
    return {step.writes: step for step in plan(settings, _SECRET)}


@cache
def _of_nothing(table: type[c.Table], settings: Settings) -> pl.DataFrame:
    """The table of a stage that reads no other: the same for every world."""
    return _writers(settings)[table].run()


def released(cells: pl.DataFrame, settings: Settings) -> dy.DataFrame[c.PublicCells]:
    """The cells of a release, nothing having been released before."""
    return made(c.PublicCells, _counted(cells), settings)


def shown_inside(cells: pl.DataFrame, settings: Settings) -> dy.DataFrame[c.AtlasCells]:
    """The cells of atlas.duckdb."""
    return made(c.AtlasCells, _counted(cells), settings)


def released_after(
    first: pl.DataFrame, second: pl.DataFrame, settings: Settings, later: Settings | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two releases of one run root: the second, under later settings if given, is held against the first.

    A second one that is refused shows nothing.
    """
    no_names, rules = c.ClusterNames.create_empty(), (later or settings).protect
    one, other = released(first, settings), released(second, later or settings)
    before = released_cells(_cells(first), no_names, one)
    held = hold_back(_cells(second), no_names, other, earlier=[before], least_people=rules.release_people)
    try:
        refuse_too_little(other, held, rules.most_held_back)
    except ReleaseError:
        return one, held.clear()
    return one, held


def with_noise(tables: Tables, *, epsilon: float, delta: float) -> Callable[[], dict[Key, int]]:
    """What a public export of these tables tells, drawn anew at every call: every number by its key."""
    days = tables[c.Conversations]["day"]
    ask = make_ask(epsilon, delta, str(days.min()), str(days.max()))
    counts, noise = count(contributions(_by_parameter(tables), ask, book=SqlBook()), ask), open_noise(ask)

    def drawn() -> dict[Key, int]:
        told = draw(counts, noise)
        return {**told.dense, **told.sparse}

    return drawn


def _by_parameter(tables: Tables) -> dict[str, pl.DataFrame]:
    """The tables under the names that queries know them by."""
    # Who counts as whom depends on others' words; in a public export everybody counts as themselves.
    held = {**tables, c.Clumps: c.Clumps.create_empty()}
    return {sub(r"(?<!^)(?=[A-Z])", "_", table.__name__).lower(): frame for table, frame in held.items()}


def _cells(cells: pl.DataFrame) -> dy.DataFrame[c.Cells]:
    return c.Cells.validate(cells)


def _counted(cells: pl.DataFrame) -> Tables:
    return {c.Cells: cells, c.ClusterNames: c.ClusterNames.create_empty()}


@contextmanager
def published(held: Tables, settings: Settings) -> Iterator[tuple[Path, Path]]:
    """A run root and its release, made of these tables by publish; gone when the attack is over."""
    with TemporaryDirectory(prefix="guidance-atlas-attack-") as folder:
        root = Path(folder)
        yield root, Path(publish_into(root, held, settings))


def publish_into(root: Path, held: Tables, settings: Settings) -> str:
    """Publish these tables in a run root as its next run; returns the release's folder."""
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
    return done["release"]
