"""One request has one answer, whatever happens between the ledger's entry and the files."""

import json
import multiprocessing
import os
import signal
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from corpus import Chat, tables

from guidance_atlas import contracts as c
from guidance_atlas import releases as module
from guidance_atlas.errors import ReleaseError, StoreError
from guidance_atlas.heads.confusion import Errors
from guidance_atlas.ledger import LEDGER, Ledger
from guidance_atlas.releases import BESIDE, FOLDER, KIND, Request, faults_of, release
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.correct import correct
from guidance_atlas.stages.protect import protect

NONE = c.ClusterNames.create_empty()


@cache
def request(n, *, least=5, later=0):
    """A release of n people's conversations in the first week and some in the second."""
    chats = [Chat(f"a{i}", week="2026-W01") for i in range(n)] + [Chat(f"b{i}", week="2026-W02") for i in range(later)]
    cells = aggregate(**tables(*chats), book=SqlBook())
    return Request(
        cells=cells,
        cluster_names=NONE,
        public_cells=protect(cells, NONE, least_people=least, round_to=5),
        rates=lambda _held, told: correct(c.PublicCells.validate(told.drop("renewed"), cast=True), errors=Errors(())),
        about={"version": "1", "least_people": least, "round_to": 5},
        rates_from="no cards",
    )


def ask(root, wanted, most=1.0):
    return release(root, wanted, most_held_back=most)


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def mode(path):
    return path.stat().st_mode & 0o777


def test_the_same_request_gives_the_same_files_also_after_other_releases(tmp_path):
    first = ask(tmp_path, request(30, later=20))
    before = bytes_of(first.folder)
    other = ask(tmp_path, request(32, later=40))
    again = ask(tmp_path, request(30, later=20))

    assert (first.new, other.new, again.new) == (True, True, False)
    assert (again.id, bytes_of(again.folder)) == (first.id, before)
    assert 0 < other.n_renewed < other.n_shown
    assert len(Ledger(tmp_path).entries(KIND)) == 2


def test_files_that_were_lost_are_made_again_as_they_were_though_more_was_released_since(tmp_path):
    ask(tmp_path, request(30))
    second = ask(tmp_path, request(36))
    before = bytes_of(second.folder)
    ask(tmp_path, request(60))
    for path in second.folder.iterdir():
        path.unlink()
    second.folder.rmdir()

    again = ask(tmp_path, request(36))

    assert again.new
    assert bytes_of(again.folder) == before


def test_other_rules_over_the_same_numbers_are_another_request(tmp_path):
    first, second = ask(tmp_path, request(30, later=7, least=10)), ask(tmp_path, request(30, later=7, least=5))

    assert first.id != second.id
    assert len(Ledger(tmp_path).entries(KIND)) == 2


def test_too_much_held_back_is_refused_and_leaves_nothing(tmp_path):
    first = ask(tmp_path, request(30))

    with pytest.raises(ReleaseError, match="wait until more people") as told:
        ask(tmp_path, request(31), most=0.3)

    assert told.value.code == 11
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [first.id]
    assert len(Ledger(tmp_path).entries(KIND)) == 1


def test_what_was_released_is_kept_where_only_the_owner_can_read_it(tmp_path):
    ask(tmp_path, request(30))

    (kept,) = (tmp_path / BESIDE).iterdir()
    assert (mode(tmp_path / BESIDE), mode(kept), mode(tmp_path / LEDGER)) == (0o700, 0o600, 0o600)
    assert set(pl.read_parquet(kept).columns).isdisjoint({"conversation_id", "person_key"})


def test_nothing_is_released_while_an_earlier_release_cannot_be_held_against_it(tmp_path):
    ask(tmp_path, request(30))
    (kept,) = (tmp_path / BESIDE).iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])

    with pytest.raises(StoreError, match="bring it back from a backup"):
        ask(tmp_path, request(31))
    assert faults_of(tmp_path)["fault"].to_list() == ["its exact cells beside the ledger are missing or damaged"]


def _dies(root, before):
    """An export that is killed, as by the system, when it comes to a function of the module."""

    def killed(*_args, **_more):
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, before, killed)
    _asks(root)


def _asks(root):
    ask(root, request(30))


@pytest.mark.parametrize(("before", "entries"), [("write", 1), ("_enter", 0)])
def test_an_export_that_is_killed_is_made_up_for_by_the_next_one(tmp_path, before, entries):
    root, undisturbed = tmp_path / "root", tmp_path / "undisturbed"
    for folder in (root, undisturbed):
        folder.mkdir()
    child = multiprocessing.get_context("spawn").Process(target=_dies, args=(root, before))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert len(Ledger(root).entries(KIND)) == entries
    assert faults_of(root).is_empty()

    after, wanted = ask(root, request(30)), ask(undisturbed, request(30))

    assert bytes_of(after.folder) == bytes_of(wanted.folder)
    assert len(Ledger(root).entries(KIND)) == 1


def test_a_release_in_which_nothing_may_be_told_anew_is_the_one_before(tmp_path):
    """That there is another one would tell that somebody came."""
    first = ask(tmp_path, request(30))
    before = bytes_of(first.folder)

    second = ask(tmp_path, request(31))

    assert (second.id, second.new, bytes_of(second.folder)) == (first.id, False, before)
    assert len(list((tmp_path / FOLDER).iterdir())) == 1


def test_an_export_that_is_overtaken_is_held_against_the_other_one(tmp_path, monkeypatch):
    enter, overtaking = module._enter, [request(30)]

    def late(*args):
        if overtaking:
            ask(tmp_path, overtaking.pop())
        return enter(*args)

    monkeypatch.setattr(module, "_enter", late)
    second = ask(tmp_path, request(31))

    assert second.id == ask(tmp_path, request(30)).id
    assert faults_of(tmp_path).is_empty()


def test_two_exports_of_the_same_request_at_once_make_one_release(tmp_path):
    context = multiprocessing.get_context("spawn")
    children = [context.Process(target=_asks, args=(tmp_path,)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()

    assert [child.exitcode for child in children] == [0, 0]
    assert len(Ledger(tmp_path).entries(KIND)) == 1
    assert faults_of(tmp_path).is_empty()


def _stranger(root):
    (root / FOLDER / "0123456789abcdef").mkdir()


def _file_changed(root):
    (next((root / FOLDER).iterdir()) / "cells.csv").write_text("")


def _number_changed(root):
    """In a file and in the manifest too, so that the hashes fit."""
    folder = next((root / FOLDER).iterdir())
    told = json.loads((folder / "cells.json").read_text())
    next(row for row in told["cells"] if row["numerator"])["numerator"] += 5
    (folder / "cells.json").write_text(json.dumps(told))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["cells.json"] = module.hashlib.sha256((folder / "cells.json").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("damage", "says"),
    [(_stranger, "does not know it"), (_file_changed, "damaged"), (_number_changed, "what it was released with")],
)
def test_the_check_finds_a_release_that_does_not_fit_the_ledger(tmp_path, damage, says):
    ask(tmp_path, request(30))
    assert faults_of(tmp_path).is_empty()

    damage(tmp_path)

    (fault,) = faults_of(tmp_path)["fault"].to_list()
    assert says in fault
