"""What the two tunings are told to learn: how much each row counts, and what is left unknown."""

from itertools import pairwise

import numpy as np
import pytest
from headdata import item
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.adapters.tuner import Recipe, Tuned
from guidance_atlas.heads import tuning
from guidance_atlas.heads.examples import WRITTEN_WEIGHT, Examples
from guidance_atlas.heads.exchange import Excerpt, Exchange
from guidance_atlas.heads.material import Labelled
from guidance_atlas.heads.tuning import (
    BALANCE,
    GOLD_WEIGHT,
    MENTIONED_WEIGHT,
    STAKES_WEIGHTS,
    UNSURE_WEIGHT,
    _domains,
    _rarer_more,
    targets_of,
    tune_exchange,
    tune_guidance,
)
from guidance_atlas.vocab import CRITERIA, DOMAINS, DRIFT, PUSHBACK, STAKES, SUPPORT

YES = {"guidance": True, "domain": "career", "stakes": "low"}
NO = {"guidance": False}


class Words:
    """Stands in for an encoder and for a reader: nothing is opened."""

    identity = made_for = "e@1"

    def __init__(self, model, *, backend):
        pass

    def tokens(self, several):
        return several

    def trainable(self):
        return None


def learned(patch, rows, *, file="read_asks", source="a", uses=()):
    """Targets by name that the tuning of what is asked gets from these labels."""
    told = {}

    def tune(transformer, tokens, targets, *, recipe):
        told.update({one.name: one for one in targets})
        return Tuned({}, {one.name: (np.zeros((4, 1)), np.zeros(1)) for one in targets}, [1.0, 0.5])

    uses = uses or ["fit"] * len(rows)
    several = [
        Labelled(item(f"a:{at}", "hm", labels=row, source=source), file, use)
        for at, (row, use) in enumerate(zip(rows, uses, strict=True))
    ]
    patch.setattr(tuning, "labelled_asks", lambda data: several)
    patch.setattr(tuning, "SentenceTransformerEncoder", Words)
    patch.setattr(tuning, "tune", tune)
    told["head"] = tune_guidance(None, model="m", seed=0)
    return told


def test_stakes_domain_and_support_are_learned_where_they_are_known(monkeypatch):
    told = learned(monkeypatch, [{**YES, "support": ["family"]}, NO, {**YES, "domain": "legal", "stakes": None}])

    assert told["guidance"].truth.tolist() == [[1], [0], [1]]
    assert told["domain"].truth.sum(axis=1).tolist() == [1, 0, 1]
    assert told["stakes"].truth.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert np.isnan(told["support"].truth[1]).all()
    assert told["support"].truth[0].tolist() == [float(kind == "family") for kind in SUPPORT]
    assert told["support"].truth[2].tolist() == [0] * len(SUPPORT)


@pytest.mark.parametrize(
    ("row", "where", "weight"),
    [
        (YES, {}, 1.0),
        (YES, {"file": "asks", "source": "written"}, WRITTEN_WEIGHT),
        ({**YES, "unsure": True}, {"file": "read_asks"}, UNSURE_WEIGHT),
        ({**YES, "unsure": True}, {"file": "gate_train"}, GOLD_WEIGHT),
    ],
)
def test_written_rows_and_rows_their_reader_was_unsure_of_count_less_and_gold_more(monkeypatch, row, where, weight):
    assert learned(monkeypatch, [row, YES], **where)["guidance"].weights[0] == weight


def test_mentioned_help_and_rare_levels_of_stakes_count_more(monkeypatch):
    rows = [{**YES, "stakes": level, "support": ["family"] if level == "high" else []} for level in STAKES]

    told = learned(monkeypatch, rows)

    assert told["stakes"].weights.tolist() == list(STAKES_WEIGHTS)
    assert told["support"].weights.tolist() == [1, 1, MENTIONED_WEIGHT]


def test_rows_that_are_held_out_are_not_learned_from(monkeypatch):
    told = learned(monkeypatch, [NO, YES, YES], uses=["natural", "fit", "check"])

    assert told["guidance"].truth.tolist() == [[1]]


