"""Which number a found thing bears: the same thing, the same number, within one conversation."""

import re
from collections.abc import Iterator, Sequence

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.words import Lexicon

LEAST_PART = 3
FEW, SHORT = 50, 20_000
WIDE = 500  # characters: a flood that is masked as a whole

_PART = re.compile(r"[^\W\d_]+")


class Numbering:
    """Numbers of one conversation, given in the order in which things are first seen."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._counts: dict[str, int] = {}

    def label(self, kind: str, shown: str) -> str:
        """The placeholder of a thing, such as <PERSON_1>. A placeholder that somebody typed is a thing as well."""
        return f"<{kind}_{self._number(kind, _plain(shown))}>"

    def _number(self, kind: str, key: str) -> int:
        number = self._numbers.get((kind, key))
        parts = name_parts(key) if kind == "PERSON" and not key.startswith("<") else []
        if number is None and parts:
            # "Tanya" and "Tanya Petrov" are one; so is "Petrov", once she was called by both.
            number = self._numbers.get((kind, parts[0]))
        if number is None:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
        for known in (key, *parts):
            self._numbers.setdefault((kind, known), number)
        return number


def name_parts(shown: str) -> list[str]:
    """Parts of a name that stand for it alone."""
    return [part for part in _PART.findall(_plain(shown)) if len(part) >= LEAST_PART]


def _plain(shown: str) -> str:
    return re.sub(r"'s?$", "", " ".join(shown.casefold().split()))


class Names:
    """People and places named in one conversation: people by every part of their names, places by one strange word."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._parts: dict[str, tuple[str, float]] = {}

    def learn(self, text: str, spans: list[Span]) -> None:
        """Remember the people and places among the spans of a text."""
        for span in spans:
            if span.kind not in ("PERSON", "LOCATION"):
                continue
            parts = name_parts(text[span.start : span.end])
            if span.kind == "LOCATION" and (len(parts) != 1 or self._lexicon.everyday(parts[0])):
                continue
            for part in parts:
                # Whoever is called like a place is a person.
                known = self._parts.get(part, ("LOCATION", 0.0))
                self._parts[part] = max(known, (span.kind, span.score))

    def again(self, text: str, spans: Sequence[Span]) -> Iterator[Span]:
        """Every further mention: in lower case too, unless the name is also an everyday word. Floods are skipped."""
        if not self._parts:
            return
        folded = text.casefold()
        floods = [(span.start, span.end) for span in spans if span.end - span.start > WIDE]
        # Few names are sought by themselves, many word by word: the work does not grow with names times text.
        if len(self._parts) <= FEW:
            here = [part for part in self._parts if part in folded]
            if not here:
                return
            if len(folded) == len(text) < SHORT and not floods:
                yield from self._each(text, folded, here)
                return
        at = 0
        for start, end in [*floods, (len(text), len(text))]:
            yield from self._between(text, at, start)
            at = max(at, end)

    def _each(self, text: str, folded: str, parts: list[str]) -> Iterator[Span]:
        for part in parts:
            at = folded.find(part)
            while at >= 0:
                end = at + len(part)
                alone = not (_PART.match(folded[at - 1 : at]) or _PART.match(folded[end : end + 1]))
                if alone and (text[at].isupper() or not self._lexicon.everyday(part)):
                    yield Span(at, end, *self._parts[part])
                at = folded.find(part, end)

    def _between(self, text: str, start: int, end: int) -> Iterator[Span]:
        for match in _PART.finditer(text, start, end):
            shown = match.group()
            part = shown.casefold()
            if part in self._parts and (shown[0].isupper() or not self._lexicon.everyday(part)):
                yield Span(match.start(), match.end(), *self._parts[part])
