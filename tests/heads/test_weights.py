"""Files of weights and cards: whole or refused, and never for another encoder."""

import json
from dataclasses import replace

import numpy as np
import pytest

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.calibration import Bin
from guidance_atlas.heads.cards import Card, Source, read_card, write_card
from guidance_atlas.heads.confusion import NO_YES, Confusion
from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.weights import HeadFile, read_head, write_head

HEAD = HeadFile("screen", "model@1", {"w": np.arange(6, dtype=np.float16).reshape(2, 3)}, {"threshold": 0.4})
CARD = Card(
    id="screen-1",
    head="screen",
    encoder="model@1",
    code="0.1.0",
    made_on="2026-01-02",
    seed=7,
    trained_on=(Source("gold", 3, "MIT"),),
    measured_on="dev",
    figures=(Figure("F1", 0.8, 0.7, 0.9, 12), Figure("AUC", None, None, None, 0)),
    chosen={"threshold": 0.4},
    confusions=(
        Confusion("guidance", "all", "all", NO_YES, ((90, 10), (5, 45))),
        Confusion("domain_share", "all", "career", ("a", "b", "c"), ((1, 2, 3), (4, 5, 6), (7, 8, 9))),
    ),
    counted_on="a natural draw",
    calibration=(Bin(0.0, 0.1, 0.04, 0.05, 40), Bin(0.9, 1.0, 0.95, 0.9, 10)),
)


def test_a_head_comes_back_as_it_was_written(tmp_path):
    write_head(HEAD, folder=tmp_path)

    back = read_head("screen", folder=tmp_path)

    assert back.identity == HEAD.identity
    assert back.fact("threshold") == 0.4
    assert np.array_equal(back.tensor("w"), HEAD.tensors["w"])
    assert [path.name for path in tmp_path.iterdir()] == ["screen.safetensors"]


def test_writing_twice_gives_the_same_bytes(tmp_path):
    one = write_head(HEAD, folder=tmp_path / "a").read_bytes()

    assert write_head(HEAD, folder=tmp_path / "b").read_bytes() == one


@pytest.mark.parametrize(
    "other",
    [
        HeadFile("screen", "model@2", HEAD.tensors, HEAD.facts),
        HeadFile("screen", "model@1", {"w": HEAD.tensors["w"] + 1}, HEAD.facts),
        HeadFile("screen", "model@1", HEAD.tensors, {"threshold": 0.5}),
    ],
)
def test_identity_follows_weights_facts_and_encoder(other):
    assert other.identity != HEAD.identity


def test_a_head_for_another_encoder_is_refused_with_the_next_step():
    assert HEAD.for_encoder("model@1") is HEAD
    with pytest.raises(HeadError, match=r"trained for encoder model@1, not model@2; run: guidance-atlas train"):
        HEAD.for_encoder("model@2")


def test_a_head_that_reads_no_vectors_goes_with_every_encoder():
    assert HeadFile("glance", None, {}, {}).for_encoder("any").name == "glance"


def test_missing_damaged_and_mistaken_files_are_refused(tmp_path):
    with pytest.raises(HeadError, match="no weights"):
        read_head("screen", folder=tmp_path)
    path = write_head(HEAD, folder=tmp_path)
    path.rename(tmp_path / "labels.safetensors")
    with pytest.raises(HeadError, match="holds another head"):
        read_head("labels", folder=tmp_path)
    content = (tmp_path / "labels.safetensors").read_bytes()
    for broken in (b"", b"x" * 40, content[: len(content) // 2]):
        path.write_bytes(broken)
        with pytest.raises(HeadError, match="damaged"):
            read_head("screen", folder=tmp_path)


def test_a_lacking_array_or_fact_is_named():
    with pytest.raises(HeadError, match="lacks 'bias'"):
        HEAD.tensor("bias")
    with pytest.raises(HeadError, match="lacks 'knots'"):
        HEAD.fact("knots")


def test_a_card_comes_back_as_it_was_written(tmp_path):
    write_card(CARD, folder=tmp_path)

    assert read_card("screen", folder=tmp_path) == CARD
    assert json.loads((tmp_path / "screen.json").read_text())["figures"][0]["value"] == 0.8


def test_a_card_that_counts_nothing_reads_as_one(tmp_path):
    write_card(replace(CARD, confusions=(), calibration=(), counted_on=""), folder=tmp_path)
    older = json.loads((tmp_path / "screen.json").read_text())
    for name in ("confusions", "calibration", "counted_on"):
        older.pop(name)
    (tmp_path / "screen.json").write_text(json.dumps(older))

    assert read_card("screen", folder=tmp_path) == replace(CARD, confusions=(), calibration=(), counted_on="")


def test_what_was_counted_can_be_counted_on_again(tmp_path):
    write_card(CARD, folder=tmp_path)

    flags, classes = read_card("screen", folder=tmp_path).confusions

    assert flags.table.tolist() == [[90, 10], [5, 45]]
    assert (classes.n, classes.classes, classes.domain) == (45, ("a", "b", "c"), "career")


FLAGS = {"measure": "m", "facet": "all", "domain": "all", "classes": ["no", "yes"], "counts": [[1, 2], [3, 4]]}


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "null",
        '"words"',
        {"id": None, "more": 1},
        {"figures": [{"name": "F1"}]},
        {"figures": None},
        {"trained_on": ["words"]},
        {"confusions": ["words"]},
        {"confusions": [{**FLAGS, "counts": [[1, 2]]}]},
        {"confusions": [{**FLAGS, "counts": [[1, 2], [3]]}]},
        {"confusions": [{**FLAGS, "counts": [[1, 2], [3, "x"]]}]},
        {"confusions": [{**FLAGS, "classes": ["no"]}]},
        {"confusions": [{**FLAGS, "classes": None}]},
        {"confusions": [{**FLAGS, "more": 1}]},
        {"confusions": 3},
        {"calibration": [{"low": 0}]},
        {"calibration": "words"},
    ],
    ids=str,
)
def test_a_damaged_card_is_refused_by_the_name_of_its_head(tmp_path, damage):
    write_card(CARD, folder=tmp_path)
    if isinstance(damage, dict):
        damage = json.dumps(json.loads((tmp_path / "screen.json").read_text()) | damage)
    (tmp_path / "screen.json").write_text(damage)

    with pytest.raises(HeadError, match="card of head 'screen' is missing or damaged; run: guidance-atlas train"):
        read_card("screen", folder=tmp_path)


def test_a_card_with_counts_below_zero_is_refused(tmp_path):
    write_card(CARD, folder=tmp_path)
    raw = json.loads((tmp_path / "screen.json").read_text()) | {"confusions": [{**FLAGS, "counts": [[1, 2], [3, -4]]}]}
    (tmp_path / "screen.json").write_text(json.dumps(raw))

    with pytest.raises(HeadError, match="the confusion of m is no table of 2 by 2 counts; measure it again"):
        read_card("screen", folder=tmp_path)


def test_a_missing_card_is_refused_and_half_a_card_is_never_left(tmp_path):
    with pytest.raises(HeadError, match="missing or damaged"):
        read_card("screen", folder=tmp_path)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_card(replace(CARD, chosen={"threshold": float("nan")}), folder=tmp_path)
    assert list(tmp_path.iterdir()) == []
