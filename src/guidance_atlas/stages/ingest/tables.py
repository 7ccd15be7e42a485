"""Rows of parquet and CSV files as lines of JSON, a batch or a row at a time."""

import csv
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import orjson
import polars as pl

from guidance_atlas.stages.ingest.codes import Fault, Unusable
from guidance_atlas.stages.ingest.unpack import open_bytes, skip_mark

ROWS = 512
LARGEST_PACKED_PARQUET = 512 << 20
POLARS_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError)


def parquet_lines(path: Path, *, packed: str) -> Iterator[bytes | Fault]:
    """Yield the rows of a parquet file. One that is packed once more has to be unpacked in memory, up to 512 MiB."""
    plain: Path | bytes = path
    if packed:
        with open_bytes(path, packed=packed) as stream:
            plain = stream.read(LARGEST_PACKED_PARQUET + 1)
        if len(plain) > LARGEST_PACKED_PARQUET:
            yield Fault("file_too_large")
            return
    if not plain or (isinstance(plain, Path) and plain.stat().st_size == 0):
        return
    try:
        for batch in pl.scan_parquet(plain).collect_batches(chunk_size=ROWS, maintain_order=True):
            yield from _batch_lines(batch)
    except POLARS_ERRORS:
        yield Fault("file_truncated" if _breaks_off(plain) else "file_corrupt")


def _breaks_off(plain: Path | bytes) -> bool:
    """Whether a file begins as parquet does and does not end so."""
    with BytesIO(plain) if isinstance(plain, bytes) else plain.open("rb") as stream:
        start = stream.read(4)
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 4))
        return start == b"PAR1" and stream.read(4) != b"PAR1"


def _batch_lines(batch: pl.DataFrame) -> Iterator[bytes]:
    for name, kind in batch.schema.items():
        plain = _without_binary(kind)
        if plain != kind:
            # text that its writer did not mark as text; bytes that are none, such as images, cannot be JSON
            try:
                batch = batch.with_columns(pl.col(name).cast(plain))
            except POLARS_ERRORS:
                batch = batch.drop(name)
    if batch.width:
        written = BytesIO()
        batch.write_ndjson(written)
        yield from written.getvalue().splitlines()
    else:
        yield from [b"{}"] * batch.height


def _without_binary(kind: pl.DataType) -> pl.DataType:
    if isinstance(kind, pl.List):
        return pl.List(_without_binary(kind.inner))  # type: ignore[arg-type]
    if isinstance(kind, pl.Array):
        return pl.Array(_without_binary(kind.inner), kind.size)  # type: ignore[arg-type]
    if isinstance(kind, pl.Struct):
        return pl.Struct({field.name: _without_binary(field.dtype) for field in kind.fields})  # type: ignore[arg-type]
    return pl.String() if isinstance(kind, pl.Binary) else kind


class _Lines:
    """Lines of text for the CSV reader; counts quotes, so that a broken row can be left at its true end."""

    def __init__(self, stream: BinaryIO, largest: int, start: bytes) -> None:
        self._stream, self._largest, self._start = stream, largest, start
        self.n_quotes = self.n_bytes = 0

    def begin_row(self) -> None:
        self.n_quotes = self.n_bytes = 0

    def __iter__(self) -> "Iterator[str]":
        return self

    def __next__(self) -> str:
        line = self._start or self._stream.readline(self._largest)
        self._start = b""
        self.n_quotes += line.count(b'"')
        self.n_bytes += len(line)
        if not line:
            raise StopIteration
        if self.n_bytes >= self._largest:
            while line and not line.endswith(b"\n"):
                line = self._stream.readline(self._largest)
                self.n_quotes += line.count(b'"')
            raise Unusable("record_too_large")
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            code = "not_utf8"
        raise Unusable(code)

    def end_row(self) -> bool:
        """Go to the end of the row that cannot be read: where the quotes are even again. False if that never comes."""
        while self.n_quotes % 2:
            line = self._stream.readline(self._largest)
            if not line:
                return False
            self.n_quotes += line.count(b'"')
        return True


def csv_lines(stream: BinaryIO, *, largest: int) -> Iterator[bytes | Fault]:
    """Yield the rows of a CSV file with a header as flat JSON objects of text.

    The separator is whichever of comma, semicolon and tab is most often in the first line. Read by the standard
    library, because rows then stream at any size and a broken one costs only itself.
    """
    csv.field_size_limit(max(csv.field_size_limit(), largest))
    start = stream.readline(largest)
    start = start[skip_mark(start) :]
    lines = _Lines(stream, largest, start)
    separator = max((",", ";", "\t"), key=lambda mark: start.count(mark.encode()))
    rows = csv.reader(lines, delimiter=separator, strict=True)
    header: list[str] | None = None
    while True:
        lines.begin_row()
        try:
            row = next(rows)
        except StopIteration:
            return
        except (csv.Error, Unusable) as error:
            code = error.code if isinstance(error, Unusable) else "bad_csv"
            whole = lines.end_row()
            yield Fault(code if whole else "file_truncated")
            if header is None:
                return
        else:
            if header is None:
                header = row
            elif len(row) > len(header):
                yield Fault("bad_csv")
            elif row:
                yield orjson.dumps(dict(zip(header, row, strict=False)))
