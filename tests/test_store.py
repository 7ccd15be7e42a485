"""Stored tables are whole, private, and never raw."""

import os
import stat

import polars as pl
import pytest

from guidance_atlas.contracts import Glanced, Records
from guidance_atlas.errors import StoreError
from guidance_atlas.store import Store, only_run, whole_file

FRAME = pl.DataFrame({"conversation_id": ["a"], "score": [0.5], "kept": [True], "reason": [None]})


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_raw_is_refused(tmp_path):
    with pytest.raises(StoreError, match="Records holds raw words and is never stored"):
        Store(tmp_path / "vault").write(Records, "k", Records.create_empty())

    assert not list((tmp_path / "vault").rglob("*.parquet"))


def test_what_is_written_is_read_back(tmp_path):
    store = Store(tmp_path / "vault")
    assert not store.has(Glanced, "k")

    store.write(Glanced, "k", FRAME)

    assert store.has(Glanced, "k")
    assert store.read(Glanced, "k").equals(FRAME)


def test_only_the_owner_can_look(tmp_path):
    store = Store(tmp_path / "vault")
    store.write(Glanced, "k", FRAME)

    assert mode(store.folder) == mode(store.folder / "Glanced") == 0o700
    assert mode(store.path(Glanced, "k")) == 0o600


def test_a_folder_open_to_others_is_narrowed(tmp_path):
    (tmp_path / "vault").mkdir(mode=0o755)

    Store(tmp_path / "vault")

    assert mode(tmp_path / "vault") == 0o700


def test_a_write_that_fails_leaves_nothing(tmp_path):
    target = tmp_path / "table"

    with pytest.raises(ZeroDivisionError), whole_file(target) as scratch:
        scratch.write_text("half")
        raise ZeroDivisionError

    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_one_clear_line(tmp_path):
    with pytest.raises(StoreError, match="the disk is full; free space and run again"), whole_file(tmp_path / "t"):
        raise OSError(28, os.strerror(28))


def test_a_file_in_the_way_of_the_root_is_one_clear_line(tmp_path):
    (tmp_path / "root").write_text("")

    with pytest.raises(StoreError, match="a file stands where a folder should be"):
        Store(tmp_path / "root" / "vault")


def test_sweeping_removes_what_is_not_named_and_what_a_killed_run_left(tmp_path):
    store = Store(tmp_path / "vault")
    store.write(Glanced, "old", FRAME)
    store.write(Glanced, "new", FRAME)
    (store.folder / "Glanced" / ".half.parquet.1234").write_text("half")

    assert store.sweep({store.path(Glanced, "new")}) == 2
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == ["new.parquet"]


def test_a_root_has_one_writer_at_a_time(tmp_path):
    with only_run(tmp_path), pytest.raises(StoreError, match="another run is at work"), only_run(tmp_path):
        pass

    with only_run(tmp_path):
        pass
