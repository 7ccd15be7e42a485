"""One linear look at a text that says where each rule could match at all, so that rules read little of it."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

Stretch = tuple[int, int]

# Between two digits of one number stand at most five marks or blanks.
_RUN = re.compile(r"[0-9](?:[\s.\-_/*,|~:\\()\[\]{}+\u00b7\u2022]{0,5}[0-9])*")
_DIGITS = re.compile(r"[0-9]+")
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
    def runs(self) -> list[Run]:
        """Runs of digits."""
        return [
            Run(match.start(), match.end(), sum(map(len, _DIGITS.findall(match.group()))))
            for match in _RUN.finditer(self.text)
        ]

    @cached_property
    def tokens(self) -> list[Stretch]:
        """Words of letters and digits that hold a digit."""
        text, found, end = self.text, [], 0
        for match in _DIGITS.finditer(text):
            start = match.start()
            if start < end:
                continue
            least = end
            while start > least and text[start - 1].isalnum():
                start -= 1
            end = match.end()
            while end < len(text) and text[end].isalnum():
                end += 1
            found.append((start, end))
        return found


class Hints(NamedTuple):
    """Around places where one of some words stands; with `opening`, only where it opens a word."""

    words: tuple[str, ...]
    before: int = 70
    after: int = 140
    opening: bool = False

    def stretches(self, scan: Scan) -> Iterator[Stretch]:
        """Merged stretches of the text around hints."""
        lower = scan.lower
        places: list[int] = []
        for word in self.words:
            at = lower.find(word)
            while at >= 0:
                if not (self.opening and at and lower[at - 1].isalnum()):
                    places.append(at)
                at = lower.find(word, at + len(word))
        if not places:
            return iter(())
        return merged(((at - self.before, at + self.after) for at in sorted(places)), scan.text)


class Near(NamedTuple):
    """Around matches of a quick pattern: one that starts with a fixed character."""

    shape: re.Pattern[str]
    before: int
    after: int

    def stretches(self, scan: Scan) -> Iterator[Stretch]:
        """Merged stretches of the text around matches."""
        near = ((match.start() - self.before, match.end() + self.after) for match in self.shape.finditer(scan.text))
        return merged(near, scan.text)


class Digits(NamedTuple):
    """Around runs of at least so many digits."""

    least: int
    before: int = 4
    after: int = 8

    def stretches(self, scan: Scan) -> Iterator[Stretch]:
        """Merged stretches of the text around runs."""
        near = ((run.start - self.before, run.end + self.after) for run in scan.runs if run.digits >= self.least)
        return merged(near, scan.text)


class Tokens(NamedTuple):
    """Words with a digit in them, of some lengths; `mixed`: with a letter in them too."""

    least: int
    most: int = 200
    mixed: bool = True
    before: int = 0
    after: int = 1

    def stretches(self, scan: Scan) -> Iterator[Stretch]:
        """Merged stretches of the text around tokens."""
        text = scan.text
        near = (
            (start - self.before, end + self.after)
            for start, end in scan.tokens
            if self.least <= end - start <= self.most and not (self.mixed and text[start:end].isdigit())
        )
        return merged(near, text)


class Everywhere(NamedTuple):
    """The whole text: for patterns that start with a digit, which the engine skips to quickly."""

    def stretches(self, scan: Scan) -> Iterator[Stretch]:
        """The text as one stretch, if it holds a digit."""
        return iter([(0, len(scan.text))] if scan.runs else [])


Where = Hints | Near | Digits | Tokens | Everywhere


def merged(stretches: Iterable[Stretch], text: str) -> Iterator[Stretch]:
    """Stretches, given in order of their starts, as disjoint ones inside the text, grown to the next blank."""
    low = high = -1
    for start, end in stretches:
        if start > high:
            if high >= 0:
                yield low, high
            low = max(0, start)
        high = max(high, _to_blank(text, end))
    if high >= 0:
        yield low, high


def _to_blank(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    blank = text.find(" ", end, end + MOST_GROWN)
    return blank if blank >= 0 else min(len(text), end + MOST_GROWN)


def _same_width(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character
