"""Exactly the nearest of many vectors, by products of blocks in torch: memory is bounded, one thread."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.adapters.models import one_thread
from guidance_atlas.adapters.torch_network import multiplies_short_floats
from guidance_atlas.ports import Matrix

if TYPE_CHECKING:
    from torch import Tensor

Rows = NDArray[np.int32]
_BLOCK = 256  # rows compared with all others at a time; 1 MiB of scores for every 1,000 others
_COMB = 32  # scores of which only the best is looked at first
_SPARE = 2  # times as many as asked for are taken in short floats, and compared again in full ones


def nearest(rows: Matrix, among: Matrix, count: int) -> tuple[Rows, Matrix]:
    """The `count` rows of `among` with the highest cosine to each of `rows`, the nearest first: numbers and cosines.

    Where the processor multiplies bfloat16, products are made in it first, which is four times as quick; twice as many
    as asked for are then compared in 32 bits. What is nearest is so the same on every processor, but for rows whose
    cosines differ by less than some thousandths from many others'.

    Args:
        rows: (n, width), unit-length rows.
        among: (m, width), unit-length rows, m at least `count`.
        count: neighbours of each row; a row that stands in `among` is its own nearest.
    """
    import torch

    numbers = np.empty((len(rows), count), dtype=np.int32)
    cosines = np.empty((len(rows), count), dtype=np.float32)
    with torch.inference_mode(), one_thread():
        every, others = torch.from_numpy(rows), torch.from_numpy(among)
        short = torch.bfloat16 if multiplies_short_floats() else torch.float32
        columns = others.to(short).T.contiguous()
        for start in range(0, len(rows), _BLOCK):
            block = every[start : start + _BLOCK]
            near = _best(block.to(short) @ columns, min(_SPARE * count, len(among)))
            exact = torch.bmm(others[near], block[:, :, None])[:, :, 0]
            order = exact.sort(dim=1, descending=True, stable=True).indices[:, :count]
            numbers[start : start + _BLOCK] = near.gather(1, order).numpy()
            cosines[start : start + _BLOCK] = exact.gather(1, order).numpy()
    return numbers, cosines


def _best(scores: "Tensor", count: int) -> "Tensor":
    """Columns of the highest scores of each row, ascending.

    The columns are combed into groups of _COMB; the highest `count` scores lie in the `count` groups with the highest
    maxima, so that only these are sorted.
    """
    import torch

    n_rows, n = scores.shape
    n_groups = n // _COMB
    if n_groups <= count:
        return scores.topk(count, dim=1).indices.sort(dim=1).values
    combed = scores[:, : n_groups * _COMB].view(n_rows, _COMB, n_groups)
    groups = combed.amax(dim=1).topk(count, dim=1).indices
    teeth = (groups[:, :, None] + n_groups * torch.arange(_COMB)).flatten(1)
    rest = torch.arange(n_groups * _COMB, n).expand(n_rows, -1)
    columns = torch.cat([teeth, rest], dim=1)
    best = scores.gather(1, columns).topk(count, dim=1).indices
    return columns.gather(1, best).sort(dim=1).values
