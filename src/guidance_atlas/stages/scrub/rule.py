"""The shape of one of our own recognisers, and how it is put to a text."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.scan import Scan, Where

Guard = Callable[[str, "re.Match[str]"], bool]


class Rule(NamedTuple):
    """One recogniser. Its first group that matched, where there is one, is what is private.

    `where` tells the stretches that its pattern reads; `guard`, what a shape alone cannot.
    """

    kind: str
    where: Where
    pattern: re.Pattern[str]
    score: float
    guard: Guard | None = None


def ignoring_case(pattern: str) -> re.Pattern[str]:
    """A pattern that reads small and capital letters alike."""
    return re.compile(pattern, re.IGNORECASE)


def apply(rules: Iterable[Rule], scan: Scan) -> Iterator[Span]:
    """Spans of some rules in a text."""
    for rule in rules:
        for first, last in rule.where.stretches(scan):
            yield from _read(rule, scan.text, first, last)


def _read(rule: Rule, text: str, first: int, last: int) -> Iterator[Span]:
    for match in rule.pattern.finditer(text, first, last):
        if rule.guard and not rule.guard(text, match):
            continue
        # Some patterns use a group only to see one separator again.
        group = next((g for g in range(1, (match.lastindex or 0) + 1) if match.group(g) and len(match.group(g)) > 1), 0)
        start, end = match.span(group)
        shown = text[start:end].rstrip(" \n.,;:?" if rule.kind == "SECRET" else " \n.,;:!?-")
        if shown:
            yield Span(start, start + len(shown), rule.kind, rule.score)
