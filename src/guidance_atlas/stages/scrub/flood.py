"""Floods: stretches of a conversation that are one thing over and over, or numbers, names and strange words throughout.

No fine look is worth its time there, and none is needed: it is masked outright, as a whole, for who takes single
words out of a stretch takes from the names beside them what they are known by. What is left for the recognisers has the
same length and the same places, with blanks where a flood was.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.spans import splice
from guidance_atlas.stages.scrub.words import Kind, Lexicon

BLOCK = 1_000
# So many dense blocks of a long text are read finely; a text of one block more is not long.
FREE = 1
# So many characters of dense blocks of a conversation are read finely, in however many turns; they count double where
# they hold twice as many numbers, for these are the dearest.
DENSE_TOGETHER = 8_000
# Spellings of a conversation that no list and no vocabulary holds. A real one of 192,000 characters had 1,041.
MOST_STRANGE, LEAST_LETTERS = 2_000, 3
# Ordinary prose shrinks to a half, tables of numbers to a third.
LEAST_SHRINKING = 10
# In a block: digits and at signs, groups of them, words on the lists of names.
MOST_DIGITS, MOST_GROUPS, MOST_LISTED = 400, 120, 60
# A block with so many words for which there is no room goes as a whole too.
MOST_BEYOND = 60
SCORE = 0.4

_GROUP = re.compile(r"[0-9]+|@")
_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\w+")
_BETWEEN = re.compile(r"[^\w@]{0,3}")
_LISTED = (Kind.GIVEN, Kind.FAMILY, Kind.PLACE)

Stretch = tuple[int, int]


def thin(turns: Sequence[str], words: Lexicon) -> list[tuple[str, list[Span]]]:
    """Each turn of a conversation with blanks in place of floods, and the spans that were taken out, in order."""
    floods = Floods(words)
    # A shorter conversation can fill no allowance.
    together = sum(map(len, turns)) > DENSE_TOGETHER
    return [floods.thin(text) if together or _is_long(text) else (text, []) for text in turns]


class Floods:
    """What was read finely of one conversation so far."""

    def __init__(self, words: Lexicon) -> None:
        self._words = words
        self._dense = 0
        self._strange: set[str] = set()

    def thin(self, text: str) -> tuple[str, list[Span]]:
        """The next turn without its floods, and their spans."""
        found: list[Span] = []
        dense = 0
        for start, end in _blocks(text):
            block = text[start:end]
            places, thick = self._look(block, dense >= FREE and _is_long(text))
            dense += thick
            for first, last in places:
                _add(found, text, start + first, start + last)
        if not found:
            return text, []
        return splice(text, ((span.start, span.end, " " * (span.end - span.start)) for span in found)), found

    def _look(self, block: str, late: bool) -> tuple[Iterable[Stretch], bool]:
        """What of a block is masked outright, in order, and whether it is dense for a block of a long text.

        late: no more dense blocks of this text are read.
        """
        spelt = _WORD.findall(block)
        kinds = {spelling: self._words.glance(spelling) for spelling in set(spelt)}
        listed = {spelling for spelling, kind in kinds.items() if _is_listed(spelling, kind)}
        density = BLOCK if _repeats(block) else _density(block, sum(map(listed.__contains__, spelt)))
        beyond, full = self._beyond(kinds), self._dense >= DENSE_TOGETHER
        share = len(block) / BLOCK
        if (density > 1 and late) or (density > share and full) or len(beyond) > MOST_BEYOND * share:
            return [(0, len(block))], density > 1
        if density > share:
            self._dense += max(len(block), len(_GROUP.findall(block)) * BLOCK // MOST_GROUPS)
        return _tokens(block, beyond), density > 1

    def _beyond(self, kinds: dict[str, Kind]) -> set[str]:
        """Strange spellings for which there is no room left; the others are remembered."""
        unknown = [s for s, kind in kinds.items() if kind is Kind.UNKNOWN and len(s) >= LEAST_LETTERS]
        new = [s for s in unknown if s not in self._strange]
        room = MOST_STRANGE - len(self._strange)
        if room > 0:
            new.sort()
            self._strange.update(new[:room])
        return set(new[max(0, room) :])


def _is_long(text: str) -> bool:
    return len(text) > (FREE + 1) * BLOCK


def _blocks(text: str) -> Iterator[Stretch]:
    """Blocks between words where there is a gap: each ends within its last tenth."""
    start = 0
    while start < len(text):
        end = min(len(text), start + BLOCK)
        if end < len(text):
            end = max(text.rfind(" ", end - BLOCK // 10, end), text.rfind("\n", end - BLOCK // 10, end)) + 1 or end
        yield start, end
        start = end


def _repeats(block: str) -> bool:
    written = block.encode(errors="replace")
    return len(zlib.compress(written, 1)) * LEAST_SHRINKING < len(written)


def _density(block: str, listed: int) -> float:
    """Digits, groups of them or listed words, as a share of the most that a block of a thousand characters may hold."""
    groups = _GROUP.findall(block)
    return max(len(groups) / MOST_GROUPS, sum(map(len, groups)) / MOST_DIGITS, listed / MOST_LISTED)


def _is_listed(spelling: str, kind: Kind) -> bool:
    return kind in _LISTED or (kind is Kind.MAYBE and spelling[0].isupper())


def _tokens(block: str, spellings: set[str]) -> list[Stretch]:
    """Words of letters, digits and underscores in which one of some spellings stands."""
    if not spellings:
        return []
    return [m.span() for m in _TOKEN.finditer(block) if not spellings.isdisjoint(_WORD.findall(m.group()))]


def _add(found: list[Span], text: str, start: int, end: int) -> None:
    """Put a stretch behind the others; with at most three marks between them two become one."""
    last = found[-1] if found else None
    if last and start <= last.end + 3 and _BETWEEN.fullmatch(text, last.end, max(last.end, start)):
        found[-1] = Span(last.start, max(last.end, end), "ID", SCORE)
    else:
        found.append(Span(start, end, "ID", SCORE))
