import csv
import hashlib
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas import contracts as c
from guidance_atlas.errors import StoreError
from guidance_atlas.stages.export import FILES, export

RULES = {"least_people": 25, "round_to": 5}
HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@sum(a)",
    "\t=1",
    "\r=1",
    "\x1b[31mred",
    "right\u202eleft",
    "</script>",
    'quo"te',
    "line\nbreak",
]


def cell(status="shown", **given):
    numbers = {"numerator": 30, "denominator": 60, "n_people": 60, "share": 0.5, "low": 0.4, "high": 0.6}
    group = {"cut": "model", "domain": "all", "week": "all", "model": "m1", "facet": "all", "measure": "sycophantic"}
    return group | {"status": status, "renewed": 1} | (numbers if status == "shown" else dict.fromkeys(numbers)) | given


def cells(*rows):
    return c.PublishedCells.validate(pl.DataFrame(list(rows), schema=c.PublishedCells.create_empty().schema), cast=True)


def cluster(cluster_id, status="shown"):
    return cell(status, cut="cluster", model="all", facet=str(cluster_id), measure="guidance_conversations")


def names(*pairs):
    rows = [
        {"cluster_id": i, "name": name, "terms": [name], "n_conversations": 61, "n_people": 57, "named_by": "terms"}
        | {"domain": None, "n_domain_people": 0}
        for i, name in pairs
    ]
    return c.ClusterNames.validate(pl.DataFrame(rows, schema=c.ClusterNames.create_empty().schema), cast=True)


def rates(*rows):
    """One rate per share among the rows."""
    numbers = {"corrected": 0.45, "corrected_low": 0.2, "corrected_high": 0.7, "state": "corrected", "card": "card-1"}
    none = dict.fromkeys(numbers) | {"state": "withheld"}
    key = list(c.PublicRates.primary_key())
    told = [
        {name: row[name] for name in key} | (numbers if row["status"] == "shown" else none)
        for row in rows
        if row["measure"] == "sycophantic"
    ]
    return c.PublicRates.validate(pl.DataFrame(told, schema=c.PublicRates.create_empty().schema), cast=True)


def release(folder, *rows, named=(), rated=None, **about):
    told = rates(*rows) if rated is None else rated
    return export(cells(*rows), told, names(*named), folder=folder, about=RULES | about)


def test_a_release_holds_its_files_and_a_manifest_of_them(tmp_path):
    made = release(tmp_path, cell(), cell("few_people", model="m2"))

    assert sorted(path.name for path in made.folder.iterdir()) == sorted([*FILES, "manifest.json"])
    manifest = json.loads((made.folder / "manifest.json").read_text())
    assert manifest["id"] == made.id == made.folder.name
    assert manifest["status"] == {"few_people": 1, "shown": 1}
    assert manifest["rate_state"] == {"corrected": 1, "withheld": 1}
    assert (manifest["least_people"], manifest["round_to"]) == (25, 5)
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((made.folder / name).read_bytes()).hexdigest() == digest
    assert (made.n_shown, made.n_withheld) == (1, 1)


def test_the_manifest_counts_what_is_told_anew(tmp_path):
    rows = [cell(model="m1"), cell(model="m2", renewed=3), cell("few_people", model="m3", renewed=3)]

    made = release(tmp_path, *rows)

    manifest = json.loads((made.folder / "manifest.json").read_text())
    assert (manifest["number"], manifest["shown_renewed"], made.n_renewed) == (3, 1, 1)


@pytest.mark.parametrize(
    ("name", "withheld", "number"),
    [("cells", {"status": "complementary"}, "numerator"), ("rates", {"state": "withheld"}, "corrected")],
)
def test_every_format_holds_the_same_rows_withheld_ones_too(tmp_path, name, withheld, number):
    folder = release(tmp_path, cell(), cell("complementary", model="m2")).folder

    from_json = pl.DataFrame(json.loads((folder / f"{name}.json").read_text())[name])
    from_parquet = pl.read_parquet(folder / f"{name}.parquet")
    from_csv = pl.read_csv(folder / f"{name}.csv")
    assert from_json.rows() == from_parquet.rows() == from_csv.rows()
    assert from_parquet.filter(**withheld)[number].to_list() == [None]


