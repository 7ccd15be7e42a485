"""Somebody asks to be forgotten: afterwards no byte of the root knows them, and the numbers are as if they never were.

One forgetting of one person for all claims; `test_later_runs.py` has one that was killed.
"""

import base64
import hashlib
import json
import shutil
from types import SimpleNamespace

import polars as pl
import pytest
from rightsworld import (
    LONE,
    UNFINISHED,
    VICTIM,
    WORDS,
    disguises,
    everything,
    keys_of,
    places,
    read,
    sheet,
    table,
    victims_records,
    write_logs,
)

from guidance_atlas.dp.ask import make_ask
from guidance_atlas.dp.counts import DENSE
from guidance_atlas.dp.public import _counts as count
from guidance_atlas.errors import AbsentError, SettingsError, StoreError
from guidance_atlas.forget import forget
from guidance_atlas.labelling.sheet import read_rows
from guidance_atlas.publish import check_root, export_again
from guidance_atlas.receipts import canonical
from guidance_atlas.settings import load_settings
from guidance_atlas.stages.keys import person_key

CORPUS = (
    "Clumps", "Clusters", "ClusterTerms", "ClusterNames", "Cells", "AtlasCells", "PublicCells", "AtlasRates",
    "PublicRates",
)  # fmt: skip

# What is left where a process was killed while it wrote databases, releases, or any file.
HALVES = (
    ".making-q1w2/internal.duckdb.wal",
    "releases/.release-q1w2/cells.csv",
    ".last_run.json.0a1b2c3d",
    "ledger/.0123.parquet.0a1b2c3d",
)


@pytest.fixture(scope="module")
def gone(world, tmp_path_factory):
    """A root after forgetting, in which a sheet, an older atlas and what killed runs leave lay about; what was told."""
    root = shutil.copytree(world.root, tmp_path_factory.mktemp("gone") / "atlas", symlinks=True)
    ids = table(root, "Screened").filter(guidance=True)["conversation_id"].to_list()
    theirs = set(ids) & world.victims_keys
    sheet(root / "labelling" / "random-4-7.csv", [*sorted(theirs)[:2], *sorted(set(ids) - theirs)[:3]])
    half = root / "labelling" / ".random-4-7.csv.1a2b3c4d"
    half.write_text(f"half a sheet about the {WORDS}")
    half.chmod(0o600)
    shutil.copy(next(root.glob("atlas-*.duckdb")), root / "atlas-20250101T000000Z-0123456789ab.duckdb")
    for name in ("Conversations", "CleanTurns"):
        for path in (root / "vault" / name).glob("*.parquet"):
            shutil.copy(path, path.with_name(f"{UNFINISHED}{path.name}"))
    (root / "vault" / "CleanTurns" / ".left.parquet.1234").write_text(f"half a table about the {WORDS}")
    for half in HALVES:
        (root / half).parent.mkdir(exist_ok=True)
        (root / half).write_text(f"half a file about the {WORDS}")
    before = everything(root)
    told = forget(root, people=[VICTIM])
    return SimpleNamespace(root=root, before=before, after=everything(root), told=told)


def test_before_it_the_search_finds_them(world, gone):
    assert len(world.victims_keys) > 10
    for key in world.victims_keys:
        assert any(place.startswith("vault/Conversations") for place in places(gone.before, key))
    assert len(places(gone.before, WORDS)) > 4
    assert any(place.startswith("vault/Clumps") for place in places(gone.before, world.victim))


def test_after_it_no_byte_and_no_table_holds_a_key_an_id_or_a_word_of_theirs(world, gone):
    assert places(gone.after, *world.victims_keys, VICTIM, WORDS) == []


@pytest.mark.parametrize("at", [0, 1, 2])
def test_the_search_knows_disguises(at):
    for text in (VICTIM, "0123456789abcdef" * 2):
        raw = text.encode("utf-16-le")
        for laid in (raw, raw.hex().encode(), base64.b64encode(b"xyz"[:at] + raw + b"more")):
            assert places({"file": laid.decode("latin-1")}, *disguises(text)) == ["file"]
        assert places({"file": laid[6:-6].decode("latin-1")}, *disguises(text[:-1] + "g")) == []


def test_after_it_none_of_that_is_left_in_disguise(world, gone):
    hidden = {form for text in (*world.victims_keys, VICTIM, WORDS) for form in disguises(text)}
    as_it_lies = {place: text for place, text in gone.after.items() if (gone.root / place).exists()}

    assert len(as_it_lies) > 30
    assert places(as_it_lies, *hidden) == []


