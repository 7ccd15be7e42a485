"""Reader of exchanges: a turn and what stands before it go through the encoder together and come out as one vector."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from guidance_atlas.adapters.backend import Backend, Wanted, choose
from guidance_atlas.adapters.batches import Tokens, through
from guidance_atlas.adapters.models import DEFAULT_MODEL, Source
from guidance_atlas.adapters.opened import Opened
from guidance_atlas.adapters.torch_network import open_to_train
from guidance_atlas.heads.exchange import Excerpt, Exchange
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.ports import Matrix

HEAD = 0.6  # share of an excerpt's tokens that are its beginning
LONGEST = 1_200  # tokens of an excerpt that are looked at
STEP = 4  # exchanges are short: steps of 32 tokens would make a fifth of them padding


class ExchangeReader:
    """Exchanges to vectors of twice the encoder's width: what was said before, and the turn in its light.

    Both halves are means of the last layer over their tokens, which have seen each other. `backend` and `tuning` are as
    in `SentenceTransformerEncoder`. An exchange's vector does not depend on its company.
    """

    def __init__(self, model: str = DEFAULT_MODEL, *, tuning: HeadFile | None = None, backend: Wanted = "auto") -> None:
        self._source = Source(model, tuning, "exchanged")
        self._wanted: Wanted = backend

    @property
    def made_for(self) -> str:
        """Model, digest of its weights, and the tuning: what a head's layers were trained on."""
        return self._source.made_for

    @property
    def identity(self) -> str:
        """What it was made for, the library and the floats it computes in."""
        return f"{self.made_for}/{self._backend.name}"

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return self._opened.reading.width

    def trainable(self) -> Any:  # noqa: ANN401 - the library's own class differs by model
        """A transformer of its own for training."""
        return open_to_train(self._source)

    def read(self, exchanges: Sequence[Exchange]) -> Matrix:
        """Vectors of shape (len(exchanges), width); each different exchange is read once."""
        return self._read(self._opened, exchanges)

    def tokens(self, exchanges: Sequence[Exchange]) -> list[Tokens]:
        """Token numbers: [CLS], each excerpt before with [SEP] behind it, then the turn and [SEP]."""
        return self._tokens(self._opened, exchanges)

    def _read(self, opened: Opened, exchanges: Sequence[Exchange]) -> Matrix:
        distinct = list(dict.fromkeys(exchanges))
        found = through(opened, self._tokens(opened, distinct), limit=opened.reading.limit, step=STEP)
        place = {one: row for row, one in enumerate(distinct)}
        return found[[place[one] for one in exchanges]]

    def _tokens(self, opened: Opened, exchanges: Sequence[Exchange]) -> list[Tokens]:
        if not exchanges:
            return []
        begin, end = opened.reading.begin, opened.reading.end
        assert begin is not None
        assert end is not None
        texts = {part.text for one in exchanges for part in (*one.before, one.said)}
        ordered = sorted(texts)
        numbers = dict(zip(ordered, opened.tokenize(ordered, LONGEST, False), strict=True))

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

    def _probe(self, opened: Opened, texts: Sequence[str]) -> Matrix:
        """Sentences as exchanges, said after themselves."""
        return self._read(opened, [Exchange((Excerpt(text, 40),), Excerpt(text, 40)) for text in texts])

    @cached_property
    def _backend(self) -> Backend:
        return choose(self._source, self._wanted, self._probe)

    @cached_property
    def _opened(self) -> Opened:
        return self._backend.open()
