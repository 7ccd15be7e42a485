"""What a run would take before it is begun: time, disk and memory, from a trial on a few of its records.

PART stages are timed on records of the sources, in this process and with nothing stored; stages over all parts are
foretold from the size of the corpus (costs.py). What is stored already costs nothing.
"""

import math
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from guidance_atlas.chain import Scope, Stage
from guidance_atlas.contracts import Conversations, Screened
from guidance_atlas.costs import DISK, MEMORY, PUBLISH, STAGES, UNCHANGED, Size, n_groups
from guidance_atlas.modes import own_places
from guidance_atlas.plan import plan, remembering
from guidance_atlas.runner import corpus_keys, listing
from guidance_atlas.settings import SECRET_VARIABLE, Settings, known_secret
from guidance_atlas.stages.ingest.sources import find_sources
from guidance_atlas.store import Store
from guidance_atlas.survey import Survey, survey
from guidance_atlas.tombstones import forgotten_of, read_tombstones
from guidance_atlas.trial import Trial, largest_bytes, try_out

NO_SECRET = b"a root without a secret has nothing stored"
NO_TRIAL = Trial(0, 0, 0.0, 0.0, 0.0, frozenset(), {}, {}, 0.0, 1.0, 0)  # everything is stored


@dataclass(frozen=True)
class Estimate:
    """What a run would come to. Seconds are by the clock, if the machine stays as busy as it was during the trial."""

    n_records: int
    n_bytes: int  # of records, unpacked
    n_to_do: int  # records of parts that are not stored
    n_guidance: int
    survivors: float  # share of records to do that go to the dear stages
    seconds: Mapping[str, float]  # starting, parts, corpus, publishing, all
    processor_seconds: float  # of all processes
    stage_seconds: Mapping[str, float]  # processor seconds, workers added up
    bytes_written: Mapping[str, int]  # vault, databases, release, temporary, all
    bytes_free: int  # on the root's disk
    memory: Mapping[str, int]  # bytes: largest process, all processes
    n_workers: int
    n_tried: int  # records of the trial
    n_tried_closely: int  # conversations of them that went through all stages
    slowdown: float  # seconds by the clock over processor seconds during the trial
    trial_seconds: float  # by the clock, reading included


@dataclass(frozen=True)
class _Found:
    """What is known before anything is added up."""

    read: Survey
    trial: Trial
    missing: Sequence[str]  # stages over all parts that are not stored
    size: Size
    launching: float  # processor seconds until the plan stands
    reading: float  # processor seconds
    launched_bytes: int  # memory then


def estimate(sources: Sequence[str], *, root: Path, settings: Settings) -> Estimate:
    """Tell what a run over these sources would take. Nothing is written to the root.

    Raises:
        AtlasError: what the run would raise before its first part, or on the records of the trial.
        SourceError: standard input is among the sources, or nothing can be read in them.
    """
    began = time.perf_counter()
    found_sources = find_sources(sources, but=own_places(root))
    known = SECRET_VARIABLE in os.environ or (root / "secret").exists()
    secret = known_secret(root) if known else NO_SECRET
    stages = plan(settings, secret)
    forgotten = forgotten_of(read_tombstones(root, secret), retention=settings.retention.days)
    launching, launched_bytes = time.process_time(), largest_bytes()
    with TemporaryDirectory() as nothing:  # stands for the vault of a root that has none yet
        store = Store(root / "vault" if (root / "vault").is_dir() else Path(nothing))
        read = survey(found_sources, settings=settings, stages=stages, store=store)
        reading = (time.process_time() - launching) * read.scale
        missing, n_guidance, pairs = _stored(stages, read, store)
    lines = read.draw.lines()
    trial = try_out(lines, stages=remembering(stages, forgotten)) if lines else NO_TRIAL
    size = Size(
        records=read.n_records * read.scale,
        guidance=n_guidance * read.scale + trial.guidance * read.records_to_do.get("screen", 0),
        groups=n_groups(pairs | trial.pairs),
    )
    found = _Found(read, trial, missing, size, launching, reading, launched_bytes)
    return _told(found, stages, root=root, n_workers=settings.run.workers, trial_seconds=time.perf_counter() - began)


