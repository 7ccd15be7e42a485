"""Finding sources, reading them as a stream of records, and cutting the stream into parts.

This half runs where the run is driven from. It never holds a whole file: one record of at most max_record_bytes, one
chunk, and the part being filled.
"""

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from guidance_atlas.errors import SourceError
from guidance_atlas.stages.ingest.codes import Fault, Unusable
from guidance_atlas.stages.ingest.elements import document, opened
from guidance_atlas.stages.ingest.formats import detect
from guidance_atlas.stages.ingest.parse import parse_object
from guidance_atlas.stages.ingest.tables import csv_lines, parquet_lines
from guidance_atlas.stages.ingest.unpack import READ_ERRORS, fault_code, open_bytes, skip_mark

KINDS = (".jsonl", ".ndjson", ".json", ".parquet", ".csv")
PACKINGS = ("", ".gz", ".zst")
ENDINGS = tuple(kind + packing for kind in KINDS for packing in PACKINGS)
STDIN = "-"
MIB = 1 << 20
FAULT = b"\x00fault:"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read; path is None for standard input."""

    name: str
    path: Path | None


@dataclass(frozen=True, slots=True)
class Part:
    """A slice of one file that is processed together; a line is one record as JSON, or tells of a fault."""

    digest: str
    file: str
    first_record: int
    lines: list[bytes] = field(repr=False)


def find_sources(names: Sequence[str], *, but: Sequence[Path] = ()) -> list[Source]:
    """Turn what the operator named into files, each once: files, patterns, folders (all below), "-" for standard input.

    Of a folder or a pattern nothing is taken that is or lies in one of `but`, which a run wrote among the logs.

    Raises:
        SourceError: nothing is there, a file is of no known kind, or a folder or pattern has no file of a known kind.
    """
    if not names:
        raise SourceError("no source is named; name files, folders or patterns, or - for standard input")
    found: dict[str, Source] = {}
    for name in names:
        for source in _sources(name, but):
            key = STDIN if source.path is None else os.path.realpath(source.path)
            found.setdefault(key, source)
    return list(found.values())


def _sources(name: str, but: Sequence[Path]) -> list[Source]:
    if name == STDIN:
        return [Source(STDIN, None)]
    path = Path(name)
    if path.is_file():
        if not _kind(path)[0]:
            raise SourceError(f"{name} is of no known kind; give it one of the endings {', '.join(KINDS)} (.gz, .zst)")
        return [Source(name, path)]
    if path.is_dir():
        files = sorted(Path(folder, file) for folder, _, below in os.walk(path) for file in below)
    elif glob.has_magic(name):
        files = sorted(Path(file) for file in glob.glob(name, recursive=True))
    else:
        raise SourceError(f"{name} does not exist; check the path, or quote the pattern")
    known = [Source(str(file), file) for file in files if _kind(file)[0] and file.is_file() and not _below(file, but)]
    if not known:
        raise SourceError(f"{name} has no file to read; known endings are {', '.join(KINDS)}, plain, .gz or .zst")
    return known


def _below(file: Path, places: Sequence[Path]) -> bool:
    real = Path(os.path.realpath(file))
    return any(real.is_relative_to(os.path.realpath(place)) for place in places)


def _kind(path: Path) -> tuple[str, str]:
    name = path.name.lower()
    ending = next((ending for ending in ENDINGS if name.endswith(ending)), "")
    packing = next((packing for packing in PACKINGS[1:] if ending.endswith(packing)), "")
    return ending.removesuffix(packing), packing


def read_lines(source: Source, *, max_record_bytes: int) -> Iterator[bytes | Fault]:
    """Yield each record of a source as JSON bytes, and a Fault in place of one that cannot be read.

    A source that breaks off yields what stood before, then a Fault; one that holds nothing yields the Fault empty_file.
    An envelope of spans is one record a span.

    Raises:
        SourceError: the source cannot be opened.
    """
    empty = True
    try:
        for record in _records(source, max_record_bytes):
            empty = False
            if isinstance(record, bytes) and b'"resourceSpans"' in record and record.startswith(b"{"):
                yield from opened(record)
            else:
                yield record
    except READ_ERRORS as error:
        empty = False
        yield Fault(fault_code(error))
    except Unusable as error:
        empty = False
        yield Fault(error.code)
    if empty:
        yield Fault("empty_file")


def _records(source: Source, largest: int) -> Iterator[bytes | Fault]:
    kind, packing = _kind(source.path) if source.path else ("", "")
    if kind == ".parquet" and source.path:
        for record in parquet_lines(source.path, packed=packing):
            yield Fault("record_too_large") if isinstance(record, bytes) and len(record) > largest else record
        return
    with open_bytes(source.path, packed=packing, sniff=source.path is None) as stream:
        if kind == ".csv":
            yield from csv_lines(stream, largest=largest)
        elif kind in (".jsonl", ".ndjson"):
            yield from _lines(stream, largest)
        else:
            yield from _lines_or_document(stream, largest)


def _lines_or_document(stream: BinaryIO, largest: int) -> Iterator[bytes | Fault]:
    """Read a document; by lines where the first is an object and more follow, so that a broken one harms no other."""
    first = stream.readline(largest)
    held = first[skip_mark(first) :]
    while held.isspace():
        held = stream.readline(largest)
    line, following = held.strip(), b""
    if held.endswith(b"\n") and line.startswith(b"{") and line.endswith(b"}"):
        following = stream.readline(largest + 1)
        if following.strip():
            yield line
            yield from _lines(stream, largest, following)
            return
    yield from document(stream, largest=largest, is_talk=_is_talk, held=held + following)


def _is_talk(whole: bytes) -> bool:
    try:
        return detect(parse_object(whole)) is not None
    except Unusable:
        return True


def _lines(stream: BinaryIO, largest: int, start: bytes = b"") -> Iterator[bytes | Fault]:
    line = start
    if not line:
        line = stream.readline(largest + 1)
        line = line[skip_mark(line) :]
    while line:
        record = line.strip()
        if len(line) > largest and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = stream.readline(MIB)
            yield Fault("record_too_large")
        elif record:
            yield record
        line = stream.readline(largest + 1)


def cut(source: Source, *, max_record_bytes: int, max_records: int = 2000, max_bytes: int = 32 * MIB) -> Iterator[Part]:
    """Cut a source into parts, each of at most max_records records and, but for a single large record, max_bytes.

    Where a part ends depends only on what stands before: a line appended to a file leaves all parts but the last as
    they were.
    """
    yield from cut_lines(
        read_lines(source, max_record_bytes=max_record_bytes),
        file=source.name,
        max_records=max_records,
        max_bytes=max_bytes,
    )


def cut_lines(lines: Iterable[bytes | Fault], *, file: str, max_records: int, max_bytes: int) -> Iterator[Part]:
    """Cut a stream of records into parts. A Fault becomes a line that no JSON begins like, and counts as a record."""
    held: list[bytes] = []
    n_bytes = first_record = 0
    for record in lines:
        line = line_of(record)
        if held and (len(held) >= max_records or n_bytes + len(line) > max_bytes):
            yield part_of(held, file=file, first_record=first_record)
            first_record += len(held)
            held, n_bytes = [], 0
        held.append(line)
        n_bytes += len(line)
    if held:
        yield part_of(held, file=file, first_record=first_record)


def line_of(record: bytes | Fault) -> bytes:
    """The line that a part holds of what was read."""
    return FAULT + record.code.encode() if isinstance(record, Fault) else record


def part_of(lines: list[bytes], *, file: str, first_record: int) -> Part:
    """The part that these lines are, with their digest."""
    seen = hashlib.blake2b(digest_size=16)
    for line in lines:
        seen.update(len(line).to_bytes(8, "big"))
        seen.update(line)
    return Part(digest=seen.hexdigest(), file=file, first_record=first_record, lines=lines)