def test_of_what_killed_processes_wrote_nothing_is_left(gone):
    assert set(HALVES) <= set(gone.before)
    assert not set(HALVES) & set(gone.after)
    assert [place for place in gone.after if "/." in place or place.startswith(".")] == []


def test_what_is_kept_beside_the_ledger_is_of_groups(gone):
    kept = [pl.read_parquet(path) for path in (gone.root / "ledger").iterdir()]

    assert kept
    assert not {name for frame in kept for name in frame.columns} & {"person_key", "conversation_id", "content_key"}


def test_others_stay(world, gone):
    others = keys_of(world.root, pl.col("person_key") != world.victim)

    assert others <= keys_of(gone.root, pl.lit(True))


@pytest.fixture(scope="module")
def never(world, tmp_path_factory):
    """A run, under the same secret, over the logs without them."""
    folder = tmp_path_factory.mktemp("never")
    logs = write_logs(shutil.copytree(world.logs, folder / "logs"), with_victim=False)
    (folder / "atlas").mkdir()
    shutil.copy(world.root / "secret", folder / "atlas" / "secret")
    read(logs, folder / "atlas")
    return folder / "atlas"


@pytest.mark.parametrize("name", CORPUS)
def test_the_numbers_are_those_of_a_run_that_never_saw_them(gone, never, name):
    def counted(root):
        frame = table(root, name)
        aside = ("read", "sampled_out", "duplicate")  # here what was set aside is told
        return frame.filter(~pl.col("measure").is_in(aside)) if "measure" in frame.columns else frame

    one, other = counted(gone.root), counted(never)
    # So few people share no word, and those who are left are in no group.
    assert one.height > 0 or name in ("ClusterTerms", "ClusterNames")
    assert one.sort(one.columns).equals(other.sort(other.columns))


def test_every_table_of_a_part_has_the_same_rows_as_in_a_run_that_never_saw_them(gone, never):
    for folder in (never / "vault").iterdir():
        one, other = table(gone.root, folder.name), table(never, folder.name)
        if "conversation_id" in one.columns and folder.name not in ("Conversations", "Roster"):
            assert one.sort(one.columns).equals(other.sort(other.columns)), folder.name


def test_a_public_export_puts_noise_on_counts_without_them(world, gone):
    ask = make_ask(1.0, 1e-6, "2026-03-02", "2026-03-29")
    before, after = (count(root, ask) for root in (world.root, gone.root))

    assert sum(before.dense.values()) - sum(after.dense.values()) == len(DENSE)
    assert sum(before.sparse.values()) - sum(after.sparse.values()) == 1


def test_what_was_read_is_still_the_sum_of_what_became_of_it(world, gone):
    before, after = table(world.root, "Roster"), table(gone.root, "Roster")
    forgotten = after.filter(code="forgotten")

    assert after.height == before.height
    assert forgotten.height == 7
    assert set(forgotten["outcome"]) == {"sampled_out"}
    assert forgotten["conversation_id"].null_count() == 7
    assert check_root(gone.root) == []


def test_only_the_newest_atlas_is_left(gone):
    assert [path.name for path in gone.root.glob("atlas-*")] == [(gone.root / "atlas.duckdb").resolve().name]


def test_no_release_was_added(world, gone):
    assert {path.name for path in (gone.root / "releases").iterdir()} == {
        path.name for path in (world.root / "releases").iterdir()
    }


def test_the_sheet_keeps_the_rows_of_others(world, gone):
    (path,) = (gone.root / "labelling").iterdir()

    assert len(read_rows(path)) == 3
    assert gone.told["sheet_rows"] == 2


def test_the_receipt_says_how_much_and_nothing_of_whom(world, gone):
    (path,) = (gone.root / "receipts").iterdir()
    text = path.read_text()
    receipt = json.loads(text)

    assert path.stat().st_mode & 0o777 == 0o600
    assert (receipt["rows"]["Conversations"], receipt["records"]) == (7, 14)  # half a run held them too
    assert receipt["files_removed"] >= 3
    assert receipt["releases_that_may_count_them"] == [path.name for path in (gone.root / "releases").iterdir()]
    assert all(hash_ not in text for hash_ in world.victims_keys)
    assert {one["tombstone"] for one in receipt["asked"]} == set(
        json.loads((gone.root / "tombstones.json").read_text())["tombstones"]
    )
    assert receipt["digest"] == hashlib.sha256(canonical(receipt)).hexdigest()


