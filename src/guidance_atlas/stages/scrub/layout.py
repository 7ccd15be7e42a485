"""Words to judge, laid out with their neighbours as row numbers: the same for training and for reading."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.traits import candidates, page_traits

RADIUS = 4  # words to each side
ROOM = 2 * RADIUS + 1
GAP_LENGTH = 6  # characters of a gap that are looked at: its first and last three
SURE = 0.8
EDGE = "\n"

Rows = NDArray[np.int64]
Marks = Mapping[int, tuple[str, float]]


@dataclass(frozen=True)
class Layout:
    """Shapes (words to judge, ROOM); `pages`: traits of each text; `owners`: text and word of each row.

    Gap k of a row stands right after its word k. Row 0 of words and gaps is the empty room outside a text.
    """

    words: Rows
    gaps: Rows
    marks: Rows
    pages: list[list[int]]
    owners: list[tuple[int, int]]


def lay_out(
    pages: Sequence[Page],
    marks: Sequence[Marks],
    *,
    word_row: Callable[[str], int],
    gap_row: Callable[[str], int],
) -> Layout:
    """Every word that could be a name, of all texts, with RADIUS words to each side."""
    words: list[int] = [0] * RADIUS
    gaps: list[int] = [0] * RADIUS
    marked: list[tuple[int, int]] = []
    at: list[int] = []
    owners: list[tuple[int, int]] = []
    for number, (page, found) in enumerate(zip(pages, marks, strict=True)):
        chosen = candidates(page)
        if not chosen:
            continue
        first, text = len(words), page.text
        at += [first + i for i in chosen]
        owners += [(number, i) for i in chosen]
        words += map(word_row, page.spellings)
        gaps[-1] = gap_row(text[max(0, page.starts[0] - GAP_LENGTH) : page.starts[0]] or EDGE)
        gaps += [
            gap_row(text[end:start] if start - end <= GAP_LENGTH else _short(text, end, start))
            for end, start in zip(page.ends, page.starts[1:], strict=False)
        ]
        gaps.append(gap_row(text[page.ends[-1] : page.ends[-1] + GAP_LENGTH] or EDGE))
        marked += [(first + i, _code(mark)) for i, mark in found.items()]
        # One more than the last word sees: the slot before the next text holds the gap in front of it.
        words += [0] * (RADIUS + 1)
        gaps += [0] * (RADIUS + 1)
    window = np.array(at, dtype=np.int64)[:, None] + np.arange(-RADIUS, RADIUS + 1)
    codes = np.zeros(len(words), dtype=np.int64)
    for place, code in marked:
        codes[place] = code
    return Layout(
        np.array(words, dtype=np.int64)[window],
        np.array(gaps, dtype=np.int64)[window],
        codes[window],
        [page_traits(page) for page in pages],
        owners,
    )


def _short(text: str, start: int, end: int) -> str:
    return text[start : start + GAP_LENGTH // 2] + text[end - GAP_LENGTH // 2 : end]


def _code(mark: tuple[str, float]) -> int:
    kind, score = mark
    return 1 + 2 * (kind != "PERSON") + (score < SURE)
