"""What the finder of names learns from: every word that could be a name, with its surroundings and what it is."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from guidance_atlas.adapters.name_tuner import Sheet
from guidance_atlas.heads.name_rows import NEITHER, PERSON, PLACE, UNTOLD, Told, truth_of
from guidance_atlas.stages.scrub.layout import SURE, lay_out
from guidance_atlas.stages.scrub.names import mark_names
from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.traits import gap_traits, grams_of, pieces_of, word_traits
from guidance_atlas.stages.scrub.words import Kind, lexicon

MANY_TALKS = 4  # a strange word in so many conversations is a thing that many people know
TURN_LENGTH = 4_000
MARKED_WEIGHT, EVERYDAY_WEIGHT, SMALL_WEIGHT, SHARED_WEIGHT = 0.3, 0.4, 0.2, 0.3

Truth = tuple[list[int], list[float]]


class Numbers(dict[str, int]):
    """A number for each different string, from 1."""

    def __missing__(self, shown: str) -> int:
        self[shown] = number = len(self) + 1
        return number


def sheet_of(told: Iterable[tuple[Told, float]], talks: Sequence[Sequence[str]]) -> Sheet:
    """Everything to learn from: marked texts, each with its weight, and conversations in which nothing is marked."""
    words = lexicon()
    pages: list[Page] = []
    truths: list[Truth] = []
    for one, weight in told:
        pages.append(Page(one.text, words))
        truths.append((truth_of(pages[-1], one), [weight] * len(pages[-1].words)))
    marks = [mark_names(page) for page in pages]
    spoken = [[Page(text[:TURN_LENGTH], words) for text in turns] for turns in talks]
    shared = _shared(spoken)
    for page in (page for turns in spoken for page in turns):
        pages.append(page)
        marks.append(mark_names(page))
        truths.append(_weak_truth(page, marks[-1], shared))
    spellings, gaps = Numbers(), Numbers()
    layout = lay_out(pages, marks, word_row=spellings.__getitem__, gap_row=gaps.__getitem__)
    truth = np.array([truths[text][0][i] for text, i in layout.owners])
    weights = np.array([truths[text][1][i] for text, i in layout.owners])
    texts = np.array([text for text, _ in layout.owners])
    known = np.flatnonzero((truth != UNTOLD) & (weights > 0))
    lowers = [words.word(spelling).lower for spelling in spellings]
    return Sheet(
        words=layout.words[known],
        gaps=layout.gaps[known],
        marks=layout.marks[known],
        pages=texts[known],
        truth=truth[known],
        weights=weights[known],
        pieces=[[], *map(pieces_of, lowers)],
        grams=[[], *map(grams_of, lowers)],
        word_traits=[[], *(word_traits(spelling, words) for spelling in spellings)],
        gap_traits=[[], *map(gap_traits, gaps)],
        page_traits=layout.pages,
    )


def _shared(talks: Sequence[Sequence[Page]]) -> frozenset[str]:
    """Strange words that so many conversations hold that they are no private person: products, games, heroes."""
    seen: Counter[str] = Counter()
    for turns in talks:
        seen.update({w.lower for page in turns for w in page.words if w.kind in (Kind.UNKNOWN, Kind.RARE)})
    return frozenset(lower for lower, n in seen.items() if n >= MANY_TALKS)


def _weak_truth(page: Page, marks: dict[int, tuple[str, float]], shared: frozenset[str]) -> Truth:
    """What can be said of words that nobody has marked: sure names are names, everyday and shared words are none."""
    truth, weights = [UNTOLD] * len(page.words), [0.0] * len(page.words)
    for i, word in enumerate(page.words):
        kind, score = marks.get(i, ("", 0.0))
        if score >= SURE:
            truth[i], weights[i] = (PERSON if kind == "PERSON" else PLACE), MARKED_WEIGHT
        elif word.lower in shared:
            truth[i], weights[i] = NEITHER, SHARED_WEIGHT
        elif not kind and (word.kind is Kind.COMMON or not word.capital):
            truth[i], weights[i] = NEITHER, EVERYDAY_WEIGHT if word.kind is Kind.COMMON else SMALL_WEIGHT
    return truth, weights
