"""From token numbers to vectors with torch, in training and in use by the same lines."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from guidance_atlas.adapters.batches import Tokens, stacked


def vectors_of(
    transformer: Any,  # noqa: ANN401 - the library's own class differs by model
    tokens: Sequence[Tokens],
    *,
    padded: int | None = None,
    unit: bool = False,
) -> torch.Tensor:
    """Means of the last layer, in 32-bit floats: of what stands before and of what is judged, side by side.

    With unit: one mean over everything, of length 1, as sentence encoders have it. padded: tokens that every text is
    padded to; the longest text's where not given.
    """
    ids, real, judged = map(torch.from_numpy, stacked(tokens, padded or max(map(len, tokens))))
    if unit:
        last = transformer(ids, attention_mask=real)[0]
        return functional.normalize(_mean(last, real), dim=1)
    return _halves(transformer, ids, real, judged)


def _halves(transformer: Any, ids: torch.Tensor, real: torch.Tensor, judged: torch.Tensor) -> torch.Tensor:  # noqa: ANN401
    last = transformer(ids, attention_mask=real, token_type_ids=judged)[0]
    return torch.cat([_mean(last, real - judged), _mean(last, judged)], dim=1)


def _mean(last: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    weights = kept.unsqueeze(-1).to(torch.float32)
    return (last.to(torch.float32) * weights).sum(dim=1) / weights.sum(dim=1)


class Asked(nn.Module):  # type: ignore[misc]
    """A sentence-transformers model from token numbers to its vectors; what follows the last layer in 32-bit floats."""

    n_inputs = 2

    def __init__(self, model: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.first, self.others = model[0], nn.ModuleList(list(model)[1:])
        self.width = int(model.get_embedding_dimension())
        self.limit = int(model.max_seq_length or 512)

    def forward(self, ids: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """Shape (texts, width)."""
        features = self.first({"input_ids": ids, "attention_mask": real})
        features["token_embeddings"] = features["token_embeddings"].to(torch.float32)
        for module in self.others:
            features = module(features)
        return features["sentence_embedding"]


class Exchanged(nn.Module):  # type: ignore[misc]
    """A model's transformer from token numbers to both means of the last layer."""

    n_inputs = 3

    def __init__(self, model: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.first = model[0].auto_model
        self.width = 2 * int(self.first.config.hidden_size)
        self.limit = int(self.first.config.max_position_embeddings)

    def forward(self, ids: torch.Tensor, real: torch.Tensor, judged: torch.Tensor) -> torch.Tensor:
        """Shape (exchanges, width)."""
        return _halves(self.first, ids, real, judged)
