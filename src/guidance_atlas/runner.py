"""The loops: what is stored is kept, what is missing is worked out, and nothing else happens."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl

from guidance_atlas.chain import Scope, Stage, digest
from guidance_atlas.contracts import Conversations, Exposure, Parts, Roster, Screened, Table
from guidance_atlas.errors import AtlasError, StageError
from guidance_atlas.settings import Settings
from guidance_atlas.stages.ingest.sources import MIB, Part, Source, cut
from guidance_atlas.store import Store

Keys = dict[type[Table], str]


@dataclass(frozen=True)
class PartDone:
    """What working on one part came to."""

    n_records: int
    seconds: Mapping[str, float]  # by stage, only those that ran


def part_keys(stages: Sequence[Stage], part: str) -> Keys:
    """The key of every table that the PART stages make of a part with this digest."""
    keys: Keys = {}
    for step in stages:
        if step.scope is Scope.PART:
            keys[step.writes] = step.key([keys[table] for table in step.reads] or [part])
    return keys


def missing(stages: Sequence[Stage], keys: Keys, store: Store) -> list[Stage]:
    """The PART stages still to run: those whose table is not stored, and the RAW ones that these need."""
    needed: list[Stage] = []
    for step in reversed([step for step in stages if step.scope is Scope.PART]):
        wanted = any(step.writes in later.reads for later in needed)
        raw = step.writes.exposure is Exposure.RAW
        if (raw and wanted) or (not raw and not store.has(step.writes, keys[step.writes])):
            needed.append(step)
    return needed[::-1]


def run_part(part: Part, *, stages: Sequence[Stage], store: Store) -> PartDone:
    """Run the missing stages of one part. RAW tables live here only, and go with the last stage that reads them."""
    keys = part_keys(stages, part.digest)
    steps = missing(stages, keys, store)
    held: dict[type[Table], pl.DataFrame] = {}
    seconds: dict[str, float] = {}
    for i, step in enumerate(steps):
        started = perf_counter()
        inputs = [held[t] if t in held else store.read(t, keys[t]) for t in step.reads]
        frame = guarded(step, inputs or [part], where=f"part {part.digest[:8]}")
        if step.writes.exposure is not Exposure.RAW:
            store.write(step.writes, keys[step.writes], frame)
        held[step.writes] = frame
        still_read = {table for later in steps[i + 1 :] for table in later.reads}
        held = {table: kept for table, kept in held.items() if table in still_read}
        seconds[step.name] = perf_counter() - started
    return PartDone(len(part.lines), seconds)


def guarded(step: Stage, inputs: Sequence[Any], *, where: str) -> pl.DataFrame:
    """Run a stage; a failure of its own tells its kind and place in the code, never a value it held.

    Raises:
        StageError: the stage failed.
    """
    try:
        return step.run(*inputs)
    except (AtlasError, MemoryError):
        raise
    except Exception as error:
        raise StageError(
            f"{step.name} failed on {where}: {kind_and_place(error)}; finished parts are kept, run again to go on"
        ) from None


def kind_and_place(error: BaseException) -> str:
    """The error's kind and the last line of ours that it passed. Its message may hold words and is left out."""
    trace, place = error.__traceback__, "unknown place"
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if "guidance_atlas" in file:
            place = f"{Path(file).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"


def corpus_keys(stages: Sequence[Stage], parts: pl.DataFrame) -> tuple[dict[str, Keys], Keys]:
    """The keys of each part's tables, and those of every table over all of these parts."""
    listed = [str(part) for part in parts.filter(~pl.col("repeats")).sort("position")["part"]]
    keys_of_parts = {part: part_keys(stages, part) for part in listed}
    keys: Keys = {Parts: digest(parts.rows())}
    for step in stages:
        if step.scope is Scope.PART:
            keys[step.writes] = digest([keys_of_parts[part][step.writes] for part in listed])
        else:
            chosen = [keys[Roster]] if Roster in keys else []  # later tables are cut to the roster
            chosen += [keys[Screened] for table in step.reads if table.guidance_only]
            keys[step.writes] = step.key([keys[table] for table in step.reads] + chosen)
    return keys_of_parts, keys


