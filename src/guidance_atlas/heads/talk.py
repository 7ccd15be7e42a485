"""A conversation as the turn heads see it: turns with their vectors, and what stands before each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from guidance_atlas.contracts import CleanTurns, Screened, TurnVectors
from guidance_atlas.heads.frames import matrix
from guidance_atlas.ports import Matrix


@dataclass(frozen=True)
class Talk:
    """One conversation in turn order: roles, texts, and one vector a turn."""

    conversation_id: str
    turns: Sequence[int]
    roles: Sequence[str]
    texts: Sequence[str]
    vectors: Matrix

    def before(self, at: int, role: str) -> int | None:
        """Position of the nearest earlier turn of this role, None where there is none."""
        return next((place for place in range(at - 1, -1, -1) if self.roles[place] == role), None)

    def vector(self, at: int | None) -> NDArray[np.float32]:
        """Vector of the turn at a position; zeros where there is no such turn."""
        return np.zeros(self.vectors.shape[1], dtype=np.float32) if at is None else self.vectors[at]

    def text(self, at: int | None) -> str:
        """Text of the turn at a position; empty where there is no such turn."""
        return "" if at is None else self.texts[at]


def talks(
    screened: dy.DataFrame[Screened], clean_turns: dy.DataFrame[CleanTurns], turn_vectors: dy.DataFrame[TurnVectors]
) -> Iterator[Talk]:
    """The guidance conversations, by id. A turn without a vector is left out."""
    asked = screened.filter(pl.col("guidance")).select("conversation_id")
    turns = (
        clean_turns.join(asked, on="conversation_id", how="semi")
        .join(turn_vectors, on=["conversation_id", "turn"])
        .sort("conversation_id", "turn")
    )
    for group in turns.partition_by("conversation_id", maintain_order=True):
        yield Talk(
            conversation_id=group["conversation_id"][0],
            turns=group["turn"].to_list(),
            roles=group["role"].cast(pl.String).to_list(),
            texts=group["text"].to_list(),
            vectors=matrix(group["vector"]),
        )
