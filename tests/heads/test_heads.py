"""What each head makes of its layers, and that heads open together, for their own encoder and reader only."""

import numpy as np
import pytest
from headdata import ASK, TURN, ask_vector, reading_heads, turn_vector
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.candor import lean_to_lowest
from guidance_atlas.heads.glance import BITS
from guidance_atlas.heads.labels import expected_level
from guidance_atlas.heads.linear import Linear
from guidance_atlas.heads.opened import ON_EXCHANGES, ON_VECTORS, build_heads, open_heads
from guidance_atlas.heads.weights import HeadFile, write_head
from guidance_atlas.vocab import CRITERIA, DOMAINS, DRIFT, PUSHBACK, STAKES, SUPPORT

HEADS = reading_heads()
FACTS = {
    "glance": {"bias": 0.5, "threshold": -1.0},
    "screen": {"threshold": 0.4, "unsure": [0.25, 0.75]},
    "labels": {"second": 0.5, "stakes_cuts": [0.6, 1.4], "support_thresholds": [0.1, 0.2, 0.3, 0.4, 0.5]},
    "pushback": {"threshold": 0.3},
    "candor": {"knots": [-1.0, 1.0], "values": [1.0, 5.0], "low_weight": 0.5},
    "drift": {"thresholds": [0.2, 0.3, 0.4]},
}
WIDTHS = {
    "screen": {"guidance": 1},
    "labels": {"domain": len(DOMAINS), "stakes": len(STAKES), "support": len(SUPPORT)},
    "pushback": {"any": 1, "kind": len(PUSHBACK)},
    "candor": {"candor": 1, "criteria": len(CRITERIA)},
    "drift": {"drift": len(DRIFT)},
}


def file(name):
    tensors = {"table": np.zeros(1 << BITS, dtype=np.float16)} if name == "glance" else {}
    for prefix, width in WIDTHS.get(name, {}).items():
        tensors |= Linear(np.ones((4, width), dtype=np.float32), np.zeros(width, dtype=np.float32)).tensors(prefix)
    encoder = "e@1" if name in ON_VECTORS else "r@1" if name in ON_EXCHANGES else None
    return HeadFile(name, encoder, tensors, FACTS[name])


FILES = {name: file(name) for name in FACTS}


def test_every_head_is_built_from_its_file_with_its_own_operating_points():
    heads = build_heads(FILES)

    assert (heads.screen.threshold, heads.screen.unsure_from, heads.screen.unsure_to) == (0.4, 0.25, 0.75)
    assert (heads.labels.second, heads.labels.stakes_cuts) == (0.5, (0.6, 1.4))
    assert heads.labels.support_thresholds.tolist() == FACTS["labels"]["support_thresholds"]
    assert (heads.pushback.threshold, heads.candor.low_weight) == (0.3, 0.5)
    assert heads.drift.thresholds.tolist() == FACTS["drift"]["thresholds"]
    assert (heads.glance.bias, heads.glance.threshold) == (0.5, -1.0)
    assert {getattr(heads, name).identity for name in FILES} == {one.identity for one in FILES.values()}


@pytest.mark.parametrize("name", ["screen", "labels", "pushback", "candor"])
def test_a_head_knows_how_wide_its_vectors_are(name):
    assert getattr(build_heads(FILES), name).width == 4


@pytest.mark.parametrize("name", FACTS)
def test_a_head_without_one_of_its_facts_is_refused_by_name(name):
    for fact in FACTS[name]:
        slim = {key: value for key, value in FACTS[name].items() if key != fact}
        lacking = HeadFile(name, FILES[name].encoder, FILES[name].tensors, slim)
        with pytest.raises(HeadError, match=f"head '{name}' lacks '{fact}'; run: guidance-atlas train"):
            build_heads({**FILES, name: lacking})


