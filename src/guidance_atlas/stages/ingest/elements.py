"""Cutting a JSON document into its conversations without parsing it: raw bytes in, raw bytes out.

Only brackets and strings are looked at. A number that no parser takes, a key said twice or a lone surrogate stays what
it is, and costs its own record instead of the rest of the file. Memory holds one value of at most `largest` bytes and one chunk.
"""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from guidance_atlas.stages.ingest.codes import Fault, Unusable

CHUNK = 1 << 18
SPACE = re.compile(rb"[ \t\r\n\x0b\x0c\x1e]*+")
SCALAR = re.compile(rb"[^,\[\]{}\s\"]*+")
STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)

# where conversations stand inside an object that is none itself; the empty key is the top of the document
ENVELOPES: dict[str, frozenset[str]] = {
    "": frozenset(
        ("conversations", "data", "traces", "observations", "items", "records", "rows", "chats", "resourceSpans")
    ),
    "resourceSpans": frozenset(("scopeSpans", "instrumentationLibrarySpans")),
    "scopeSpans": frozenset(("spans",)),
    "instrumentationLibrarySpans": frozenset(("spans",)),
}


class Cursor:
    """A place in a stream of JSON. Positions are kept from `mark` on, so that a value can be looked at twice."""

    def __init__(self, stream: BinaryIO, largest: int) -> None:
        self._stream, self._largest = stream, largest
        self._held, self._at = b"", 0
        self._chunk = CHUNK

    def _more(self, keep: int) -> bool:
        """Read on, keeping the bytes from `keep`. A chunk grows with what is kept, so long values stay linear."""
        new = self._stream.read(max(CHUNK, len(self._held) - keep))
        self._held = self._held[keep:] + new
        self._at -= keep
        return bool(new)

    def peek(self) -> bytes:
        """Return the next byte that is no space; empty at the end."""
        while True:
            match = SPACE.match(self._held, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._held):
                return self._held[self._at : self._at + 1]
            if not self._more(self._at):
                return b""

    def take(self) -> None:
        """Go past one byte."""
        self._at += 1

    def value(self) -> bytes | None:
        """Go past one value and return its bytes; None where it is larger than the limit.

        Raises:
            EOFError: the stream ends inside the value.
            Unusable: file_corrupt, where no value can begin.
        """
        first = self.peek()
        if first in (b"{", b"["):
            return self._through(self._container)
        if first == b'"':
            return self._through(self._string)
        if first in (b"}", b"]", b",", b":", b""):
            raise Unusable("file_corrupt")
        return self._through(self._scalar)

    def rewind(self, value: bytes) -> None:
        """Go back to the start of a value that was just taken."""
        self._at -= len(value)

    def _through(self, scan: "Callable[[list[int]], bool]") -> bytes | None:
        start, kept, state = self._at, True, [0]
        while not scan(state):
            if self._at - start > self._largest:
                kept = False
            keep = start if kept else self._at
            more = self._more(keep)
            start = 0
            if not more:
                if scan is self._scalar or getattr(scan, "__func__", None) is Cursor._scalar:
                    break
                raise EOFError
        if not kept or self._at - start > self._largest:
            return None
        return self._held[start : self._at]

    def _scalar(self, _state: list[int]) -> bool:
        match = SCALAR.match(self._held, self._at)
        self._at = match.end() if match else self._at
        return self._at < len(self._held)

    def _string(self, _state: list[int]) -> bool:
        match = STRING.match(self._held, self._at)
        self._at = match.end() if match else self._at
        return match is not None

    def _container(self, state: list[int]) -> bool:
        while True:
            match = TO_BRACKET.match(self._held, self._at)
            self._at = match.end() if match else self._at
            bracket = self._held[self._at : self._at + 1]
            if bracket in (b"", b'"'):
                return False
            self._at += 1
            state[0] += 1 if bracket in (b"{", b"[") else -1
            if state[0] == 0:
                return True
