"""Whatever a Ray cluster on this machine holds, in files and in its object stores, searched byte for byte."""

import os
from pathlib import Path

CHUNK = 1 << 22


def found_in_ray(*wanted):
    """Every place in which any of some byte strings lies: its files, spilled objects, object stores.

    Object stores are files without a name, seen through the processes that have them open.
    """
    named = [path for top in ("/tmp/ray", "/dev/shm") for path in Path(top).rglob("*") if path.is_file()]
    return sorted({str(path) for path in [*named, *_stores()] if _holds(path, wanted)})


def _stores():
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and b"raylet" in (process / "cmdline").read_bytes():
                yield from (fd for fd in (process / "fd").iterdir() if "(deleted)" in os.readlink(fd))
        except OSError:  # it ended meanwhile
            continue


def _holds(path, wanted):
    try:
        with path.open("rb") as file:
            before = b""
            while chunk := file.read(CHUNK):
                if any(one in before + chunk for one in wanted):
                    return True
                before = chunk[-max(map(len, wanted)) :]
    except OSError:
        return False
    return False
