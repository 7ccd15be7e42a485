"""What there is to do is counted as a run would, with bounded reading and a fair draw in bounded memory."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smallplan import said, small_plan, work_off, write

from guidance_atlas import survey as module
from guidance_atlas.errors import SourceError
from guidance_atlas.settings import Settings
from guidance_atlas.stages.ingest.sources import find_sources
from guidance_atlas.store import Store
from guidance_atlas.survey import Draw, survey

PARTS_OF_10 = Settings(ingest={"part_records": 10})


def surveyed(paths, vault, *, stages=None):
    return survey(find_sources(paths), settings=PARTS_OF_10, stages=stages or small_plan(), store=Store(vault))


def test_everything_is_to_do_at_first_and_nothing_once_it_is_stored(tmp_path):
    paths = [write(tmp_path / "a.jsonl", said(25))]
    before = surveyed(paths, tmp_path / "vault")
    work_off(paths, stages=small_plan(), vault=tmp_path / "vault", settings=PARTS_OF_10)
    after = surveyed(paths, tmp_path / "vault")

    assert (before.n_records, len(before.listed), before.records_to_do["scrub"]) == (25, 3, 25)
    assert (after.n_records, after.todo, after.draw.lines()) == (25, [], [])
    assert before.listed == after.listed


def test_appended_records_and_a_changed_setting_cost_only_what_they_touch(tmp_path):
    paths = [write(tmp_path / "a.jsonl", said(20))]
    work_off(paths, stages=small_plan(), vault=tmp_path / "vault", settings=PARTS_OF_10)
    changed = surveyed(paths, tmp_path / "vault", stages=small_plan(word="hello"))
    write(tmp_path / "a.jsonl", said(23))
    appended = surveyed(paths, tmp_path / "vault")

    assert changed.records_to_do == {"screen": 20, "classify": 20}
    assert set(appended.records_to_do.values()) == {3}
    assert len(appended.draw.lines()) == 3


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.jsonl.zst"])
@pytest.mark.parametrize("n", [3_000, 12_000])
def test_of_what_is_too_large_a_share_is_read_and_the_rest_is_foretold(tmp_path, monkeypatch, name, n):
    monkeypatch.setattr(module, "READ_MOST", 100_000)
    lines = said(n)
    found = surveyed([write(tmp_path / name, lines), write(tmp_path / "b.jsonl", said(100, start=n))], tmp_path / "v")

    assert 100_000 / 2 < found.n_bytes < 120_000
    assert {row["file"][-7:] for row in found.listed} >= {"b.jsonl"}
    assert found.n_records * found.scale == pytest.approx(n + 100, rel=0.15)
    assert found.records_to_do["ingest"] == pytest.approx(n + 100, rel=0.15)


def test_what_cannot_be_foretold_is_one_clear_error(tmp_path):
    with pytest.raises(SourceError, match="standard input can be read only once"):
        surveyed(["-"], tmp_path / "v")
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(SourceError, match="no record can be read in the sources"):
        surveyed([str(tmp_path / "empty.jsonl")], tmp_path / "v")


@given(st.lists(st.integers(1, 400), max_size=300), st.integers(1, 40), st.integers(400, 4_000), st.integers(0, 9))
@settings(max_examples=60)
def test_a_draw_is_bounded_and_takes_all_where_all_fits(sizes, most, most_bytes, seed):
    lines = [b"%04d" % at + b"x" * size for at, size in enumerate(sizes)]
    draw = Draw(most=most, most_bytes=most_bytes, seed=seed)
    for line in lines:
        draw.see(line)
    drawn = draw.lines()

    assert len(drawn) == len(set(drawn)) <= most
    assert sum(map(len, drawn)) <= max(most_bytes, max(map(len, lines), default=0))
    if len(lines) <= most and sum(map(len, lines)) <= most_bytes:
        assert sorted(drawn) == lines


def test_a_draw_takes_late_records_as_often_as_early_ones():
    late = 0
    for seed in range(40):
        draw = Draw(most=50, most_bytes=10**6, seed=seed)
        for at in range(1_000):
            draw.see(b"%d" % at)
        late += sum(int(line) >= 500 for line in draw.lines())

    assert 800 < late < 1_200  # of 2,000: nine standard errors
