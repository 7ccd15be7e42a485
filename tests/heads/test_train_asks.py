"""Operating points of what was asked: calibration keeps order and rate, thresholds and cuts find what is there."""

import numpy as np
import pytest
from headdata import item
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.heads.labels import expected_level, labels_head
from guidance_atlas.heads.linear import Linear, sigmoid
from guidance_atlas.heads.material import Labelled
from guidance_atlas.heads.measure import f1, kappa
from guidance_atlas.heads.screen import screen_head
from guidance_atlas.heads.train_asks import (
    MAY_COST_F1,
    UNSURE,
    best_threshold,
    calibrate,
    choose_threshold,
    set_labels,
    set_screen,
    stakes_cuts,
)
from guidance_atlas.vocab import DOMAINS, STAKES, SUPPORT

ONE = Linear(np.ones((1, 1), dtype=np.float32), np.zeros(1, dtype=np.float32))


def drawn(seed, *, slope, shift, n=400):
    """Raw scores whose log-odds of being true are slope * score + shift."""
    draw = np.random.default_rng(seed)
    raw = draw.normal(size=(n, 1)).astype(np.float32)
    return raw, (draw.random(n) < sigmoid(slope * raw[:, 0].astype(np.float64) + shift)).astype(float)


@settings(max_examples=25)
@given(seed=st.integers(0, 1_000), slope=st.floats(0.5, 6), shift=st.floats(-1.5, 1.5), bias=st.floats(-3, 3))
def test_calibration_keeps_the_order_and_tells_the_base_rate(seed, slope, shift, bias):
    raw, truth = drawn(seed, slope=slope, shift=shift)
    layer = Linear(ONE.weight, ONE.bias + np.float32(bias))

    scores = sigmoid(calibrate(layer, raw, truth)(raw)[:, 0])

    assert np.array_equal(np.argsort(scores, kind="stable"), np.argsort(raw[:, 0], kind="stable"))
    assert scores.mean() == pytest.approx(truth.mean(), abs=0.01)


def test_calibration_finds_the_stretch_and_the_shift():
    raw, truth = drawn(0, slope=3, shift=-1, n=20_000)

    layer = calibrate(ONE, raw, truth)

    assert float(layer.weight[0, 0]) == pytest.approx(3, abs=0.25)
    assert float(layer.bias[0]) == pytest.approx(-1, abs=0.15)


def test_calibrating_again_changes_nothing():
    raw, truth = drawn(1, slope=2, shift=0.5)
    once = calibrate(ONE, raw, truth)

    twice = calibrate(once, raw, truth)

    assert np.allclose(twice(raw), once(raw), atol=0.02)


def test_the_threshold_prefers_a_right_rate_where_that_costs_little():
    truth = np.array([1.0] * 50 + [0.0] * 50)
    scores = np.concatenate([np.linspace(0.45, 0.9, 50), np.linspace(0.1, 0.5, 50)])

    threshold, chosen = choose_threshold(truth, scores, np.ones(100, dtype=bool))

    assert chosen["check_f1"] >= chosen["check_f1_best"] - MAY_COST_F1
    assert abs(chosen["natural_rate_bias"]) <= 0.02
    assert 0.4 < threshold < 0.55


def test_a_right_rate_that_would_cost_much_is_not_bought():
    truth = np.array([1.0] * 40 + [0.0] * 60)
    scores = np.concatenate([np.full(40, 0.6), np.full(60, 0.4)])
    natural = np.arange(100) >= 90  # only rows that are none, whose rate a high threshold makes right as well

    threshold, chosen = choose_threshold(truth, scores, natural)

    assert 0.4 < threshold <= 0.6
    assert chosen["check_f1"] == 1


@given(st.integers(0, 1_000))
def test_a_threshold_never_costs_more_than_it_may(seed):
    raw, truth = drawn(seed, slope=2, shift=0, n=60)
    scores = sigmoid(raw[:, 0].astype(np.float64))
    natural = np.arange(60) % 3 == 0

    threshold, chosen = choose_threshold(truth, scores, natural)

    grid = np.arange(0.2, 0.7, 0.005)
    best = max(f1(truth, (scores >= one).astype(float)) or 0 for one in grid)
    assert (f1(truth, (scores >= threshold).astype(float)) or 0) >= best - MAY_COST_F1 - 1e-9
    assert (chosen["n"], chosen["n_natural"]) == (60, 20)


def test_stakes_are_cut_where_they_agree_best():
    level = np.repeat([0, 1, 2], 40)
    expected = np.concatenate([np.linspace(0.1, 0.7, 40), np.linspace(0.8, 1.0, 40), np.linspace(1.1, 1.9, 40)])
    chances = np.stack([1 - expected / 2, np.zeros(120), expected / 2], axis=1)

    cuts = stakes_cuts(level, chances)

    assert cuts[0] < cuts[1]
    told = np.digitize(expected_level(chances), cuts)
    assert (kappa(level.astype(float), told.astype(float), n_classes=3) or 0) > 0.97