def test_reading_the_logs_again_does_not_bring_them_back(world, gone, tmp_path):
    logs, root = tmp_path / "logs", tmp_path / "atlas"
    logs.mkdir()
    root.mkdir()
    for name in ("mixed.jsonl", "=later.jsonl"):
        shutil.copy(world.logs / name, logs / name)
    elsewhere = [one | {"id": f"a copy of {one['id']}"} for one in victims_records()]
    (logs / "an export of another day.jsonl").write_text("\n".join(map(json.dumps, elsewhere)) + "\n")
    for name in ("secret", "tombstones.json"):
        shutil.copy(gone.root / name, root / name)

    read(logs, root)

    assert places(everything(root), *world.victims_keys, VICTIM, WORDS) == []
    assert table(root, "Roster").filter(code="forgotten").height == 7 + len(elsewhere)
    erased = {path.name for path in (gone.root / "vault" / "Conversations").iterdir()}
    same = [path for path in (root / "vault" / "Conversations").iterdir() if path.name in erased]
    assert len(same) == 2
    for path in same:  # the erased part is the part that was never whole
        assert pl.read_parquet(path).equals(pl.read_parquet(gone.root / path.relative_to(root)))


def test_to_forget_twice_is_to_forget_once(gone, tmp_path):
    root = shutil.copytree(gone.root, tmp_path / "atlas", symlinks=True)

    told = forget(root, people=[VICTIM])

    assert (told["records"], told["rows"], told["recounted"]) == (0, {}, False)


@pytest.fixture
def _not_counted(monkeypatch):
    """Leaves the numbers out, which take most of the time."""
    monkeypatch.setattr("guidance_atlas.forget._recount", lambda *_given: True)


@pytest.mark.usefixtures("_not_counted")
def test_a_key_of_the_vault_and_an_id_of_the_logs_mean_the_same(world, copy):
    other = person_key(world.secret, "u-other-1")
    before = table(copy, "Conversations").filter(person_key=other).height

    told = forget(copy, people=[world.victim], conversations=[LONE])

    assert (told["forgotten"], told["records"]) == (2, 8)
    assert places(everything(copy / "vault"), *world.victims_keys, WORDS, world.lone, "turnips") == []
    assert table(copy, "Conversations").filter(person_key=other).height == before - 1


def test_somebody_who_is_nowhere_is_said_to_be_and_nothing_changes(copy):
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*") if path.is_file() and path.name != "lock"}

    with pytest.raises(AbsentError, match=r"nothing is stored of key 2 of 2, and nothing was changed") as told:
        forget(copy, people=[VICTIM, "u-nobody"])

    assert "u-nobody" not in str(told.value)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert not (copy / "tombstones.json").exists()


def test_somebody_who_is_nowhere_yet_can_be_shut_out(copy):
    told = forget(copy, people=["u-nobody"], even_if_absent=True)

    assert (told["records"], told["recounted"]) == (0, False)
    assert len(json.loads((copy / "tombstones.json").read_text())["tombstones"]) == 1
    assert forget(copy, people=["u-nobody"])["records"] == 0


def test_another_secret_is_refused_and_not_taken_for_nobody(gone, tmp_path, monkeypatch):
    root = shutil.copytree(gone.root, tmp_path / "atlas", symlinks=True)
    monkeypatch.setenv("GUIDANCE_ATLAS_SECRET", "another secret of some length")

    for work in (lambda: forget(root), lambda: read(root / "last_run.json", root)):
        with pytest.raises(SettingsError, match="remembered under another secret"):
            work()


@pytest.mark.usefixtures("_not_counted")
def test_a_file_among_the_sheets_that_cannot_be_read_is_not_passed_over(copy):
    book = sheet(copy / "labelling" / "a.csv", []).with_name("a.xlsx")
    book.write_bytes(b"PK\x03\x04\x00")
    book.chmod(0o600)
    (copy / "labelling" / "a.csv").unlink()

    with pytest.raises(StoreError, match=r"a\.xlsx cannot be read as a sheet"):
        forget(copy, people=[VICTIM])
    with pytest.raises(StoreError, match="to finish it"):
        export_again(copy, settings=load_settings())

    book.unlink()
    assert forget(copy)["recounted"] is True