def test_heads_open_for_their_encoder_and_their_reader_only(tmp_path):
    for one in FILES.values():
        write_head(one, folder=tmp_path)

    assert open_heads(encoder="e@1", reader="r@1", folder=tmp_path).drift.identity == FILES["drift"].identity
    with pytest.raises(HeadError, match="'screen' was trained for encoder e@1, not e@2; run: guidance-atlas train"):
        open_heads(encoder="e@2", reader="r@1", folder=tmp_path)
    with pytest.raises(HeadError, match="'pushback' was trained for encoder r@1, not r@2; run: guidance-atlas train"):
        open_heads(encoder="e@1", reader="r@2", folder=tmp_path)


def test_a_screen_is_unsure_from_one_edge_up_to_the_other():
    scores = np.array([0.2, 0.25, 0.5, 0.7499, 0.75])

    assert HEADS.screen.unsure(scores).tolist() == [False, True, True, True, False]


@pytest.mark.parametrize("domain", DOMAINS)
def test_domains_come_in_the_order_of_the_codebook(domain):
    chances = HEADS.labels.domains(ask_vector(domain=domain)[None])

    assert DOMAINS[chances[0].argmax()] == domain
    assert chances[0].sum() == pytest.approx(1)


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3))
def test_stakes_are_told_by_the_expected_level_with_the_probability_of_that_level(raw):
    chances = np.array([raw]) / sum(raw)
    vector = np.zeros((1, ASK), dtype=np.float32)
    vector[0, 1 + len(DOMAINS) : 1 + len(DOMAINS) + len(STAKES)] = np.log(chances)

    (level,), (score,) = HEADS.labels.stakes_of(vector)

    expected = float(expected_level(chances)[0])
    assert expected == pytest.approx(chances[0, 1] + 2 * chances[0, 2])
    if min(abs(expected - cut) for cut in HEADS.labels.stakes_cuts) > 1e-4:
        assert level == (expected >= 0.5) + (expected >= 1.5)
    assert score == pytest.approx(chances[0, level], abs=1e-4)


@pytest.mark.parametrize("kind", SUPPORT)
def test_support_is_mentioned_from_its_threshold_on(kind):
    assert HEADS.labels.support_of(ask_vector(support=[kind])[None])[0].tolist() == [name == kind for name in SUPPORT]


@pytest.mark.parametrize("kind", PUSHBACK)
def test_pushback_is_heard_with_its_most_likely_kind(kind):
    score, kinds = HEADS.pushback.hear(turn_vector(kind=kind)[None])

    assert (score[0] > 0.99, kinds) == (True, [kind])


def test_candor_is_put_on_its_scale_and_never_leaves_it():
    vectors = np.array([turn_vector(candor=candor) for candor in (-50, 1, 3.5, 50)])

    assert HEADS.candor.score(vectors).tolist() == [1, 1, 3.5, 5]


def test_criteria_stay_between_one_and_five_in_the_order_of_the_codebook():
    assert HEADS.candor.criteria_of(turn_vector(criteria=[-9, 2, 4.5, 9])[None]).tolist() == [[1, 2, 4.5, 5]]


@pytest.mark.parametrize("name", DRIFT)
def test_each_error_has_its_own_threshold(name):
    assert HEADS.drift.flags(turn_vector(drift=[name])[None])[0].tolist() == [each == name for each in DRIFT]


def test_heads_take_no_rows_at_all():
    asks, turns = np.zeros((0, ASK), dtype=np.float32), np.zeros((0, TURN), dtype=np.float32)

    assert HEADS.screen.score(asks).shape == (0,)
    assert HEADS.labels.domains(asks).shape == (0, len(DOMAINS))
    assert [len(one) for one in HEADS.labels.stakes_of(asks)] == [0, 0]
    assert HEADS.pushback.hear(turns)[1] == []
    assert HEADS.candor.score(turns).shape == (0,)
    assert HEADS.drift.flags(turns).shape == (0, len(DRIFT))


@given(st.lists(st.floats(1, 5), max_size=8), st.floats(0, 1))
def test_a_conversations_candor_lies_between_its_lowest_turn_and_the_mean(turns, low_weight):
    told = lean_to_lowest(np.array(turns), low_weight)

    if turns:
        assert min(turns) - 1e-9 <= told <= np.mean(turns) + 1e-9
    else:
        assert np.isnan(told)
