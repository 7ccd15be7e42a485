"""The net is learnt in floats and handed over in whole numbers that answer alike."""

import numpy as np
import pytest
import torch

from guidance_atlas.adapters import name_tuner
from guidance_atlas.heads.name_rows import PERSON, Told
from guidance_atlas.heads.name_sheet import sheet_of
from guidance_atlas.stages.scrub.traits import pieces_by_name

KNOWN = np.random.default_rng(0).normal(size=(max(pieces_by_name().values()) + 1, 16)).astype(np.float32)
STRANGE = [f"{a}{b}{c}" for a in ("Zor", "Vel", "Mik") for b in ("ba", "tru", "ne", "lu") for c in ("x", "p", "nd")]
TOLD = [Told(f"we said ahoy {one} at noon", ((13, 13 + len(one), PERSON),), "fit", "f") for one in STRANGE]
TOLD += [Told(f"we ate some {one} at noon", (), "fit", "f") for one in STRANGE]


@pytest.fixture(scope="module")
def sheet():
    return sheet_of([(one, 1.0) for one in TOLD], [])


def learn(sheet, seed=1, **settings):
    return name_tuner.tune_names(sheet, KNOWN, epochs=12, seed=seed, **settings)


def test_the_same_seed_learns_the_same_numbers_and_another_one_others(sheet):
    first, again, other = learn(sheet), learn(sheet), learn(sheet, seed=2)

    assert all((first[name] == again[name]).all() for name in first)
    assert any((first[name] != other[name]).any() for name in first)


def test_the_loss_falls(sheet):
    losses = []
    learn(sheet, watch=lambda epoch, loss: losses.append(loss))

    assert losses[-1] < 0.5 * losses[0]


def test_whole_numbers_answer_as_the_floats_did(sheet, monkeypatch):
    from guidance_atlas.heads.weights import HeadFile
    from guidance_atlas.stages.scrub.names import mark_names
    from guidance_atlas.stages.scrub.net import NameNet
    from guidance_atlas.stages.scrub.page import Page
    from guidance_atlas.stages.scrub.words import lexicon

    kept = {}
    original = name_tuner._whole
    monkeypatch.setattr(name_tuner, "_whole", lambda net: kept.update(net=net) or original(net))
    tensors = learn(sheet)
    pages = [Page(one.text, lexicon()) for one in TOLD]
    _, told = NameNet(HeadFile("names", None, tensors, {"threshold": 0, "doubt": 0})).judge(
        pages, [mark_names(page) for page in pages]
    )
    vectors = torch.from_numpy(KNOWN)
    vectors = (vectors - vectors.mean(0)) / vectors.std() / np.sqrt(vectors.shape[1])
    with torch.no_grad():
        floats = kept["net"](name_tuner._Bags(sheet, vectors), torch.arange(len(sheet.truth))).numpy()

    assert len(floats) == len(told)
    assert np.corrcoef(floats.ravel(), told.ravel())[0, 1] > 0.999
    assert {tensors[name].dtype for name in ("pieces", "grams", "weight1")} == {np.dtype(np.int8)}
