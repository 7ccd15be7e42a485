"""A network that is ready to run, and how texts become its token numbers."""

from collections.abc import Callable
from dataclasses import dataclass

from guidance_atlas.adapters.batches import Run


@dataclass(frozen=True)
class Reading:
    """What texts become before they reach a network: tokens at most, numbers of the marks, what is put before."""

    width: int
    limit: int
    prompt: str
    begin: int | None
    end: int | None
    pad: int


@dataclass(frozen=True)
class Opened:
    """A network. `tokenize` takes texts, tokens at most, and whether to set the marks; `run` is one batch."""

    reading: Reading
    tokenize: Callable[[list[str], int, bool], list[list[int]]]
    run: Run