def run_corpus(
    stages: Sequence[Stage], parts: pl.DataFrame, *, store: Store, seconds: dict[str, float] | None = None
) -> tuple[dict[type[Table], Path], set[Path]]:
    """Run the missing CORPUS stages over all parts.

    Returns the path of every CORPUS table, and all paths that this corpus rests on. What stages that ran took is put
    into `seconds`.
    """
    keys_of_parts, keys = corpus_keys(stages, parts)
    paths: dict[type[Table], Path] = {}
    for step in (step for step in stages if step.scope is Scope.CORPUS):
        chosen = Roster in paths
        paths[step.writes] = store.path(step.writes, keys[step.writes])
        if not store.has(step.writes, keys[step.writes]):
            started = perf_counter()
            roster = store.read(Roster, keys[Roster]) if chosen else None
            inputs = [_corpus_table(t, parts, keys, keys_of_parts, roster, store) for t in step.reads]
            store.write(step.writes, keys[step.writes], guarded(step, inputs, where="the corpus"))
            if seconds is not None:
                seconds[step.name] = perf_counter() - started
    used = set(paths.values()) | {
        store.path(table, key)
        for keys_of_part in keys_of_parts.values()
        for table, key in keys_of_part.items()
        if table.exposure is not Exposure.RAW
    }
    return paths, used


def _corpus_table(
    table: type[Table],
    parts: pl.DataFrame,
    keys: Keys,
    keys_of_parts: Mapping[str, Keys],
    roster: pl.DataFrame | None,
    store: Store,
) -> pl.DataFrame:
    """A table over all parts: with each row's part before the roster, cut to kept conversations after it.

    Only the columns of one table and, of what is long, only guidance conversations are ever held whole.
    """
    if table is Parts:
        return parts
    if store.has(table, keys[table]):  # written by an earlier CORPUS stage
        return store.read(table, keys[table])
    if not keys_of_parts:
        return table.create_empty() if roster is not None else table.create_empty().with_columns(part=pl.lit(""))
    rows = _over_parts(table, keys_of_parts, store)
    if roster is None:
        return rows.collect()
    kept = roster.lazy().filter(pl.col("outcome") == "kept").select("part", "conversation_id", "record")
    by = ["part", "conversation_id", "record"] if table is Conversations else ["part", "conversation_id"]
    order = ["conversation_id", "turn"] if "turn" in table.columns() else ["conversation_id"]
    rows = rows.join(kept, on=by, how="semi")
    if table.guidance_only:
        asked = _over_parts(Screened, keys_of_parts, store).filter("guidance")
        rows = rows.join(asked, on=["part", "conversation_id"], how="semi")
    return rows.drop("part").sort(order).collect(engine="streaming")


def _over_parts(table: type[Table], keys_of_parts: Mapping[str, Keys], store: Store) -> pl.LazyFrame:
    return pl.concat(
        store.scan(table, of_part[table]).with_columns(part=pl.lit(part)) for part, of_part in keys_of_parts.items()
    )


def listing(rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """The parts read, as a table; a part whose bytes came before is marked."""
    frame = pl.DataFrame(list(rows), schema_overrides={"n_records": pl.UInt64}, orient="row")
    if frame.is_empty():
        return Parts.create_empty()
    return Parts.validate(frame.with_columns(repeats=~pl.col("part").is_first_distinct()), cast=True)


def parts_of(sources: Sequence[Source], settings: Settings) -> Iterator[Part]:
    """The parts that the settings cut these sources into."""
    for source in sources:
        yield from cut(
            source,
            max_record_bytes=settings.ingest.max_record_mb * MIB,
            max_records=settings.ingest.part_records,
            max_bytes=settings.ingest.part_mb * MIB,
        )


def to_do(
    parts: Iterator[Part], *, stages: Sequence[Stage], store: Store, seen: list[dict[str, object]]
) -> Iterator[Part]:
    """Pass on the parts with something missing; note every part in `seen`."""
    known: set[str] = set()
    for part in parts:
        seen.append(
            {
                "position": len(seen),
                "part": part.digest,
                "file": part.file,
                "first_record": part.first_record,
                "n_records": len(part.lines),
                "n_bytes": sum(map(len, part.lines)),
            }
        )
        if part.digest not in known and missing(stages, part_keys(stages, part.digest), store):
            yield part
        known.add(part.digest)
