"""People and places by word lists and cues: no model, no download, the same answer every time."""

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.cues import ANNOUNCED, LOCATION, PERSON, Marks, announce, close_letter
from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.words import LANDS, Kind, Lexicon, Word, lexicon

MOST_NAME_WORDS = 5
MOST_TOGETHER = 200_000  # characters

_SPEAKS = frozenset(
    {"said", "says", "told", "asked", "texted", "called", "replied", "messaged", "emailed", "thinks", "wants"}
)
_MONTHS = frozenset({"april", "may", "june", "august"})
_INITIALS = re.compile(r"\binitials? (?:(?:are|is|of) )?\"?([A-Z](?:\.? ?[A-Z]){1,3})\b|\b([A-Z]{2,4}) initials\b")
_HAN_AFTER = re.compile(r" ?[(（]([\u4e00-\u9fff]{2,4})[)）]")


class Judge(Protocol):
    """A second opinion on words that lists and cues leave open."""

    def settle(self, pages: Sequence[Page], marks: Sequence[Marks]) -> None:
        """Add to the marks of each text what else is a name, and take away what is none."""
        ...


def find_names(
    text: str, *, words: Lexicon | None = None, countries: bool = False, judge: Judge | None = None
) -> list[Span]:
    """People and places of a text. With `countries`, countries are found too.

    Scores: .95 announced by a cue, .85 on a list, .7 told by the judge, .6 only unusual. Spans do not overlap.
    """
    return find_all_names([text], words=words, countries=countries, judge=judge)[0]


def find_all_names(
    texts: Sequence[str], *, words: Lexicon | None = None, countries: bool = False, judge: Judge | None = None
) -> list[list[Span]]:
    """People and places of each text; some texts go to the judge together, which changes no answer."""
    found: list[list[Span]] = []
    for start, end in _together(texts):
        pages = [Page(text, words or lexicon()) for text in texts[start:end]]
        marks = [mark_names(page, countries=countries) for page in pages]
        if judge:
            judge.settle(pages, marks)
        found += [spans_of(page, each) for page, each in zip(pages, marks, strict=True)]
    return found


