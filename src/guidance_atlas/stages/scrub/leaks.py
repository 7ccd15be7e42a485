"""A second look at masked text, with other eyes, before anything is stored.

The recognisers ask what a thing is. This look does not: it takes a text apart at its at signs, digits and long words
and asks whether what stands there could be somebody's. It shares no pattern with them, so that it does not err alike.
"""

import re
from collections.abc import Iterator

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns
from guidance_atlas.errors import LeakError
from guidance_atlas.stages.scrub.spans import REDACTED, splice

MOST_NAMED = 5
# A mailbox and its host have at most 64 and 255 characters (RFC 5321, 4.5.3.1).
REACH_LEFT, REACH_RIGHT = 64, 255
LEAST_DIGITS, MOST_BREAKS, MOST_DIGITS = 9, 4, 23
LEAST_KEY = 24
LEAST_SPOKEN = 8

_EDGE = re.compile(r"[@\s<>\"'(),;:\[\]{}|`*]")
_CLUSTER = re.compile(r"(?<![\d.])\d(?:[ .\-\u00b7_]{0,2}\d){8,}(?![\d%])")
_DATE = re.compile(r"\d{4}[-. ]\d\d?[-. ]\d\d?\b|\d\d?[-. ]\d\d?[-. ]\d{4}\b|\d{1,4}\.\d{1,3}\b")
_LONG = re.compile(rf"[A-Za-z0-9_\-+=]{{{LEAST_KEY},}}")
_SPOKEN = frozenset(("zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
_A_DIGIT = re.compile(r"\d")
_LETTERS = re.compile("[A-Za-z]+")


def find_leaks(text: str) -> Iterator[tuple[int, int]]:
    """Stretches that look like an address, a card, an account, a telephone number, or a key."""
    if "@" in text:
        yield from _mailboxes(text)
    if _A_DIGIT.search(text):
        yield from _clusters(text)
        yield from _long_words(text)
    yield from _spoken(text)


def _mailboxes(text: str) -> Iterator[tuple[int, int]]:
    """From one edge to the next around an at sign that has a name before it and a host with a dot behind it."""
    at, done = text.find("@"), 0
    while at >= 0:
        left = at
        while left > done and at - left < REACH_LEFT and not _EDGE.match(text[left - 1]):
            left -= 1
        right = at + 1
        while right < len(text) and right - at < REACH_RIGHT and not _EDGE.match(text[right]):
            right += 1
        host = text[at + 1 : right].rstrip(".!?")
        if left < at and "." in host.strip(".") and host[-2:].isalpha():
            yield left, at + 1 + len(host)
            done = right
        at = text.find("@", max(at + 1, right))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Nine digits or more, close together: a card if the check digit fits, else anything that is neither date nor "
    "sum."""
    for match in _CLUSTER.finditer(text):
        run = match.group()
        digits = [int(c) for c in run if c.isdigit()]
        if len(digits) > MOST_DIGITS:
            continue
        breaks = len(re.findall(r"\D+", run))
        if _luhn(digits) if len(digits) >= 13 else breaks <= MOST_BREAKS and not _DATE.match(run):
            yield match.span()


def _long_words(text: str) -> Iterator[tuple[int, int]]:
    """Keys, tokens and accounts: long words in which letters and digits change often."""
    for match in _LONG.finditer(text):
        shown = match.group()
        digits = sum(map(str.isdigit, shown))
        kinds = (digits > 0) + any(map(str.islower, shown)) + any(map(str.isupper, shown))
        pieces = max(map(len, re.split("[_-]", shown)))
        if digits >= 4 and kinds == 3 and pieces >= 16:
            yield match.span()
    for start, end in _grouped(text):
        account = "".join(c for c in text[start:end] if c.isalnum()).upper()
        if 15 <= len(account) <= 34 and _mod_97(account):
            yield start, end


def _grouped(text: str) -> Iterator[tuple[int, int]]:
    """Stretches that open like an account of a country: two capitals, two digits, and groups of capitals and digits."""
    for match in re.finditer(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])", text):
        yield match.span()


def _spoken(text: str) -> Iterator[tuple[int, int]]:
    """Eight words for digits in a row, with nothing but marks and blanks between them, that do not simply count."""
    lower = text.lower()
    if sum(map(lower.count, _SPOKEN)) < LEAST_SPOKEN:
        return
    row: list[re.Match[str]] = []
    for match in _LETTERS.finditer(text):
        if match.group().lower() in _SPOKEN and (not row or match.start() - row[-1].end() <= 3):
            row.append(match)
            continue
        if len(row) >= LEAST_SPOKEN and len({m.group().lower() for m in row}) < len(row):
            yield row[0].start(), row[-1].end()
        row = [match] if match.group().lower() in _SPOKEN else []
    if len(row) >= LEAST_SPOKEN and len({m.group().lower() for m in row}) < len(row):
        yield row[0].start(), row[-1].end()


def mask_leaks(text: str) -> tuple[str, int]:
    """The text with what still looks private redacted, and how many stretches that were."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(find_leaks(text)):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return (splice(text, ((start, end, REDACTED) for start, end in merged)), len(merged)) if merged else (text, 0)


def refuse_leaks(clean: dy.DataFrame[CleanTurns]) -> dy.DataFrame[CleanTurns]:
    """Masked turns, unchanged, if nothing in them looks private any more.

    Raises:
        LeakError: something does; names conversations by id, and tells counts only.
    """
    leaking = [any(find_leaks(text)) if text else False for text in clean["text"]]
    if any(leaking):
        ids = clean.filter(pl.Series(leaking))["conversation_id"].unique().sort().to_list()
        raise LeakError(
            f"{sum(leaking)} masked turns of {len(ids)} conversations still look private "
            f"({', '.join(ids[:MOST_NAMED])}); nothing of them was stored: report the rule that let them through"
        )
    return clean


def second_look(clean: dy.DataFrame[CleanTurns]) -> dict[str, int]:
    """What the second look did to masked turns: `turns` read, turns it `touched`, `stretches` it redacted.

    A turn that no finder could read is one stretch, and so is a <REDACTED> that somebody typed: upper bounds.
    """
    stretches = clean["text"].str.count_matches(REDACTED, literal=True)
    return {"turns": clean.height, "touched": int((stretches > 0).sum()), "stretches": int(stretches.sum())}


def _luhn(digits: list[int]) -> bool:
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return sum(digits) != 0 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _mod_97(account: str) -> bool:
    turned = account[4:] + account[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1
