"""Encoder of what is asked, over any sentence-transformers model that is already on this machine."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from guidance_atlas.adapters.backend import Backend, Wanted, choose
from guidance_atlas.adapters.batches import Tokens, through
from guidance_atlas.adapters.models import DEFAULT_MODEL, Source
from guidance_atlas.adapters.opened import Opened
from guidance_atlas.adapters.torch_network import open_to_train
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix

STEP = 16


class SentenceTransformerEncoder:
    """Texts to unit-length vectors, on one core, or on a graphics card where there is one.

    `backend` says which library multiplies and in which floats; see `backend.choose`. With `tuning` its low-rank change
    is merged into the weights. A text is padded to the next multiple of 16 tokens and meets only texts of the same
    padded length, in batches of 512 tokens and more: then every bit of its vector is the same whatever else is encoded
    with it. Left to itself a library pads to the longest text of a batch, and the last bits follow the company.
    """

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        *,
        max_tokens: int | None = None,
        tuning: HeadFile | None = None,
        backend: Wanted = "auto",
    ) -> None:
        self._source = Source(model, tuning, "asked")
        self._max_tokens = max_tokens
        self._wanted: Wanted = backend

    @property
    def made_for(self) -> str:
        """Model, digest of its weights and tokenizer, tuning, and the cut where it is not the model's own."""
        return self._source.made_for + (f"/{self._max_tokens}" if self._max_tokens else "")

    @property
    def identity(self) -> str:
        """What it was made for, the library and the floats it computes in."""
        return f"{self.made_for}/{self._backend.name}"

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return self._opened.reading.width

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of shape (len(texts), width), unit length; each different text is encoded once."""
        return self._encode(self._opened, texts)

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """Token numbers of each text as `encode` reads it, for training."""
        return self._tokens(self._opened, list(texts))

    def trainable(self) -> Any:  # noqa: ANN401 - the library's own class differs by model
        """A transformer of its own for training."""
        return open_to_train(self._source)

    def _encode(self, opened: Opened, texts: Sequence[str]) -> Matrix:
        distinct = sorted(set(texts))
        raw = through(opened, self._tokens(opened, distinct), limit=self._limit(opened), step=STEP)
        vectors: Matrix = raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-12)
        place = {text: row for row, text in enumerate(distinct)}
        return vectors[[place[text] for text in texts]]

    def _tokens(self, opened: Opened, texts: Sequence[str]) -> list[Tokens]:
        whole = [opened.reading.prompt + text for text in texts]
        return [Tokens(tuple(ids)) for ids in opened.tokenize(whole, self._limit(opened), True)] if whole else []

    def _limit(self, opened: Opened) -> int:
        return min(self._max_tokens or opened.reading.limit, opened.reading.limit)

    @cached_property
    def _backend(self) -> Backend:
        return choose(self._source, self._wanted, self._encode)

    @cached_property
    def _opened(self) -> Opened:
        return self._backend.open()
