"""What the sources hold and what of it is still to do, read as a run reads it; of a very large input, a share."""

import gzip
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
from zstandard import ZstdDecompressor

from guidance_atlas.chain import Stage
from guidance_atlas.errors import SourceError
from guidance_atlas.runner import missing, part_keys, parts_of, to_do
from guidance_atlas.settings import Settings
from guidance_atlas.stages.ingest.sources import FAULT, MIB, Part, Source
from guidance_atlas.store import Store

READ_MOST = 2_048 * MIB  # bytes of records that are read; of larger sources the same share of every file
DRAWN = 4_000  # records for a trial, the most
DRAWN_MOST = 64 * MIB  # bytes of them
LOOK = 16 * MIB  # unpacked bytes that tell how closely a file is packed
PACKED = (".gz", ".zst")
PACKED_GUESS = 4  # bytes of records in a byte of a packed file, which chat logs hold within a factor of two


class Draw:
    """Records drawn at random from a stream of unknown length, in bounded memory: each is as likely as any other."""

    def __init__(self, *, most: int = DRAWN, most_bytes: int = DRAWN_MOST, seed: int = 7) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a draw, no secret
        self._most, self._most_bytes, self._kept_of = most, most_bytes, 1.0
        self._lines: list[bytes] = []
        self._n_bytes = 0

    def see(self, line: bytes) -> None:
        """Take a record in or let it go; where there are too many, every second one goes and fewer come in."""
        if self._chance.random() >= self._kept_of:
            return
        self._lines.append(line)
        self._n_bytes += len(line)
        while len(self._lines) > 1 and (len(self._lines) > 2 * self._most or self._n_bytes > self._most_bytes):
            self._lines = self._chance.sample(self._lines, len(self._lines) // 2)
            self._n_bytes = sum(map(len, self._lines))
            self._kept_of /= 2

    def lines(self) -> list[bytes]:
        """The draw, at most `most` records in random order."""
        return self._chance.sample(self._lines, min(self._most, len(self._lines)))


@dataclass
class Survey:
    """What was read, and what of it is still to do."""

    listed: list[dict[str, object]] = field(default_factory=list)  # parts, as a run lists them
    todo: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)  # records and stages of parts not stored
    draw: Draw = field(default_factory=Draw)
    n_bytes_unread: int = 0

    @property
    def n_records(self) -> int:
        """Records that were read."""
        return sum(int(str(row["n_records"])) for row in self.listed)

    @property
    def n_bytes(self) -> int:
        """Bytes of records that were read."""
        return sum(int(str(row["n_bytes"])) for row in self.listed)

    @property
    def records_to_do(self) -> dict[str, float]:
        """Records that each stage still has to see, of what was not read as well."""
        counted: Counter[str] = Counter()
        for n_records, steps in self.todo:
            counted.update(dict.fromkeys(steps, n_records))
        return {step: n * self.scale for step, n in counted.items()}

    @property
    def scale(self) -> float:
        """How many times as much there is in all; 1 where everything was read."""
        return 1 + self.n_bytes_unread / max(1, self.n_bytes)


def survey(sources: Sequence[Source], *, settings: Settings, stages: Sequence[Stage], store: Store) -> Survey:
    """Read the sources up to READ_MOST bytes of records; records of parts with something missing may be drawn.

    Raises:
        SourceError: standard input is among them, or no record can be read.
    """
    if any(source.path is None for source in sources):
        raise SourceError("standard input can be read only once, and the run will need it; name files to estimate")
    found = Survey()
    n_read = 0
    for part in to_do(_within(sources, settings, found), stages=stages, store=store, seen=found.listed):
        steps = missing(stages, part_keys(stages, part.digest), store)
        found.todo.append((len(part.lines), tuple(step.name for step in steps)))
        for line in part.lines:
            found.draw.see(line)
            n_read += not line.startswith(FAULT)
    if found.todo and not n_read:
        raise SourceError("no record can be read in the sources, so there is nothing to estimate; look at the files")
    return found


def _within(sources: Sequence[Source], settings: Settings, found: Survey) -> Iterator[Part]:
    """Parts as a run cuts them, of every file the same share where there is too much; notes how much was left."""
    sizes = [likely_bytes(source) for source in sources]
    for source, size in zip(sources, sizes, strict=True):
        allowed = READ_MOST * size / max(1, sum(sizes))
        n_bytes = n_records = 0
        for part in parts_of([source], settings):
            if n_bytes > allowed:
                found.n_bytes_unread += max(0, _holds(source.path, n_bytes / n_records) - n_bytes)
                break
            n_bytes, n_records = n_bytes + sum(map(len, part.lines)), n_records + len(part.lines)
            yield part


def likely_bytes(source: Source) -> int:
    """About how many bytes of records a file holds, by its size alone."""
    assert source.path is not None
    packed = source.path.name.endswith((*PACKED, ".parquet"))
    return source.path.stat().st_size * (PACKED_GUESS if packed else 1)


def _holds(path: Path | None, record_bytes: float) -> int:
    """About how many bytes of records a file holds that is not read to its end."""
    assert path is not None
    if path.name.endswith(".parquet"):
        return int(pl.scan_parquet(path).select(pl.len()).collect().item() * record_bytes)
    size = path.stat().st_size
    if not path.name.endswith(PACKED):
        return size
    with path.open("rb") as raw:
        unpacked = gzip.GzipFile(fileobj=raw) if path.name.endswith(".gz") else ZstdDecompressor().stream_reader(raw)
        return int(size * len(unpacked.read(LOOK)) / raw.tell())