def _together(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = size = 0
    for end, text in enumerate(texts):
        if size > MOST_TOGETHER:
            yield start, end
            start, size = end, 0
        size += len(text)
    if start < len(texts):
        yield start, len(texts)


def mark_names(page: Page, *, countries: bool = False) -> Marks:
    """Words that are a person or a place by lists and cues, each with its kind and score."""
    marks: Marks = {}
    for i, word in enumerate(page.words):
        if word.cue:
            announce(page, i, word, marks)
        if word.kind is not Kind.COMMON and i not in marks:
            mark = _judge(page, i, word, countries)
            if mark:
                marks[i] = mark
    close_letter(page, marks)
    return marks


def spans_of(page: Page, marks: Marks) -> list[Span]:
    """Marked words as spans, with what stands beside them and belongs to them."""
    _keep_company(page, marks)
    _long_places(page, marks)
    spans = _join(page, marks)
    return spans + _odd_shapes(page.text, spans)


def _judge(page: Page, i: int, word: Word, countries: bool) -> tuple[str, float] | None:
    """What word i is by itself and its neighbours; None for nothing private."""
    match word.kind:
        case Kind.COUNTRY:
            return (LOCATION, 0.85) if countries and word.capital else None
        case Kind.PLACE:
            return (LOCATION, 0.85) if word.capital or _place_cue(page, i) else None
        case Kind.GIVEN:
            return (PERSON, 0.85) if word.capital or len(word.lower) >= 4 else None
        case Kind.FAMILY:
            if not word.capital:
                return (LOCATION, 0.6) if page.lower(i - 1) in ("in", "near") or _strong_place_cue(page, i) else None
            return (PERSON, 0.85) if _stands_out(page, i, word) else None
        case Kind.MAYBE:
            return _maybe(page, i, word)
        case Kind.UNKNOWN | Kind.RARE:
            return _unheard(page, i, word)
        case _:
            return None


def _place_cue(page: Page, i: int) -> bool:
    cues = page.lexicon.cues
    kinds = page.lower(i + 1) in cues.place_kinds or (
        page.lower(i - 1) == "of" and page.lower(i - 2) in cues.place_kinds
    )
    country = page.gap(i).strip() in ("", ",") and i + 1 < len(page.words) and page.words[i + 1].kind is Kind.COUNTRY
    return page.lower(i - 1) in cues.place_before or kinds or country


def _strong_place_cue(page: Page, i: int) -> bool:
    verbs = page.lexicon.cues.place_verbs
    return page.lower(i - 1) in ("in", "from", "to", "near", "at") and (
        page.lower(i - 2) in verbs or page.lower(i - 3) in verbs
    )


def _stands_out(page: Page, i: int, word: Word) -> bool:
    """Whether a capital says something here: inside a sentence that is not all capitals."""
    if word.shout and len(word.lower) < 4:
        return False
    if page.opens(i):
        beside = page.lower(i + 1) in (page.lexicon.cues.person_after if word.kind is not Kind.MAYBE else _SPEAKS)
        return (
            page.possessive(i)
            or beside
            or _named_neighbour(page, i)
            or (word.kind is not Kind.MAYBE and _is_speaker(page, i))
        )
    return not page.in_title(i)


def _is_speaker(page: Page, i: int) -> bool:
    """Whether word i alone starts its line and a colon follows."""
    return page.gap(i).startswith(":") and page.text[max(0, page.starts[i] - 1) : page.starts[i]] in ("", "\n")


def _named_neighbour(page: Page, i: int) -> bool:
    after = i + 1 < len(page.words) and page.gap(i) == " " and page.words[i + 1]
    return bool(after and after.capital and after.kind in (Kind.FAMILY, Kind.UNKNOWN, Kind.RARE, Kind.GIVEN))


def _maybe(page: Page, i: int, word: Word) -> tuple[str, float] | None:
    if not word.capital or not _stands_out(page, i, word):
        return None
    cues, after = page.lexicon.cues, page.lower(i + 1)
    if word.lower in _MONTHS and (
        page.lower(i - 1) in ("in", "of", "since", "last", "next", "by", "on", "until") or _digit_near(page, i)
    ):
        return None
    if word.lower in page.lexicon.places and (
        _strong_place_cue(page, i) or page.lower(i - 1) in ("in", "from", "near")
    ):
        return LOCATION, 0.85
    beside = page.lower(i - 1) in cues.person_before or after in cues.person_after or page.possessive(i)
    neighbour = (
        page.after_initial(i)
        or _named_neighbour(page, i)
        or (i > 0 and page.gap(i - 1) == " " and page.words[i - 1].kind is Kind.GIVEN)
    )
    return (PERSON, 0.85) if beside or neighbour else None


def _digit_near(page: Page, i: int) -> bool:
    near = page.text[max(0, page.starts[i] - 3) : page.starts[i]] + page.text[page.ends[i] : page.ends[i] + 3]
    return any(c.isdigit() for c in near)


def _unheard(page: Page, i: int, word: Word) -> tuple[str, float] | None:
    """A word that no list and no vocabulary holds: with a capital it is likely a name; a rare one identifies anyway."""
    if page.foreign or word.camel or (page.fences and page.fenced(i)):
        return None
    if page.text[page.ends[i] : page.ends[i] + 1] in "_(\\=/" and page.ends[i] < len(page.text):
        return None
    if not word.capital:
        return (LOCATION, 0.6) if _strong_place_cue(page, i) and page.closes(i) else None
    if word.shout and (len(word.lower) < 6 or word.kind is not Kind.RARE):
        return None
    if not _stands_out(page, i, word) and word.kind is not Kind.RARE:
        return None
    before = page.lower(i - 1)
    place = before in ("in", "from", "near") or (_place_cue(page, i) and before not in ("to", "at"))
    return (LOCATION, 0.6) if place else (PERSON, 0.6)


def _keep_company(page: Page, marks: Marks) -> None:
    """In "Sheila, Penny and Grace" one sure name makes names of the others."""
    for i in sorted(i for i, (kind, score) in marks.items() if kind == PERSON and score > 0.8):
        for j, gap in ((i + 1, page.gap(i)), (i - 1, page.gap(i - 1))):
            k = j + (1 if j > i else -1) if page.lower(j) in ("and", "or") and gap == " " else j
            if 0 <= k < len(page.words) and k not in marks and (k != j or gap.strip() == ",") and "\n" not in gap:
                word = page.words[k]
                if word.capital and word.kind in (Kind.MAYBE, Kind.FAMILY, Kind.UNKNOWN) and not page.in_title(k):
                    marks[k] = (PERSON, 0.85)


def _long_places(page: Page, marks: Marks) -> None:
    long_places = page.lexicon.long_places
    for i, word in enumerate(page.words):
        if not word.place:
            continue
        for rest in long_places.get(word.lower, ()):
            if [page.lower(i + k + 1) for k in range(len(rest))] == rest and "\n" not in page.gap(i):
                odd = any(page.words[i + k].kind is not Kind.COMMON for k in range(len(rest) + 1))
                if word.capital or odd:
                    marks.update({i + k: (LOCATION, 0.9) for k in range(len(rest) + 1)})
                break
        if word.lower in LANDS and word.capital and i and page.gap(i - 1) == " " and not page.in_title(i):
            before = page.words[i - 1]
            if before.capital and before.lower not in page.lexicon.cues.never:
                marks.update({i - 1: (LOCATION, 0.8), i: (LOCATION, 0.8)})


def _join(page: Page, marks: Marks) -> list[Span]:
    """Marked words that belong together become one span; a name takes in its capitalised neighbours."""
    spans: list[Span] = []
    taken = -1
    for i in sorted(marks):
        if i <= taken:
            continue
        kind, score = marks[i]
        first, last = i, i
        if kind == PERSON and first - 1 > taken and _joins_left(page, first):
            first -= 1
        while (
            last - first + 1 < MOST_NAME_WORDS and last + 1 < len(page.words) and _joins_right(page, last, kind, marks)
        ):
            joined = page.lower(last + 1) in page.lexicon.cues.particles and last + 1 not in marks
            last = min(last + 1 + joined, len(page.words) - 1)
            score = max(score, marks.get(last, ("", 0.0))[1])
        end = page.ends[last] - (2 if page.possessive(last) else 0)
        spans.append(Span(page.starts[first], max(end, page.starts[last] + 1), kind, score))
        taken = last
    return spans


def _joins_left(page: Page, i: int) -> bool:
    if page.after_initial(i):
        return True
    if i == 0 or page.gap(i - 1) != " ":
        return False
    word = page.words[i - 1]
    return (
        word.capital
        and not word.shout
        and word.kind in (Kind.MAYBE, Kind.FAMILY, Kind.UNKNOWN, Kind.RARE)
        and not page.in_title(i)
    )


def _joins_right(page: Page, last: int, kind: str, marks: Marks) -> bool:
    gap, word = page.gap(last), page.words[last + 1]
    if marks.get(last + 1, ("",))[0] == kind and gap in (" ", "-", ". "):
        return True
    if (
        kind == PERSON
        and gap == " "
        and word.kind is Kind.FAMILY
        and not page.words[last].capital
        and len(word.lower) > 3
    ):
        return True
    if kind != PERSON or gap not in (" ", "-", ". ") or page.possessive(last) or word.lower in page.lexicon.cues.never:
        return len(word.lower) == 1 and kind == PERSON and gap == " " and word.capital and word.lower != "i"
    if word.lower in page.lexicon.cues.particles and last + 2 < len(page.words) and page.gap(last + 1) == " ":
        return page.words[last + 2].capital
    if gap == ". " and len(page.lower(last)) > 1:
        return False
    return word.capital and not word.shout and not page.in_title(last + 1) and word.kind is not Kind.COUNTRY


def _odd_shapes(text: str, spans: list[Span]) -> list[Span]:
    """Initials announced as such, and a name repeated in Chinese characters after itself."""
    found = [
        Span(match.start(group), match.end(group), PERSON, ANNOUNCED)
        for match in (_INITIALS.finditer(text) if "nitial" in text else ())
        for group in (1, 2)
        if match.group(group)
    ]
    for span in spans:
        after = (
            _HAN_AFTER.match(text, span.end)
            if span.kind == PERSON and text[span.end : span.end + 2].strip(" ")[:1] == "("
            else None
        )
        if after:
            found.append(Span(after.start(1), after.end(1), PERSON, ANNOUNCED))
    return found
