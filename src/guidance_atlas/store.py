"""Stored tables, each named by everything that could have changed it. RAW is refused, half-written is never seen."""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import polars as pl

from guidance_atlas.contracts import Exposure, Table
from guidance_atlas.errors import StoreError


class Store:
    """Parquet files under one folder: <table>/<key>.parquet, folder mode 0700, file mode 0600."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        private_folder(folder)

    def path(self, table: type[Table], key: str) -> Path:
        """Where a table of this key lies, stored or not."""
        return self.folder / table.__name__ / f"{key}.parquet"

    def has(self, table: type[Table], key: str) -> bool:
        """Whether the table is stored. RAW tables never are."""
        return self.path(table, key).exists()

    def scan(self, table: type[Table], key: str) -> pl.LazyFrame:
        """The stored table, read when collected."""
        return pl.scan_parquet(self.path(table, key))

    def read(self, table: type[Table], key: str) -> pl.DataFrame:
        """The stored table."""
        return pl.read_parquet(self.path(table, key))

    def write(self, table: type[Table], key: str, frame: pl.DataFrame) -> None:
        """Store a table whole or not at all.

        Raises:
            StoreError: the table is RAW, or the disk is full or cannot be written.
        """
        if table.exposure is Exposure.RAW:
            raise StoreError(f"{table.__name__} holds raw words and is never stored; end the stage at a gate")
        path = self.path(table, key)
        private_folder(path.parent)
        with whole_file(path) as scratch:
            frame.write_parquet(scratch, compression="zstd")

    def sweep(self, keep: set[Path]) -> int:
        """Remove every stored table but those given, and what killed runs left. Returns how many files went."""
        gone = 0
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in keep:
                path.unlink()
                gone += 1
        return gone


def open_folder(folder: Path) -> None:
    """Make the run root; analysts may enter it, what is private inside has modes of its own.

    Raises:
        StoreError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(folder, error) from None


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter; narrow one that is wider.

    Raises:
        StoreError: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise disk_error(folder, error) from None


@contextmanager
def whole_file(path: Path, *, mode: int = 0o600) -> Iterator[Path]:
    """Give a scratch path beside the target; on success it takes the target's name at once, else it is removed.

    Raises:
        StoreError: the disk is full, read-only, or not ours.
    """
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(scratch, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))
        yield scratch
        with scratch.open("rb") as written:
            os.fsync(written.fileno())
        scratch.chmod(mode)
        scratch.replace(path)
    except Exception as error:
        if not isinstance(error, OSError) and refusal(error) is None:
            raise
        raise disk_error(path, error) from None
    finally:
        with suppress(OSError):  # a read-only disk refuses this too, and its first word counts
            scratch.unlink(missing_ok=True)


# Why a disk takes nothing, and what to do. Libraries tell it in words of their own, in which the system's stand.
REFUSALS = {
    errno.ENOSPC: "the disk is full; free space and run again",
    errno.EDQUOT: "the disk quota is used up; free space or raise it, and run again",
    errno.EFBIG: "a file would be larger than is allowed here; raise the limit (ulimit -f) and run again",
    errno.EROFS: "the disk is read-only; choose another --root",
    errno.EACCES: "no permission; choose another --root or change its owner",
    errno.EPERM: "no permission; choose another --root or change its owner",
    errno.ENOTDIR: "a file stands where a folder should be; choose another --root",
    errno.EEXIST: "a file stands where a folder should be; choose another --root",
}
_TOLD = {os.strerror(code): code for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)} | {
    "database or disk is full": errno.ENOSPC,  # SQLite
    "attempt to write a readonly database": errno.EROFS,
}


def refusal(error: BaseException) -> str | None:
    """Why a disk took nothing, with the next step, whichever library tells it; None if something else is wrong.

    Polars, DuckDB and SQLite raise errors of their own, without a number.
    """
    number = getattr(error, "errno", None)
    if number is None:
        number = next((code for words, code in _TOLD.items() if words in str(error)), None)
    return None if number is None else REFUSALS.get(number)


def disk_error(path: Path, error: BaseException) -> StoreError:
    """A disk's refusal, in one line with the next step."""
    reason = refusal(error) or f"the system says {type(error).__name__}; look at the disk and run again"
    return StoreError(f"cannot write under {path.parent}: {reason}")


@contextmanager
def only_run(root: Path) -> Iterator[None]:
    """Hold the run root for one writer; the system lets go when the process ends, however it ends.

    Raises:
        StoreError: another run is at work there, or there is no such folder.
    """
    if not root.is_dir():
        raise StoreError(f"there is no finished run in {root}: start one with guidance-atlas run")
    with (root / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(f"another run is at work in {root}; wait for it or choose another --root") from None
        yield
