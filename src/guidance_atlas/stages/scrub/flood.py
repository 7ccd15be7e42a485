"""Floods: stretches of a long text that are one thing over and over, or numbers and names through and through.

No fine look is worth its time there, and none is needed: what could be private is masked outright. What is left for
the recognisers has the same length and the same places, with blanks where a flood was.
"""

import re
import zlib
from collections.abc import Iterator

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.spans import splice
from guidance_atlas.stages.scrub.words import Kind, Lexicon

BLOCK = 1_000
# So many blocks of a text are read finely whatever they hold; a text that has no more is never thinned.
FREE = 1
# Ordinary prose shrinks to a half, tables of numbers to a third.
LEAST_SHRINKING = 10
# In a block: digits and at signs, groups of them, words on the lists of names.
MOST_DIGITS, MOST_GROUPS, MOST_LISTED = 400, 120, 60
SCORE = 0.4

_GROUP = re.compile(r"[0-9]+|@")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBERED = re.compile(r"\S*[0-9@]\S*")
_BETWEEN = re.compile(r"[^\w@]{0,3}")
_LISTED = (Kind.GIVEN, Kind.FAMILY, Kind.PLACE)


def thin(text: str, words: Lexicon) -> tuple[str, list[Span]]:
    """The text with blanks in place of floods, and the spans that were taken out, in order."""
    if len(text) <= (FREE + 1) * BLOCK:
        return text, []
    found: list[Span] = []
    dense = 0
    for start, end in _blocks(text):
        block = text[start:end]
        named = _listed(block, words)
        repeats = len(zlib.compress(block.encode(), 1)) * LEAST_SHRINKING < len(block.encode())
        if not (repeats or len(named) > MOST_LISTED or _is_numbers(block)):
            continue
        dense += 1
        if dense > FREE:
            places = [(0, len(block))] if repeats else sorted(named + [m.span() for m in _NUMBERED.finditer(block)])
            for first, last in places:
                _add(found, text, start + first, start + last)
    if not found:
        return text, []
    return splice(text, ((span.start, span.end, " " * (span.end - span.start)) for span in found)), found


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Blocks between words where there is a gap: each ends within its last tenth."""
    start = 0
    while start < len(text):
        end = min(len(text), start + BLOCK)
        if end < len(text):
            end = max(text.rfind(" ", end - BLOCK // 10, end), text.rfind("\n", end - BLOCK // 10, end)) + 1 or end
        yield start, end
        start = end


def _is_numbers(block: str) -> bool:
    groups = _GROUP.findall(block)
    return len(groups) > MOST_GROUPS or sum(map(len, groups)) > MOST_DIGITS


def _listed(block: str, words: Lexicon) -> list[tuple[int, int]]:
    found = ((match.span(), words.word(match.group())) for match in _WORD.finditer(block))
    return [at for at, word in found if word.kind in _LISTED or (word.kind is Kind.MAYBE and word.capital)]


def _add(found: list[Span], text: str, start: int, end: int) -> None:
    """Put a stretch behind the others; with at most three marks between them two become one."""
    last = found[-1] if found else None
    if last and start <= last.end + 3 and _BETWEEN.fullmatch(text, last.end, max(last.end, start)):
        found[-1] = Span(last.start, max(last.end, end), "ID", SCORE)
    else:
        found.append(Span(start, end, "ID", SCORE))
