"""Training of a low-rank change: repeatable, able to learn each kind of label, and blind to what is not known."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.adapters.batches import Tokens
from guidance_atlas.adapters.low_rank import keep_layers, merge
from guidance_atlas.adapters.models import DEFAULT_MODEL, find_model, open_model
from guidance_atlas.adapters.sentence_transformer import SentenceTransformerEncoder
from guidance_atlas.adapters.tokens import vectors_of
from guidance_atlas.adapters.tuner import (
    LENGTH_NOISE,
    TOKENS_A_STEP,
    Order,
    Recipe,
    Target,
    _loss,
    _steps,
    _together,
    tune,
)

RECIPE = Recipe(rank=4, epochs=30, pace=1e-3, eager=8.0, unit=False, scale=3.0, seed=0, layers=1)
THINGS = {"animal": "the {} sleeps in the barn", "machine": "repair a {} with tools", "food": "cook {} for dinner"}
KINDS = {
    "animal": ("cat", "dog", "horse", "cow", "sheep", "goat", "hen", "pig"),
    "machine": ("car", "truck", "engine", "tractor", "pump", "drill", "motor", "fan"),
    "food": ("rice", "soup", "bread", "pasta", "beans", "stew", "curry", "eggs"),
}
NAMES = [(kind, thing) for kind, things in KINDS.items() for thing in things]
KIND = np.array([list(KINDS).index(kind) for kind, _ in NAMES])
ONES = np.ones(len(NAMES))


@pytest.fixture(scope="module")
def block():
    """The first block of the default encoder."""
    transformer = open_model(find_model(DEFAULT_MODEL), name=DEFAULT_MODEL)[0].auto_model
    keep_layers(transformer, 1)
    return transformer


@pytest.fixture(scope="module")
def examples():
    ids = SentenceTransformerEncoder().tokens([THINGS[kind].format(thing) for kind, thing in NAMES])
    return [Tokens(one.ids, n_before=1) for one in ids]


def targets():
    return [
        Target("lives", "flags", (KIND == 0)[:, None].astype(float), 1.0, ONES),
        Target("kind", "classes", np.eye(3)[KIND], 1.0, ONES),
        Target("worth", "values", (KIND - 1.0)[:, None], 1.0, ONES),
    ]


def told(block, tuned, examples, name, *, recipe=RECIPE):
    """What a layer says of the examples once the change is merged, as in use."""
    merged = copy.deepcopy(block)
    merge(merged, tuned.factors)
    weight, bias = tuned.layers[name]
    with torch.inference_mode():
        return vectors_of(merged, examples, unit=recipe.unit).numpy() @ weight + bias


def same(one, other):
    arrays = [{**each.factors, **{name: pair[0] for name, pair in each.layers.items()}} for each in (one, other)]
    return all(np.array_equal(arrays[0][name], arrays[1][name]) for name in arrays[0])


@pytest.fixture(scope="module")
def tuned(block, examples):
    return tune(copy.deepcopy(block), examples, targets(), recipe=RECIPE)


def test_each_kind_of_label_is_learned_and_told_by_the_merged_weights(block, tuned, examples):
    assert ((told(block, tuned, examples, "lives")[:, 0] > 0) == (KIND == 0)).all()
    assert (told(block, tuned, examples, "kind").argmax(axis=1) == KIND).all()
    assert np.abs(told(block, tuned, examples, "worth")[:, 0] - (KIND - 1)).max() < 0.5
    assert tuned.losses[-1] < tuned.losses[0] / 2


def test_the_same_seed_gives_the_same_bits(block, examples, tuned):
    again = tune(copy.deepcopy(block), examples, targets(), recipe=RECIPE)

    assert same(again, tuned)
    assert again.losses == tuned.losses


def test_another_seed_gives_other_bits(block, examples, tuned):
    short = replace(RECIPE, epochs=1)

    one, other = (tune(copy.deepcopy(block), examples, targets(), recipe=replace(short, seed=seed)) for seed in (1, 2))

    assert not same(one, other)


def test_vectors_of_length_one_can_be_learned_from_too(block, examples):
    recipe = replace(RECIPE, unit=True, scale=10.0)

    found = tune(copy.deepcopy(block), examples, targets()[:1], recipe=recipe)

    assert found.layers["lives"][0].shape == (384, 1)
    assert ((told(block, found, examples, "lives", recipe=recipe)[:, 0] > 0) == (KIND == 0)).all()


def test_an_order_alone_puts_the_better_above_the_worse(block, examples):
    unknown = Target("worth", "values", np.full((len(NAMES), 1), np.nan), 1.0, ONES)
    pairs = [(at, at + 8) for at in range(8)]

    found = tune(copy.deepcopy(block), examples, [unknown], recipe=RECIPE, orders=[Order("worth", pairs, 1.0)])

    worth = told(block, found, examples, "worth")[:, 0]
    assert all(worth[better] > worth[worse] + 0.2 for better, worse in pairs)


@pytest.mark.parametrize("at", range(3), ids=["flags", "classes", "values"])
def test_an_unknown_truth_has_no_effect_however_much_it_would_count(block, examples, at):
    short = replace(RECIPE, epochs=1)
    half = np.arange(len(NAMES)) % 2 == 0
    known = targets()[at]
    some = replace(known, truth=np.where(half[:, None], known.truth, np.nan))

    one = tune(copy.deepcopy(block), examples, [some], recipe=short)
    other = tune(copy.deepcopy(block), examples, [replace(some, weights=np.where(half, 1, 100.0))], recipe=short)

    assert same(one, other)


def test_whoever_watches_is_told_each_epoch_and_its_loss_from_one_thread(block, examples):
    before, seen, threads = torch.get_num_threads(), [], []

    def watch(epoch, loss):
        seen.append((epoch, loss))
        threads.append(torch.get_num_threads())

    torch.set_num_threads(2)
    try:
        found = tune(copy.deepcopy(block), examples, targets()[:1], recipe=replace(RECIPE, epochs=2), watch=watch)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)

    assert seen == list(enumerate(found.losses))
    assert threads == [1, 1]


numbers = st.floats(-5, 5)
rows = st.lists(st.tuples(numbers, numbers, st.sampled_from([0.0, 1.0, None])), min_size=1, max_size=8)


@given(rows, st.sampled_from(["flags", "values"]))
def test_the_loss_is_the_loss_of_what_is_known(several, kind):
    def loss(part):
        shown = torch.tensor([[one, other] for one, other, _ in part])
        truth = torch.tensor([[np.nan if each is None else each] * 2 for *_, each in part])
        return float(_loss(kind, shown, truth, torch.ones(len(part))))

    known = [row for row in several if row[2] is not None]

    assert loss(several) == pytest.approx(loss(known) if known else 0, abs=1e-4)


@given(rows)
def test_shares_of_classes_that_are_all_zero_cost_nothing(several):
    shown = torch.tensor([[one, other] for one, other, _ in several])

    assert float(_loss("classes", shown, torch.zeros_like(shown), torch.ones(len(several)))) == 0


@st.composite
def paired(draw):
    n = draw(st.integers(1, 30))
    row = st.integers(0, n - 1)
    return n, draw(st.lists(st.tuples(row, row), max_size=12))


@given(paired())
def test_groups_are_a_partition_that_parts_no_pair(case):
    n, pairs = case

    groups = list(_together(n, pairs))

    assert sorted(row for group in groups for row in group) == list(range(n))
    home = {row: at for at, group in enumerate(groups) for row in group}
    assert all(home[one] == home[other] for one, other in pairs)
    assert all(len(group) == 1 or set(group) <= {row for pair in pairs for row in pair} for group in groups)


@given(paired(), st.integers(0, 9), st.data())
def test_steps_hold_every_example_once_and_each_pair_together(case, seed, data):
    n, pairs = case
    lengths = data.draw(st.lists(st.integers(1, 300), min_size=n, max_size=n))
    examples = [Tokens((1,) * length) for length in lengths]

    steps = _steps(examples, [Order("any", pairs, 1.0)], np.random.default_rng(seed))

    assert sorted(row for step in steps for row in step) == list(range(n))
    home = {row: at for at, step in enumerate(steps) for row in step}
    assert all(home[one] == home[other] for one, other in pairs)
    groups = list(_together(n, pairs))
    for step in steps:
        if sum(group[0] in step for group in groups) > 1:
            assert len(step) * (max(lengths[row] for row in step) - LENGTH_NOISE) <= TOKENS_A_STEP


def test_steps_are_drawn_anew_each_time():
    examples = [Tokens((1,) * 200)] * 60
    chance = np.random.default_rng(0)

    assert _steps(examples, [], chance) != _steps(examples, [], chance)
