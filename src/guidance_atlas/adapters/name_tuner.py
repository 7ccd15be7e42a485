"""Training of the finder of names with torch: learnt in floats, handed over in whole numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from guidance_atlas.adapters.models import one_thread
from guidance_atlas.stages.scrub.layout import ROOM
from guidance_atlas.stages.scrub.traits import N_GAP_TRAITS, N_GRAMS, N_PAGE_TRAITS, N_WORD_TRAITS

WORD, GAP, MARK, PAGE = 64, 8, 4, 8
HIDDEN, LAST = 112, 32
CEILING = 4.0  # what a hidden unit can reach
N_MARKS = 5
MOST = 127
STEP = 512
PACE = 3e-3

Array = NDArray[Any]


@dataclass(frozen=True)
class Sheet:
    """Everything to learn from. Strings stand as lists of traits, one list a row; row 0 is empty.

    words, gaps, marks: row numbers, shape (examples, ROOM). pages: a row of `page_traits` for each example.
    truth: 0 neither, 1 person, 2 place; weights: how much each example counts.
    """

    words: Array
    gaps: Array
    marks: Array
    pages: Array
    truth: Array
    weights: Array
    pieces: Sequence[Sequence[int]]
    grams: Sequence[Sequence[int]]
    word_traits: Sequence[Sequence[int]]
    gap_traits: Sequence[Sequence[int]]
    page_traits: Sequence[Sequence[int]]


class _Net(nn.Module):  # type: ignore[misc]
    def __init__(self, known: torch.Tensor) -> None:
        super().__init__()
        self.known = known
        self.project = nn.Parameter(torch.randn(known.shape[1], WORD) * 0.3)
        self.grams = nn.Parameter(torch.zeros(N_GRAMS, WORD))
        self.word_traits = nn.Parameter(torch.randn(N_WORD_TRAITS, WORD) * 0.1)
        self.gap_traits = nn.Parameter(torch.randn(N_GAP_TRAITS, GAP) * 0.3)
        self.page_traits = nn.Parameter(torch.randn(N_PAGE_TRAITS, PAGE) * 0.3)
        self.marks = nn.Parameter(torch.randn(N_MARKS, MARK) * 0.3)
        width = ROOM * (WORD + GAP + MARK) + PAGE
        self.layers = nn.ModuleList([nn.Linear(width, HIDDEN), nn.Linear(HIDDEN, LAST), nn.Linear(LAST, 3)])
        self.drop = nn.Dropout(0.2)

    def forward(self, sheet: "_Bags", rows: torch.Tensor) -> torch.Tensor:
        spellings, place = torch.unique(sheet.words[rows], return_inverse=True)
        words = sheet.mean_pieces[spellings] @ self.project
        words = words + sheet.grams.of(spellings, self.grams, mean=True)
        words = words + sheet.word_traits.of(spellings, self.word_traits)
        words = words.clamp(-1, 1) * (spellings > 0).unsqueeze(1)
        gaps = sheet.gap_traits.of(slice(None), self.gap_traits).clamp(-1, 1)[sheet.gaps[rows]]
        pages = sheet.page_traits.of(sheet.pages[rows], self.page_traits).clamp(-1, 1)
        seen = self.drop(words)[place]
        marks = self.marks.clamp(-1, 1)[sheet.marks[rows]]
        values = torch.cat([seen.flatten(1), gaps.flatten(1), marks.flatten(1), pages], dim=1)
        for layer in self.layers[:-1]:
            values = self.drop(layer(values).clamp(0, CEILING))
        return self.layers[-1](values)


class _Bag:
    """Lists of row numbers, filled up to one length: rows of a table are summed or averaged list by list."""

    def __init__(self, lists: Sequence[Sequence[int]], table_rows: int) -> None:
        self.empty = table_rows
        self.sizes = torch.tensor([max(len(one), 1) for one in lists])
        self.rows = torch.full((len(lists), max(map(len, lists))), table_rows)
        for at, one in enumerate(lists):
            self.rows[at, : len(one)] = torch.tensor(one, dtype=torch.long)

    def of(self, chosen: torch.Tensor | slice, table: torch.Tensor, *, mean: bool = False) -> torch.Tensor:
        rows, sizes = self.rows[chosen], self.sizes[chosen]
        longest = int(sizes.max())
        filled = torch.cat([table, torch.zeros(1, table.shape[1])])
        total = functional.embedding_bag(rows[:, :longest].contiguous(), filled, mode="sum", padding_idx=self.empty)
        return total / sizes.unsqueeze(1) if mean else total


class _Bags:
    def __init__(self, sheet: Sheet, known: torch.Tensor) -> None:
        self.words, self.gaps, self.marks, self.pages = (
            torch.from_numpy(np.ascontiguousarray(one)) for one in (sheet.words, sheet.gaps, sheet.marks, sheet.pages)
        )
        self.mean_pieces = _Bag(sheet.pieces, len(known)).of(slice(None), known, mean=True)
        self.grams = _Bag(sheet.grams, N_GRAMS)
        self.word_traits = _Bag(sheet.word_traits, N_WORD_TRAITS)
        self.gap_traits, self.page_traits = _Bag(sheet.gap_traits, N_GAP_TRAITS), _Bag(sheet.page_traits, N_PAGE_TRAITS)


@one_thread()
def tune_names(
    sheet: Sheet, known: Array, *, epochs: int, seed: int, watch: Callable[[int, float], None] | None = None
) -> dict[str, Array]:
    """Learn from a sheet; returns whole numbers for NameNet.

    AdamW (Loshchilov and Hutter 2019), the rate warmed up and then let down. known: the encoder's own vector of each
    piece, shape (pieces, width): words that mean alike start out alike. watch is told each epoch's number and loss.
    """
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    vectors = torch.from_numpy(known)
    vectors = (vectors - vectors.mean(0)) / vectors.std() / np.sqrt(vectors.shape[1])
    net, bags = _Net(vectors), _Bags(sheet, vectors)
    truth, weights = torch.from_numpy(sheet.truth), torch.from_numpy(sheet.weights).float()
    n = len(truth)
    steps = -(-n // STEP)
    optimiser, schedule = _pace(net, epochs * steps)
    net.train()
    for epoch in range(epochs):
        running = 0.0
        order = chance.permutation(n)
        for start in range(0, n, STEP):
            rows = torch.from_numpy(order[start : start + STEP])
            each = functional.cross_entropy(net(bags, rows), truth[rows], reduction="none", label_smoothing=0.03)
            loss = (each * weights[rows]).sum() / weights[rows].sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            running += float(loss.detach())
        if watch:
            watch(epoch, running / steps)
    return _whole(net.eval())


def _pace(net: _Net, steps: int) -> tuple[Any, Any]:
    others = [parameter for name, parameter in net.named_parameters() if name != "grams"]
    groups = [{"params": [net.grams], "weight_decay": 0.0}, {"params": others, "weight_decay": 0.02}]
    optimiser = torch.optim.AdamW(groups, lr=PACE)
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(optimiser, PACE, total_steps=steps, pct_start=0.1)


def _whole(net: _Net) -> dict[str, Array]:
    """The net in whole numbers: inputs in steps of 1/127, hidden units in steps of CEILING/127."""
    with torch.no_grad():
        found: dict[str, Array] = {
            "pieces": _bytes((net.known @ net.project).numpy() * MOST),
            "grams": _bytes(net.grams.numpy() * MOST),
            **{
                name: np.rint(getattr(net, name).numpy() * MOST).clip(-32_000, 32_000).astype(np.int16)
                for name in ("word_traits", "gap_traits", "page_traits")
            },
            "marks": _bytes(net.marks.numpy() * MOST),
        }
        unit = np.full(1, 1 / MOST)
        for number, layer in enumerate(net.layers, 1):
            weight, bias = layer.weight.numpy().T.astype(np.float64), layer.bias.numpy().astype(np.float64)
            last = number == len(net.layers)
            step = np.abs(weight).max(axis=None if last else 0, keepdims=True).reshape(1, -1) / MOST
            found[f"weight{number}"] = np.rint(weight / step).astype(np.int8)
            scale = (step * unit)[0]
            found[f"bias{number}"] = np.rint(bias / scale).astype(np.int32)
            if not last:
                found[f"step{number}"] = (scale / (CEILING / MOST)).astype(np.float32)
                unit = np.full(1, CEILING / MOST)
        return found


def _bytes(values: Array) -> Array:
    return np.rint(values).clip(-MOST, MOST).astype(np.int8)
