"""Exports ask for no settings of the run, and none is written beside a forgetting."""

import json

import pytest
from typer.testing import CliRunner

from guidance_atlas.cli import app
from guidance_atlas.errors import StoreError
from guidance_atlas.labelling.tables import last_run
from guidance_atlas.ledger import Ledger
from guidance_atlas.plan import plan
from guidance_atlas.settings import load_settings
from guidance_atlas.store import only_run

OPTIONS = ["--epsilon", "1", "--delta", "1e-6", "--since", "2026-03-02", "--until", "2026-03-29", "--json"]


def export(root, *more):
    return CliRunner().invoke(app, ["export", "--public", "--root", str(root), *OPTIONS, *more])


def test_it_needs_no_settings_of_the_run_and_takes_its_budget_from_the_present_ones(copy, tmp_path, monkeypatch):
    with pytest.raises(StoreError, match="other settings"), last_run(copy, load_settings()):
        pass  # the run had settings that are not built in
    monkeypatch.setenv("GUIDANCE_ATLAS_INGEST__SINCE", "2026-03-20")
    settings = tmp_path / "settings.toml"
    settings.write_text("[privacy]\nepsilon = 1.5\n[scrub]\nkeep = []\n")

    done = export(copy, "--settings", str(settings))

    assert done.exception is None
    assert json.loads(done.stdout)["epsilon_left"] == "0.5"


@pytest.mark.parametrize("kind", [[], ["--public", *OPTIONS]], ids=["ordinary", "public"])
def test_none_is_written_while_somebody_is_taken_out(copy, kind):
    before = sorted((copy / "releases").iterdir())

    with only_run(copy):
        done = CliRunner().invoke(app, ["export", "--root", str(copy), *kind])

    assert isinstance(done.exception, StoreError)
    assert "another run is at work" in str(done.exception)
    assert sorted((copy / "releases").iterdir()) == before


def test_a_run_of_another_version_is_said_to_be_one_and_nothing_is_charged(copy, monkeypatch):
    monkeypatch.setattr("guidance_atlas.chain.code_digest", lambda _module: "another version")
    monkeypatch.setattr("guidance_atlas.plan.plan", plan.__wrapped__)  # not one that is remembered

    done = export(copy)

    assert isinstance(done.exception, StoreError)
    assert "another version made the last run" in str(done.exception)
    assert "--settings" not in str(done.exception)
    assert Ledger(copy).entries("charge") == []
