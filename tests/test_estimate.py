"""An estimate adds up, leaves out what is stored, reads packed files, and writes nothing to the root."""

import dataclasses
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smallplan import said, small_plan, work_off, write

from guidance_atlas import estimate as module
from guidance_atlas.costs import Cost, Size, n_groups
from guidance_atlas.errors import SourceError
from guidance_atlas.estimate import estimate
from guidance_atlas.settings import Settings
from guidance_atlas.show_estimate import show_estimate
from guidance_atlas.survey import Survey

SECRET = "the secret of an estimate"
ONE, FOUR = (Settings(ingest={"part_records": 50}, run={"workers": n}) for n in (1, 4))


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A root that is not there yet, the small plan in place of the real one, and costs that are easy to add."""
    monkeypatch.setenv("GUIDANCE_ATLAS_SECRET", SECRET)
    monkeypatch.setattr(module, "plan", lambda _settings, secret: small_plan(secret))
    monkeypatch.setattr(module, "STAGES", {"roster": Cost(fixed=3.0, records=1_000.0)})
    monkeypatch.setattr(module, "PUBLISH", Cost(fixed=5.0))
    monkeypatch.setattr(module, "UNCHANGED", Cost(fixed=0.5))
    monkeypatch.setattr(module, "DISK", dict.fromkeys(("vault", "databases", "release"), Cost(guidance=1e6)))
    monkeypatch.setattr(module, "MEMORY", Cost(fixed=9e9))
    monkeypatch.setattr(module.os, "cpu_count", lambda: 4)
    return tmp_path / "atlas"


def stored(paths, root, settings=ONE):
    root.mkdir()
    work_off(paths, stages=small_plan(SECRET.encode()), vault=root / "vault", settings=settings)


def files_in(folder):
    return {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*")}


def test_parts_stages_and_places_add_up(root, tmp_path):
    told = estimate([write(tmp_path / "a.jsonl", said(200))], root=root, settings=ONE)

    assert (told.n_records, told.n_to_do, told.n_guidance, told.survivors) == (200, 200, 50, 0.5)
    assert told.stage_seconds["roster"] == 3 + 200
    assert told.seconds["all"] == pytest.approx(sum(told.seconds[name] for name in told.seconds if name != "all"))
    assert told.seconds["corpus"] == pytest.approx(told.slowdown * 203)
    assert told.seconds["publishing"] == pytest.approx(told.slowdown * 5)
    assert told.bytes_written["all"] == sum(size for name, size in told.bytes_written.items() if name != "all")
    assert told.bytes_written["databases"] == told.bytes_written["temporary"] == 50_000
    assert told.bytes_written["vault"] > 50_000  # the tables of parts besides
    assert told.memory["largest process"] == told.memory["all processes"] == 9e9
    assert sum(told.stage_seconds.values()) < told.processor_seconds


def test_what_is_stored_costs_nothing_and_nothing_is_written(root, tmp_path):
    paths = [write(tmp_path / "a.jsonl", said(120))]
    stored(paths, root)
    before = files_in(tmp_path)
    again = estimate(paths, root=root, settings=ONE)
    write(tmp_path / "a.jsonl", said(130))
    appended = estimate(paths, root=root, settings=ONE)

    assert (again.n_records, again.n_to_do, again.n_guidance, again.stage_seconds) == (120, 0, 30, {})
    assert (again.seconds["corpus"], again.seconds["publishing"], again.bytes_written["all"]) == (0, 0.5, 0)
    assert (appended.n_records, appended.n_to_do) == (130, 30)  # the last part is another one now
    assert (appended.n_guidance, appended.stage_seconds["roster"]) == (33, 3 + 130)
    assert files_in(tmp_path).keys() == before.keys()
    assert {path for path, when in files_in(tmp_path).items() if before[path] != when} == {tmp_path / "a.jsonl"}


def test_a_root_that_is_not_there_is_not_made_and_no_secret_either(root, tmp_path, monkeypatch):
    monkeypatch.delenv("GUIDANCE_ATLAS_SECRET")
    paths = [write(tmp_path / "a.jsonl", said(40))]
    before = files_in(tmp_path)
    estimate(paths, root=root, settings=ONE)
    root.mkdir()
    estimate(paths, root=root, settings=ONE)

    assert files_in(tmp_path).keys() == {*before, root}


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_packed_files_are_told_as_if_they_were_plain(root, tmp_path, ending):
    plain = estimate([write(tmp_path / "a.jsonl", said(200))], root=root, settings=ONE)
    packed = estimate([write(tmp_path / f"b.jsonl{ending}", said(200))], root=root, settings=ONE)

    for name in ("n_records", "n_bytes", "n_to_do", "n_guidance", "survivors"):
        assert getattr(plain, name) == getattr(packed, name), name


def test_nothing_to_read_is_a_clear_error(root, tmp_path):
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(SourceError, match="there is nothing to estimate"):
        estimate([str(tmp_path / "empty.jsonl")], root=root, settings=ONE)


def test_workers_share_the_parts_and_each_has_its_models(root, tmp_path):
    paths = [write(tmp_path / "a.jsonl", said(400))]
    one, four = (estimate(paths, root=root, settings=settings) for settings in (ONE, FOUR))

    assert four.memory["all processes"] >= four.memory["largest process"]
    assert four.n_workers == 4
    assert one.n_to_do == four.n_to_do == 400


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.integers(1, 8))
def test_the_longest_worker_takes_between_a_fair_share_and_a_part_more(sizes, n_workers):
    read = Survey(listed=[], todo=[(size, ("scrub",)) for size in sizes])
    trial = dataclasses.replace(module.NO_TRIAL, stage_seconds={"scrub": 2.0})
    longest = module._longest(read, trial, n_workers=n_workers)

    assert max(2 * sum(sizes) / n_workers, 2 * max(sizes)) <= longest <= 2 * sum(sizes) / n_workers + 2 * max(sizes)


def test_groups_are_those_that_are_counted():
    """Of two weeks and two models in three pairs: total, eleven domains, weeks, models, and domains by all these."""
    pairs = frozenset({("w1", "a"), ("w1", "b"), ("w2", "a")})
    assert n_groups(pairs) == 1 + 11 + 2 + 2 + 11 * (2 + 2 + 3)
    assert Cost(fixed=1, records=2, guidance=3, groups=4).of(Size(1_000, 2_000, 3_000)) == 1 + 2 + 6 + 12


def test_people_and_machines_are_told_the_same(root, tmp_path, capsys):
    told = estimate([write(tmp_path / "a.jsonl", said(200))], root=root, settings=ONE)
    show_estimate(told, as_json=True)
    machine = json.loads(capsys.readouterr().out)
    show_estimate(dataclasses.replace(told, slowdown=2.5, bytes_free=1), as_json=False)
    printed = capsys.readouterr().out

    assert machine["n_guidance"] == 50
    assert machine["seconds"]["all"] == told.seconds["all"]
    assert "NOT ENOUGH" in printed
    assert "2.5 times as slow as alone" in printed
    assert max(map(len, printed.splitlines())) <= 120
    assert "should i" not in printed
    assert os.listdir(tmp_path) == ["a.jsonl"]
