"""Token numbers on their way through a network: which go together, how long they are made, what fills them up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.ports import Matrix

if TYPE_CHECKING:
    from guidance_atlas.adapters.opened import Opened

Numbers = NDArray[np.int64]
Run = Callable[..., Matrix]  # of token numbers, which are real, which are judged: each (texts, padded)

# Tokens in a batch. More find no room in the caches of a core; fewer leave the network's fixed costs standing out.
BUDGET = 1_024
# Libraries multiply small matrices by other kernels, whose last bits differ: oneDNN's of 16-bit floats below some 380
# rows, MKL's of 32-bit floats below some 32. So what is smaller is filled up.
LEAST_TOKENS = 512


@dataclass(frozen=True)
class Tokens:
    """Token numbers of a text, and how many of them stand before the part that is judged."""

    ids: tuple[int, ...]
    n_before: int = 0

    def __len__(self) -> int:
        return len(self.ids)


def company(lengths: Sequence[int], *, limit: int, step: int, budget: int = BUDGET) -> Iterator[tuple[list[int], int]]:
    """Rows to encode together and the length they are padded to, a multiple of `step`; longest first.

    Padded, they are at most `budget` tokens, or one row.
    """
    by_length: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        by_length.setdefault(min(-(-length // step) * step, limit), []).append(row)
    for padded in sorted(by_length, reverse=True):
        rows, most = by_length[padded], max(1, budget // padded)
        for start in range(0, len(rows), most):
            yield rows[start : start + most], padded


def stacked(tokens: Sequence[Tokens], padded: int, *, pad: int = 0) -> tuple[Numbers, Numbers, Numbers]:
    """Token numbers, which of them are real, and which are judged: each of shape (texts, padded)."""
    ids = np.full((len(tokens), padded), pad, dtype=np.int64)
    real, judged = np.zeros_like(ids), np.zeros_like(ids)
    for row, one in enumerate(tokens):
        ids[row, : len(one)] = one.ids
        real[row, : len(one)] = 1
        judged[row, one.n_before : len(one)] = 1
    return ids, real, judged


def through(opened: "Opened", tokens: Sequence[Tokens], *, limit: int, step: int) -> Matrix:
    """Vectors of shape (len(tokens), width). Batches of fewer than 512 tokens are filled with their first row."""
    found = np.zeros((len(tokens), opened.reading.width), dtype=np.float32)
    for rows, padded in company([len(one) for one in tokens], limit=limit, step=step):
        together = [tokens[row] for row in rows]
        filling = together[:1] * (-(-LEAST_TOKENS // padded) - len(rows))
        found[rows] = opened.run(*stacked(together + filling, padded, pad=opened.reading.pad))[: len(rows)]
    return found
