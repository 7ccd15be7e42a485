"""Strings planted in the input are looked for in every byte a run leaves: files, decoded tables, log, output."""

import json
from random import Random

import duckdb
import polars as pl
import pytest

from guidance_atlas import contracts as c
from guidance_atlas.attacks import canaries
from guidance_atlas.attacks.outcome import broken
from guidance_atlas.attacks.places import INSIDE, PUBLIC, VAULT, Place, places
from guidance_atlas.attacks.suite import examine, planted_run
from guidance_atlas.stages.scrub.mask import mask_conversations

N = 40


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A run over a world with canaries: its root, what was planted, and everything that was left."""
    folder = tmp_path_factory.mktemp("canaries")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GUIDANCE_ATLAS_RUN__WORKERS", "1")  # a second one would load the models a second time
        return folder / "root", *planted_run(folder, N, seed=3)


def test_the_guidance_with_the_planted_strings_was_really_kept(ran):
    root, planted, _places = ran
    clean = pl.concat([pl.read_parquet(path) for path in (root / "vault" / "CleanTurns").glob("*.parquet")])

    worried = clean.filter(pl.col("text").str.contains("hand in my notice"))["conversation_id"].n_unique()
    assert worried > sum(canary.kind != "in unread places" for canary in planted)


def test_no_canary_is_found_where_it_must_not_be(ran):
    _root, planted, left = ran

    outcomes = canaries.find(planted, left)

    assert broken(outcomes) == []
    kinds = set(canaries.FORMS) | {"name", "diagnosis", "rare phrase", "in unread places"}
    assert {one.guessed for one in outcomes} == {f"{kind}, {w}" for kind in kinds for w in (INSIDE, PUBLIC, VAULT)}
    assert all(one.n >= 2 for one in outcomes)


def test_nothing_that_looks_private_and_no_pinned_count_is_in_the_files_of_the_run(ran):
    outcomes = {one.attack: one for one in examine(ran[0])}

    assert outcomes["patterns"].n > 10
    assert outcomes["patterns"].holds
    assert outcomes["checks"].holds


@pytest.fixture
def leaky(tmp_path):
    """A run root in which every canary stands once, in a file of another kind each time."""
    planted = canaries.identifiers(2, Random(5))
    texts = [[canary.text.upper() for canary in planted[i::5]] for i in range(5)]
    for folder in ("releases/one", "vault/CleanTurns"):
        (tmp_path / folder).mkdir(parents=True)
    pl.DataFrame({"name": texts[0]}).write_csv(tmp_path / "releases" / "one" / "clusters.csv")
    pl.DataFrame({"terms": [texts[1]]}).write_parquet(tmp_path / "vault" / "CleanTurns" / "part.parquet")
    with duckdb.connect(str(tmp_path / "atlas-1.duckdb")) as con:
        con.execute("create table t as select unnest($words) as word", {"words": texts[2]}).fetchall()
    (tmp_path / "last_run.json").write_text(json.dumps(texts[3]))
    return planted, places(tmp_path, printed=" ".join(texts[4]))


def test_a_canary_is_found_in_every_kind_of_file_whatever_its_capitals(leaky):
    planted, left = leaky

    outcomes = canaries.find(planted, left)

    assert sum(one.right for one in outcomes) == len(planted)
    assert {one.guessed.rpartition(", ")[2] for one in broken(outcomes)} >= {PUBLIC.rpartition(", ")[2], "output"}


def test_a_canary_is_found_without_its_spaces_and_marks():
    card = canaries.Canary("card", "4242 4242 4242 4242", "", 0.0)

    (found,) = canaries.find([card], [Place(VAULT, "paid with 4242424242424242 already")])
    assert found.right == 1


class SeesNothing:
    identity = "nothing"

    def find(self, texts):
        return [[] for _text in texts]


class Replaces:
    identity = "as it is"

    def replace(self, text, stretches):
        assert not list(stretches)
        return text


def test_with_a_finder_that_sees_nothing_the_search_finds_names_and_keys():
    planted = canaries.identifiers(6, Random(5))
    masked = mask_conversations([[one.sentence] for one in planted], finder=SeesNothing(), replacer=Replaces())
    told = Place(VAULT, " ".join(text for turns in masked for text, _n in turns).lower())

    found = {one.guessed.partition(",")[0]: one for one in canaries.find(planted, [told])}

    # The second look of masking has eyes of its own: what has a pattern is seen there.
    assert found["name"].right == found["handle"].right == 6
    assert found["key or password"].right > 0
    assert not found["name"].holds
    assert c.CleanTurns.exposure is c.Exposure.SCRUBBED  # where such words would lie
