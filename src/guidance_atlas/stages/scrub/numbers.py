"""Numbers in odd dress: whatever stands between the digits, their grouping and a checksum tell what they are."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.checksums import COUNTRIES, iban, luhn
from guidance_atlas.stages.scrub.scan import Run, Scan

CUE_REACH = 48
# A table of numbers is no list of cards: beyond this many groups only neighbourhoods of cue words are read.
_GROUP = re.compile("[0-9]+")

_PHONE_CUE = re.compile(
    r"(?i)\b(?:call(?:ing)?|phone|cell|mobile|tel|telephone|text|dial|ring|reach|fax|contact|whatsapp|sms|number)\b"
)
_SSN_CUE = re.compile(r"(?i)(?:\bssn?\b|social)")
_CARD_CUE = re.compile(r"(?i)(?:card|visa|amex|master|debit|credit|\bcc\b|\bmc\b)")
_LOOSE = frozenset(",/\n:|*~\\")


class Shape(NamedTuple):
    """How a kind of number is grouped: lengths of groups as letters (A is 1, P is 16), so that a pattern can tell "
    "them."""

    kind: str
    lengths: re.Pattern[str]
    score: float


# Luhn and grouping of cards: ISO/IEC 7812-1. Grouping of social security numbers: SSA. North American numbers: NANP.
_CARDS = Shape(
    "CREDIT_CARD", re.compile("DDDD(?:C(?!D))?|DFE|DFD|HH|FJ|DL|JF|P|O|(?<!B)B{8}(?!B)|(?<!A)A{15,16}(?!A)|DH?D?D"), 0.9
)
_SSNS = Shape("US_SSN", re.compile("(?<![CD])CBD(?!D)"), 0.8)
_SSNS_CUED = Shape("US_SSN", re.compile("CF|ED|I|(?<!A)A{9}(?!A)|CBD"), 0.8)
_PHONES = Shape("PHONE_NUMBER", re.compile("(?<![A-P])[A-C]?CCD(?![A-P])"), 0.7)
_PHONES_CUED = Shape("PHONE_NUMBER", re.compile("[A-C]?CCD|[A-C]?CG|CCBB|J|K|CD|[AB]?B{5}|(?<!A)A{10,12}(?!A)"), 0.7)


def find_numbers(scan: Scan) -> Iterator[Span]:
    """Cards, accounts, social security and telephone numbers of a text, by grouping, checksum and words before them."""
    for run in scan.runs:
        if run.digits >= 7:
            yield from _judge(scan.text, run)
    yield from _accounts(scan)
    if any(mixed.search(scan.text) for mixed in _MIXED):
        yield from _dressed(scan)


def _judge(text: str, run: Run) -> Iterator[Span]:
    groups = [match.span() for match in _GROUP.finditer(text, run.start, run.end)]
    lengths = "".join(chr(64 + min(end - start, 30)) for start, end in groups)
    for shape in (_CARDS, _SSNS, _PHONES):
        for match in shape.lengths.finditer(lengths):
            yield from _settle(text, shape, groups[match.start() : match.end()], cued=False)
    before = text[max(0, run.start - CUE_REACH) : run.start]
    # Cues stand before the first number of a run; what comes long after is another thing.
    for shape, cue in ((_SSNS_CUED, _SSN_CUE), (_PHONES_CUED, _PHONE_CUE)):
        first = shape.lengths.match(lengths) if cue.search(before) else None
        if first:
            yield from _settle(text, shape, groups[: first.end()], cued=True)


def _settle(text: str, shape: Shape, groups: list[tuple[int, int]], *, cued: bool) -> Iterator[Span]:
    start, end = groups[0][0], groups[-1][1]
    digits = "".join(text[first:last] for first, last in groups)
    between = {text[a:b].strip(" ") or " " for (_, a), (b, _) in pairwise(groups)}
    if shape.kind == "CREDIT_CARD":
        sound = 13 <= len(digits) <= 19 and digits[0] in "23456" and luhn(digits) and len(set(digits)) > 1
    elif shape.kind == "US_SSN":
        # No area 000, 666 or above 899, no zero groups (SSA).
        sound = len(digits) == 9 and digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00"
        sound = sound and (cued or (len(between) == 1 and not _loose(between)))
    else:
        mixed = {mark for mark in between if mark not in ("-", ".", " ", ")", ") ", "(", ")-")}
        plain = not mixed or len(between) == 1
        sound = (plain or cued) and (cued or not _loose(between)) and not _years(text, groups)
        sound = sound and text[max(0, start - 1) : start] not in ("$", "#", ".", "-", "/") and not _counts(digits)
    if sound:
        yield Span(start, end, shape.kind, shape.score)


def _loose(between: set[str]) -> bool:
    """Whether marks between groups also part numbers of a list, so that a word must say what the digits are."""
    return any(not _LOOSE.isdisjoint(mark) for mark in between)


def _years(text: str, groups: list[tuple[int, int]]) -> bool:
    return sum(last - first == 4 and text[first : first + 2] in ("19", "20") for first, last in groups) > 1


def _counts(digits: str) -> bool:
    """Whether digits only count up or down."""
    return digits in "1234567891011121314" or digits in "0123456789" or digits in "9876543210" or len(set(digits)) == 1


_ACCOUNT = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z][\s.\-_/]?[A-Za-z][\s.\-_/]?[0-9][\s.\-_/]?[0-9](?:[\s.\-_/\u00b7]{0,2}[A-Za-z0-9]){11,32}"
)


def _accounts(scan: Scan) -> Iterator[Span]:
    """IBANs with any marks between their characters."""
    text = scan.text
    for run in scan.runs:
        letters = [c for c in text[max(0, run.start - 4) : run.start] if c.isalpha()][-2:]
        if run.digits < 2 or "".join(letters).upper() not in COUNTRIES:
            continue
        match = _ACCOUNT.search(text, max(0, run.start - 4), run.start + 100)
        length = iban(match.group()) if match else 0
        if match and length:
            yield Span(match.start(), match.start() + length, "IBAN_CODE", 1.0)


_MIXED = (re.compile(r"[0-9][OoIl]"), re.compile(r"[OoIl][0-9]"), re.compile("lll|III|OOO"))
_DRESSED = re.compile(r"(?<![A-Za-z0-9])(?=[OoIl]{0,5}[0-9]|[OIl]{3,5}\b)[0-9OoIl]{2,16}(?![A-Za-z0-9])")
_UNDRESS = str.maketrans("OoIl", "0011")


def _dressed(scan: Scan) -> Iterator[Span]:
    """Numbers in which letters stand for digits: each is read with the digits, place for place."""
    plain = _DRESSED.sub(lambda match: match.group().translate(_UNDRESS), scan.text)
    if plain != scan.text:
        for run in Scan(plain).runs:
            if run.digits >= 7:
                yield from _judge(plain, run)
