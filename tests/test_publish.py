import json
import os
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest
from corpus import Chat, tables

from guidance_atlas import contracts as c
from guidance_atlas.databases import ATLAS, INTERNAL, KEPT_VERSIONS, ask_atlas, write_atlas, write_internal
from guidance_atlas.errors import AtlasError, CheckError, StoreError
from guidance_atlas.heads.confusion import NO_YES, Confusion, Errors
from guidance_atlas.heads.errors_in_use import errors_in_use
from guidance_atlas.publish import check_root, export_again, publish
from guidance_atlas.settings import load_settings
from guidance_atlas.show import show_checks
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.aggregate import aggregate
from guidance_atlas.stages.correct import correct, correct_inside
from guidance_atlas.stages.protect import protect, protect_inside
from guidance_atlas.vocab import RARE_MODEL

BOOK = SqlBook()
CARDS = pl.DataFrame({"head": ["candor"], "figure": ["auc"], "value": [0.9]})
NAMES = c.ClusterNames.validate(
    pl.DataFrame(
        {"cluster_id": [0, 1], "name": ["moving abroad", "told by few"], "terms": [["visa"], ["secret"]]}
    ).with_columns(
        n_conversations=40, n_people=40, domain=pl.lit("legal"), n_domain_people=9, named_by=pl.lit("terms")
    ),
    cast=True,
)
# Nine people of cluster 0 spoke of a visa, forty of moving.
TERMS = c.ClusterTerms.validate(
    pl.DataFrame(
        {
            "cluster_id": [0, 0],
            "term": ["visa", "moving abroad"],
            "n_people": [9, 40],
            "n_inside": 60,
            "share_outside": 0.01,
            "luck": 0.0,
        }
    ),
    cast=True,
)
LEAKS = c.ResidualLeaks.validate(
    pl.DataFrame({"locale": ["all", "en"], "kind": ["all", "name"]}).with_columns(
        n_planted=40, n_leaked=1, share=0.025, low=0.004, high=0.129
    ),
    cast=True,
)


def frames_of(n=60, *more):
    """Frames of n conversations in clusters of 3 (number 1), 15, and the rest (number 0)."""
    chats = [
        Chat(f"c{i}", cluster=1 if i < 3 else 2 if i < 18 else 0, sycophantic=i % 3 == 0, first=1) for i in range(n)
    ]
    return tables(*chats, *more, set_aside=(("quarantined", "bad_json"),))


CELLS = aggregate(**frames_of(), book=BOOK)
SHOWN = protect_inside(CELLS, least_people=10, round_to=1)
ERRORS = Errors((("card", (Confusion("sycophantic", "all", "all", NO_YES, ((90, 10), (20, 80))),)),))


