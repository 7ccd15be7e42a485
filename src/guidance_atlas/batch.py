"""One batch run over a run root: read, work on parts, look at the whole, publish, release."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from guidance_atlas.errors import StoreError
from guidance_atlas.executors import open_executor
from guidance_atlas.forget import clear_for_run, settle_after_run
from guidance_atlas.log import open_log
from guidance_atlas.modes import check_modes, own_places
from guidance_atlas.plan import plan, remembering
from guidance_atlas.publish import publish
from guidance_atlas.remote import check_sources, work_elsewhere
from guidance_atlas.runner import PartDone, listing, parts_of, run_corpus, run_part, to_do
from guidance_atlas.settings import Settings, person_secret
from guidance_atlas.stages.forgotten import Forgotten
from guidance_atlas.stages.ingest.sources import Part, find_sources
from guidance_atlas.store import Store, only_run, open_folder, private_folder, whole_file
from guidance_atlas.survey import likely_bytes


@dataclass
class Progress:
    """How far a run is; handed to whoever watches after every part."""

    n_records: int = 0
    n_stored: int = 0  # records whose part was stored already
    n_bytes: int = 0  # of records read so far
    seconds: dict[str, float] = field(default_factory=dict)  # by stage, added up over workers

    def add(self, done: PartDone) -> None:
        """Count one part in."""
        self.n_records += done.n_records
        for stage, seconds in done.seconds.items():
            self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds


@dataclass(frozen=True)
class Ran:
    """What a run came to. Paths are under the run root."""

    run_id: str
    n_records: int
    n_parts: int
    n_parts_worked: int
    seconds: float
    stage_seconds: dict[str, float]
    atlas: str
    release: str | None
    refused: str | None  # why there is no release
    changed: bool  # whether anything was published anew
    residual_leaks: dict[str, float]  # of planted names and identifiers, what masking let through


def run(
    sources: Sequence[str],
    *,
    root: Path,
    settings: Settings,
    watch: Callable[[Progress], None] = lambda _progress: None,
) -> Ran:
    """Run everything that is not stored yet, then publish.

    A run that ends early, however, leaves finished parts behind and goes on from there the next time.

    Raises:
        AtlasError: one of its children; see errors.py.
    """
    started = perf_counter()
    found = find_sources(sources, but=own_places(root))
    if settings.run.executor != "local":
        check_sources(found)
    open_folder(check_modes(root))
    private_folder(root / "vault")
    with only_run(root), open_log(root / "run.log.jsonl") as log:
        secret = person_secret(root)
        stages = plan(settings, secret)
        store = Store(root / "vault")
        forgotten, clearing = clear_for_run(root, store, stages, settings, secret)
        run_id = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        log.info("run began", run_id=run_id, version=version("guidance-atlas"), n_workers=settings.run.workers)
        seen: list[dict[str, object]] = []
        progress = Progress()
        n_worked = 0
        jobs = to_do(parts_of(found, settings), stages=stages, store=store, seen=seen)
        executor = open_executor(settings.run)
        if settings.run.executor == "local":
            work = partial(_work_on, settings=settings, secret=secret, vault=store.folder, forgotten=forgotten)
            worked = executor.map(work, jobs)
        else:
            worked = work_elsewhere(executor, jobs, root=root, settings=settings, stages=stages, forgotten=forgotten)
        for done in worked:
            n_worked += 1
            progress.add(done)
            progress.n_stored = max(0, _total(seen, "n_records") - progress.n_records)
            progress.n_bytes = _total(seen, "n_bytes")
            log.info("part done", n_records=done.n_records, seconds=round(sum(done.seconds.values()), 2))
            watch(progress)
        parts, n_records = listing(seen), _total(seen, "n_records")
        tables, used = run_corpus(stages, parts, store=store, seconds=progress.seconds)
        log.info("corpus done", n_parts=parts.height, n_records=n_records)
        published = publish(root, tables=tables, parts=parts, settings=settings)
        store.sweep(used)
        if clearing is not None:
            settle_after_run(root, secret, clearing)
            log.info("forgot", n_records=clearing.found.n_records)
        ran = Ran(
            run_id=run_id,
            n_records=n_records,
            n_parts=parts.height,
            n_parts_worked=n_worked,
            seconds=round(perf_counter() - started, 1),
            stage_seconds={name: round(value, 1) for name, value in progress.seconds.items()},
            **published,
        )
        with whole_file(root / "last_run.json") as scratch:
            scratch.write_text(json.dumps(asdict(ran), indent=2), encoding="utf-8")
        if ran.refused is not None:
            log.warning("release refused", run_id=run_id)
        log.info("run ended", run_id=run_id, seconds=ran.seconds)
    return ran


def _total(seen: Sequence[Mapping[str, object]], count: str) -> int:
    return sum(int(str(row[count])) for row in seen)


def _work_on(part: Part, *, settings: Settings, secret: bytes, vault: Path, forgotten: Forgotten) -> PartDone:
    """Work on one part in whatever process this is."""
    return run_part(part, stages=remembering(plan(settings, secret), forgotten), store=Store(vault))


def status(root: Path) -> dict[str, Any]:
    """What the last good run came to, and whether a run is at work.

    Raises:
        StoreError: there is no run root.
    """
    if not (root / "vault").is_dir():
        raise StoreError(f"{root} is no run root; run: guidance-atlas run SOURCES --root {root}")
    try:
        with only_run(root):
            at_work = False
    except StoreError:
        at_work = True
    last = root / "last_run.json"
    ran = json.loads(last.read_text(encoding="utf-8")) if last.exists() else {"run_id": None}
    stored = sum(1 for _ in (root / "vault").rglob("*.parquet"))
    return {"root": str(root), "run_at_work": at_work, "tables_stored": stored, "last_run": ran.pop("run_id")} | ran


def expected_bytes(sources: Sequence[str], *, root: Path) -> int | None:
    """About how many bytes of records the sources hold; None where standard input is among them."""
    found = find_sources(sources, but=own_places(root))
    if any(source.path is None for source in found):
        return None
    return sum(map(likely_bytes, found))