def _stored(stages: Sequence[Stage], read: Survey, store: Store) -> tuple[list[str], int, frozenset[tuple[str, str]]]:
    """Stages over all parts that are not stored; of stored parts, how many are guidance, and their weeks and models."""
    keys_of_parts, keys = corpus_keys(stages, listing(read.listed))
    corpus = [step for step in stages if step.scope is Scope.CORPUS]
    missing = [step.name for step in corpus if read.n_bytes_unread or not store.has(step.writes, keys[step.writes])]
    n_guidance, pairs = 0, set()
    for of_part in keys_of_parts.values():
        if all(store.has(table, of_part[table]) for table in (Screened, Conversations)):
            n_guidance += int(store.read(Screened, of_part[Screened])["guidance"].sum() or 0)
            told = store.scan(Conversations, of_part[Conversations]).filter(pl.col("conversation_id").is_not_null())
            pairs |= set(told.select(pl.col("week", "model").fill_null("unknown")).unique().collect().rows())
    return missing, n_guidance, frozenset(pairs)


def _told(found: _Found, stages: Sequence[Stage], *, root: Path, n_workers: int, trial_seconds: float) -> Estimate:
    read, trial, size = found.read, found.trial, found.size
    side_by_side = min(n_workers, os.cpu_count() or 1)
    to_do = read.records_to_do
    of_parts = {name: seconds * to_do.get(name, 0) for name, seconds in trial.stage_seconds.items()}
    of_corpus = {name: STAGES[name].of(size) for name in found.missing if name in STAGES}
    publishing = (PUBLISH if found.missing else UNCHANGED).of(size)
    launches = 1 + (n_workers if n_workers > 1 and of_parts else 0)
    seconds = {
        "starting": found.launching * min(launches, 2) + trial.loading_seconds * math.ceil(n_workers / side_by_side),
        "parts": _longest(read, trial, n_workers=side_by_side) + found.reading / side_by_side,
        "corpus": sum(of_corpus.values()),
        "publishing": publishing,
    }
    seconds = {name: value * trial.slowdown for name, value in seconds.items()}
    starting = found.launching * launches + trial.loading_seconds * n_workers
    written = _written(found, stages)
    largest = int(max(trial.largest_bytes, MEMORY.of(size) if found.missing else 0, found.launched_bytes))
    together = trial.largest_bytes * n_workers + (found.launched_bytes if n_workers > 1 else 0)
    return Estimate(
        n_records=round(size.records),
        n_bytes=round(read.n_bytes * read.scale),
        n_to_do=round(to_do.get("screen", 0)),
        n_guidance=round(size.guidance),
        survivors=trial.survivors,
        seconds=seconds | {"all": sum(seconds.values())},
        processor_seconds=starting + found.reading + sum(of_parts.values()) + sum(of_corpus.values()) + publishing,
        stage_seconds=of_parts | of_corpus,
        bytes_written=written | {"all": sum(written.values())},
        bytes_free=shutil.disk_usage(next(path for path in (root, *root.absolute().parents) if path.exists())).free,
        memory={"largest process": largest, "all processes": max(largest, together)},
        n_workers=n_workers,
        n_tried=trial.n_records,
        n_tried_closely=trial.n_closely,
        slowdown=trial.slowdown,
        trial_seconds=trial_seconds,
    )


def _longest(read: Survey, trial: Trial, *, n_workers: int) -> float:
    """Processor seconds of the worker that has most to do, when each takes the next part as soon as it is free."""
    busy = [0.0] * n_workers
    for n_records, steps in read.todo:
        heapreplace(busy, busy[0] + n_records * sum(trial.stage_seconds.get(step, 0.0) for step in steps))
    return max(busy) * read.scale


def _written(found: _Found, stages: Sequence[Stage]) -> dict[str, int]:
    """Bytes that the run adds to the root, and those that it needs beside for a while."""
    to_do, table_bytes = found.read.records_to_do, found.trial.table_bytes
    vault = sum(table_bytes.get(step.writes.__name__, 0.0) * to_do.get(step.name, 0) for step in stages)
    if not found.missing:
        return {"vault": round(vault), "databases": 0, "release": 0, "temporary": 0}
    made = {name: cost.of(found.size) for name, cost in DISK.items()}
    # A database is written beside the one it takes the place of.
    made |= {"vault": vault + made["vault"], "temporary": made["databases"]}
    return {name: round(n_bytes) for name, n_bytes in made.items()}
