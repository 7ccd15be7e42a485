"""How much of what is private the finder of names finds, and how much else it takes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.name_rows import PERSON, Told
from guidance_atlas.intervals import with_share
from guidance_atlas.stages.scrub.names import Judge, find_all_names
from guidance_atlas.stages.scrub.words import Kind, lexicon


@dataclass(frozen=True)
class Count:
    """So many of so many."""

    part: int
    whole: int

    def figure(self, name: str) -> Figure:
        """The share with its 95 % interval by Wilson."""
        row = with_share(pl.DataFrame({"numerator": [self.part], "denominator": [self.whole]})).row(0, named=True)
        share, low, high = (None if row[key] is None else round(row[key], 3) for key in ("share", "low", "high"))
        return Figure(name, share, low, high, self.whole)


def found(texts: Iterable[Told], label: int, judge: Judge | None) -> Count:
    """How many spans of a label are found, in part at least. Handles and countries are not asked for."""
    rows = list(texts)
    part = whole = 0
    for told, spans in zip(rows, find_all_names([one.text for one in rows], judge=judge), strict=True):
        for start, end, _ in _asked_for(told, label):
            whole += 1
            part += any(span.start < end and start < span.end for span in spans)
    return Count(part, whole)


def masked(texts: Sequence[str], judge: Judge | None) -> Count:
    """How many words, between blanks, hold something that is found."""
    part = whole = 0
    for text, spans in zip(texts, find_all_names(texts, judge=judge), strict=True):
        at = 0
        for word in re.finditer(r"\S+", text):
            whole += 1
            while at < len(spans) and spans[at].end <= word.start():
                at += 1
            part += at < len(spans) and spans[at].start < word.end()
    return Count(part, whole)


def _asked_for(told: Told, label: int) -> list[tuple[int, int, int]]:
    words = lexicon()
    return [
        (start, end, each)
        for start, end, each in told.spans
        if each == label
        and "@" not in told.text[max(0, start - 2) : end]
        and (label == PERSON or words.word(told.text[start:end]).kind is not Kind.COUNTRY)
    ]
