"""An erasure takes out one person and nobody else, and may be killed at any file."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas import contracts as c
from guidance_atlas.erase import erase_halves, erase_sheets, erase_vault, look_for
from guidance_atlas.labelling.sheet import FOLDER, read_rows, write_new
from guidance_atlas.stages.forgotten import PERSON, Forgotten, tombstone
from guidance_atlas.store import Store

SECRET = b"sixteen bytes or more"
TABLES = (c.CleanTurns, c.Screened, c.Conversations)
A, B = "person a", "person b"


def stored(folder, *parts):
    """A vault with parts, each a list of (conversation, person), and a roster over them; the first of an id is kept."""
    store, keys = Store(folder / "vault"), {}
    for number, rows in enumerate(parts):
        keys[f"part{number}"] = {table: f"{table.__name__}-{number}" for table in TABLES} | {c.Records: "raw"}
        kept = [name for at, (name, _) in enumerate(rows) if name not in [one for one, _ in rows[:at]]]
        told = [
            {"record": at, "conversation_id": name, "person_key": person, "content_key": f"content of {name} {person}"}
            | {"outcome": "kept" if name not in [one for one, _ in rows[:at]] else "duplicate"}
            for at, (name, person) in enumerate(rows)
        ]
        frames = {
            c.Conversations: [one | {"code": None if one["outcome"] == "kept" else "same_id"} | COUNTS for one in told],
            c.CleanTurns: [
                {"conversation_id": name, "turn": turn, "role": "user", "text": f"words of {name}", "n_masked": 0}
                for name in kept
                for turn in (0, 2)
            ],
            c.Screened: [{"conversation_id": name, "score": 0.9, "guidance": True, "unsure": False} for name in kept],
        }
        for table, rows_of in frames.items():
            store.write(table, keys[f"part{number}"][table], frame(table, rows_of))
    store.write(c.Roster, "all", c.Roster.create_empty())
    return store, keys


COUNTS = {"n_turns": 3, "n_user_turns": 2, "n_unread": 0}


def frame(table, rows):
    empty = table.create_empty()
    return table.validate(pl.DataFrame(rows, schema=empty.schema) if rows else empty, cast=True)


def forget(store, keys, person=A):
    found = look_for(store, Forgotten(frozenset({tombstone(SECRET, PERSON, person)})), secret=SECRET)
    return erase_vault(store, found, parts=keys, corpus={"Roster"}), found


def contents(store):
    return {
        str(path.relative_to(store.folder)): pl.read_parquet(path).rows() for path in store.folder.rglob("*.parquet")
    }


people = st.lists(st.tuples(st.sampled_from("uvwxyz"), st.sampled_from([A, B, "person c"])), max_size=6)


@given(parts=st.lists(people, max_size=3))
@settings(max_examples=25)
def test_of_a_person_nothing_stays_and_of_others_everything(tmp_path_factory, parts):
    store, keys = stored(tmp_path_factory.mktemp("root"), *parts)
    words = {
        (number, name)
        for number, rows in enumerate(parts)
        for at, (name, person) in enumerate(rows)
        if person != A and name not in [one for one, _ in rows[:at]]
    }

    forget(store, keys)

    for number in range(len(parts)):
        told = store.read(c.Conversations, f"Conversations-{number}")
        assert told.height == len(parts[number])
        assert told["person_key"].to_list() == [None if person == A else person for _, person in parts[number]]
        for table in (c.CleanTurns, c.Screened):
            left = store.read(table, f"{table.__name__}-{number}")["conversation_id"].unique()
            assert {(number, name) for name in left} == {one for one in words if one[0] == number}


def test_a_killed_erasure_is_finished_by_the_next_wherever_it_was_killed(tmp_path, monkeypatch):
    parts = [[("u", A), ("v", B)], [("w", A)], [("x", B)]]
    whole, keys = stored(tmp_path / "whole", *parts)
    forget(whole, keys)
    write, n_writes = Store.write, 6

    for alive in range(n_writes):
        store, keys = stored(tmp_path / f"killed{alive}", *parts)
        left = iter(range(alive))

        def dying(self, *given, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt
            write(self, *given)

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(Store, "write", dying)
            forget(store, keys)
        forget(store, keys)
        assert contents(store) == contents(whole), alive


def test_what_belongs_to_no_known_part_goes_whole_if_it_holds_them_or_nobody_who_is_told(tmp_path):
    store, keys = stored(tmp_path, [("u", A), ("v", B)], [("w", B)])
    turns = store.folder / "CleanTurns"
    others = {"of-b": ["v", "w"], "of-a": ["u"], "of-both": ["u", "v"], "of-nobody": ["q"], "empty": []}
    for name, ids in others.items():
        rows = [{"conversation_id": one, "turn": 0, "role": "user", "text": "", "n_masked": 0} for one in ids]
        store.write(c.CleanTurns, name, frame(c.CleanTurns, rows))
    (turns / ".half.parquet.12ab").write_text("words")
    (turns / "damaged.parquet").write_text("words")
    (store.folder / "stray.txt").write_text("words")

    erased, _found = forget(store, keys)

    left = {path.stem for path in turns.iterdir()}
    assert left == {"of-b", "empty", "CleanTurns-0", "CleanTurns-1"}
    assert not (store.folder / "stray.txt").exists()
    assert not (store.folder / "Roster" / "all.parquet").exists()
    assert erased.removed == 7
    assert erased.rows == {"CleanTurns": 2, "Screened": 1, "Conversations": 1}


def test_of_an_id_that_two_people_share_only_what_is_surely_the_other_s_stays(tmp_path):
    store, keys = stored(tmp_path, [("u", A)], [("u", B), ("v", B)])
    for name, ids in {"whose": ["u"], "of-b": ["v"]}.items():
        rows = [{"conversation_id": one, "turn": 0, "role": "user", "text": "", "n_masked": 0} for one in ids]
        store.write(c.CleanTurns, name, frame(c.CleanTurns, rows))
    sheet = tmp_path / FOLDER / "one.csv"
    write_new(sheet, [("u", 0.5, "masked"), ("v", 0.5, "masked")], draw="random-2-1")

    erased, found = forget(store, keys)
    erase_sheets(tmp_path / FOLDER, found.staying)

    turns = {
        path.stem: pl.read_parquet(path)["conversation_id"].unique() for path in (store.folder / "CleanTurns").iterdir()
    }
    assert {name: sorted(ids) for name, ids in turns.items()} == {
        "CleanTurns-0": [],
        "CleanTurns-1": ["u", "v"],
        "of-b": ["v"],
    }
    assert [row["conversation_id"] for row in read_rows(sheet)] == ["v"]
    assert (erased.rows["CleanTurns"], erased.removed) == (2, 2)


def test_somebody_under_several_ids_goes_under_each_that_is_asked_for(tmp_path):
    store, keys = stored(tmp_path, [("u", A), ("v", B), ("w", "person c")])
    asked = frozenset(tombstone(SECRET, PERSON, one) for one in (A, B))

    erase_vault(store, look_for(store, Forgotten(asked), secret=SECRET), parts=keys, corpus={"Roster"})

    assert store.read(c.Conversations, "Conversations-0")["person_key"].to_list() == [None, None, "person c"]
    assert set(store.read(c.CleanTurns, "CleanTurns-0")["conversation_id"]) == {"w"}


def test_what_killed_processes_left_goes_and_what_is_whole_stays(tmp_path):
    halves = [
        ".making-a1/cells.duckdb",
        "releases/.release-b2/cells.csv",
        ".last_run.json.0a1b2c3d",
        "ledger/.f.0a1b2c3d",
    ]
    whole = ["internal.duckdb", "releases/c3/cells.csv", ".gitignore", "ledger/f.parquet", "tombstones.json"]
    for name in (*halves, *whole):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("numbers")

    assert erase_halves(tmp_path) == 4
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == sorted(whole)


def test_files_are_made_anew_and_not_changed_in_place(tmp_path):
    store, keys = stored(tmp_path, [("u", A), ("v", B)])
    path = store.path(c.CleanTurns, "CleanTurns-0")
    with path.open("rb") as held:
        forget(store, keys)
        assert (
            pl.read_parquet(held.read()).height == 4
        )  # who has the old file open keeps it; the name leads to a new one
    assert pl.read_parquet(path).height == 2
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_sheet_keeps_only_who_stays(tmp_path):
    folder = tmp_path / FOLDER
    rows = [("u", 0.5, "masked"), ("v", 0.5, "masked"), ("of an older run", 0.5, "masked")]
    write_new(folder / "one.csv", rows, draw="random-3-1")
    write_new(folder / "two.csv", rows[:1], draw="random-1-1")
    (folder / "book.xlsx").write_bytes(b"PK\x03\x04")

    assert erase_sheets(folder, pl.Series(["v", "w"])) == (3, [folder / "book.xlsx"])
    assert [row["conversation_id"] for row in read_rows(folder / "one.csv")] == ["v"]
    assert not (folder / "two.csv").exists()
