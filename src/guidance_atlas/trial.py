"""What the PART stages cost on records like these: a few go through them in this process, and nothing is stored."""

import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

import polars as pl

from guidance_atlas.chain import Scope, Stage
from guidance_atlas.contracts import Conversations, Exposure, Glanced, Screened, Table
from guidance_atlas.runner import guarded
from guidance_atlas.stages.ingest.sources import Part

WARM = 16  # records on which models are opened
CLOSELY = 480  # conversations that the stages after glance see; glance and those before it see all

Change = Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True)
class Trial:
    """Figures of a trial. Shares, seconds and bytes are for one record that is read, whatever became of it."""

    n_records: int
    n_closely: int  # conversations that went through all stages
    kept: float  # share of records that are conversations of their own
    survivors: float  # share of records that glance keeps
    guidance: float  # share of records that ask for guidance
    pairs: frozenset[tuple[str, str]]  # week and model of conversations
    stage_seconds: Mapping[str, float]  # processor seconds of each stage
    table_bytes: Mapping[str, float]  # bytes of each table as it is stored
    loading_seconds: float  # processor seconds to open all models, once a process
    slowdown: float  # seconds by the clock over processor seconds: over 1 where others use the machine
    largest_bytes: int  # memory of this process at its largest


@dataclass
class _Passed:
    frames: dict[type[Table], pl.DataFrame] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    n_bytes: dict[str, int] = field(default_factory=dict)


def try_out(lines: Sequence[bytes], *, stages: Sequence[Stage]) -> Trial:
    """Open all models on a few records, then time every PART stage on all of them, the dear ones on CLOSELY.

    Raises:
        AtlasError: what a run would raise.
    """
    part = [step for step in stages if step.scope is Scope.PART]
    opened = time.process_time()
    _pass(lines[:WARM], part, {Glanced: _all_kept, Screened: _all_guidance})
    began, clock = time.process_time(), time.perf_counter()
    passed = _pass(lines, part, {Glanced: _some_kept})
    ended = time.process_time()
    slowdown = (time.perf_counter() - clock) / (ended - began)
    glanced = passed.frames[Glanced]
    n, n_survivors = len(lines), int(glanced["survives"].sum())
    n_closely = int(glanced["kept"].sum())
    late = n_survivors / max(1, n_closely)  # survivors for which one stands that went on
    names = [step.name for step in part]
    first_late = next(at for at, step in enumerate(part) if step.writes is Glanced) + 1
    times = {name: (late if at >= first_late else 1.0) / n for at, name in enumerate(names)}
    writes = {step.writes.__name__: times[step.name] for step in part}
    told = passed.frames[Conversations].filter(pl.col("outcome").cast(pl.String) == "kept")
    pairs = told.select(pl.col("week", "model").fill_null("unknown")).unique().rows()
    return Trial(
        n_records=n,
        n_closely=n_closely,
        kept=told.height / n,
        survivors=n_survivors / n,
        guidance=int(passed.frames[Screened]["guidance"].sum() or 0) * late / n,
        pairs=frozenset(pairs),
        stage_seconds={name: seconds * times[name] for name, seconds in passed.seconds.items()},
        table_bytes={name: n_bytes * writes[name] for name, n_bytes in passed.n_bytes.items()},
        loading_seconds=began - opened,
        slowdown=max(1.0, slowdown),
        largest_bytes=largest_bytes(),
    )


def _pass(lines: Sequence[bytes], stages: Sequence[Stage], changes: Mapping[type[Table], Change]) -> _Passed:
    """Run the stages on lines; `changes` are made to a table before later stages read it."""
    source = Part(digest="trial", file="trial", first_record=0, lines=list(lines))
    passed = _Passed()
    for step in stages:
        started = time.process_time()
        frame = guarded(step, [passed.frames[table] for table in step.reads] or [source], where="a trial")
        if step.writes.exposure is not Exposure.RAW:
            stored = BytesIO()
            frame.write_parquet(stored, compression="zstd")
            passed.n_bytes[step.writes.__name__] = stored.tell()
        passed.seconds[step.name] = time.process_time() - started
        passed.frames[step.writes] = changes.get(step.writes, _as_it_is)(frame)
    return passed


def largest_bytes() -> int:
    """Memory of this process at its largest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # KiB on Linux


def _as_it_is(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


def _all_kept(glanced: pl.DataFrame) -> pl.DataFrame:
    return glanced.with_columns(kept=pl.lit(True))


def _all_guidance(screened: pl.DataFrame) -> pl.DataFrame:
    return screened.with_columns(guidance=pl.lit(True), reason=pl.lit(None, pl.String))


def _some_kept(glanced: pl.DataFrame) -> pl.DataFrame:
    """Let CLOSELY of the survivors go on, evenly over their scores: so as many of them ask for guidance as of all."""
    n = max(CLOSELY, int(glanced["kept"].sum()))
    place = pl.when("kept").then(pl.struct("score", "conversation_id").rank("ordinal").over("kept")).cast(pl.Int64)
    chosen = place * CLOSELY // n != (place - 1) * CLOSELY // n
    return glanced.with_columns(survives=pl.col("kept"), kept=chosen.fill_null(False))
