"""A world of invented people through the whole pipeline: what was planted is found, in any order, with any workers."""

import gzip
import json
import os
import random
import subprocess
import sys

import polars as pl
import pytest

SECRET = {"GUIDANCE_ATLAS_SECRET": "the same for every run of this test"}
N = 400


def atlas(*arguments, **settings):
    done = subprocess.run(
        [sys.executable, "-m", "guidance_atlas", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | SECRET | settings,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    atlas("sample", folder, "--conversations", N, "--seed", 5)
    return folder


@pytest.fixture(scope="module")
def truth(world):
    return pl.read_ndjson(world / "truth" / "truth.jsonl", infer_schema_length=None)


@pytest.fixture(scope="module")
def run(world):
    """The root of a run with one worker, and its answer."""
    answer = atlas("run", world / "logs", "--root", world / "atlas", "--workers", 1, "--json")
    return world / "atlas", json.loads(answer)


@pytest.fixture(scope="module")
def other_run(world):
    """The same records in another order and other parts, with two workers."""
    random.seed(1)
    shuffled = world / "shuffled"
    shuffled.mkdir()
    for path in (world / "logs").iterdir():
        if path.name.endswith(".json"):
            records = json.loads(path.read_text())
            random.shuffle(records)
            (shuffled / f"z-{path.name}").write_text(json.dumps(records))
        else:
            opened = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rt", encoding="utf-8") as file:
                lines = file.read().splitlines()
            random.shuffle(lines)
            (shuffled / f"a-{path.name.removesuffix('.gz')}").write_text("\n".join(lines))
    small_parts = {"GUIDANCE_ATLAS_INGEST__PART_RECORDS": "70"}
    atlas("run", shuffled, "--root", world / "other", "--workers", 2, **small_parts)
    return world / "other"


def table(root, name):
    frames = [pl.read_parquet(path) for path in sorted((root / "vault" / name).glob("*.parquet"))]
    return pl.concat(frames)


def outcomes(answer):
    counts = {}
    for row in answer["records"]:
        counts[row["outcome"]] = counts.get(row["outcome"], 0) + row["records"]
    return counts


@pytest.mark.slow
def test_every_planted_record_ends_where_it_should(world, run, truth):
    planted = json.loads((world / "truth" / "world.json").read_text())

    assert outcomes(run[1]) == {
        "kept": N,
        "duplicate": planted["n_duplicates"],
        "quarantined": planted["n_malformed"],
    }
    assert run[1]["n_records"] == sum(planted["records"].values())


@pytest.mark.slow
def test_planted_people_weeks_models_and_languages_are_those_found(run, truth):
    found = table(run[0], "Conversations").filter(pl.col("outcome") == "kept")
    planted = truth.filter(~pl.col("is_duplicate"))

    assert found["person_key"].n_unique() == planted["person"].n_unique()
    for column in ("week", "model"):
        assert sorted(found[column]) == sorted(planted[column]), column
    assert (found["language"] == "en").sum() == pytest.approx((planted["language"] == "en").sum(), abs=0.02 * N)


@pytest.mark.slow
def test_planted_guidance_is_found_more_often_than_not(run, truth):
    cells = table(run[0], "Cells").filter(cut="total", measure="guidance").row(0, named=True)
    planted = truth.filter((pl.col("language") == "en") & ~pl.col("is_duplicate"))["guidance"].mean()

    assert abs(cells["share"] - planted) < 0.08


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["Labels", "Screened", "Verdicts", "Events", "TurnVerdicts", "Clumps", "Clusters", "Cells", "AtlasRates"]
)
def test_another_order_other_parts_and_two_workers_give_the_same_table(run, other_run, name):
    one, two = table(run[0], name), table(other_run, name)
    kept = table(run[0], "Roster").filter(outcome="kept").select("conversation_id")
    if "conversation_id" in one.columns:
        one, two = (frame.join(kept, on="conversation_id", how="semi").unique() for frame in (one, two))

    assert one.height > 0 or name == "Events"  # a world of this size has hardly any pushback that is heard
    assert one.sort(one.columns).equals(two.sort(one.columns))


@pytest.mark.slow
def test_no_planted_private_string_is_left_in_the_vault(run, truth):
    planted = {string for strings in truth["pii"].to_list() for string in strings or [] if len(string) > 5}
    words = "\n".join(table(run[0], "CleanTurns")["text"])
    left = [string for string in planted if string in words]

    assert len(planted) > 20
    assert len(left) <= 0.05 * len(planted), f"{len(left)} of {len(planted)} are left"
