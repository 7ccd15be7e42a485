"""Ids, models and file names that try to be paths, formulas, markup or commands come to nothing anywhere."""

import csv
import re

import pytest
from rightsworld import HOSTILE, everything, places, table

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def test_conversations_with_hostile_ids_are_read_and_told_apart(world):
    kept = table(world.root, "Roster").filter(outcome="kept")
    people = table(world.root, "Conversations").filter(outcome="kept")["person_key"]

    assert people.str.contains("^[0-9a-f]{32}$").all()
    assert people.n_unique() > len(HOSTILE) + 8
    assert kept["conversation_id"].n_unique() == kept.height > 60


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name[:20]))
def test_a_hostile_id_stands_nowhere(world, name):
    harm = name.encode("utf-8", "replace").decode()[:60]

    assert places(world.bytes, harm) == []


def test_no_id_becomes_a_path(world):
    assert sorted(path.name for path in world.folder.iterdir()) == ["atlas", "logs", "world"]
    assert [path for path in world.root.rglob("*") if not PLAIN_NAME.fullmatch(path.name)] == []


def test_a_file_s_name_that_is_a_formula_stays_inside(world):
    told = {place.partition(" ")[0] for place in places(world.bytes, "=later.jsonl")}

    assert told <= {"internal.duckdb"} | {place for place in told if place.startswith("vault/")}


def test_nothing_in_a_release_is_a_formula_markup_or_a_control_character(world):
    (release,) = (world.root / "releases").iterdir()
    for path in release.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            fields = [field for row in csv.reader(file) for field in row]
        assert [field for field in fields if field[:1] in tuple("=+-@\t\r")] == []
    for place, text in everything(release).items():
        assert "<script" not in text
        if not place.endswith((".parquet", "decoded")):
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", text)
