"""Reader of exchanges: a turn and what stands before it go through the encoder together and come out as one vector."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from guidance_atlas.adapters.sentence_transformer import (
    DEFAULT_MODEL,
    company,
    digest_of,
    find_model,
    multiplies_short_floats,
    one_thread,
    open_model,
)
from guidance_atlas.adapters.tokens import Tokens, vectors_of
from guidance_atlas.heads.exchange import Excerpt, Exchange
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix

HEAD = 0.6  # share of an excerpt's tokens that are its beginning
LONGEST = 1_200  # tokens of an excerpt that are looked at
# Exchanges are short: steps of 32 tokens would make a fifth of them padding, batches of 32 leave the processor waiting.
STEP, BATCH = 4, 96
# Below some 380 tokens oneDNN multiplies 16-bit matrices by another kernel, whose last bits differ: so fill them up.
LEAST_TOKENS = 512


class ExchangeReader:
    """Exchanges to vectors of twice the encoder's width: what was said before, and the turn in its light.

    Both halves are means of the last layer over their tokens, which have seen each other. With `tuning` its low-rank
    change is merged into the weights. In 16-bit floats (bfloat16) where the processor multiplies them, which is twice
    as fast; `identity` says which. An exchange's vector does not depend on its company.
    """

    def __init__(
        self, model: str = DEFAULT_MODEL, *, tuning: HeadFile | None = None, short_floats: bool | None = None
    ) -> None:
        self._name = model
        self._folder = find_model(model)
        self._tuning = tuning
        self._short = multiplies_short_floats() if short_floats is None else short_floats

    @cached_property
    def made_for(self) -> str:
        """Model, digest of its weights, and the tuning: what a head's layers were trained on."""
        tuned = f"+{self._tuning.identity}" if self._tuning else ""
        return f"{Path(self._name).name}@{digest_of(self._folder)}{tuned}"

    @property
    def identity(self) -> str:
        """What it was made for, and the floats it computes in."""
        return f"{self.made_for}/{'bfloat16' if self._short else 'float32'}"

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return 2 * int(self._transformer.config.hidden_size)

    @property
    def transformer(self) -> Any:  # noqa: ANN401 - the library's own class differs by model
        """The transformer itself, for training."""
        return self._transformer

    def read(self, exchanges: Sequence[Exchange]) -> Matrix:
        """Vectors of shape (len(exchanges), width); each different exchange is read once."""
        import torch

        distinct = list(dict.fromkeys(exchanges))
        tokens = self.tokens(distinct)
        found = np.zeros((len(distinct), self.width), dtype=np.float32)
        with torch.inference_mode(), one_thread():
            for rows, padded in company([len(one) for one in tokens], limit=self._limit, step=STEP, most=BATCH):
                together = [tokens[row] for row in rows]
                filling = together[:1] * (-(-LEAST_TOKENS // padded) - len(rows))
                vectors = vectors_of(self._transformer, together + filling, padded=padded)
                found[rows] = vectors[: len(rows)].to(torch.float32).numpy()
        place = {one: row for row, one in enumerate(distinct)}
        return found[[place[one] for one in exchanges]]

    def tokens(self, exchanges: Sequence[Exchange]) -> list[Tokens]:
        """Token numbers: [CLS], each excerpt before with [SEP] behind it, then the turn and [SEP]."""
        if not exchanges:
            return []
        begin, end = self._tokenizer.cls_token_id, self._tokenizer.sep_token_id
        texts = {part.text for one in exchanges for part in (*one.before, one.said)}
        ordered = sorted(texts)
        raw = self._tokenizer(ordered, add_special_tokens=False, truncation=True, max_length=LONGEST)["input_ids"]
        numbers = dict(zip(ordered, raw, strict=True))

        def ends_of(part: Excerpt) -> list[int]:
            whole = numbers[part.text]
            if len(whole) <= part.tokens:
                return list(whole)
            first = int(part.tokens * HEAD)
            return [*whole[:first], *whole[first - part.tokens :]]

        found = []
        for one in exchanges:
            before = [begin, *(number for part in one.before for number in (*ends_of(part), end))]
            found.append(Tokens((*before, *ends_of(one.said), end), len(before)))
        return found

    @property
    def _limit(self) -> int:
        return int(self._transformer.config.max_position_embeddings)

    @property
    def _tokenizer(self) -> Any:  # noqa: ANN401
        return self._model.tokenizer

    @property
    def _transformer(self) -> Any:  # noqa: ANN401
        return self._model[0].auto_model

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401
        import torch

        model = open_model(self._folder, name=self._name, tuning=self._tuning)
        if self._short:
            model[0].auto_model.to(torch.bfloat16)
        return model
