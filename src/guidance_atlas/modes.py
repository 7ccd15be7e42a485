"""What in a run root is for its owner alone; looked at before every command that touches a root."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from guidance_atlas.errors import StoreError

FOLDERS = ("vault", "labelling", "ledger", "cards", "receipts")
FILES = (
    "internal.duckdb", "ledger.sqlite", "tombstones.json", "last_run.json", "run.log.jsonl", "secret",
    "labelling/*", "receipts/*",
)  # fmt: skip
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")  # two slashes have become one in a Path


def own_places(root: Path) -> list[Path]:
    """Where a run root keeps what is its own, there or not."""
    return [root / name for name in (*FOLDERS, "releases", *FILES) if "*" not in name]


def check_modes(root: Path) -> Path:
    """Give the root back if it is a path and nothing private in it is open to others: folders 0700, files 0600 or less.

    Raises:
        StoreError: says which chmod to run, or that an object store's address is no path.
    """
    if ADDRESS.match(str(root)):
        raise StoreError(
            f"{root} is an address and no path: neither modes nor forgetting can be kept in an object store; choose a "
            "--root on a file system"
        )
    orders = [
        f"chmod {mode} {' '.join(shlex.quote(str(path)) for path in wide)}"
        for mode, paths in (("700", _folders(root)), ("600", _files(root)))
        if (wide := [path for path in paths if _is_wide(path)])
    ]
    if orders:
        raise StoreError(f"others can read what is private in {root}; run: {' && '.join(orders)}")
    return root


def _folders(root: Path) -> Iterator[Path]:
    return (path for name in FOLDERS if _there(path := root / name))


def _files(root: Path) -> Iterator[Path]:
    for pattern in FILES:
        try:
            yield from sorted(path for path in root.glob(pattern) if _there(path))
        except PermissionError:  # an analyst's look into a folder that is closed to them, as it should be
            continue


def _there(path: Path) -> bool:
    try:
        return path.exists() and not path.is_symlink()
    except PermissionError:
        return False


def _is_wide(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o077)
