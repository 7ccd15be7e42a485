"""The finder of names: a small net that looks at a word and its neighbours and says person, place or neither.

Every number in it is a whole number of at most seven bits and a sign, and every sum of products stays below 2^24, up to
where 32-bit floats hold whole numbers exactly. So a word gets the same answer whatever else is looked at with it, on
any processor and with any library for matrices.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.name_layout import Layout, Marks, lay_out
from guidance_atlas.heads.name_words import gap_traits, grams_of, pieces_of, word_traits
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.words import lexicon

NAMES = "names"
MOST = 127
BLOCK = 2_048  # words judged at once, the most
MOST_REMEMBERED = 50_000  # spellings

Floats = NDArray[np.float32]
Whole = NDArray[np.int32]


class Rows:
    """A row of whole numbers for each different string, made when first asked. Row 0 stands for nothing there."""

    def __init__(self, width: int) -> None:
        self.known: dict[str, int] = {}
        self.table = np.zeros((1_024, width), dtype=np.float32)

    def add(self, shown: str, row: Whole) -> int:
        """Keep a string's numbers; returns its row."""
        at = self.known[shown] = len(self.known) + 1
        if at >= len(self.table):
            self.table = np.concatenate([self.table, np.zeros_like(self.table)])
        self.table[at] = np.clip(row, -MOST, MOST)
        return at


class NameNet:
    """Judges words that could be names. `threshold`: how far a name must be ahead, in the net's own units."""

    def __init__(self, head: HeadFile) -> None:
        self.head = head
        whole = {name: tensor.astype(np.int32) for name, tensor in head.tensors.items() if tensor.dtype != np.float32}
        self._pieces, self._grams = head.tensors["pieces"], head.tensors["grams"]
        self._word_traits, self._gap_traits = whole["word_traits"], whole["gap_traits"]
        self._page_traits, self._marks = whole["page_traits"], whole["marks"].astype(np.float32)
        self._layers = [
            (head.tensor(f"weight{n}"), head.tensor(f"bias{n}"), head.tensors.get(f"step{n}")) for n in (1, 2, 3)
        ]
        self.threshold = int(head.fact("threshold"))
        self._forget()

    def _forget(self) -> None:
        self._words, self._gaps = Rows(self._word_traits.shape[1]), Rows(self._gap_traits.shape[1])

    def judge(self, pages: Sequence[Page], marks: Sequence[Marks]) -> tuple[Layout, Whole]:
        """What was looked at, and how much each speaks for neither, person and place: shape (words, 3), whole numbers.

        marks: what lists and cues found in each text, by word.
        """
        if len(self._words.known) > MOST_REMEMBERED:
            self._forget()
        layout = lay_out(pages, marks, word_row=self._word, gap_row=self._gap)
        n = len(layout.owners)
        told = np.zeros((n, 3), dtype=np.int32)
        of_pages = np.array([self._page(traits) for traits in layout.pages], dtype=np.float32)
        texts = np.array([text for text, _ in layout.owners], dtype=np.int64)
        for start in range(0, n, BLOCK):
            some = slice(start, start + BLOCK)
            inputs = (
                self._words.table[layout.words[some]],
                self._gaps.table[layout.gaps[some]],
                self._marks[layout.marks[some]],
                of_pages[texts[some]],
            )
            told[some] = self._run(np.concatenate([one.reshape(len(one), -1) for one in inputs], axis=1))
        return layout, told

    def _run(self, values: Floats) -> Floats:
        for weight, bias, step in self._layers:
            values = values @ weight + bias
            if step is not None:
                values = np.clip(np.rint(values * step), 0, MOST)
        return values

    def _word(self, spelling: str) -> int:
        return self._words.known.get(spelling) or self._words.add(spelling, self._row_of(spelling))

    def _row_of(self, spelling: str) -> Whole:
        words = lexicon()
        lower = words.word(spelling).lower
        pieces, grams = pieces_of(lower), grams_of(lower)
        row = self._word_traits[word_traits(spelling, words)].sum(axis=0)
        for table, rows in ((self._pieces, pieces), (self._grams, grams)):
            if rows:
                row = row + table[rows].astype(np.int32).sum(axis=0) // len(rows)
        return np.asarray(row, dtype=np.int32)

    def _gap(self, gap: str) -> int:
        return self._gaps.known.get(gap) or self._gaps.add(gap, self._gap_traits[gap_traits(gap)].sum(axis=0))

    def _page(self, traits: list[int]) -> Whole:
        return np.asarray(np.clip(self._page_traits[traits].sum(axis=0), -MOST, MOST), dtype=np.int32)
