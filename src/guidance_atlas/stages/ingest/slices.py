"""Where a part's records lie, and reading them there once more: what another machine is told instead of the words."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from guidance_atlas.errors import SourceError
from guidance_atlas.stages.ingest.codes import Fault
from guidance_atlas.stages.ingest.sources import Part, Source, line_of, part_of, read_lines


@dataclass(frozen=True, slots=True)
class Slice:
    """A part without its words."""

    digest: str
    file: str  # absolute path
    first_record: int
    n_records: int


def slice_of(part: Part) -> Slice:
    """Where a part lies that was cut from a file."""
    return Slice(part.digest, str(Path(part.file).resolve()), part.first_record, len(part.lines))


class SliceReader:
    """Reads parts from their files, and goes on where the last one of a file ended.

    No kind of file but one can be entered in the middle, so records before a part are read and let go. Whoever is asked
    for parts in the order in which they lie reads a file through once, however many parts it has.
    """

    def __init__(self) -> None:
        self._file = ""
        self._at = 0  # records read of it
        self._records: Iterator[bytes | Fault] = iter(())

    def read(self, wanted: Slice, *, max_record_bytes: int) -> Part:
        """The part that lies there.

        Raises:
            SourceError: the file cannot be opened, or holds something else by now.
        """
        if wanted.file != self._file or wanted.first_record < self._at:
            self._records = read_lines(Source(wanted.file, Path(wanted.file)), max_record_bytes=max_record_bytes)
            self._file, self._at = wanted.file, 0
        before = wanted.first_record - self._at
        lines = [line_of(record) for record in islice(self._records, before, before + wanted.n_records)]
        self._at = wanted.first_record + wanted.n_records
        part = part_of(lines, file=wanted.file, first_record=wanted.first_record)
        if part.digest != wanted.digest:
            raise SourceError(f"{wanted.file} changed while it was being read; let it come to rest and run again")
        return part
