"""Low-rank changes to an encoder's linear layers (LoRA, Hu and others 2021): learned apart, then added to the weights.

A changed layer computes W x + B A x. Only A and B are learned and shipped: about 2 % of the weights they change.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

STRENGTH = 2.0

Factors = dict[str, NDArray[np.float16]]


class LowRank(nn.Module):  # type: ignore[misc]
    """A frozen linear layer with a change of rank r beside it, nothing at first."""

    def __init__(self, base: nn.Linear, rank: int, draw: torch.Generator) -> None:
        super().__init__()
        self.base = base
        self.down = nn.Parameter(torch.randn(rank, base.in_features, generator=draw) / math.sqrt(base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Outputs of the layer and of its change."""
        change = functional.linear(functional.linear(inputs, self.down.to(inputs.dtype)), self.up.to(inputs.dtype))
        return self.base(inputs) + change * STRENGTH


def keep_layers(transformer: Any, n: int | None) -> None:  # noqa: ANN401 - the library's own
    """Drop all blocks but the first n; None keeps them all.

    Raises:
        ValueError: there are fewer.
    """
    if n is None:
        return
    blocks = transformer.encoder.layer
    if n > len(blocks):
        raise ValueError(f"{n} blocks are wanted, there are {len(blocks)}")
    transformer.encoder.layer = blocks[:n]


def make_tunable(transformer: Any, *, rank: int, seed: int) -> list[nn.Parameter]:  # noqa: ANN401
    """Freeze a transformer and put a low-rank change beside every linear layer of its blocks; returns what learns."""
    draw = torch.Generator().manual_seed(seed)
    for parameter in transformer.parameters():
        parameter.requires_grad = False
    for name, layer in _linear_layers(transformer).items():
        parent, _, last = name.rpartition(".")
        setattr(transformer.get_submodule(parent), last, LowRank(layer, rank, draw))
    return [parameter for parameter in transformer.parameters() if parameter.requires_grad]


def factors_of(transformer: Any) -> Factors:  # noqa: ANN401
    """What was learned, as 16-bit floats: two arrays a layer, named after it."""
    found: Factors = {}
    for name, layer in transformer.named_modules():
        if isinstance(layer, LowRank):
            found[f"{name}.down"] = layer.down.detach().numpy().astype(np.float16)
            found[f"{name}.up"] = layer.up.detach().numpy().astype(np.float16)
    return found


def merge(transformer: Any, factors: Mapping[str, NDArray[Any]]) -> None:  # noqa: ANN401
    """Add what was learned to a transformer's weights.

    Raises:
        KeyError: a named layer is not there.
        ValueError: a layer has another shape than what was learned for it.
    """
    layers = _linear_layers(transformer)
    for name in sorted({key.rpartition(".")[0] for key in factors}):
        down, up = (torch.from_numpy(factors[f"{name}.{part}"].astype(np.float32)) for part in ("down", "up"))
        weight = layers[name].weight
        change = up @ down
        if change.shape != weight.shape:
            raise ValueError(f"{name} has shape {tuple(weight.shape)}, not {tuple(change.shape)}")
        with torch.no_grad():
            weight += change * STRENGTH


def _linear_layers(transformer: Any) -> dict[str, nn.Linear]:  # noqa: ANN401
    """Linear layers of the blocks, by name; a pooler after them, of which no vector is made, is left out."""
    return {
        name: layer
        for name, layer in transformer.named_modules()
        if isinstance(layer, nn.Linear) and "pooler" not in name
    }
