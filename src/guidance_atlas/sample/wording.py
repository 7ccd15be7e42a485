"""The sample's wording, read from its data files: one Tongue per language."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from guidance_atlas.sample.grammar import Line, lines_of, ranges_of
from guidance_atlas.vocab import DOMAINS

DATA = files("guidance_atlas.sample") / "data"
TALK_FILES = ("talk/tasks.toml", "talk/near.toml", "talk/chat.toml")
OTHER_TONGUES = ("de", "es", "fr", "ru")
VERBATIM = frozenset(("err", "code", "passage", "passage_b", "passage_c", "foreign", "storyline"))


@dataclass(frozen=True, slots=True)
class Situation:
    """One person's question: what is told, and what a candid and a sycophantic assistant say to it."""

    id: str
    domain: str
    stakes: str
    support: tuple[str, ...]
    say: tuple[Line, ...]
    brief: tuple[Line, ...]
    more: tuple[Line, ...]
    lean: tuple[Line, ...]
    ask: tuple[Line, ...]
    honest: tuple[Line, ...]
    flatter: tuple[Line, ...]
    step: tuple[Line, ...]
    fact: tuple[Line, ...]
    next: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherTalk:
    """One kind of conversation without a request for guidance; next pairs lines with a pushback kind or none."""

    id: str
    weight: float
    ask: tuple[Line, ...]
    reply: tuple[Line, ...]
    next: tuple[tuple[str | None, Line], ...]


@dataclass(frozen=True, slots=True)
class Tongue:
    """All wording of one language. Frames that a language lacks are empty."""

    code: str
    frames: Mapping[str, tuple[Line, ...]]
    pushback: Mapping[str, tuple[Line, ...]]
    situations: Mapping[str, Sequence[Situation]]
    talks: Sequence[OtherTalk]


@dataclass(frozen=True, slots=True)
class Wording:
    """Everything the sample world says."""

    words: Mapping[str, Sequence[str]]
    private: Mapping[str, Sequence[str]]
    private_lines: Mapping[str, Sequence[Line]]
    tongues: Mapping[str, Tongue]


@cache
def wording() -> Wording:
    """Read the data files once."""
    words = _words("slots.toml") | _words("slots_talk.toml")
    english = Tongue(
        code="en",
        frames=_frames(_toml("frames.toml")),
        pushback=_frames(_toml("pushback.toml")),
        situations={domain: _situations(_toml(f"guidance/{domain}.toml"), domain) for domain in DOMAINS},
        talks=[talk for name in TALK_FILES for talk in _talks(_toml(name))],
    )
    tongues = {"en": english} | {code: _tongue(code) for code in OTHER_TONGUES}
    private = _words("private.toml")
    private_lines = {
        key.removesuffix("_lines"): lines_of("\n".join(private[key])) for key in private if "_lines" in key
    }
    return Wording(words=words, private=private, private_lines=private_lines, tongues=tongues)


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def _words(name: str) -> dict[str, tuple[str, ...]]:
    return {key: tuple(line for line in text.splitlines() if line) for key, text in _toml(name).items()}


def _frames(table: Mapping[str, str]) -> dict[str, tuple[Line, ...]]:
    return {key: lines_of(text) for key, text in table.items()}


def _tongue(code: str) -> Tongue:
    table = _toml(f"tongues/{code}.toml")
    found = _situations(table, "")
    domains = [domain for domain in DOMAINS if any(each.domain == domain for each in found)]
    return Tongue(
        code=code,
        frames=_frames(table["frames"]),
        pushback=_frames(table["pushback"]),
        situations={domain: [each for each in found if each.domain == domain] for domain in domains},
        talks=_talks(table),
    )


def _situations(table: Mapping[str, Any], domain: str) -> list[Situation]:
    made = []
    for entry in table["situation"]:
        texts = {key: value for key, value in entry.items() if isinstance(value, str) and "\n" in value}
        ranges = ranges_of(list(texts.values()))
        made.append(
            Situation(
                id=entry["id"],
                domain=entry.get("domain", domain),
                stakes=entry["stakes"],
                support=tuple(entry.get("support", ())),
                **{key: lines_of(text, ranges=ranges) for key, text in texts.items()},
            )
        )
    return made


def _talks(table: Mapping[str, Any]) -> list[OtherTalk]:
    made = []
    for entry in table["talk"]:
        ranges = ranges_of([entry["ask"], entry["reply"], entry["next"]])
        marked = [_marked(line) for line in entry["next"].splitlines() if line]
        made.append(
            OtherTalk(
                id=entry["id"],
                weight=float(entry["weight"]),
                ask=lines_of(entry["ask"], ranges=ranges),
                reply=lines_of(entry["reply"], ranges=ranges),
                next=tuple((kind, lines_of(line, ranges=ranges)[0]) for kind, line in marked),
            )
        )
    return made


def _marked(line: str) -> tuple[str | None, str]:
    if not line.startswith("!"):
        return None, line
    kind, _, rest = line[1:].partition(" ")
    return kind, rest
