"""Training of a low-rank change to the encoder for several labels at once, on one core, the same bits every time."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from guidance_atlas.adapters.batches import Tokens
from guidance_atlas.adapters.low_rank import Factors, factors_of, keep_layers, make_tunable
from guidance_atlas.adapters.models import one_thread
from guidance_atlas.adapters.tokens import vectors_of

TOKENS_A_STEP = 2_560
WARM_UP = 0.06
LEAST_PACE = 0.02
SMOOTHING = 0.02
STEP = 16  # tokens
LENGTH_NOISE = 16.0  # tokens: texts of like length go together, never in the same company twice
EXAMPLES_A_STEP = 14.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """One label to learn.

    truth: shape (examples, columns), NaN where unknown. `flags`: 0 or 1 in each column; `classes`: shares of each
    column that add up to 1; `values`: any number. share: how much the label counts in the loss; weights: shape
    (examples,), how much each example counts for it.
    """

    name: str
    kind: Literal["flags", "classes", "values"]
    truth: Floats
    share: float
    weights: Floats


@dataclass(frozen=True)
class Order:
    """Pairs of examples (better, worse) of which the first should get the higher number of a target of values."""

    target: str
    pairs: Sequence[tuple[int, int]]
    share: float
    margin: float = 1.0
    steepness: float = 3.0


@dataclass(frozen=True)
class Recipe:
    """How to train. pace: the highest learning rate of the low-rank change; layers learn `eager` times as fast."""

    rank: int
    epochs: int
    pace: float
    eager: float
    unit: bool
    scale: float
    seed: int
    layers: int | None = None  # blocks of the encoder that are used, the first ones; None: all

    @classmethod
    def for_asks(cls, seed: int) -> "Recipe":
        """For what was asked: one vector of length 1 a conversation."""
        return cls(rank=16, epochs=4, pace=5e-4, eager=4.0, unit=True, scale=10.0, seed=seed)

    @classmethod
    def for_exchanges(cls, seed: int) -> "Recipe":
        """For turns in the light of what stands before them."""
        return cls(rank=16, epochs=4, pace=1e-3, eager=2.0, unit=False, scale=3.0, seed=seed, layers=3)


@dataclass(frozen=True)
class Tuned:
    """What was learned: changes to the encoder, and one linear layer (weight, bias) a target."""

    factors: Factors
    layers: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
    losses: list[float] = field(default_factory=list)


@one_thread()
def tune(
    transformer: Any,  # noqa: ANN401 - the library's own class differs by model
    examples: Sequence[Tokens],
    targets: Sequence[Target],
    *,
    recipe: Recipe,
    orders: Sequence[Order] = (),
    watch: Callable[[int, float], None] | None = None,
) -> Tuned:
    """Learn the targets from the examples; the transformer is changed in place.

    AdamW (Loshchilov and Hutter 2019), the rate warmed up and then let down along a cosine. Pairs of an order go into
    the same step. watch is told each epoch's number and mean loss.
    """
    torch.manual_seed(recipe.seed)
    chance = np.random.default_rng(recipe.seed)
    keep_layers(transformer, recipe.layers)
    changes = make_tunable(transformer, rank=recipe.rank, seed=recipe.seed)
    width = transformer.config.hidden_size * (1 if recipe.unit else 2)
    layers = nn.ModuleDict({one.name: nn.Linear(width, one.truth.shape[1]) for one in targets})
    for layer in layers.values():
        nn.init.normal_(layer.weight, std=0.01)
        nn.init.zeros_(layer.bias)
    optimiser = torch.optim.AdamW([{"params": changes}, {"params": layers.parameters()}], weight_decay=0.01)
    plan = [_steps(examples, orders, chance) for _ in range(recipe.epochs)]
    total, done, losses = sum(map(len, plan)), 0, []
    truth = {one.name: torch.tensor(one.truth, dtype=torch.float32) for one in targets}
    weights = {one.name: torch.tensor(one.weights, dtype=torch.float32) for one in targets}
    transformer.train()
    for epoch, steps in enumerate(plan):
        running = 0.0
        for rows in steps:
            pace = recipe.pace * min(1.0, done / (WARM_UP * total)) * max(LEAST_PACE, _cosine(done / total))
            for group, speed in zip(optimiser.param_groups, (1.0, recipe.eager), strict=True):
                group["lr"] = pace * speed
            some = [examples[row] for row in rows]
            # Few different shapes, so that memory is used again.
            padded = -(-max(map(len, some)) // STEP) * STEP
            vectors = vectors_of(transformer, some, padded=padded, unit=recipe.unit) * recipe.scale
            told = {one.name: layers[one.name](vectors) for one in targets}
            loss = torch.zeros(())
            for one in targets:
                loss = (
                    loss + _loss(one.kind, told[one.name], truth[one.name][rows], weights[one.name][rows]) * one.share
                )
            for order in orders:
                loss = loss + _disorder(order, told[order.target][:, 0], rows) * order.share
            loss = loss / EXAMPLES_A_STEP
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(changes, 1.0)
            optimiser.step()
            running += float(loss.detach())
            done += 1
        losses.append(running / len(steps))
        if watch:
            watch(epoch, losses[-1])
    transformer.eval()
    return Tuned(
        factors_of(transformer),
        {
            name: (
                (layer.weight.detach().numpy() * recipe.scale).T.astype(np.float32).copy(),
                layer.bias.detach().numpy().astype(np.float32),
            )
            for name, layer in layers.items()
        },
        losses,
    )


def _cosine(share: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * share))


def _loss(kind: str, told: torch.Tensor, truth: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    known = ~truth.isnan()
    wanted = truth.nan_to_num()
    if kind == "classes":
        each = -(functional.log_softmax(told, dim=1) * wanted).sum(dim=1)
    elif kind == "flags":
        softened = wanted * (1 - 2 * SMOOTHING) + SMOOTHING
        each = (functional.binary_cross_entropy_with_logits(told, softened, reduction="none") * known).sum(dim=1)
    else:
        each = (functional.smooth_l1_loss(told, wanted, reduction="none", beta=0.3) * known).sum(dim=1)
    return (each * weights).sum()


def _disorder(order: Order, told: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
    place = {row: at for at, row in enumerate(rows)}
    pairs = [(place[better], place[worse]) for better, worse in order.pairs if better in place and worse in place]
    if not pairs:
        return told.sum() * 0
    better, worse = (torch.tensor(side) for side in zip(*pairs, strict=True))
    return functional.softplus(order.margin - order.steepness * (told[better] - told[worse])).sum()


def _steps(examples: Sequence[Tokens], orders: Sequence[Order], chance: np.random.Generator) -> list[list[int]]:
    """Examples in random steps of like length, each pair of an order in one step."""
    groups = list(_together(len(examples), [pair for order in orders for pair in order.pairs]))
    lengths = np.array([max(len(examples[row]) for row in rows) for rows in groups])
    steps: list[list[int]] = []
    current: list[int] = []
    for at in np.argsort(lengths + chance.random(len(groups)) * LENGTH_NOISE, kind="stable"):
        rows = groups[at]
        if current and (len(current) + len(rows)) * int(lengths[at]) > TOKENS_A_STEP:
            steps.append(current)
            current = []
        current = current + rows
    steps.append(current)
    return [steps[at] for at in chance.permutation(len(steps))]


def _together(n: int, pairs: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Rows that share a pair, directly or through others, as one group; all others alone."""
    leader = list(range(n))

    def find(row: int) -> int:
        while leader[row] != row:
            row = leader[row]
        return row

    for better, worse in pairs:
        leader[find(worse)] = find(better)
    groups: dict[int, list[int]] = {}
    for row in range(n):
        groups.setdefault(find(row), []).append(row)
    yield from groups.values()
