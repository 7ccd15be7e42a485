"""What a run after it does: finishes a forgetting that was killed, and forgets what is past its time."""

import json
from datetime import date, timedelta

import polars as pl
import pytest
from rightsworld import VICTIM, WORDS, everything, keys_of, places, read, table

from guidance_atlas.errors import StoreError
from guidance_atlas.forget import forget
from guidance_atlas.publish import export_again
from guidance_atlas.settings import load_settings

FIRST_DAY = date(2026, 3, 5)  # of the small world's conversations some are older, some have no date


def test_a_run_finishes_a_forgetting_that_was_killed_before_the_numbers(world, copy, monkeypatch):
    def killed(*_given, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("guidance_atlas.forget.run_corpus", killed)
        forget(copy, people=[VICTIM])
    assert places(everything(copy / "vault"), *world.victims_keys, WORDS) == []
    assert json.loads((copy / "tombstones.json").read_text())["open"]
    with pytest.raises(StoreError, match="to finish it"):
        export_again(copy, settings=load_settings())

    ran = read(world.logs, copy)

    assert ran.n_parts_worked == 0
    assert not json.loads((copy / "tombstones.json").read_text())["open"]
    assert table(copy, "Roster").filter(code="forgotten").height == 7
    assert [path.name for path in copy.glob("atlas-*")] == [(copy / "atlas.duckdb").resolve().name]
    assert len(list((copy / "receipts").iterdir())) == 1


def test_what_is_past_its_time_goes_at_the_next_run_and_comes_back_with_no_later_one(world, copy, monkeypatch):
    day = pl.col("day")
    old = keys_of(copy, (day < FIRST_DAY) | day.is_null()) - keys_of(copy, day >= FIRST_DAY)
    young = table(copy, "Roster").filter(outcome="kept").height
    monkeypatch.setattr("guidance_atlas.tombstones.today", lambda: FIRST_DAY + timedelta(days=30))

    ran = read(world.logs, copy, retention={"days": 30})

    assert len(old) > 10
    assert places(everything(copy), *old) == []
    fates = dict(table(copy, "Roster").group_by("code").len().rows())
    assert fates["age_unknown"] > 0
    assert fates["past_retention"] > 5
    assert 0 < table(copy, "Roster").filter(outcome="kept").height < young
    (receipt,) = (copy / "receipts").iterdir()
    assert json.loads(receipt.read_text())["asked"] == [{"kind": "retention", "first_day": str(FIRST_DAY)}]
    assert ran.n_parts_worked == 0  # rows were taken out; nothing was read anew
