"""A second look at masked text, by other and stricter patterns, before anything is stored."""

import re
from collections.abc import Iterator

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns
from guidance_atlas.errors import LeakError
from guidance_atlas.stages.scrub.spans import REDACTED, splice

MOST_NAMED = 5
MOST_BREAKS = 4

_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]{1,64}@[^\s@<>\"'(),;:]{1,190}\.[^\W\d_]{2,}")
_DIGITS = re.compile(r"(?<![\d.])\d(?:[ .\-]?\d){8,22}(?![\d%])")
_DATE = re.compile(r"\d{4}[-. ]\d\d?[-. ]\d\d?\b|\d\d?[-. ]\d\d?[-. ]\d{4}\b|\d{1,4}\.\d{1,3}\b")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")


def find_leaks(text: str) -> Iterator[tuple[int, int]]:
    """Stretches that look like an e-mail address, a card or account number, or a telephone number."""
    if "@" in text:
        yield from (match.span() for match in _ADDRESS.finditer(text))
    for match in _IBAN.finditer(text):
        if _mod_97(match.group().replace(" ", "")):
            yield match.span()
    for match in _DIGITS.finditer(text):
        run = match.group()
        digits = [int(c) for c in run if c.isdigit()]
        if _luhn(digits) if len(digits) >= 13 else len(run) - len(digits) <= MOST_BREAKS and not _DATE.match(run):
            yield match.span()


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


def _luhn(digits: list[int]) -> bool:
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return sum(digits) != 0 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _mod_97(account: str) -> bool:
    turned = account[4:] + account[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1
