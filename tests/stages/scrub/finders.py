"""Finders made for tests: one that finds given words, one that fails."""

import re

from guidance_atlas.ports import Span


class WordFinder:
    """Finds every occurrence of given words, each of its kind; counts how often it is asked."""

    identity = "words"

    def __init__(self, kinds):
        self.kinds, self.asked = kinds, 0

    def find(self, texts):
        self.asked += 1
        return [
            [Span(m.start(), m.end(), kind, 0.9) for word, kind in self.kinds.items() for m in re.finditer(word, text)]
            for text in texts
        ]


class FailingFinder(WordFinder):
    """Fails on texts that hold a word, and quotes them while doing so."""

    def __init__(self, kinds, *, word):
        super().__init__(kinds)
        self.word = word

    def find(self, texts):
        for text in texts:
            if self.word in text:
                raise ValueError(text)
        return super().find(texts)
