"""A trial times every stage as for all records, whatever share of them goes all the way, and stores nothing."""

import json
import os

import polars as pl
import pytest
from smallplan import SEEN, said, small_plan

from guidance_atlas import trial as module
from guidance_atlas.chain import Scope
from guidance_atlas.errors import StageError
from guidance_atlas.settings import Settings
from guidance_atlas.trial import try_out


def test_shares_are_those_of_all_records_though_few_go_all_the_way(monkeypatch):
    monkeypatch.setattr(module, "CLOSELY", 100)
    trial = try_out([*said(800), *[b"{broken"] * 200], stages=small_plan())

    assert (trial.n_records, trial.n_closely) == (1_000, 100)
    assert (trial.kept, trial.survivors) == (0.8, 0.4)
    assert trial.guidance == pytest.approx(0.2, abs=0.06)  # 100 of 400 are looked at: four standard errors
    assert trial.pairs == {("2026-W10", "m")}


def test_seconds_and_bytes_stand_for_one_record_that_is_read(monkeypatch):
    """Stages after glance see a quarter of the survivors, so each of their seconds counts four times."""
    clock = iter(range(10_000))
    monkeypatch.setattr(module.time, "process_time", lambda: next(clock))
    monkeypatch.setattr(module, "CLOSELY", 100)
    trial = try_out(said(800), stages=small_plan())

    assert trial.stage_seconds == {
        **dict.fromkeys(("ingest", "outline", "glance"), 1 / 800),
        **dict.fromkeys(("scrub", "screen", "classify"), 4 / 800),
    }
    assert set(trial.table_bytes) == {"Conversations", "Glanced", "CleanTurns", "Screened", "Labels"}  # never Records


def test_those_who_go_all_the_way_lie_evenly_over_the_scores_of_glance(monkeypatch):
    monkeypatch.setattr(module, "CLOSELY", 20)
    scores = [float(at) for at in range(200)]
    glanced = pl.DataFrame(
        {"conversation_id": map(str, range(200)), "score": scores, "kept": [s >= 100 for s in scores]}
    )
    chosen = module._some_kept(glanced.sample(fraction=1, shuffle=True, seed=1)).filter("kept")["score"].sort()

    assert chosen.len() == 20
    assert chosen.min() >= 100
    assert set(chosen.diff().drop_nulls()) == {5.0}
    assert module._some_kept(glanced.with_columns(score=pl.lit(None, pl.Float32)))["kept"].sum() == 20
    assert module._some_kept(glanced.head(107))["kept"].sum() == 7


def test_models_are_opened_first_also_where_nobody_would_come_to_them():
    """All is about code: nothing gets past glance, and of what does nothing asks for guidance."""
    SEEN.clear()
    try_out(said(80)[0::4], stages=small_plan())

    assert SEEN == [("scrub", module.WARM), ("classify", module.WARM), ("scrub", 0), ("classify", 0)]


def test_where_glance_keeps_nobody_nothing_divides_by_nought():
    trial = try_out(said(40)[0::4], stages=small_plan())

    assert (trial.survivors, trial.guidance, trial.n_closely) == (0.0, 0.0, 0)
    assert trial.table_bytes["Conversations"] > 0


def test_a_stage_that_fails_tells_its_kind_and_no_words():
    with pytest.raises(StageError, match="screen failed on a trial: ComputeError") as failed:
        try_out(said(8), stages=small_plan(word="("))
    assert "number" not in str(failed.value)


@pytest.mark.slow
def test_the_real_plan_goes_through_a_trial_that_leaves_nothing_behind(tmp_path, monkeypatch):
    from guidance_atlas.plan import plan

    monkeypatch.chdir(tmp_path)
    stages = plan(Settings(), b"the secret of this test")
    said = (
        {"role": "user", "content": "Should I leave my wife? I feel lost."},
        {"role": "assistant", "content": "Yes!"},
    )
    lines = [json.dumps({"id": str(i), "messages": said}).encode() for i in range(8)]
    trial = try_out(lines, stages=stages)

    assert set(trial.stage_seconds) == {step.name for step in stages if step.scope is Scope.PART}
    assert trial.kept == trial.guidance == trial.survivors == 1
    assert os.listdir(tmp_path) == []