def test_the_readme_says_what_every_column_of_both_tables_means(tmp_path):
    text = (release(tmp_path, cell()).folder / "README.txt").read_text()

    for table in (c.PublishedCells, c.PublicRates):
        for name, column in table.columns().items():
            assert f"{name:<14} {column.description}" in text
    assert "{" not in text
    assert all(len(line) <= 120 for line in text.splitlines())


def test_the_same_request_gives_the_same_files_in_any_order_and_on_any_day(tmp_path):
    rows = [cell(model=f"m{i}") for i in range(9)]
    one = release(tmp_path / "a", *rows, created="2026-03-01")
    other = release(tmp_path / "b", *rows[::-1], created="2026-03-01")
    later = release(tmp_path / "a", *rows, created="2026-03-02")

    assert one.files == other.files
    assert (one.folder / "manifest.json").read_bytes() == (other.folder / "manifest.json").read_bytes()
    assert (later.id, later.new, later.files) == (one.id, False, one.files)


def test_another_rule_or_another_number_is_another_release(tmp_path):
    made = [
        release(tmp_path, cell()),
        release(tmp_path, cell(numerator=35)),
        release(tmp_path, cell(), least_people=30),
        release(tmp_path, cell(), rated=rates(cell()).with_columns(corrected=0.5)),
        release(tmp_path, cell(), rated=rates(cell()).with_columns(card=pl.lit("card-2"))),
    ]

    assert len({one.id for one in made}) == 5


def test_a_damaged_release_is_not_passed_off_as_whole(tmp_path):
    made = release(tmp_path, cell())
    (made.folder / "cells.csv").write_text("changed")

    with pytest.raises(StoreError, match=r"cells\.csv of release .* is damaged"):
        release(tmp_path, cell())


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_name_becomes_a_formula_or_moves_the_cursor(tmp_path, text):
    folder = release(tmp_path, cell(model=text), cluster(0), named=[(0, text)]).folder

    for name in ("cells.csv", "rates.csv", "clusters.csv"):
        with (folder / name).open(newline="", encoding="utf-8") as file:
            fields = [field for row in csv.reader(file) for field in row]
        assert fields
        assert [field for field in fields if field[:1] in tuple("=+-@\t\r")] == []
    for path in folder.iterdir():
        if path.suffix != ".parquet":
            written = path.read_text(encoding="utf-8")
            assert not set(written) & set("\x1b\u202e\t\r")
            assert "</script" not in written or path.suffix == ".csv"


@given(text=st.text(max_size=20))
def test_whatever_a_model_is_called_the_csv_has_one_row_for_it(tmp_path_factory, text):
    folder = release(tmp_path_factory.mktemp("release"), cell(model=text)).folder

    with (folder / "cells.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert [len(row) for row in rows] == [14, 14]
    assert pl.read_parquet(folder / "cells.parquet")["model"].item() == rows[1][3].removeprefix("'") or "'" in text


def test_only_shown_clusters_are_named_and_their_exact_numbers_stay(tmp_path):
    folder = release(
        tmp_path,
        cluster(0),
        cluster(1, "few_people"),
        named=[(0, "moving abroad"), (1, "told by few"), (2, "not counted")],
    ).folder

    everything = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"moving abroad" in everything
    assert b"told by few" not in everything
    assert b"not counted" not in everything
    assert (folder / "clusters.csv").read_text().splitlines()[0] == "cluster_id,name,terms,named_by"


@pytest.mark.parametrize("path", ["/home/someone/model", "~/model", "C:\\models", "../model", Path("model")])
def test_a_path_of_this_machine_does_not_leave(tmp_path, path):
    with pytest.raises(StoreError, match="encoder") as told:
        release(tmp_path, cell(), encoder=path)
    assert str(path) not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_a_release_without_its_rules_is_refused(tmp_path):
    with pytest.raises(StoreError, match="round_to"):
        export(cells(cell()), rates(cell()), names(), folder=tmp_path, about={"least_people": 25})


def test_an_interrupted_release_leaves_nothing_that_looks_like_one(tmp_path, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(StoreError, match="No space left"):
        release(tmp_path, cell())
    assert list(tmp_path.iterdir()) == []


def test_files_may_be_read_by_all(tmp_path):
    made = release(tmp_path, cell())

    assert {path.stat().st_mode & 0o777 for path in made.folder.iterdir()} == {0o644}
    assert made.folder.stat().st_mode & 0o777 == 0o755
