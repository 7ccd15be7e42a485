"""What other machines are told: where a part lies, no word and no secret; and whom they refuse to work for."""

import json
import pickle
from functools import partial

import pytest
from twostages import glance, small_plan

from guidance_atlas import remote
from guidance_atlas.chain import Scope, stage
from guidance_atlas.contracts import Glanced
from guidance_atlas.errors import ChainError, SettingsError, SourceError, StoreError
from guidance_atlas.executors import InProcess
from guidance_atlas.remote import MARK, check_sources, work_elsewhere, work_on
from guidance_atlas.runner import part_keys, run_part
from guidance_atlas.settings import SECRET_VARIABLE, Settings, person_secret
from guidance_atlas.stages.forgotten import NOBODY
from guidance_atlas.stages.ingest.sources import cut, find_sources
from guidance_atlas.store import Store

WORDS = "my sister tanya is ill"


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)
    monkeypatch.setattr(remote, "plan", small_plan)
    root = tmp_path / "atlas"
    root.mkdir()
    Store(root / "vault")
    person_secret(root)
    records = [{"id": f"c{n}", "messages": [{"role": "user", "content": WORDS}]} for n in range(9)]
    (tmp_path / "chats.jsonl").write_text("\n".join(map(json.dumps, records)))
    return root


def parts(root):
    (source,) = find_sources([str(root.parent / "chats.jsonl")])
    return cut(source, max_record_bytes=1000, max_records=4)


def worked(root, executor=None):
    stages = small_plan(None, person_secret(root))
    how = {"root": root, "settings": Settings(), "stages": stages, "forgotten": NOBODY}
    return list(work_elsewhere(executor or InProcess(), parts(root), **how))


def files(root):
    return {path.name: path.read_bytes() for path in (root / "vault").rglob("*.parquet")}


def test_the_tables_are_those_of_a_run_on_this_machine_byte_for_byte(root):
    done = worked(root)
    elsewhere = files(root)
    here = Store(root.parent / "here" / "vault")
    for part in parts(root):
        run_part(part, stages=small_plan(None, person_secret(root)), store=here)

    assert [one.n_records for one in done] == [4, 4, 1]
    assert len(elsewhere) == 6
    assert elsewhere == files(here.folder.parent)


class Pickled:
    """Hands work and jobs over as they would go to another machine, and keeps what was handed over."""

    def __init__(self):
        self.sent = b""

    def map(self, work, jobs):
        for job in jobs:
            sent = pickle.dumps((work, job))
            self.sent += sent
            work_there, job_there = pickle.loads(sent)
            back = pickle.dumps(work_there(job_there))
            self.sent += back
            yield pickle.loads(back)


def test_neither_words_nor_the_secret_are_handed_over(root):
    executor = Pickled()
    worked(root, executor)

    assert len(files(root)) == 6
    assert b"tanya" not in executor.sent
    assert person_secret(root) not in executor.sent


def test_a_part_half_stored_on_one_machine_is_finished_on_another(root):
    worked(root)
    whole = files(root)
    stages = small_plan(None, person_secret(root))
    for part in list(parts(root))[1:]:
        Store(root / "vault").path(Glanced, part_keys(stages, part.digest)[Glanced]).unlink()
    assert len(files(root)) == 4

    worked(root)
    assert files(root) == whole


class There:
    """Does something to the machine before it works: what the run did not expect."""

    def __init__(self, happens):
        self.happens = happens

    def map(self, work, jobs):
        for job in jobs:
            self.happens()
            yield work(job)


def test_a_machine_that_does_not_see_the_root_makes_no_folder_there(root):
    away = root.with_name("away")

    with pytest.raises(
        StoreError, match=r"does not see the run in .*: the run root must be one folder that every node"
    ):
        worked(root, There(lambda: root.rename(away)))

    assert not root.exists()


def test_a_folder_of_the_same_name_is_not_taken_for_the_root(root):
    with pytest.raises(StoreError, match="does not see the run"):
        worked(root, There(lambda: (root / "vault" / MARK).write_text("another run's")))

    assert files(root) == {}


def test_a_worker_that_was_given_up_stores_nothing_once_the_run_is_over(root):
    how = {"root": root, "settings": Settings(), "forgotten": NOBODY}
    stages = small_plan(None, person_secret(root))
    late = []

    class GivesUp:
        def map(self, work, jobs):
            late.append(partial(work, next(jobs)))
            return iter(())

    list(work_elsewhere(GivesUp(), parts(root), **how, stages=stages))

    with pytest.raises(StoreError, match="does not see the run"):
        late[0]()
    assert files(root) == {}
    assert not (root / "vault" / MARK).exists()


def test_a_worker_whose_run_ends_while_it_works_stores_nothing_more(root, monkeypatch):
    def read(*arguments, **how):
        (root / "vault" / MARK).unlink()
        return whole(*arguments, **how)

    whole = remote._READER.read
    monkeypatch.setattr(remote._READER, "read", read)

    with pytest.raises(StoreError, match="does not see the run"):
        worked(root)
    assert files(root) == {}


def test_other_code_or_another_secret_is_refused_before_anything_is_stored(root, monkeypatch):
    def other_plan(settings, secret):
        return (*small_plan(settings, secret)[:-1], stage(glance, scope=Scope.PART, gate=True, threshold=0.9))

    monkeypatch.setattr(remote, "plan", other_plan)
    with pytest.raises(ChainError, match="would make other tables than this machine: install the same guidance-atlas"):
        worked(root)

    monkeypatch.setattr(remote, "plan", small_plan)
    with pytest.raises(ChainError, match=rf"where {SECRET_VARIABLE} is used, set it to the same before ray start"):
        worked(root, There(lambda: monkeypatch.setenv(SECRET_VARIABLE, "another secret than the root's")))
    assert files(root) == {}


def test_a_machine_without_the_secret_says_how_to_give_it(root):
    with pytest.raises(SettingsError, match=r"the secret is not to be had on .*: let Ray run as the root's owner"):
        worked(root, There((root / "secret").unlink))

    assert not (root / "secret").exists()


def test_a_source_that_only_this_machine_sees_is_one_clear_line(root):
    with pytest.raises(SourceError, match=r"is not to be seen on .*; sources must lie at one path on every node"):
        worked(root, There((root.parent / "chats.jsonl").unlink))


def test_standard_input_is_refused():
    with pytest.raises(SourceError, match="write it to a file that all of them see"):
        check_sources(find_sources(["-"]))


def test_what_is_worked_on_is_a_function_that_other_machines_can_find():
    assert pickle.loads(pickle.dumps(work_on)) is work_on
