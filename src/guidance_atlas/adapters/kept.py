"""What is worked out once on a machine and kept in the user's cache folder. Never a word of a conversation."""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ABOUT = "about.json"
MAKING, ABANDONED = ".making-", 3_600.0  # scratch folders, and seconds after which nobody is at work in one
MOST = 8  # entries; a network of the default size takes 90 MB

Facts = dict[str, Any]


def cache_folder() -> Path:
    """Where entries lie, and nothing else: under XDG_CACHE_HOME or ~/.cache (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guidance-atlas" / "networks"


def kept(key: str, make: Callable[[Path], Facts]) -> tuple[Path, Facts]:
    """The folder of this key and the facts in it, made where it is missing or damaged.

    `make` writes files into a folder and returns facts. An entry appears whole or not at all, for its owner alone.
    Where nothing can be kept it is made for this process and goes with it.
    """
    root = cache_folder()
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if root.stat().st_uid != os.getuid() or root.stat().st_mode & 0o022 or not os.access(root, os.W_OK):
            raise PermissionError
    except OSError:
        return _for_this_process(make)
    found = _read(root / key)
    if found is not None:
        return root / key, found
    scratch = Path(tempfile.mkdtemp(dir=root, prefix=MAKING))
    try:
        facts = _make(scratch, make)
        _put(scratch, root / key)
    except OSError:
        return _for_this_process(make)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _forget_the_oldest(root)
    return root / key, facts


def _put(scratch: Path, place: Path) -> None:
    try:
        scratch.rename(place)
    except OSError:
        if _read(place) is None:  # else another process was quicker, and ours is the same
            shutil.rmtree(place, ignore_errors=True)
            scratch.rename(place)


_of_this_process: list[tempfile.TemporaryDirectory[str]] = []


def _for_this_process(make: Callable[[Path], Facts]) -> tuple[Path, Facts]:
    folder = tempfile.TemporaryDirectory(prefix="guidance-atlas-")
    _of_this_process.append(folder)
    return Path(folder.name), make(Path(folder.name))


def _make(folder: Path, make: Callable[[Path], Facts]) -> Facts:
    facts = make(folder)
    digests = {path.name: _digest(path) for path in sorted(folder.iterdir())}
    (folder / ABOUT).write_text(json.dumps({"facts": facts, "digests": digests}), encoding="utf-8")
    return facts


def _read(folder: Path) -> Facts | None:
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        whole = all(_digest(folder / name) == digest for name, digest in about["digests"].items())
        return dict(about["facts"]) if whole else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _forget_the_oldest(root: Path) -> None:
    entries = sorted(root.glob("[!.]*"), key=_made_at, reverse=True)
    left_behind = [path for path in root.glob(f"{MAKING}*") if _made_at(path) < time.time() - ABANDONED]
    for path in (*entries[MOST:], *left_behind):
        shutil.rmtree(path, ignore_errors=True)


def _made_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process tidies up too
        return 0.0
