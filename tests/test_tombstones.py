"""Whom a root forgot is remembered by hashes alone, and never by nobody knowing."""

import json
from datetime import date

import pytest

from guidance_atlas.errors import SettingsError, StoreError
from guidance_atlas.tombstones import (
    FILE,
    add_tombstones,
    close_tombstones,
    forgotten_of,
    read_tombstones,
    refuse_open,
    today,
)

SECRET, OTHER = b"sixteen bytes or more", b"another secret, as long"


def test_a_root_without_the_file_forgot_nobody(tmp_path):
    known = read_tombstones(tmp_path, SECRET)

    assert (known.days, known.open) == ({}, False)
    refuse_open(tmp_path)


def test_a_tombstone_keeps_its_first_day_and_work_is_open_until_it_is_closed(tmp_path, monkeypatch):
    first = today().isoformat()
    add_tombstones(tmp_path, SECRET, frozenset({"aa"}))
    monkeypatch.setattr("guidance_atlas.tombstones.today", lambda: date(2999, 1, 1))
    add_tombstones(tmp_path, SECRET, frozenset({"aa", "bb"}))
    with pytest.raises(StoreError, match="guidance-atlas forget --root"):
        refuse_open(tmp_path)

    close_tombstones(tmp_path, SECRET)

    refuse_open(tmp_path)
    assert read_tombstones(tmp_path, SECRET).days == {"aa": first, "bb": "2999-01-01"}
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_under_another_secret_nobody_would_be_known_so_it_is_refused(tmp_path):
    add_tombstones(tmp_path, SECRET, frozenset({"aa"}))

    with pytest.raises(SettingsError, match="put that secret back"):
        read_tombstones(tmp_path, OTHER)
    assert SECRET.decode() not in (tmp_path / FILE).read_text()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"tombstones": {}}', json.dumps({"made_under": 1, "open": 0})])
def test_a_damaged_file_is_not_an_empty_one(tmp_path, text):
    (tmp_path / FILE).write_text(text)

    for look in (lambda: read_tombstones(tmp_path, SECRET), lambda: refuse_open(tmp_path)):
        with pytest.raises(StoreError, match="is damaged"):
            look()


def test_days_of_retention_are_counted_back_from_today(tmp_path):
    known = read_tombstones(tmp_path, SECRET)

    assert forgotten_of(known, retention=None).first_day is None
    assert (today() - forgotten_of(known, retention=30).first_day).days == 30
