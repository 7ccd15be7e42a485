"""One linear look at a text that says where each rule could match at all, so that rules read little of it."""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

Stretch = tuple[int, int]

# Between two digits of one number stand at most five marks or blanks.
_RUN = re.compile(r"[0-9](?:[\s.\-_/*,|~:\\()\[\]{}+\u00b7\u2022]{0,5}[0-9])*")
_DIGITS = re.compile(r"[0-9]+")
_TOKEN_FROM_DIGIT = re.compile(r"[0-9][^\W_]*")
_WORDS = re.compile("[a-z]+")
# A stretch ends between words, if there is a gap at all.
MOST_GROWN = 64


class Run(NamedTuple):
    """Digits with only marks and blanks between them: [start, end) and how many digits."""

    start: int
    end: int
    digits: int


class Scan:
    """What a text holds that rules ask for. Everything is found on first asking, in time linear in the text."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def lower(self) -> str:
        """The text in lower case, character for character."""
        lower = self.text.lower()
        return lower if len(lower) == len(self.text) else "".join(_same_width(c) for c in self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """Distinct words of plain letters, in lower case."""
        return frozenset(_WORDS.findall(self.lower))

    @cached_property
    def runs(self) -> list[Run]:
        """Runs of digits."""
        return [Run(m.start(), m.end(), sum(map(len, _DIGITS.findall(m.group())))) for m in _RUN.finditer(self.text)]

    @cached_property
    def most_digits(self) -> int:
        """Digits of the longest run."""
        return max((run.digits for run in self.runs), default=0)

    @cached_property
    def tokens(self) -> list[Stretch]:
        """Words of letters and digits that hold a digit."""
        text, found, end = self.text, [], 0
        for match in _TOKEN_FROM_DIGIT.finditer(text) if self.runs else ():
            start = match.start()
            while start > end and text[start - 1].isalnum():
                start -= 1
            end = match.end()
            found.append((start, end))
        return found


class Hints(NamedTuple):
    """Around places where one of some words stands.

    `whole`: only where it is a word of its own; `digits`: only in texts that hold a digit.
    """

    words: tuple[str, ...]
    before: int = 70
    after: int = 140
    whole: bool = False
    digits: bool = False

    def stretches(self, scan: Scan) -> list[Stretch]:
        """Merged stretches of the text around hints."""
        if self.digits and not scan.most_digits:
            return []
        lower = scan.lower
        here = scan.words.intersection(self.words) if self.whole else [word for word in self.words if word in lower]
        return self._around(here, scan) if here else []

    def _around(self, here: Iterable[str], scan: Scan) -> list[Stretch]:
        lower = scan.lower
        places: list[int] = []
        for word in here:
            at = lower.find(word)
            while at >= 0:
                end = at + len(word)
                if not (self.whole and (lower[at - 1 : at].isalpha() or lower[end : end + 1].isalpha())):
                    places.append(at)
                at = lower.find(word, end)
        return merged(((at - self.before, at + self.after) for at in sorted(places)), scan.text)


class Near(NamedTuple):
    """Around matches of a quick pattern in the text in lower case: one that starts with fixed characters."""

    shape: re.Pattern[str]
    before: int
    after: int

    def stretches(self, scan: Scan) -> list[Stretch]:
        """Merged stretches of the text around matches."""
        near = ((match.start() - self.before, match.end() + self.after) for match in self.shape.finditer(scan.lower))
        return merged(near, scan.text)


class Digits(NamedTuple):
    """Around runs of at least so many digits."""

    least: int
    before: int = 4
    after: int = 8

    def stretches(self, scan: Scan) -> list[Stretch]:
        """Merged stretches of the text around runs."""
        if scan.most_digits < self.least:
            return []
        near = ((run.start - self.before, run.end + self.after) for run in scan.runs if run.digits >= self.least)
        return merged(near, scan.text)


class Tokens(NamedTuple):
    """Words with a digit in them, of some lengths; `mixed`: with a letter in them too."""

    least: int
    most: int = 200
    mixed: bool = True
    before: int = 0
    after: int = 1

    def stretches(self, scan: Scan) -> list[Stretch]:
        """Merged stretches of the text around tokens."""
        if not scan.most_digits:
            return []
        text = scan.text
        near = (
            (start - self.before, end + self.after)
            for start, end in scan.tokens
            if self.least <= end - start <= self.most and not (self.mixed and text[start:end].isdigit())
        )
        return merged(near, text)


class Everywhere(NamedTuple):
    """The whole text: for patterns that start with a digit, which the engine skips to quickly."""

    def stretches(self, scan: Scan) -> list[Stretch]:
        """The text as one stretch, if it holds a digit."""
        return [(0, len(scan.text))] if scan.most_digits else []


Where = Hints | Near | Digits | Tokens | Everywhere


def merged(stretches: Iterable[Stretch], text: str) -> list[Stretch]:
    """Stretches, given in order of their starts, as disjoint ones inside the text, grown to the next blank."""
    found: list[Stretch] = []
    high = -1
    for start, end in stretches:
        if not found or start > high:
            high = _to_blank(text, end)
            found.append((max(0, start), high))
        elif end > high:
            high = _to_blank(text, end)
            found[-1] = (found[-1][0], high)
    return found


def _to_blank(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    blank = text.find(" ", end, end + MOST_GROWN)
    return blank if blank >= 0 else min(len(text), end + MOST_GROWN)


def _same_width(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character
