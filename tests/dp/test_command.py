"""What the command refuses before it looks at anything, and what it hands on."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from guidance_atlas.cli import app
from guidance_atlas.dp import public
from guidance_atlas.dp.ask import MOST_WEEKS, make_ask
from guidance_atlas.errors import SettingsError

WHOLE = {"epsilon": 1.0, "delta": 1e-6, "since": "2026-01-01", "until": "2026-03-31"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"epsilon": None}, "needs --epsilon, --delta, --since and --until"),
        ({"until": None}, "needs --epsilon, --delta, --since and --until"),
        ({"epsilon": 0.0}, "--epsilon must be above 0"),
        ({"epsilon": float("nan")}, "--epsilon must be above 0"),
        ({"epsilon": 1e9}, "at most 20"),
        ({"delta": 0.5}, "--delta must be above 0 and at most 0.001"),
        ({"since": "01.02.2026"}, "YYYY-MM-DD"),
        ({"since": "2026-04-01"}, "--since is after --until"),
        ({"until": "2226-04-01"}, f"longer than {MOST_WEEKS} weeks"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_the_reason(change, complaint):
    with pytest.raises(SettingsError, match=complaint):
        make_ask(**{**WHOLE, **change})


def test_every_part_of_a_request_is_in_its_key_and_nothing_else():
    keys = {
        make_ask(**{**WHOLE, **change}, **bounds).key
        for change, bounds in (
            ({}, {}),
            ({"epsilon": 2.0}, {}),
            ({"delta": 1e-7}, {}),
            ({"since": "2026-01-02"}, {}),
            ({"until": "2026-03-30"}, {}),
            ({}, {"conversations": 2}),
            ({}, {"cells": 2}),
        )
    }

    assert len(keys) == 7
    assert make_ask(**WHOLE).key == make_ask(**{**WHOLE, "epsilon": 1}).key


def test_weeks_are_those_of_the_days_asked_for():
    assert make_ask(**{**WHOLE, "since": "2026-12-31", "until": "2027-01-04"}).weeks == ("2026-W53", "2027-W01")


@pytest.mark.parametrize(
    "options",
    [
        ["--epsilon", "1"],
        ["--fresh"],
        ["--since", "2026-01-01"],
        ["--public", "--epsilon", "1", "--least-people", "5"],
    ],
)
def test_options_of_the_two_kinds_of_release_do_not_mix(options):
    done = CliRunner().invoke(app, ["export", *options])

    assert isinstance(done.exception, SettingsError)
    assert "go with --public, and only with it" in str(done.exception)


def test_the_bounds_of_a_person_come_from_the_settings(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        public, "export_public", lambda root, ask, **more: asked.append((root, ask, more)) or {"new": True}
    )
    settings = tmp_path / "settings.toml"
    settings.write_text("[privacy]\nconversations = 3\ncells = 2\n")
    given = ["--epsilon", "0.5", "--delta", "1e-6", "--since", "2026-01-01", "--until", "2026-02-01"]
    options = ["--root", str(tmp_path), "--settings", str(settings), "--fresh", "--json"]

    done = CliRunner().invoke(app, ["export", "--public", *given, *options])

    assert json.loads(done.stdout) == {"new": True}
    ((root, ask, more),) = asked
    assert (root, ask.epsilon, ask.since, ask.conversations, ask.cells) == (tmp_path, 0.5, date(2026, 1, 1), 3, 2)
    assert more["fresh"] is True