def test_what_is_learned_says_on_how_many_rows_and_for_which_encoder(monkeypatch):
    head = learned(monkeypatch, [YES, NO, YES])["head"].head

    assert (head.encoder, head.facts["n"], head.facts["losses"]) == ("e@1", 3, [1.0, 0.5])
    assert head.facts["layers"] == Recipe.for_asks(0).layers


@given(st.sampled_from([None, *DOMAINS]), st.sampled_from([None, *DOMAINS]))
def test_domains_share_one_conversation_and_the_first_has_more(first, second):
    shares = _domains({"domain": first, "domain_2": second})

    assert sum(shares) == pytest.approx(1 if first else 0)
    if first:
        assert DOMAINS[int(np.argmax(shares))] == first


@given(st.lists(st.sampled_from([None, *DOMAINS[:4]]), min_size=1, max_size=60).filter(any))
def test_rarer_domains_count_more_within_bounds(names):
    shares = np.array([_domains({"domain": name}) for name in names])
    weights = dict(zip(names, _rarer_more(shares > 0), strict=True))

    known = sorted((name for name in weights if name), key=names.count)
    assert all(weights[rare] >= weights[common] for rare, common in pairwise(known))
    assert all(BALANCE[0] <= one <= BALANCE[1] for one in weights.values())
    assert weights.get(None, 1.0) == 1.0


def test_turns_are_learned_in_columns_with_unknowns_left_out():
    examples = Examples()
    examples.answer(Exchange((), Excerpt("a", 1)), 0.5, 4, [5, None, None, 1], ["rigid"])
    examples.reaction(Exchange((), Excerpt("b", 1)), 1.0, "insists")

    told = {one.name: one for one in targets_of(examples)}

    assert {name: one.truth.shape[1] for name, one in told.items()} == {
        "candor": 1,
        "criteria": len(CRITERIA),
        "drift": len(DRIFT),
        "any": 1,
        "kind": len(PUSHBACK),
    }
    assert told["candor"].truth[0, 0] == 0.5
    assert np.isnan(told["candor"].truth[1]).all()
    assert np.isnan(told["any"].truth[0]).all()
    assert told["kind"].truth.sum(axis=1).tolist() == [0, 1]
    assert all(one.weights.tolist() == [0.5, 1.0] for one in told.values())


def test_rarer_kinds_of_pushback_count_more():
    examples = Examples()
    for kind in ["insists"] * 8 + ["emotional"]:
        examples.reaction(Exchange((), Excerpt("b", 1)), 1.0, kind)

    *common, rare = next(one for one in targets_of(examples) if one.name == "kind").weights

    assert rare > 1 > max(common)


def test_fitted_talks_and_situations_are_learned_from_with_their_pairs(monkeypatch):
    told = {}

    def tune(transformer, tokens, targets, *, recipe, orders):
        told.update(tokens=tokens, orders=orders)
        return Tuned({}, {}, [])

    reply = "so I would not do it"
    fit, check = (
        Labelled(item(f"t:{use}", f"ask of {use}", reply, labels={"candor": 4}), "candor_train", use)
        for use in ("fit", "check")
    )
    row = {"ask": "shall I go", "candid": reply, "pleasing": "yes you are great"}
    monkeypatch.setattr(tuning, "labelled_talks", lambda data: [fit, check])
    monkeypatch.setattr(tuning, "written_exchanges", lambda held_out: [] if held_out else [row])
    monkeypatch.setattr(tuning, "ExchangeReader", Words)
    monkeypatch.setattr(tuning, "tune", tune)

    found = tune_exchange(None, model="m", seed=0)

    assert [one.before[0].text for one in told["tokens"]] == ["ask of fit", "shall I go", "shall I go"]
    assert [(one.target, one.pairs) for one in told["orders"]] == [("candor", [(1, 2)])]
    assert (found.head.facts["n"], found.head.facts["layers"]) == (2, Recipe.for_exchanges(0).layers)
