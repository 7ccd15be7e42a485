"""The arithmetic of a linear head: scaled features, weights, and the two squashing functions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.weights import HeadFile, Tensors
from guidance_atlas.ports import Matrix


@dataclass(frozen=True)
class Linear:
    """scores = features @ weight + bias; weight is (features, classes)."""

    weight: Matrix
    bias: Matrix

    def __call__(self, features: Matrix) -> NDArray[np.float64]:
        """Scores of shape (rows, classes). Rows are summed one by one: a row's score does not depend on its company."""
        if features.shape[1] != self.weight.shape[0]:
            raise HeadError(
                f"a head wants {self.weight.shape[0]} features and got {features.shape[1]}; "
                "run: guidance-atlas train with this encoder"
            )
        weight = self.weight.astype(np.float64)
        scores = np.empty((len(features), weight.shape[1]), dtype=np.float64)
        for row, values in enumerate(features.astype(np.float64)):
            scores[row] = values @ weight
        return scores + self.bias

    def tensors(self, prefix: str) -> Tensors:
        """The two arrays under names of their own, in half precision where that is enough."""
        return {f"{prefix}.weight": self.weight.astype(np.float32), f"{prefix}.bias": self.bias.astype(np.float32)}


def read_linear(head: HeadFile, prefix: str) -> Linear:
    """Take one linear layer from a head's arrays."""
    return Linear(weight=head.tensor(f"{prefix}.weight"), bias=head.tensor(f"{prefix}.bias"))


def sigmoid(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-odds to probabilities."""
    return 1.0 / (1.0 + np.exp(-np.clip(scores, -60, 60)))


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores of classes to probabilities, row by row."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
