"""Settling and placing spans: what overlaps becomes one, and every found character ends up covered."""

import re
from collections.abc import Iterable

from guidance_atlas.ports import Span

REDACTED = "<REDACTED>"
KINDS = frozenset(
    {
        "PERSON", "LOCATION", "EMAIL_ADDRESS", "PHONE_NUMBER", "HANDLE", "URL", "ID", "SECRET", "STREET_ADDRESS",
        "DATE_OF_BIRTH", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS", "UUID", "CRYPTO", "MEDICAL_LICENSE",
        "ABA_ROUTING_NUMBER", "US_BANK_NUMBER", "US_ITIN", "US_MBI", "US_NPI", "US_PASSPORT", "US_SSN", "UK_NHS",
        "UK_NINO", "IN_AADHAAR", "IN_PAN", "AU_MEDICARE", "AU_TFN",
    }
)  # fmt: skip
# Only our own kinds: anything else in angle brackets could be a hiding place.
PLACEHOLDER = re.compile(rf"<({'|'.join(sorted(KINDS))}|REDACTED)(?:_\d{{1,6}})?>")


def settle(spans: Iterable[Span], text: str) -> list[Span]:
    """Spans in order, none overlapping: those that overlap become one, of the kind of the longest, then the surest.

    Positions outside the text are cut to it, blanks at the edges left out; what is already a placeholder stays whole.
    """
    fixed = [match.span() for match in PLACEHOLDER.finditer(text)]
    settled: list[Span] = []
    chosen = 0
    for span in sorted(_trimmed(spans, text), key=lambda span: (span.start, -span.end)):
        if settled and span.start < settled[-1].end:
            last = settled[-1]
            better = (span.end - span.start, span.score) > (chosen, last.score)
            kind, score = (span.kind, span.score) if better else (last.kind, last.score)
            chosen = max(chosen, span.end - span.start)
            settled[-1] = Span(last.start, max(last.end, span.end), kind, score)
        else:
            settled.append(span)
            chosen = span.end - span.start
    return _around(settled, fixed) if fixed else settled


def _trimmed(spans: Iterable[Span], text: str) -> Iterable[Span]:
    for span in spans:
        start, end = max(0, span.start), min(len(text), span.end)
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start < end:
            yield Span(start, end, span.kind, span.score)


def _around(spans: list[Span], fixed: list[tuple[int, int]]) -> list[Span]:
    """The parts of spans that lie outside placeholders. Both lists are in order, so one walk is enough."""
    kept: list[Span] = []
    first = 0
    for span in spans:
        while first < len(fixed) and fixed[first][1] <= span.start:
            first += 1
        start, j = span.start, first
        while j < len(fixed) and fixed[j][0] < span.end:
            if start < fixed[j][0]:
                kept.append(Span(start, fixed[j][0], span.kind, span.score))
            start, j = max(start, fixed[j][1]), j + 1
        if start < span.end:
            kept.append(Span(start, span.end, span.kind, span.score))
    return kept


def splice(text: str, stretches: Iterable[tuple[int, int, str]]) -> str:
    """The text with stretches [start, end) replaced; they come in order and do not overlap."""
    pieces: list[str] = []
    at = 0
    for start, end, label in stretches:
        pieces += (text[at:start], label)
        at = end
    return "".join([*pieces, text[at:]])
