"""The finder of names: a small net that looks at a word and its neighbours and says person, place or neither.

Every number in it is a whole number of at most seven bits and a sign, and every sum of products stays below 2^24, up to
where 32-bit floats hold whole numbers exactly. So a word gets the same answer whatever else is looked at with it, on
any processor and with any library for matrices.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.weights import HeadFile, read_head
from guidance_atlas.stages.scrub.harmless import in_program
from guidance_atlas.stages.scrub.layout import RADIUS, SURE, Layout, Marks, lay_out
from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.traits import gap_traits, grams_of, pieces_of, word_traits
from guidance_atlas.stages.scrub.words import lexicon

NAMES = "names"
LEARNT = 0.7  # score of what the net alone finds
MOST = 127
BLOCK = 1_024  # words judged at once, the most
MOST_REMEMBERED = 50_000  # spellings
MANY = 256  # lists summed at once

Floats = NDArray[np.float32]
Whole = NDArray[np.int32]


class Rows(dict[str, int]):
    """A row of whole numbers for each different string. Row 0 stands for nothing there."""

    def __init__(self, width: int, fill: Callable[[Sequence[str]], Whole]) -> None:
        super().__init__()
        self._table = np.zeros((1, width), dtype=np.float32)
        self._fill = fill

    def __missing__(self, shown: str) -> int:
        self[shown] = row = len(self) + 1
        return row

    def table(self) -> Floats:
        """All rows; those of strings not seen before are made now, all together."""
        done = len(self._table) - 1
        if done < len(self):
            new = np.clip(self._fill(list(self)[done:]), -MOST, MOST).astype(np.float32)
            self._table = np.concatenate([self._table, new])
        return self._table


class NameNet:
    """Judges words that could be names. `threshold`: how far ahead a name must be, `doubt`: where none begins."""

    def __init__(self, head: HeadFile) -> None:
        tensors = head.tensors
        self._pieces, self._grams = tensors["pieces"], tensors["grams"]
        self._word_traits, self._gap_traits = tensors["word_traits"], tensors["gap_traits"]
        self._page_traits, self._marks = tensors["page_traits"], head.tensor("marks")
        layer = (1, 2, 3)
        self._layers = [(head.tensor(f"weight{n}"), head.tensor(f"bias{n}"), tensors.get(f"step{n}")) for n in layer]
        self.threshold, self.doubt = int(head.fact("threshold")), int(head.fact("doubt"))
        self.identity = head.identity
        self._forget()

    def _forget(self) -> None:
        self._words = Rows(self._word_traits.shape[1], self._rows_of_words)
        self._gaps = Rows(self._gap_traits.shape[1], self._rows_of_gaps)

    def settle(self, pages: Sequence[Page], marks: Sequence[dict[int, tuple[str, float]]]) -> None:
        """Add to each text's marks the words that the net takes for names; drop marks that are only unusual words.

        What a cue or a list is sure of stays.
        """
        layout, told = self.judge(pages, marks)
        ahead = np.maximum(told[:, 1], told[:, 2]) - told[:, 0]
        places = told[:, 2] > told[:, 1]
        for at in np.flatnonzero(ahead >= self.threshold).tolist():
            text, i = layout.owners[at]
            page = pages[text]
            if in_program(page.text, page.starts[i], page.ends[i]):
                continue
            marks[text].setdefault(i, ("LOCATION" if places[at] else "PERSON", LEARNT))
        for at in np.flatnonzero((ahead < self.doubt) & (layout.marks[:, RADIUS] != 0)).tolist():
            text, i = layout.owners[at]
            if marks[text][i][1] < SURE:
                del marks[text][i]

    def judge(self, pages: Sequence[Page], marks: Sequence[Marks]) -> tuple[Layout, Whole]:
        """What was looked at, and how much each speaks for neither, person and place: shape (words, 3), whole numbers.

        marks: what lists and cues found in each text, by word.
        """
        if len(self._words) > MOST_REMEMBERED:
            self._forget()
        layout = lay_out(pages, marks, word_row=self._words.__getitem__, gap_row=self._gaps.__getitem__)
        told = np.zeros((len(layout.owners), 3), dtype=np.int32)
        if not layout.owners:
            return layout, told
        words, gaps = self._words.table(), self._gaps.table()
        of_pages = np.clip(_sums(self._page_traits, layout.pages), -MOST, MOST).astype(np.float32)
        texts = np.array([text for text, _ in layout.owners], dtype=np.int64)
        for start in range(0, len(told), BLOCK):
            some = slice(start, start + BLOCK)
            inputs = (words[layout.words[some]], gaps[layout.gaps[some]], self._marks[layout.marks[some]])
            values = [one.reshape(len(one), -1) for one in (*inputs, of_pages[texts[some]])]
            told[some] = self._run(np.concatenate(values, axis=1))
        return layout, told

    def _run(self, values: Floats) -> Floats:
        for weight, bias, step in self._layers:
            values = values @ weight
            values += bias
            if step is not None:
                values *= step
                np.rint(values, out=values)
                np.clip(values, 0, MOST, out=values)
        return values

    def _rows_of_words(self, spellings: Sequence[str]) -> Whole:
        known = lexicon()
        lowers = [known.word(spelling).lower for spelling in spellings]
        rows = _sums(self._word_traits, [word_traits(spelling, known) for spelling in spellings])
        for table, lists in ((self._pieces, map(pieces_of, lowers)), (self._grams, map(grams_of, lowers))):
            each = list(lists)
            rows += _sums(table, each) // np.array([max(len(one), 1) for one in each], dtype=np.int32)[:, None]
        return rows

    def _rows_of_gaps(self, gaps: Sequence[str]) -> Whole:
        return _sums(self._gap_traits, [gap_traits(gap) for gap in gaps])


def _sums(table: NDArray[np.integer], lists: Sequence[Sequence[int]]) -> Whole:
    """The sum of the table's rows that each list names; zeros for an empty list."""
    sizes = np.array([len(one) for one in lists])
    flat = np.fromiter(chain.from_iterable(lists), dtype=np.int64, count=int(sizes.sum()))
    total = np.zeros((len(lists), table.shape[1]), dtype=np.int32)
    full = np.flatnonzero(sizes)
    starts = np.cumsum(sizes) - sizes
    if len(full) > MANY:
        # Place by place: a quarter of the time where lists are many and short.
        for place in range(int(sizes.max())):
            longer = full[sizes[full] > place]
            total[longer] += table[flat[starts[longer] + place]]
    elif len(full):
        total[full] = np.add.reduceat(table[flat].astype(np.int32), starts[full], axis=0)
    return total


@lru_cache(maxsize=2)
def open_names(folder: Path | None = None) -> NameNet:
    """The net, opened once a process: from a folder of weights where it holds one, else the one that ships."""
    own = folder is not None and (folder / f"{NAMES}.safetensors").is_file()
    return NameNet(read_head(NAMES, folder=folder if own else None))
