"""What is kept between processes: whole or not at all, for its owner, made again where it is damaged."""

import os
import stat

import pytest

from guidance_atlas.adapters import kept as module
from guidance_atlas.adapters.kept import cache_folder, kept


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return cache_folder()


class Maker:
    def __init__(self):
        self.times = 0

    def __call__(self, folder):
        self.times += 1
        (folder / "network").write_bytes(b"weights")
        return {"cosine": 1.0}


def test_it_is_made_once_and_read_afterwards():
    make = Maker()

    first, second = kept("a", make), kept("a", make)

    assert make.times == 1
    assert first == second
    assert (second[0] / "network").read_bytes() == b"weights"
    assert second[1] == {"cosine": 1.0}


def test_another_key_is_another_entry():
    assert kept("a", Maker())[0] != kept("b", Maker())[0]


def test_nobody_else_can_look_inside(cache):
    folder, _ = kept("a", Maker())

    assert [stat.S_IMODE(path.stat().st_mode) for path in (cache, folder)] == [0o700, 0o700]


@pytest.mark.parametrize("name", ["network", module.ABOUT])
@pytest.mark.parametrize("content", [b"weight", b"", None], ids=["cut", "empty", "gone"])
def test_a_damaged_entry_is_made_again(name, content):
    make = Maker()
    folder, _ = kept("a", make)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)

    again, facts = kept("a", make)

    assert make.times == 2
    assert (again / "network").read_bytes() == b"weights"
    assert facts == {"cosine": 1.0}


def test_a_making_that_fails_leaves_nothing(cache):
    def make(folder):
        (folder / "network").write_bytes(b"half")
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the maker's own
        kept("a", make)

    assert list(cache.iterdir()) == []


def test_of_two_that_make_the_same_both_get_a_whole_one():
    def slow(folder):
        kept("a", Maker())
        return Maker()(folder)

    folder, facts = kept("a", slow)

    assert (folder / "network").read_bytes() == b"weights"
    assert facts == {"cosine": 1.0}


def test_a_folder_that_others_can_write_is_not_trusted(cache):
    cache.mkdir(parents=True)
    cache.chmod(0o777)
    make = Maker()

    folder, _ = kept("a", make)

    assert cache not in folder.parents
    assert list(cache.iterdir()) == []


def test_where_nothing_can_be_kept_it_is_made_for_this_process(cache):
    cache.parent.mkdir(parents=True)
    cache.write_text("a file where the folder should be")
    make = Maker()

    folder, facts = kept("a", make)

    assert (folder / "network").exists()
    assert facts == {"cosine": 1.0}


def test_a_full_disk_does_not_stop_the_work(cache, monkeypatch):
    make = Maker()

    def full(folder, make):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(module, "_make", full)

    folder, _ = kept("a", make)

    assert make.times == 1
    assert cache not in folder.parents


def test_only_the_newest_stay(cache):
    for at in range(module.MOST + 3):
        folder, _ = kept(f"k{at}", Maker())
        os.utime(folder, (at, at))

    assert len(list(cache.iterdir())) == module.MOST
    assert (cache / f"k{module.MOST + 2}").is_dir()


def test_what_a_killed_process_left_goes_and_what_is_being_made_stays(cache):
    old, new = cache / f"{module.MAKING}old", cache / f"{module.MAKING}new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "network").write_bytes(b"half")
    cache.chmod(0o700)
    os.utime(old, (0, 0))

    kept("a", Maker())

    assert not old.exists()
    assert new.exists()
