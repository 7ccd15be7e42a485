"""Cutting a JSON document into its conversations without parsing it: raw bytes in, raw bytes out.

Only brackets and strings are looked at. A number that no parser takes, a key said twice or a lone surrogate stays as it
is, and costs its own record instead of the rest of the file. Memory holds one value of the largest size and one chunk.
"""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import BinaryIO

from guidance_atlas.stages.ingest.codes import Fault, Unusable

CHUNK = 1 << 18
SPACE = re.compile(rb"[ \t\r\n\x0b\x0c\x1e]*+")
SCALAR = re.compile(rb"[^,:\[\]{}\s\"]*+")
IN_STRING = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)

# under which keys lists of conversations stand in an object that is no conversation itself
TOP, SPANS = "top", "spans only"
ENVELOPES: dict[str, frozenset[str]] = {
    TOP: frozenset(
        ("conversations", "data", "traces", "observations", "items", "records", "rows", "chats", "resourceSpans")
    ),
    SPANS: frozenset(("resourceSpans",)),
    "resourceSpans": frozenset(("scopeSpans", "instrumentationLibrarySpans")),
    "scopeSpans": frozenset(("spans",)),
    "instrumentationLibrarySpans": frozenset(("spans",)),
}


class Cursor:
    """A place in a stream of JSON bytes. `largest` is the size in bytes over which a value is passed by, not kept."""

    def __init__(self, stream: BinaryIO, largest: int, held: bytes = b"") -> None:
        self._stream, self._largest = stream, largest
        self._held, self._at = held, 0
        self._depth, self._quoted = 0, False

    def _more(self, keep: int) -> bool:
        """Read on and keep the bytes from `keep`. Chunks grow with what is kept, so that long values stay linear."""
        new = self._stream.read(max(CHUNK, len(self._held) - keep))
        self._held = self._held[keep:] + new
        self._at -= keep
        return bool(new)

    def _pass(self, pattern: "re.Pattern[bytes]") -> bytes:
        """Go past what the pattern matches; return the byte after it, empty where the held bytes end."""
        match = pattern.match(self._held, self._at)
        self._at = match.end() if match else self._at
        return self._held[self._at : self._at + 1]

    def peek(self) -> bytes:
        """Return the next byte that is no space; empty at the end of the stream."""
        while True:
            found = self._pass(SPACE)
            if found or not self._more(self._at):
                return found

    def take(self) -> None:
        """Go past one byte."""
        self._at += 1

    def value(self, *, wait: bool = False, last: bool = False) -> bytes | None:
        """Go past one value and return its bytes; None where it is larger than the limit.

        With `wait`, a value that is larger than the limit is not passed by: the cursor stays at its beginning.
        With `last`, a number or word may end where the stream does.

        Raises:
            EOFError: the stream ends inside the value.
            Unusable: file_corrupt, where no value can begin.
        """
        first = self.peek()
        if first in (b"}", b"]", b",", b":", b""):
            raise Unusable("file_corrupt")
        start, kept = self._at, True
        self._depth, self._quoted = 0, first == b'"'
        self._at += self._quoted
        scan = self._nested if first in (b"{", b"[", b'"') else self._scalar
        ended = False
        while not ended:
            ended = scan()
            if kept and self._at - start > self._largest:
                if wait:
                    self._at = start
                    return None
                kept = False
            if not ended:
                more = self._more(start if kept else self._at)
                start = 0
                ended = not more and last and scan == self._scalar
                if not more and not ended:
                    raise EOFError
        return self._held[start : self._at] if kept else None

    def _scalar(self) -> bool:
        return self._pass(SCALAR) != b""

    def _nested(self) -> bool:
        while True:
            if self._quoted:
                if self._pass(IN_STRING) != b'"':
                    return False
                self._at += 1
                self._quoted = False
            else:
                mark = self._pass(TO_BRACKET)
                if not mark:
                    return False
                self._at += 1
                self._quoted = mark == b'"'
                self._depth += (mark in b"{[") - (mark in b"}]")
            if self._depth <= 0 and not self._quoted:
                return True


def document(
    stream: BinaryIO, *, largest: int, is_talk: Callable[[bytes], bool], held: bytes = b""
) -> Iterator[bytes | Fault]:
    """Yield the conversations of a document: an array, an object that holds one, or objects one after another.

    is_talk tells whether an object is a conversation itself. `held` are bytes already read from the stream.
    Where the document breaks off, what stood before has been yielded and a Fault comes last.
    """
    cursor = Cursor(stream, largest, held)
    try:
        while first := cursor.peek():
            if first == b"[":
                cursor.take()
                yield from _array(cursor, TOP)
            elif first != b"{":
                yield _kept(cursor.value(last=True))
            elif (whole := cursor.value(wait=True)) is None:
                yield from _or_else(_object(cursor, TOP), Fault("record_too_large"))
            elif is_talk(whole):
                yield whole
            else:
                yield from opened(whole, TOP)
    except EOFError:
        yield Fault("file_truncated")
    except Unusable as error:
        yield Fault(error.code)


def opened(whole: bytes, kind: str = SPANS) -> Iterator[bytes | Fault]:
    """Yield what an object holds under the keys of this kind of envelope; the object itself where that is nothing."""
    try:
        yield from _or_else(_object(Cursor(BytesIO(whole), len(whole)), kind), whole)
    except (EOFError, Unusable):
        yield Fault("bad_json")


def _or_else(records: Iterator[bytes | Fault], instead: bytes | Fault) -> Iterator[bytes | Fault]:
    first = next(records, instead)
    yield first
    yield from records


def _kept(value: bytes | None) -> bytes | Fault:
    return Fault("record_too_large") if value is None else value


def _array(cursor: Cursor, kind: str) -> Iterator[bytes | Fault]:
    """Yield the elements of an array whose bracket was just passed."""
    while (first := cursor.peek()) != b"]":
        if not first:
            raise EOFError
        if first == b",":
            cursor.take()
        elif first == b"{" and kind in ENVELOPES and kind != TOP:
            yield from _object(cursor, kind)
        else:
            yield _kept(cursor.value())
    cursor.take()


def _object(cursor: Cursor, kind: str) -> Iterator[bytes | Fault]:
    """Yield what stands in the lists of an object under the keys of this kind; its other fields are passed by."""
    cursor.peek()
    cursor.take()
    while (first := cursor.peek()) != b"}":
        if not first:
            raise EOFError
        if first == b",":
            cursor.take()
            continue
        key = cursor.value()
        if cursor.peek() != b":":
            raise Unusable("file_corrupt")
        cursor.take()
        name = (key or b"").strip(b'"').decode("ascii", "replace")
        if cursor.peek() == b"[" and name in ENVELOPES[kind]:
            cursor.take()
            yield from _array(cursor, name)
        else:
            cursor.value()
    cursor.take()