def test_the_threshold_of_best_f1_is_found_and_rare_labels_are_hardly_told():
    grid = np.round(np.arange(0.1, 0.9, 0.1), 1)
    scores = np.linspace(0, 1, 50)

    assert best_threshold((scores >= 0.5).astype(float), scores, grid) == pytest.approx(0.5, abs=0.02)
    assert best_threshold((scores >= 0.95).astype(float), scores, grid) == grid[-1]


def labelled(at, use, **labels):
    return Labelled(item(f"a:{at}", "hm", labels=labels), "read_asks", use)


def test_a_screen_is_set_on_rows_that_were_not_fitted():
    raw, truth = drawn(3, slope=4, shift=-1)
    rows = [labelled(at, ("check", "natural")[at % 2], guidance=bool(one)) for at, one in enumerate(truth)]

    trained = set_screen(ONE, rows, raw, encoder="e@1")

    head = screen_head(trained.head)
    assert trained.head.encoder == "e@1"
    assert head.threshold == trained.chosen["threshold"]
    assert (head.unsure_from, head.unsure_to) == UNSURE
    assert head.score(raw).mean() == pytest.approx(truth.mean(), abs=0.01)
    assert (trained.chosen["n"], trained.chosen["n_natural"]) == (400, 200)


def test_where_the_screen_says_it_is_unsure_it_is_often_wrong():
    raw, truth = drawn(5, slope=3, shift=0, n=4_000)
    rows = [labelled(at, "natural", guidance=bool(one)) for at, one in enumerate(truth)]

    head = screen_head(set_screen(ONE, rows, raw, encoder="e").head)

    scores = head.score(raw)
    right = (scores >= head.threshold) == (truth > 0)
    assert right[head.unsure(scores)].mean() < 0.75 < right[~head.unsure(scores)].mean()


def test_labels_are_set_on_rows_that_were_not_fitted():
    draw = np.random.default_rng(0)
    n = 300
    domain, level = draw.integers(0, len(DOMAINS), n), draw.integers(0, 3, n)
    friends = draw.random(n) < 0.3
    support = np.stack([friends, *[np.zeros(n, bool)] * (len(SUPPORT) - 1)], axis=1)
    vectors = np.hstack([np.eye(len(DOMAINS))[domain] * 6, np.eye(3)[level] * 4, support * 4.0 - 2]).astype(np.float32)
    picked = np.split(np.eye(vectors.shape[1], dtype=np.float32), [len(DOMAINS), len(DOMAINS) + 3], axis=1)
    layers = {
        name: Linear(weight, np.zeros(weight.shape[1], dtype=np.float32))
        for name, weight in zip(("domain", "stakes", "support"), picked, strict=True)
    }
    rows = [
        labelled(
            at,
            "check",
            domain=DOMAINS[domain[at]],
            domain_2=DOMAINS[0] if at % 4 == 0 else None,
            stakes=STAKES[level[at]],
            support=["friends"] if friends[at] else [],
        )
        for at in range(n)
    ]

    trained = set_labels(layers, rows, vectors, encoder="e@1")

    head, chosen = labels_head(trained.head), trained.chosen
    assert (chosen["check_domain_accuracy"], chosen["check_stakes_kappa"], chosen["n"]) == (1, 1, n)
    assert np.array_equal(head.support_of(vectors)[:, 0], friends)
    assert head.support_thresholds.tolist() == [chosen["support_threshold"]] * len(SUPPORT)
    assert chosen["check_support_f1"] == 1


def test_a_second_domain_is_given_as_often_as_labels_give_one():
    draw = np.random.default_rng(0)
    n = 400
    vectors = draw.normal(size=(n, len(DOMAINS))).astype(np.float32)
    whole = Linear(np.eye(len(DOMAINS), dtype=np.float32), np.zeros(len(DOMAINS), dtype=np.float32))
    layers = {
        "domain": whole,
        **{
            name: Linear(whole.weight[:, :width], whole.bias[:width])
            for name, width in (("stakes", len(STAKES)), ("support", len(SUPPORT)))
        },
    }
    rows = [
        labelled(at, "check", domain="career", domain_2="legal" if at % 5 == 0 else None, stakes=STAKES[at % 3])
        for at in range(n)
    ]

    head = labels_head(set_labels(layers, rows, vectors, encoder="e").head)

    chances = np.sort(head.domains(vectors), axis=1)
    assert np.mean(chances[:, -2] >= head.second * chances[:, -1]) == pytest.approx(0.2, abs=0.01)
