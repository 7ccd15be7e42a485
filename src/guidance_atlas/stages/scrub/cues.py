"""Names that are announced: by a title, by kinship, by an introduction, by a greeting, by a signature."""

import re

from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.words import Kind, Word

PERSON, LOCATION = "PERSON", "LOCATION"
ANNOUNCED = 0.95

_NAME_LIKE = frozenset({Kind.GIVEN, Kind.FAMILY, Kind.MAYBE, Kind.UNKNOWN, Kind.RARE, Kind.FOREIGN})
_SURE_LOWER = frozenset({Kind.GIVEN, Kind.UNKNOWN, Kind.RARE, Kind.FOREIGN, Kind.FAMILY})
_OWNERS = frozenset({"my", "his", "her", "our", "their", "your", "the", "a", "this", "named", "old"})
_NAMING = frozenset({"named", "nicknamed", "name", "nickname", "names"})
_SHORT_TITLES = frozenset({"mr", "mrs", "ms", "dr", "prof"})
_TAIL = re.compile(r"\n\s*[-~]{0,2} ?([^\W\d_][\w.' -]{0,40}?)[ .!,\"]*\s*\Z")

Marks = dict[int, tuple[str, float]]


def announce(page: Page, i: int, word: Word, marks: Marks) -> None:
    """Mark the word that a cue at word i announces."""
    cues = page.lexicon.cues
    if word.lower in cues.titles and (word.capital or word.lower not in cues.kin):
        _address(page, i, word, marks)
    if word.lower in cues.kin and _is_owned(page, i):
        _relate(page, i, marks)
    elif word.lower in _NAMING:
        _name(page, i, word, marks)
    elif word.lower in cues.introductions and _speaks_of_self(page, i, word.lower):
        _introduce(page, i + 1, marks)
    elif word.lower in cues.greetings and (page.opens(i) or page.lower(i - 1) in ("good", "oh", "well")):
        _greet(page, i, marks)


def _address(page: Page, i: int, word: Word, marks: Marks) -> None:
    gap = page.gap(i)
    if gap.strip() in ("", ".") and "\n" not in gap:
        if word.lower in _SHORT_TITLES and i + 1 < len(page.words) and page.words[i + 1].kind is Kind.MAYBE:
            marks[i + 1] = (PERSON, ANNOUNCED)
        _mark(page, i + 1, marks, lower=word.capital or word.lower in _SHORT_TITLES)


def _relate(page: Page, i: int, marks: Marks) -> None:
    """Handle "my sister tanya", "my ex, Paul", "a friend named Ann", "her husband's name is Bo"."""
    gap = page.gap(i)
    if gap.strip() not in ("", ",", ":", "-", "(") or "\n" in gap:
        return
    j = i + 1
    while j < i + 3 and page.lower(j) in ("named", "called", "name", "is"):
        j += 1
    told = page.lower(j - 1) == "named" or page.lower(j - 2) == "name"
    _mark(page, j, marks, lower=True, plain=told, own=told)


def _name(page: Page, i: int, word: Word, marks: Marks) -> None:
    """Handle "my name is X", "named X", "name: X", "the name's X"."""
    linked = page.lower(i + 1) in ("is", "was", "s")
    if linked or word.lower in ("named", "nicknamed") or page.gap(i).strip() == ":" or page.possessive(i):
        own = linked and page.lower(i - 1) == "my"
        _mark(page, i + 2 if linked else i + 1, marks, lower=True, own=own)


def _speaks_of_self(page: Page, i: int, lower: str) -> bool:
    before = page.lower(i - 1)
    if lower == "am":
        return before == "i"
    return lower in ("i'm", "im", "iam") or before in ("this", "hi", "hello", "hey")


def _is_owned(page: Page, i: int) -> bool:
    before = page.lower(i - 1)
    return (
        before in _OWNERS
        or (i > 0 and page.possessive(i - 1))
        or page.lower(i - 2) in ("my", "his", "her", "our", "their")
    )


