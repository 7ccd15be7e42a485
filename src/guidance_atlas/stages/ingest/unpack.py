"""Opening a source as a stream of plain bytes, whatever it is packed in, with bounded memory."""

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, cast

import zstandard

from guidance_atlas.errors import SourceError
from guidance_atlas.stages.ingest.codes import Unusable

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
LARGEST_WINDOW = 128 << 20
# a repeated block is four packed bytes and 128 KiB unpacked, so one feeding unpacks to 32 MiB at the most
FEED = 1 << 10
BUFFER = 1 << 18
MARKS_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"{\x00", b"[\x00", b"\x00{", b"\x00[")


class _Zstd(io.RawIOBase):
    """Unpacks zstd frames and, unlike the library's own reader, tells when the last one is cut short."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._frames = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        self._frame = self._frames.decompressobj()
        self._begun = False
        self._ready = memoryview(b"")
        self._rest = b""

    def readable(self) -> bool:
        """Say that this stream can be read."""
        return True

    def readinto(self, into: "memoryview | bytearray") -> int:  # type: ignore[override]
        """Fill a buffer.

        Raises:
            EOFError: the last frame is cut short.
            zstandard.ZstdError: damaged bytes, or a window over the limit.
        """
        while not self._ready:
            fed = self._rest or self._packed.read(FEED)
            self._rest = b""
            if not fed:
                if self._begun:
                    raise EOFError
                return 0
            self._begun = True
            self._ready = memoryview(self._frame.decompress(fed))
            if self._frame.eof:
                self._rest = self._frame.unused_data
                self._frame, self._begun = self._frames.decompressobj(), False
        n = min(len(into), len(self._ready))
        into[:n] = self._ready[:n]
        self._ready = self._ready[n:]
        return n


@contextmanager
def open_bytes(path: Path | None, *, packed: str, sniff: bool = False) -> Iterator[BinaryIO]:
    """Open a file (None: standard input) and unpack it: packed is ".gz", ".zst" or empty; sniff tells from the bytes.

    Raises:
        SourceError: it cannot be opened.
    """
    try:
        raw = sys.stdin.buffer if path is None else path.open("rb", buffering=BUFFER)
    except OSError as error:
        raise SourceError(f"{path} cannot be opened ({type(error).__name__}); check that it may be read") from None
    with raw if path else nullcontext():
        start = cast("io.BufferedReader", raw).peek(4)[:4] if sniff else b""
        if packed == ".gz" or start.startswith(GZIP):
            with gzip.GzipFile(fileobj=raw) as plain:
                yield cast("BinaryIO", plain)
        elif packed == ".zst" or start.startswith(ZSTD):
            yield cast("BinaryIO", io.BufferedReader(_Zstd(cast("BinaryIO", raw)), BUFFER))
        else:
            yield cast("BinaryIO", raw)


def fault_code(error: Exception) -> str:
    """Name what went wrong while reading bytes: file_truncated, window_too_large or file_corrupt."""
    if isinstance(error, EOFError):
        return "file_truncated"
    if isinstance(error, zstandard.ZstdError) and "memory" in str(error):
        return "window_too_large"
    return "file_corrupt"


READ_ERRORS = (EOFError, OSError, zlib.error, zstandard.ZstdError)


def skip_mark(start: bytes) -> int:
    """Return how many bytes of byte order mark to skip.

    Raises:
        Unusable: not_utf8, where the first bytes are those of UTF-16.
    """
    if start.startswith(MARKS_OF_UTF16):
        raise Unusable("not_utf8")
    return 3 if start.startswith(b"\xef\xbb\xbf") else 0
