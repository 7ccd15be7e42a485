"""Parts worked on by other machines. They are told where a part lies; words and the secret they read for themselves.

Whatever is handed to such a worker passes through memory and files of the cluster's own, which are not ours to guard.
So nothing that is handed over, and nothing that comes back, holds a word of anybody's or the secret.
"""

import platform
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import polars as pl

from guidance_atlas.chain import Scope, Stage, digest
from guidance_atlas.contracts import Table
from guidance_atlas.errors import ChainError, SettingsError, SourceError, StoreError
from guidance_atlas.executors import Executor
from guidance_atlas.plan import plan, remembering
from guidance_atlas.runner import PartDone, run_part
from guidance_atlas.settings import SECRET_VARIABLE, Settings, known_secret
from guidance_atlas.stages.forgotten import Forgotten
from guidance_atlas.stages.ingest.slices import Slice, SliceReader, slice_of
from guidance_atlas.stages.ingest.sources import MIB, Part, Source
from guidance_atlas.store import Store, whole_file

MARK = ".run"
_READER = SliceReader()  # one a process, as the plan is


def check_sources(sources: Sequence[Source]) -> None:
    """Refuse what other machines cannot read.

    Raises:
        SourceError: standard input is among the sources.
    """
    if any(source.path is None for source in sources):
        raise SourceError(
            "standard input cannot be read by workers on other machines; write it to a file that all of them see, or "
            'set run.executor = "local"'
        )


def work_elsewhere(
    executor: Executor,
    parts: Iterator[Part],
    *,
    root: Path,
    settings: Settings,
    stages: Sequence[Stage],
    forgotten: Forgotten,
) -> Iterator[PartDone]:
    """Have parts worked on by an executor whose workers are on other machines.

    Raises:
        AtlasError: a worker does not see the root or a file, has other code or another secret, or a stage failed.
    """
    root = root.resolve()
    with _marked(root / "vault") as mark:
        work = partial(
            work_on, root=root, settings=settings, forgotten=forgotten, plan_digest=plan_digest(stages), mark=mark
        )
        yield from executor.map(work, map(slice_of, parts))


def plan_digest(stages: Sequence[Stage]) -> str:
    """What stands for everything that could change a stored part: code, settings, models, and the secret's hash."""
    return digest([step.identity for step in stages if step.scope is Scope.PART])


def work_on(
    where: Slice, *, root: Path, settings: Settings, forgotten: Forgotten, plan_digest: str, mark: str
) -> PartDone:
    """Work on one part on whatever machine this is.

    Raises:
        StoreError: this machine does not see the run root.
        SettingsError: this machine does not know the secret.
        ChainError: this machine would make other tables of the part.
        SourceError: this machine does not see the source, or it changed.
    """
    here = platform.node()
    store = _MarkedStore(root / "vault", mark)
    stages = _stages(root, settings, plan_digest)
    if not Path(where.file).is_file():
        raise SourceError(f"{where.file} is not to be seen on {here}; sources must lie at one path on every node")
    part = _READER.read(where, max_record_bytes=settings.ingest.max_record_mb * MIB)
    return run_part(part, stages=remembering(stages, forgotten), store=store)


def _stages(root: Path, settings: Settings, wanted: str) -> Sequence[Stage]:
    here = platform.node()
    try:
        secret = known_secret(root)
    except (SettingsError, OSError):
        raise SettingsError(
            f"the secret is not to be had on {here}: let Ray run as the root's owner, and where {SECRET_VARIABLE} is "
            "used, set it before ray start on every node"
        ) from None
    stages = plan(settings, secret)
    if plan_digest(stages) != wanted:
        raise ChainError(
            f"{here} would make other tables than this machine: install the same guidance-atlas, the same extras and "
            f"models on every node, and where {SECRET_VARIABLE} is used, set it to the same before ray start"
        )
    return stages


class _MarkedStore(Store):
    """The vault of a run that is still at work; of any other nothing is touched.

    A worker that a run gave up as lost may only be cut off. Whatever it still writes after the run, somebody may have
    been forgotten meanwhile, so it looks once more before each table.
    """

    def __init__(self, folder: Path, mark: str) -> None:
        self.folder, self.mark = folder, mark
        self._check()

    def write(self, table: type[Table], key: str, frame: pl.DataFrame) -> None:
        """Store a table whole or not at all, while the run is at work."""
        self._check()
        super().write(table, key, frame)

    def _check(self) -> None:
        try:
            seen = (self.folder / MARK).read_text(encoding="utf-8")
        except OSError:
            seen = ""
        if seen != self.mark:
            raise StoreError(
                f"{platform.node()} does not see the run in {self.folder.parent}: the run root must be one folder "
                "that every node sees at the same path, and Ray must run as its owner"
            )


@contextmanager
def _marked(vault: Path) -> Iterator[str]:
    """Leave a mark in the vault while a run is at work, by which others can tell that they see the same folder."""
    mark = secrets.token_hex(16)
    with whole_file(vault / MARK) as scratch:
        scratch.write_text(mark, encoding="utf-8")
    try:
        yield mark
    finally:
        (vault / MARK).unlink(missing_ok=True)
