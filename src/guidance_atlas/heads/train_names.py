"""Training of the finder of names."""

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from guidance_atlas.heads.name_layout import Layout, Marks, lay_out
from guidance_atlas.heads.name_net import NAMES, NameNet
from guidance_atlas.heads.name_rows import (
    NEITHER,
    PERSON,
    PLACE,
    UNTOLD,
    Told,
    chats,
    forum_texts,
    templates,
    truth_of,
    tweets,
)
from guidance_atlas.heads.name_words import gap_traits, grams_of, page_traits, pieces_of, word_traits
from guidance_atlas.heads.weights import HeadFile
from guidance_atlas.stages.scrub.names import mark_names
from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.words import Kind, lexicon


class Numbers:
    def __init__(self):
        self.known = {}

    def row(self, shown):
        return self.known.setdefault(shown, len(self.known) + 1)


def lowered(told: Told) -> Told | None:
    lower = told.text.lower()
    return Told(lower, told.spans, told.use, told.file) if len(lower) == len(told.text) else None


def weak_truth(page, marks):
    """What can be said of a chat's words that nobody has marked: everyday words are no names, sure names are."""
    truth, weight = [], []
    for i, word in enumerate(page.words):
        if i in marks:
            kind, score = marks[i]
            t, w = (PERSON if kind == "PERSON" else PLACE, 0.3) if score > 0.8 else (UNTOLD, 0)
        elif word.kind is Kind.COMMON:
            t, w = NEITHER, 0.4
        elif not word.capital:
            t, w = NEITHER, 0.2
        else:
            t, w = UNTOLD, 0
        truth.append(t)
        weight.append(w)
    return truth, weight
