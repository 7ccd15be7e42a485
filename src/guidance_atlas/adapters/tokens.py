"""From token numbers to vectors, in training and in use by the same lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Tokens:
    """Token numbers of a text, and how many of them stand before the part that is judged."""

    ids: tuple[int, ...]
    n_before: int = 0

    def __len__(self) -> int:
        return len(self.ids)


def vectors_of(
    transformer: Any,  # noqa: ANN401 - the library's own class differs by model
    tokens: Sequence[Tokens],
    *,
    padded: int | None = None,
    unit: bool = False,
) -> "torch.Tensor":
    """Means of the last layer, in 32-bit floats: of what stands before and of what is judged, side by side.

    With unit: one mean over everything, of length 1, as sentence encoders have it. padded: tokens that every text is
    padded to; the longest text's where not given.
    """
    import torch

    width = padded or max(map(len, tokens))
    ids = torch.zeros(len(tokens), width, dtype=torch.long)
    real, judged = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, one in enumerate(tokens):
        ids[row, : len(one)] = torch.tensor(one.ids)
        real[row, : len(one)] = 1
        judged[row, one.n_before : len(one)] = 1
    if unit:
        last = transformer(ids, attention_mask=real)[0]
        return torch.nn.functional.normalize(_mean(last, real), dim=1)
    last = transformer(ids, attention_mask=real, token_type_ids=judged)[0]
    return torch.cat([_mean(last, real - judged), _mean(last, judged)], dim=1)


def _mean(last: "torch.Tensor", kept: "torch.Tensor") -> "torch.Tensor":
    weights = kept.unsqueeze(-1).float()
    return (last.float() * weights).sum(dim=1) / weights.sum(dim=1)
