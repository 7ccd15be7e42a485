"""A full or read-only disk is one clear line and exit code 5, wherever the write happens; nothing half stays."""

import errno
import os
import pickle
import resource
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from functools import partial

import duckdb
import polars as pl
import pytest

from guidance_atlas import cli
from guidance_atlas.contracts import Glanced
from guidance_atlas.errors import StoreError
from guidance_atlas.executors import ProcessPool
from guidance_atlas.store import Store, refusal

FRAME = pl.DataFrame(
    {"conversation_id": [f"c{n * n}" for n in range(20_000)], "score": 0.5, "kept": True}
).with_columns(reason=pl.lit(None, dtype=pl.String))


@contextmanager
def largest_file(n_bytes):
    """The system refuses every byte beyond, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def write_beyond_the_limit(key, folder):
    with largest_file(4_096):
        Store(folder).write(Glanced, key, FRAME)


def left_in(folder):
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_a_table_that_does_not_fit_is_one_clear_line_and_leaves_nothing(tmp_path):
    with pytest.raises(StoreError, match=r"cannot write under .*Glanced: a file would be larger than is allowed here"):
        write_beyond_the_limit("k", tmp_path / "vault")

    assert left_in(tmp_path) == []


def test_a_worker_s_full_disk_reaches_the_run_as_it_is(tmp_path):
    with pytest.raises(StoreError, match="a file would be larger than is allowed here; raise the limit"):
        list(ProcessPool(1).map(partial(write_beyond_the_limit, folder=tmp_path / "vault"), ["k"]))

    assert left_in(tmp_path) == []


def make_sqlite(path):
    with sqlite3.connect(path) as con:
        con.execute("pragma max_page_count = 8")  # it calls a file over the system's limit only an I/O error
        con.execute("create table words (word)")
        con.executemany("insert into words values (?)", [("x" * 1_000,)] * 100)


def make_duckdb(path):
    with duckdb.connect(str(path)) as con:
        con.execute("create table words as select random() as r from range(100000)").fetchall()


@pytest.mark.parametrize("make", [make_sqlite, make_duckdb])
def test_a_database_s_own_words_for_a_full_disk_are_understood(tmp_path, make):
    with largest_file(30_000), pytest.raises(Exception) as caught:  # noqa: PT011 - of whatever class, it is understood
        make(tmp_path / "made")

    assert refusal(caught.value) is not None, type(caught.value)


def test_another_error_is_not_taken_for_the_disk_s():
    assert refusal(ValueError("my disk is full of words")) is None
    assert refusal(OSError(errno.EINVAL, "")) is None


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), duckdb.Error("Could not write: No space left on device")],
)
def test_a_full_disk_met_outside_the_store_has_the_store_s_exit_code(monkeypatch, capsys, error):
    def fail():
        raise error

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == StoreError.code
    assert capsys.readouterr().err == (
        "guidance-atlas: cannot write under the run root: the disk is full; free space and run again\n"
    )


def test_a_store_error_passes_between_processes_whole():
    assert str(pickle.loads(pickle.dumps(StoreError("the disk is full")))) == "the disk is full"


def in_own_mounts(script, **variables):
    """Run a shell script that may mount; what it mounts is seen by nobody else and goes with it."""
    if subprocess.run(["unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode:
        pytest.skip("this machine does not let tests mount a small disk")
    return subprocess.run(
        ["unshare", "-Urm", "sh", "-euc", script],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHON": sys.executable} | variables,
    )


READ_ONLY = """
mount -t tmpfs -o size=1m none "$DISK"
mkdir -m 700 "$DISK/vault" "$DISK/vault/Glanced"
mount -o remount,ro "$DISK"
"$PYTHON" -c "
from guidance_atlas.store import *
from guidance_atlas.contracts import Glanced
import os, pathlib
try:
    Store(pathlib.Path(os.environ['DISK'], 'vault')).write(Glanced, 'k', Glanced.create_empty())
except StoreError as error:
    print(error)
"
"""


def test_a_read_only_disk_says_so(tmp_path):
    done = in_own_mounts(READ_ONLY, DISK=str(tmp_path))

    assert (done.stdout, done.stderr) == (
        f"cannot write under {tmp_path}/vault/Glanced: the disk is read-only; choose another --root\n",
        "",
    )


FULL = """
mount -t tmpfs -o size=${KIB}k none "$DISK"
code=0
"$PYTHON" -m guidance_atlas run "$LOGS" --root "$DISK/atlas" --workers 2 --json || code=$?
find "$DISK" -name '.*' -type f
exit $code
"""


@pytest.mark.slow
def test_a_run_on_a_disk_that_fills_up_ends_with_one_line_and_its_exit_code(tmp_path):
    logs = tmp_path / "chats.jsonl"
    turn = '{"id": "c%d", "messages": [{"role": "user", "content": "Should I move to another town? %d"}]}\n'
    logs.write_text("".join(turn % (n, n) for n in range(600)))
    disk = tmp_path / "disk"
    disk.mkdir()

    small = {"GUIDANCE_ATLAS_INGEST__PART_RECORDS": "200"}
    done = in_own_mounts(FULL, DISK=str(disk), LOGS=str(logs), KIB="40", **small)

    assert done.stderr.splitlines()[-1].endswith("the disk is full; free space and run again"), done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == StoreError.code
    assert done.stdout == ""
