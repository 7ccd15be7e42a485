"""Secrets come from the environment or a private file alone; encryption is refused for as long as it cannot be had."""

import inspect
import re

import duckdb
import pytest

from guidance_atlas import cli
from guidance_atlas.adapters.duckdb import CLOSED, in_memory
from guidance_atlas.errors import SettingsError
from guidance_atlas.settings import Settings, load_settings

SECRET_LIKE = re.compile(r"secret|password|token|credential|api_?key|encryption_key", re.IGNORECASE)


def test_no_setting_holds_a_secret():
    fields = [
        f"{name}.{field}" for name, info in Settings.model_fields.items() for field in info.annotation.model_fields
    ]

    assert len(fields) > 20
    assert [field for field in fields if SECRET_LIKE.search(field)] == []


def test_no_option_of_a_command_takes_a_secret():
    options = [name for one in cli.app.registered_commands for name in inspect.signature(one.callback).parameters]

    assert [name for name in options if SECRET_LIKE.search(name)] == []


def test_what_does_not_fit_into_memory_is_written_nowhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with in_memory({}) as con:
        con.execute("set memory_limit = '60MB'").fetchall()
        with pytest.raises(duckdb.OutOfMemoryException):
            con.execute("create table t as select hash(i)::varchar as s from range(9000000) as r(i)").fetchall()
        assert list(tmp_path.iterdir()) == []


def test_encryption_is_refused_with_the_reason():
    with pytest.raises(SettingsError, match=r"setting databases\.encrypt: .*extension that its package does not hold"):
        load_settings(None, databases={"encrypt": True})
    assert load_settings(None, databases={"encrypt": False}).databases.encrypt is False


@pytest.mark.parametrize("options", ["", ", encryption_cipher 'GCM'", ", encryption_cipher 'CTR'"])
def test_the_refusal_is_still_true_of_the_engine_as_installed(tmp_path, options):
    """Once this fails, DuckDB writes encrypted files by itself: then [databases] encrypt can be made to work."""
    path = tmp_path / "encrypted.duckdb"
    with duckdb.connect(":memory:", config=CLOSED) as con, pytest.raises(duckdb.Error, match="crypto"):
        con.execute(f"attach '{path}' as closed (encryption_key 'a key of some length'{options})").fetchall()
        con.execute("create table closed.numbers as select 1 as n").fetchall()
