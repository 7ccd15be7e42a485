"""A layer that compares a text with landmarks: averages of texts, so that no single text is kept in the weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.weights import HeadFile, Tensors
from guidance_atlas.ports import Matrix


@dataclass(frozen=True)
class Kernel:
    """score = weight · exp(-sharpness · squared distance to each landmark) + bias."""

    landmarks: Matrix
    weight: Matrix
    bias: float
    sharpness: float

    def __call__(self, features: Matrix) -> NDArray[np.float64]:
        """Scores of shape (rows, 1). Rows are scored one by one, so a row's score does not depend on its company."""
        if features.shape[1] != self.landmarks.shape[1]:
            raise HeadError(
                f"a head wants {self.landmarks.shape[1]} features and got {features.shape[1]}; "
                "run: guidance-atlas train with this encoder"
            )
        weight = self.weight.astype(np.float64)
        scores = [float(near(row[None], self.landmarks, sharpness=self.sharpness)[0] @ weight) for row in features]
        return np.array(scores, dtype=np.float64).reshape(-1, 1) + self.bias

    def tensors(self) -> Tensors:
        """The arrays, landmarks in half precision."""
        return {"landmarks": self.landmarks.astype(np.float16), "landmark_weight": self.weight.astype(np.float32)}

    def facts(self) -> dict[str, float]:
        """The two numbers beside the arrays."""
        return {"bias": self.bias, "sharpness": self.sharpness}


def read_kernel(head: HeadFile) -> Kernel:
    """Take the layer from a head's file."""
    return Kernel(
        landmarks=head.tensor("landmarks"),
        weight=head.tensor("landmark_weight"),
        bias=float(head.fact("bias")),
        sharpness=float(head.fact("sharpness")),
    )


def near(features: Matrix, landmarks: Matrix, *, sharpness: float) -> NDArray[np.float64]:
    """Nearness of each row to each landmark, 0 to 1."""
    rows, marks = features.astype(np.float64), landmarks.astype(np.float64)
    squares = np.sum(rows**2, axis=1)[:, None] + np.sum(marks**2, axis=1)[None] - 2 * rows @ marks.T
    return np.asarray(np.exp(-sharpness * np.maximum(squares, 0)))
