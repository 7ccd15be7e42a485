"""What stages ask of the outside, one method each. Adapters answer; stages never know which one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from guidance_atlas.heads.exchange import Exchange

Matrix = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into unit-length vectors."""

    @property
    def identity(self) -> str:
        """Model, revision, tuning, library and floats; part of every key that its vectors reach."""
        ...

    @property
    def made_for(self) -> str:
        """Model, revision and tuning: what heads on its vectors were trained for."""
        ...

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of shape (len(texts), width), unit length. A text's vector does not depend on its company."""
        ...


class Reader(Protocol):
    """Turns exchanges, a turn with what stands before it, into vectors."""

    @property
    def identity(self) -> str:
        """Model, revision, tuning, library and floats; part of every key that its vectors reach."""
        ...

    @property
    def made_for(self) -> str:
        """Model, revision and tuning: what heads on its vectors were trained for."""
        ...

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        ...

    def read(self, exchanges: "Sequence[Exchange]") -> Matrix:
        """Vectors of shape (len(exchanges), width). An exchange's vector does not depend on its company."""
        ...


@dataclass(frozen=True)
class Span:
    """One private thing in a text: [start, end) in characters, its kind, and how sure that is (0 to 1)."""

    start: int
    end: int
    kind: str
    score: float


class PiiFinder(Protocol):
    """Finds private things in texts."""

    @property
    def identity(self) -> str:
        """Engine, recognisers and versions; part of the key of masked text."""
        ...

    def find(self, texts: Sequence[str]) -> list[list[Span]]:
        """Spans of each text, in order asked, possibly overlapping."""
        ...


class Replacer(Protocol):
    """Puts labels in place of stretches of a text."""

    @property
    def identity(self) -> str:
        """Engine and version."""
        ...

    def replace(self, text: str, stretches: Sequence[tuple[int, int, str]]) -> str:
        """The text with each [start, end) replaced by its label; stretches come in order and do not overlap."""
        ...


class LanguageDetector(Protocol):
    """Tells the language of a text."""

    @property
    def identity(self) -> str:
        """Library, model and version."""
        ...

    def detect(self, texts: Sequence[str]) -> list[str]:
        """ISO 639 code of each text, 'und' where it cannot be told."""
        ...


class Grouper(Protocol):
    """Groups vectors that lie together."""

    @property
    def identity(self) -> str:
        """Library, version and every number that could change the groups."""
        ...

    def group(self, vectors: Matrix) -> tuple[NDArray[np.int32], Matrix]:
        """Group of each row (-1: none) and its membership strength (0 to 1), in the order of the rows.

        No two rows are equal, and their order is as good as a draw: the first so many may stand for all.
        """
        ...


class Noise(Protocol):
    """Puts noise on the counts of one release."""

    @property
    def scale(self) -> float:
        """Laplace scale of every number, in what is counted."""
        ...

    @property
    def threshold(self) -> int:
        """The least noisy count of a sparse histogram that is told."""
        ...

    @property
    def made_by(self) -> str:
        """Library and version."""
        ...

    def draw(
        self, dense: Sequence[int], sparse: Mapping[tuple[str, ...], int]
    ) -> tuple[list[int], dict[tuple[str, ...], int]]:
        """Noisy counts: all dense ones in order, and the sparse ones that reach the threshold. Costs at every call."""
        ...
