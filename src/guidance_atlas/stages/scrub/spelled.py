"""Numbers told in words: "five five five, oh one four two"."""

import re
from collections.abc import Iterator
from itertools import pairwise

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.checksums import luhn
from guidance_atlas.stages.scrub.scan import Scan, merged

LEAST_DIGITS = 7
LEAST_WORDS = 3

_UNITS = {
    "zero": 0,
    "oh": 0,
    "o": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
}
_TEENS = dict(
    zip(
        ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
        range(10, 20),
        strict=True,
    )
)
_TENS = {"twenty": 2, "thirty": 3, "forty": 4, "fifty": 5, "sixty": 6, "seventy": 7, "eighty": 8, "ninety": 9}
_TIMES = {"double": 2, "triple": 3, "treble": 3}
_WORDS = frozenset(("zero", "two", "three", "four", "five", "six", "seven", "eight", "nine", "one"))

_NAMED = "|".join(sorted([*_UNITS, *_TEENS, *_TENS], key=len, reverse=True))
_ITEM = rf"(?:(?:double|triple|treble)[ -])?(?:{_NAMED}|[0-9]{{1,4}})"
_GAP = r"(?:[\s,.\-]{0,3}(?:(?:dash|hyphen|space|and then)[\s,]{1,2})?)"
_ROW = re.compile(rf"(?<![a-z])(?:plus[\s,]{{1,2}})?{_ITEM}(?:{_GAP}{_ITEM}){{3,40}}(?![a-z])", re.IGNORECASE)
_PAIR = re.compile(
    r"(?:zero|two|three|four|five|six|seven|eight|nine)[\s,.-]{0,3}(?:double|zero|oh|one|two|three|four|five|six|"
    r"seven|eight|nine|[0-9])"
)
_TOKEN = re.compile(rf"(double|triple|treble)|({_NAMED})|([0-9]+)", re.IGNORECASE)
_SOCIAL = re.compile(r"(?i)\b(?:ssn?|social)\b")
_ACCOUNT = re.compile(
    r"(?i)\b(?:account|acct|order|case|booking|policy|member|customer|id|reference|ref|passport|routing)\b"
)


def find_spelled(scan: Scan) -> Iterator[Span]:
    """Numbers of seven digits or more of which three at least are told in words."""
    if len(scan.words & _WORDS) < 2:
        return
    lower = scan.lower
    near = ((match.start() - 60, match.end() + 200) for match in _PAIR.finditer(lower))
    for first, last in merged(near, lower):
        for match in _ROW.finditer(lower, first, last):
            digits, words = _read(match.group())
            if len(digits) >= LEAST_DIGITS and words >= LEAST_WORDS and not _counting(match.group()):
                before = lower[max(0, match.start() - 40) : match.start()]
                yield Span(match.start(), match.end(), _kind(digits, before), 0.8)


def _read(shown: str) -> tuple[str, int]:
    """The digits that words tell, and how many words told them."""
    digits, words, times, tens = "", 0, 1, False
    for match in _TOKEN.finditer(shown):
        often, named, written = match.groups()
        if often:
            times = _TIMES[often]
            continue
        if named:
            words += 1
            if named in _UNITS and tens:
                digits = digits[:-1] + str(_UNITS[named])
            elif named in _UNITS:
                digits += str(_UNITS[named]) * times
            else:
                digits += str(_TEENS[named]) if named in _TEENS else str(10 * _TENS[named])
            tens = named in _TENS
        else:
            digits, tens = digits + written * times, False
        times = 1
    return digits, words


def _counting(shown: str) -> bool:
    """Whether somebody counts: each number is the one before plus or minus one."""
    values = [_UNITS.get(w, _TEENS.get(w, 10 * _TENS.get(w, 0))) for _, w, _ in _TOKEN.findall(shown) if w]
    steps = {b - a for a, b in pairwise(values)}
    return len(steps) == 1


def _kind(digits: str, before: str) -> str:
    if 13 <= len(digits) <= 19 and luhn(digits):
        return "CREDIT_CARD"
    if len(digits) == 9 and _SOCIAL.search(before):
        return "US_SSN"
    return "ID" if _ACCOUNT.search(before) else "PHONE_NUMBER"
