"""Public figures and people of fiction, who may stay in the text where a setting says so."""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

from guidance_atlas.ports import Span

PUBLIC_FIGURE = "PUBLIC_FIGURE"


def leave_figures(text: str, spans: Iterable[Span]) -> list[Span]:
    """Spans without the people who lie inside the full name of somebody whom everyone knows.

    A part of such a name alone, and a longer name that begins like one, stay found.
    """
    places = [match.span() for match in _pattern().finditer(text)]
    return [
        span
        for span in spans
        if span.kind != "PERSON" or not any(start <= span.start and span.end <= end for start, end in places)
    ]


@lru_cache(maxsize=1)
def figures() -> tuple[str, ...]:
    """Full names in lower case."""
    text = files("guidance_atlas.wording").joinpath("names_figures.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return tuple(sorted(name.replace("_", " ") for line in lines for name in line.split()))


def identity() -> str:
    """Of the list."""
    return hashlib.sha256("\0".join(figures()).encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, figures()))})\b", re.IGNORECASE)
