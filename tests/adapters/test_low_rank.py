"""Low-rank changes: what learns, what is shipped, and that merging it gives what was trained."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertConfig, BertModel

from guidance_atlas.adapters.low_rank import STRENGTH, LowRank, factors_of, keep_layers, make_tunable, merge
from guidance_atlas.heads.weights import HeadFile, read_head, write_head

RANK = 3


def transformer(*, layers=2, width=16):
    torch.manual_seed(1)
    config = BertConfig(
        hidden_size=width, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=24, vocab_size=50
    )
    return BertModel(config).eval()


def learned(base, *, seed=0, size=0.05):
    """A tunable copy whose changes are as training would leave them."""
    tunable = copy.deepcopy(base)
    make_tunable(tunable, rank=RANK, seed=seed)
    draw = torch.Generator().manual_seed(seed)
    for layer in tunable.modules():
        if isinstance(layer, LowRank):
            layer.up.data = torch.randn(layer.up.shape, generator=draw) * size
    return tunable


def output(model):
    with torch.inference_mode():
        return model(torch.arange(12).reshape(2, 6) + 1)[0].numpy()


def test_a_change_is_nothing_before_it_is_learned():
    base = transformer()
    tunable = copy.deepcopy(base)

    make_tunable(tunable, rank=RANK, seed=0)

    assert np.array_equal(output(tunable), output(base))


@settings(max_examples=10)
@given(seed=st.integers(0, 1_000))
def test_merging_gives_what_was_trained(seed):
    base = transformer()
    tunable, merged = learned(base, seed=seed), copy.deepcopy(base)

    merge(merged, factors_of(tunable))

    assert np.abs(output(merged) - output(tunable)).max() < 1e-4
    assert np.abs(output(merged) - output(base)).max() > 1e-2


def test_only_the_changes_learn():
    tunable = transformer()
    before = {name: value.clone() for name, value in tunable.state_dict().items()}

    parameters = make_tunable(tunable, rank=RANK, seed=0)
    optimiser = torch.optim.SGD(tunable.parameters(), lr=1.0)
    tunable(torch.ones(1, 4, dtype=torch.long))[0].square().sum().backward()
    optimiser.step()

    after = tunable.state_dict()
    assert all(torch.equal(value, after.get(name, after.get(_moved(name)))) for name, value in before.items())
    assert len(parameters) == len(factors_of(tunable))
    assert {id(one) for one in parameters} == {id(one) for one in tunable.parameters() if one.grad is not None}


def _moved(name):
    """A layer's weights stand under `base` once there is a change beside it."""
    layer, _, last = name.rpartition(".")
    return f"{layer}.base.{last}"


def test_every_linear_layer_of_the_blocks_is_changed_and_the_pooler_is_not():
    tunable = transformer(layers=2)

    make_tunable(tunable, rank=RANK, seed=0)

    changed = {name for name, layer in tunable.named_modules() if isinstance(layer, LowRank)}
    assert len(changed) == 2 * 6
    assert all(name.startswith("encoder.layer.") for name in changed)


def test_the_seed_decides_where_learning_starts():
    def starts(seed):
        tunable = transformer()
        make_tunable(tunable, rank=RANK, seed=seed)
        return factors_of(tunable)["encoder.layer.0.output.dense.down"]

    assert np.array_equal(starts(5), starts(5))
    assert not np.array_equal(starts(5), starts(6))


def test_factors_are_16_bit_and_small_and_come_back_from_a_file(tmp_path):
    base = transformer()
    factors = factors_of(learned(base))

    write_head(HeadFile("tuning", "model@1", dict(factors), {"layers": None}), folder=tmp_path)
    back = read_head("tuning", folder=tmp_path).tensors

    assert sorted(back) == sorted(factors)
    assert all(back[name].dtype == np.float16 and np.array_equal(back[name], factors[name]) for name in factors)
    one, other = copy.deepcopy(base), copy.deepcopy(base)
    merge(one, factors)
    merge(other, back)
    assert np.array_equal(output(one), output(other))


def test_the_strength_is_part_of_the_change():
    base = transformer()
    before = base.encoder.layer[0].output.dense.weight.detach().clone()

    merge(base, {f"encoder.layer.0.output.dense.{name}": np.ones(shape) for name, shape in SHAPES.items()})

    assert torch.allclose(base.encoder.layer[0].output.dense.weight, before + STRENGTH)


SHAPES = {"down": (1, 24), "up": (16, 1)}


def test_a_layer_that_is_not_there_is_refused():
    factors = factors_of(learned(transformer(layers=2)))

    with pytest.raises(KeyError):
        merge(transformer(layers=1), factors)


def test_a_layer_of_another_shape_is_refused():
    factors = factors_of(learned(transformer(width=16)))

    with pytest.raises(ValueError, match=r"has shape \(\d+, \d+\), not \(\d+, \d+\)"):
        merge(transformer(width=32), factors)


def test_half_of_a_change_is_refused():
    factors = factors_of(learned(transformer()))
    factors.pop("encoder.layer.1.output.dense.up")

    with pytest.raises(KeyError):
        merge(transformer(), factors)


def test_the_first_blocks_are_kept():
    whole = transformer(layers=3)
    first = whole.encoder.layer[0]

    keep_layers(whole, 1)

    assert list(whole.encoder.layer) == [first]


def test_all_blocks_are_kept_where_no_number_is_given_and_too_many_are_refused():
    whole = transformer(layers=3)

    keep_layers(whole, None)
    assert len(whole.encoder.layer) == 3
    with pytest.raises(ValueError, match="4 blocks are wanted, there are 3"):
        keep_layers(whole, 4)
