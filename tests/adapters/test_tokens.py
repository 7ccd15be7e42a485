"""Means of the last layer: over the right tokens, whatever the padding."""

from types import SimpleNamespace

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.adapters.batches import Tokens
from guidance_atlas.adapters.tokens import vectors_of

WIDTH = 4


class Echo:
    """Stands in for a transformer: a token's vector is its number, its kind, and a place that padding may not reach."""

    config = SimpleNamespace(hidden_size=WIDTH)

    def __call__(self, ids, attention_mask, token_type_ids=None):
        kinds = torch.zeros_like(ids) if token_type_ids is None else token_type_ids
        beyond = (1 - attention_mask) * 1_000
        return [torch.stack([ids + beyond, kinds + beyond, beyond, beyond], dim=2).to(torch.bfloat16)]


def vector(*tokens, **options):
    return vectors_of(Echo(), tokens, **options).numpy()


def test_what_stands_before_and_what_is_judged_are_averaged_apart():
    row = vector(Tokens((2, 4, 9, 11, 13), n_before=2))[0]

    assert row.tolist() == [3, 0, 0, 0, 11, 1, 0, 0]


def test_the_judged_part_is_marked_as_the_second_kind():
    assert vector(Tokens((2, 4, 9), n_before=2))[0, [1, WIDTH + 1]].tolist() == [0, 1]


def test_with_unit_there_is_one_mean_of_length_one():
    row = vector(Tokens((3, 5), n_before=1), unit=True)[0]

    assert row.tolist() == [1, 0, 0, 0]
    assert row.dtype == np.float32


tokens = st.lists(st.integers(1, 100), min_size=2, max_size=20).map(lambda ids: Tokens(tuple(ids), 1))


@given(st.lists(tokens, min_size=1, max_size=6), st.integers(20, 64), st.booleans())
def test_padding_and_company_change_nothing(several, padded, unit):
    together = vector(*several, padded=padded, unit=unit)

    for row, one in zip(together, several, strict=True):
        assert np.allclose(vector(one, unit=unit)[0], row, rtol=1e-6)


def test_a_text_is_as_long_as_its_tokens():
    assert len(Tokens((1, 2, 3), 1)) == 3