def _mark(page: Page, j: int, marks: Marks, *, lower: bool, plain: bool = True, own: bool = False) -> None:
    """Mark word j as an announced person, unless it is a word that never names one.

    `lower`: names in lower case count. `plain`: everyday words with a capital count, `own`: and in lower case.
    """
    if not j < len(page.words):
        return
    word = page.words[j]
    if word.lower in page.lexicon.cues.never or word.lower in page.lexicon.cues.titles:
        return
    if word.kind in (Kind.COUNTRY, Kind.PLACE):
        named = word.capital and plain
    elif word.kind in (Kind.COMMON, Kind.MAYBE):
        named = (word.capital and (plain or word.kind is Kind.MAYBE)) or (own and page.closes(j))
    else:
        named = word.capital or lower
    if named:
        marks[j] = (PERSON, ANNOUNCED)


def _introduce(page: Page, j: int, marks: Marks) -> None:
    """Handle "I'm Sam", "iam utkarsh": capitals, listed names, and unheard-of words that end the clause."""
    if j >= len(page.words) or "\n" in page.gap(j - 1) or page.lower(j) in page.lexicon.cues.never:
        return
    word = page.words[j]
    capital = word.capital and not word.shout and word.kind in _NAME_LIKE
    plain = word.kind is Kind.GIVEN or (word.kind in (Kind.UNKNOWN, Kind.RARE) and page.closes(j) and not page.foreign)
    if capital or plain:
        marks[j] = (PERSON, ANNOUNCED)


def _greet(page: Page, i: int, marks: Marks) -> None:
    j = i + 1
    while j < len(page.words) and page.lower(j) in page.lexicon.cues.titles and page.gap(j - 1).strip() in ("", "."):
        j += 1
    if j >= len(page.words) or page.gap(j - 1).strip() not in ("", ",", "."):
        return
    word, ended = page.words[j], page.closes(j)
    if "\n" in page.gap(j - 1) or word.lower in page.lexicon.cues.never or word.lower in page.lexicon.cues.greetings:
        return
    dear = page.lower(i) == "dear" and ended and word.kind is Kind.MAYBE
    sure = dear or word.kind in (Kind.GIVEN, Kind.FAMILY) or (word.kind in _SURE_LOWER and (ended or word.capital))
    if sure or (word.capital and ended and word.kind in (Kind.MAYBE, Kind.PLACE)):
        marks[j] = (PERSON, ANNOUNCED)


def close_letter(page: Page, marks: Marks) -> None:
    """The lone short line under "Best regards," or at the very end is who signs."""
    closings = page.lexicon.cues.closings
    for i, word in enumerate(page.words):
        if word.lower in closings and _signature_gap(page, i):
            if word.lower in ("you", "best", "love") and not (
                page.opens(i) or page.lower(i - 1) in ("thank", "all", "the", "with", "much")
            ):
                continue
            _sign(page, i + 1, marks, must_close=True)
    tail = _TAIL.search(page.text[-60:])
    if tail and page.words:
        first = len(page.words) - len(tail.group(1).split())
        if 0 < first < len(page.words) and len(page.words) - first <= 3 and page.text[page.starts[first] - 1] in "-~\n":
            dashed = page.text[page.starts[first] - 2 : page.starts[first]].strip().endswith(("-", "~"))
            if dashed or page.words[first].kind in _NAME_LIKE:
                _sign(page, first, marks, must_close=True)


def _signature_gap(page: Page, i: int) -> bool:
    if i + 1 >= len(page.words):
        return False
    gap = page.text[page.ends[i] : min(page.starts[i + 1], page.ends[i] + 8)]
    return ("\n" in gap or (gap in (" ", ", ") and page.words[i + 1].capital)) and not gap.strip(" ,.!\n-~<>*")


def _sign(page: Page, j: int, marks: Marks, *, must_close: bool) -> None:
    last = j
    while last + 1 < len(page.words) and page.gap(last) in (" ", ". ") and last - j < 3:
        last += 1
    after = page.text[page.ends[last] : page.ends[last] + 3].lstrip(" .,!")
    if must_close and after and after[0] not in "\n\"'":
        return
    for k in range(j, last + 1):
        word = page.words[k]
        if word.lower in page.lexicon.cues.never or (word.kind is Kind.COMMON and (not word.capital and last > j)):
            return
    for k in range(j, last + 1):
        marks[k] = (PERSON, ANNOUNCED)