def write(root, cells=SHOWN, **about):
    rates = correct_inside(cells, errors=ERRORS)
    return write_atlas(
        root, atlas_cells=cells, atlas_rates=rates, cluster_names=NAMES, cards=CARDS, about=about, book=BOOK
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A root with one version of the atlas, to be read only."""
    root = tmp_path_factory.mktemp("written")
    write(root)
    return root


def version(root, n):
    """Publish contents that no earlier version had."""
    return write(root, number=n)[0]


def mode(path):
    return path.stat().st_mode & 0o777


def test_what_is_published_can_be_asked(written):
    shares = ask_atlas(written, "select domain, share from domains where conversations > 0")
    assert shares.rows() == [("career", 1.0)]
    assert ask_atlas(written, "select value from cards").rows() == [(0.9,)]


def test_a_share_stands_beside_its_corrected_one(written):
    (row,) = ask_atlas(written, "from sycophancy where cut = 'total'").to_dicts()
    assert (row["share"], row["state"]) == (pytest.approx(1 / 3), "corrected")
    assert row["corrected"] == pytest.approx((1 / 3 - 0.1) / 0.7)
    assert row["corrected_low"] < row["corrected"] < row["corrected_high"]
    assert ask_atlas(written, "select distinct sycophantic_state from by_domain").height > 1
    for view in ("overview", "by_domain", "sycophancy", "stakes", "clusters", "domain_week"):
        asked = "select count(*) from cells where cut = 'total'" if view == "overview" else None
        told = ask_atlas(written, f"select count(*), count(state) from {view}").row(0)
        assert told[1] <= told[0]
        assert asked is None or ask_atlas(written, asked).item() == told[0]


def test_tables_columns_and_views_say_what_they_are(written):
    described = ask_atlas(written, "select comment from duckdb_tables() where table_name = 'cells'")
    assert described.item() == c.AtlasCells.__doc__.strip().splitlines()[0]
    silent = ask_atlas(
        written,
        "select column_name from duckdb_columns() where table_name in ('cells', 'rates', 'cluster_names')"
        " and comment is null",
    )
    assert silent.is_empty()
    views = ask_atlas(written, "select view_name, comment from duckdb_views() where not internal")
    assert set(views["view_name"]) == {name.removeprefix("views/") for name in BOOK.names("views")}
    assert views.filter(~pl.col("comment").str.starts_with("One row per")).is_empty()


def test_only_protected_numbers_and_shown_names_are_in_the_file(written):
    assert set(ask_atlas(written, "select table_name from duckdb_tables()")["table_name"]) == (
        {"cells", "rates", "cluster_names", "cards", "about"}
    )
    assert ask_atlas(written, "select name from cluster_names").rows() == [("moving abroad",)]
    assert b"told by few" not in (written / ATLAS).read_bytes()
    assert "n_people_counted" not in ask_atlas(written, "from cells").columns


def test_a_reader_keeps_the_version_it_has_open_while_the_link_moves_on(tmp_path):
    first = version(tmp_path, 1)
    with duckdb.connect(str(tmp_path / ATLAS), read_only=True) as reader:
        second = version(tmp_path, 2)
        for n in range(3, 3 + KEPT_VERSIONS):
            version(tmp_path, n)

        assert reader.sql("select value from about").fetchall() == [("1",)]
    assert first != second
    assert not first.exists()
    assert ask_atlas(tmp_path, "select value from about").item() == str(2 + KEPT_VERSIONS)


def test_the_last_versions_stay_and_the_link_leads_to_the_newest(tmp_path):
    made = [version(tmp_path, n) for n in range(KEPT_VERSIONS + 2)]

    assert sorted(tmp_path.glob("atlas-*.duckdb")) == made[-KEPT_VERSIONS:]
    assert (tmp_path / ATLAS).is_symlink()
    assert os.readlink(tmp_path / ATLAS) == made[-1].name


def test_the_same_contents_are_not_written_twice(tmp_path):
    first = write(tmp_path)
    again = write(tmp_path, SHOWN.sample(fraction=1.0, shuffle=True, seed=1))

    assert again == (first[0], False)
    assert len(list(tmp_path.glob("atlas-*.duckdb"))) == 1


def test_a_failure_leaves_the_old_version_and_no_scraps(tmp_path, monkeypatch):
    first = version(tmp_path, 1)

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        version(tmp_path, 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([ATLAS, first.name])
    assert ask_atlas(tmp_path, "select value from about").item() == "1"


def test_analysts_may_read_atlas_and_only_the_owner_internal(tmp_path):
    old = os.umask(0)
    try:
        atlas, _ = write(tmp_path)
        internal = write_internal(tmp_path, {"cells": CELLS})
    finally:
        os.umask(old)

    assert (mode(atlas), mode(internal)) == (0o644, 0o600)
    assert internal.name == INTERNAL
    assert not internal.is_symlink()


def test_older_clients_can_open_both_files(written):
    told = ask_atlas(written, "select tags['storage_version'] from duckdb_databases() where not internal")
    assert told.item().startswith("v1.2.0")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("selec 1", "syntax error"),
        ("select nothing from cells", "nothing"),
        ("from nowhere", "nowhere"),
        ("select 'x'::int from cells", "Could not convert"),
        ("insert into cards values ('a', 'b', 1)", "read-only"),
        ("drop table cells", "read-only"),
        ("copy cells to '/tmp/copied.csv'", "disabled by configuration"),
        ("from read_csv('/etc/passwd')", "disabled by configuration"),
        ("attach '/tmp/other.duckdb'", "disabled by configuration"),
        ("set enable_external_access = true", "locked"),
        ("install httpfs", "disabled by configuration"),
        ("from NAMES", "NAMES"),
    ],
)
def test_a_query_that_cannot_be_answered_gets_one_line_and_no_cause_to_unfold(written, query, why):
    with pytest.raises(AtlasError) as told:
        ask_atlas(written, query)
    assert why in str(told.value)
    assert "\n" not in str(told.value)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__


def test_answers_of_odd_kinds_come_as_text(written):
    rows = ask_atlas(written, "select interval 3 days as a, 1 as a, [interval 1 day] as b, union_value(x := 2) as c")
    assert rows.rows() == [("3 days", 1, "[1 day]", "2")]
    assert ask_atlas(written, "create temp table t as select 1; from t").rows() == [(1,)]
    assert ask_atlas(written, "").is_empty()


def test_asking_before_anything_is_published_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match="guidance-atlas run"):
        ask_atlas(tmp_path, "from cells")
    with pytest.raises(StoreError, match="guidance-atlas run"):
        check_root(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A root with the files of a finished run's CORPUS tables; with them its parts and its settings."""
    root = tmp_path_factory.mktemp("finished")
    return root, finished(root, frames_of())


@pytest.fixture(scope="module")
def published(made, tmp_path_factory):
    """A published root, its run, and what publishing answered: to be read only."""
    root = tmp_path_factory.mktemp("published")
    run = copied(*made, root)
    return root, run, publish(root, **run)


@pytest.fixture
def run(made, tmp_path):
    """A finished run of one's own in tmp_path."""
    return copied(*made, tmp_path)


@pytest.fixture
def published_run(published, tmp_path):
    """The same, and it is published already."""
    return copied(*published[:2], tmp_path)


def copied(source, run, root):
    shutil.copytree(source, root, symlinks=True, dirs_exist_ok=True)
    return run | {"tables": {table: root / path.relative_to(source) for table, path in run["tables"].items()}}


def finished(tmp_path, frames, *, least_to_name=10):
    settings = load_settings(protect={"inside_people": 5, "release_people": 10, "release_round": 5})
    cells = aggregate(**frames, book=BOOK, least_to_name=least_to_name)
    inside = protect_inside(cells, least_people=5, round_to=1)
    public = protect(cells, NAMES, least_people=10, round_to=5)
    errors = errors_in_use(settings)
    made = {
        c.Roster: frames["roster"],
        c.ClusterNames: NAMES,
        c.ClusterTerms: TERMS,
        c.ResidualLeaks: LEAKS,
        c.Cells: cells,
        c.AtlasCells: inside,
        c.AtlasRates: correct_inside(inside, errors=errors),
        c.PublicCells: public,
        c.PublicRates: correct(public, errors=errors),
    }
    (tmp_path / "vault").mkdir(parents=True)
    files = {table: tmp_path / "vault" / f"{table.__name__}.parquet" for table in made}
    for table, frame in made.items():
        frame.write_parquet(files[table])
    parts = pl.DataFrame({"position": [0], "part": "p", "file": "chats.jsonl", "first_record": 100})
    parts = parts.with_columns(n_records=frames["roster"].height, n_bytes=1, repeats=False)
    return {"tables": files, "parts": c.Parts.validate(parts, cast=True), "settings": settings}


def test_a_run_is_published_once_and_again_only_when_something_changed(tmp_path, run):
    first = publish(tmp_path, **run)
    again = publish(tmp_path, **run)

    assert first["changed"]
    assert again == first | {"changed": False}
    assert check_root(tmp_path) == []


@pytest.mark.usefixtures("published_run")
def test_a_broken_ledger_is_a_fault_that_says_what_to_do_and_the_other_checks_go_on(tmp_path):
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(path.read_bytes().replace(b'"round_to":5', b'"round_to":1'))
    (tmp_path / "releases" / "dp-unknown-1").mkdir()

    (fault,) = check_root(tmp_path)

    assert (fault.name, fault.rows.height) == ("ledger/broken", 1)
    assert "bring back the whole file from a backup" in fault.rows["fault"].item()
    with pytest.raises(CheckError) as told:
        show_checks([fault], as_json=True)
    assert told.value.code == 9


@pytest.mark.usefixtures("published_run")
def test_releases_that_the_ledger_does_not_know_are_faults(tmp_path, published):
    (tmp_path / "releases" / "dp-unknown-1").mkdir()
    (tmp_path / "ledger.sqlite").unlink()

    told = {fault.name: fault.rows["release"].to_list() for fault in check_root(tmp_path)}

    assert told == {
        "ledger/release_not_charged": ["dp-unknown-1"],
        "release_is_not_in_ledger": [Path(published[2]["release"]).name],
    }


@pytest.mark.usefixtures("published_run")
def test_a_release_is_named_by_terms_of_as_many_people_as_it_asks_for(tmp_path, published):
    """Analysts see the name that ten people's terms gave; outside a term of nine is no longer in it."""
    fewer = export_again(tmp_path, settings=load_settings(protect={"release_people": 41, "release_round": 5}))

    clusters = pl.read_csv(Path(published[2]["release"]) / "clusters.csv")
    assert clusters.select("name", "terms").rows() == [("moving abroad", "moving abroad")]
    assert "visa" not in (Path(fewer["release"]) / "clusters.csv").read_text()


SECRET_MODEL = "jane-doe-4111111111111111"
OF_JANE = [Chat(f"j{i}", person="jane", model=SECRET_MODEL) for i in range(12)]


def test_a_model_that_one_person_used_is_named_in_nothing_that_is_published(tmp_path):
    published = publish(tmp_path, **finished(tmp_path / "with", frames_of(60, *OF_JANE)))

    leaves = [Path(published["atlas"]), *Path(published["release"]).iterdir()]
    told = b"".join(path.read_bytes() for path in leaves)
    with duckdb.connect(published["atlas"], read_only=True) as con:
        told += str([con.sql(f"from {name}").fetchall() for (name,) in con.sql("show tables").fetchall()]).encode()
    assert SECRET_MODEL.encode() not in told
    assert RARE_MODEL.encode() in told
    assert check_root(tmp_path) == []


def test_a_model_named_in_spite_of_the_rule_stops_what_would_leave(tmp_path):
    with pytest.raises(CheckError, match="rare_model_named") as refused:
        publish(tmp_path, **finished(tmp_path / "with", frames_of(60, *OF_JANE), least_to_name=1))

    assert SECRET_MODEL not in str(refused.value)
    with pytest.raises(StoreError, match="1 models were named") as refused:
        export_again(tmp_path, settings=load_settings(protect={"release_people": 10, "release_round": 5}))
    assert SECRET_MODEL not in str(refused.value)


def test_a_run_says_what_masking_let_through(published):
    assert published[2]["residual_leaks"] == {
        "n_planted": 40, "n_leaked": 1, "share": 0.025, "low": 0.004, "high": 0.129,
    }  # fmt: skip


def test_internal_says_where_the_bad_records_are_and_holds_no_person(published):
    with duckdb.connect(str(published[0] / INTERNAL), read_only=True) as con:
        assert con.sql("from quarantine").fetchall() == [("chats.jsonl", 160, "bad_json")]
        assert con.sql("select outcome, n_records from roster_counts order by 2").fetchall() == (
            [("quarantined", 1), ("kept", 60)]
        )
        columns = {
            name
            for (name,) in con.sql("select distinct column_name from duckdb_columns() where not internal").fetchall()
        }
    assert columns.isdisjoint({"conversation_id", "person_key", "content_key"})


def test_the_same_request_finds_the_release_that_the_run_made(tmp_path, published, published_run):
    made = tmp_path / Path(published[2]["release"]).relative_to(published[0])

    asked = export_again(tmp_path, settings=published_run["settings"])
    other = export_again(tmp_path, settings=load_settings(protect={"release_people": 20, "release_round": 10}))

    assert (asked["release"], asked["new"]) == (str(made), False)
    assert other["new"]
    with open(f"{other['release']}/manifest.json") as file:
        assert json.load(file)["least_people"] == 20


def test_a_run_whose_release_is_refused_publishes_the_atlas_and_says_why(tmp_path, published_run):
    cells = aggregate(**frames_of(61), book=BOOK)
    for table, frame in (
        (c.Cells, cells),
        (c.AtlasCells, protect_inside(cells, least_people=5, round_to=1)),
        (c.PublicCells, protect(cells, NAMES, least_people=10, round_to=5)),
    ):
        frame.write_parquet(published_run["tables"][table])
    rates = correct_inside(
        protect_inside(cells, least_people=5, round_to=1), errors=errors_in_use(published_run["settings"])
    )
    rates.write_parquet(published_run["tables"][c.AtlasRates])
    rules = {"inside_people": 5, "release_people": 10, "release_round": 5, "most_held_back": 0}

    again = publish(tmp_path, **published_run | {"settings": load_settings(protect=rules)})

    assert (again["release"], again["changed"]) == (None, True)
    assert "wait until more people have come" in again["refused"]
    assert check_root(tmp_path) == []
    assert len(list((tmp_path / "releases").iterdir())) == 1


def test_a_release_made_again_is_corrected_from_the_cells_it_shows(tmp_path, published_run, monkeypatch):
    monkeypatch.setattr("guidance_atlas.publish.errors_in_use", lambda _settings: ERRORS)

    asked = export_again(tmp_path, settings=published_run["settings"])

    rates = pl.read_parquet(f"{asked['release']}/rates.parquet").filter(cut="total", measure="sycophantic")
    assert asked["new"]
    assert rates["corrected"].item() == pytest.approx((20 / 60 - 0.1) / 0.7)


def test_rates_that_do_not_fit_their_cells_stop_publishing(tmp_path, run):
    path = run["tables"][c.AtlasRates]
    pl.read_parquet(path).filter(pl.col("measure") != "guidance").write_parquet(path)

    with pytest.raises(CheckError, match="rate_lost on atlas_cells"):
        publish(tmp_path, **run)
    assert not (tmp_path / ATLAS).exists()


def test_faults_stop_publishing_and_keep_the_results(tmp_path, run):
    path = run["tables"][c.PublicCells]
    pl.read_parquet(path).with_columns(status=pl.lit("shown")).write_parquet(path)

    with pytest.raises(CheckError, match="withheld_shows_numbers on public_cells"):
        publish(tmp_path, **run)
    assert (tmp_path / INTERNAL).exists()
    assert not (tmp_path / ATLAS).exists()
    assert not (tmp_path / "releases").exists()
    assert {fault.table for fault in check_root(tmp_path)} == {"public_cells"}
