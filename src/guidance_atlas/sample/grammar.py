"""A small grammar for varied text: [this|that] chooses, {slot} fills, {age:20-60} draws a number and remembers it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias, TypeVar

T = TypeVar("T")

MARK = re.compile(r"(\[|\]|\||\{[^{}]*\})")
RANGE = re.compile(r"\{(\w+):(\d+)-(\d+)\}")
PRONOUNS = {
    "m": {"he": "he", "him": "him", "his": "his", "himself": "himself"},
    "f": {"he": "she", "him": "her", "his": "her", "himself": "herself"},
}
UNROUNDED = ("yr", "port", "kmh")
FIRST_HELD = 0xE000
LAST_HELD = 0xF8FF


@dataclass(frozen=True, slots=True)
class Slot:
    """A gap to be filled: with a number where low and high are given, else with a word of that name."""

    name: str
    low: int = 0
    high: int = -1


Part: TypeAlias = "str | Slot | tuple[Line, ...]"
Line: TypeAlias = tuple[Part, ...]


def lines_of(text: str, *, ranges: Mapping[str, tuple[int, int]] | None = None) -> tuple[Line, ...]:
    r"""Read one line per variant; a literal \n stands for a line break. ranges complete slots written without one."""
    return tuple(compile_line(line, ranges=ranges or {}) for line in text.splitlines() if line.strip())


def ranges_of(texts: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Find the range of every numbered slot in these texts; the first one counts."""
    found: dict[str, tuple[int, int]] = {}
    for text in texts:
        for name, low, high in RANGE.findall(text):
            found.setdefault(name, (int(low), int(high)))
    return found


def compile_line(line: str, *, ranges: Mapping[str, tuple[int, int]]) -> Line:
    """Parse one line.

    Raises:
        ValueError: brackets that do not match.
    """
    stack: list[list[list[Part]]] = [[[]]]
    for mark in MARK.split(line.replace("\\n", "\n")):
        if mark == "[":
            stack.append([[]])
        elif mark == "|" and len(stack) > 1:
            stack[-1].append([])
        elif mark == "]" and len(stack) > 1:
            choice = tuple(tuple(parts) for parts in stack.pop())
            stack[-1][-1].append(choice)
        elif mark.startswith("{"):
            stack[-1][-1].append(_slot(mark[1:-1], ranges))
        elif mark:
            stack[-1][-1].append(mark)
    if len(stack) != 1:
        raise ValueError("a bracket is left open in a line of the sample's wording")
    return tuple(stack[0][0])


def _slot(text: str, ranges: Mapping[str, tuple[int, int]]) -> Slot:
    name, _, span = text.partition(":")
    if span:
        low, _, high = span.partition("-")
        return Slot(name, int(low), int(high))
    return Slot(name, *ranges.get(name, (0, -1)))


@dataclass(slots=True)
class Teller:
    """Says lines for one conversation and remembers what it filled in, so that a person keeps age, job and sister."""

    rng: Random
    words: Mapping[str, Sequence[str]]
    verbatim: frozenset[str] = frozenset()
    memo: dict[str, str] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)

    def pick(self, options: Sequence[T]) -> T:
        """Choose one, all equally likely."""
        return options[int(self.rng.random() * len(options))]

    def say(self, line: Line) -> str:
        """Make one text of a line."""
        out: list[str] = []
        self._say(line, out)
        return "".join(out)

    def any(self, lines: Sequence[Line]) -> str:
        """Make one text of any of the lines."""
        return self.say(self.pick(lines))

    def hold(self, text: str) -> str:
        """Give back a single character that stands for a text no voice may change, until release."""
        self.held.append(text)
        return chr(FIRST_HELD + len(self.held) - 1)

    def release(self, text: str) -> str:
        """Put the texts that were held back in their places."""
        if not self.held or text.isascii():
            return text
        return "".join(self.held[ord(c) - FIRST_HELD] if FIRST_HELD <= ord(c) <= LAST_HELD else c for c in text)

    def _say(self, line: Line, out: list[str]) -> None:
        for part in line:
            if isinstance(part, str):
                out.append(part)
            elif isinstance(part, tuple):
                self._say(part[int(self.rng.random() * len(part))], out)
            else:
                out.append(self._fill(part))

    def _fill(self, slot: Slot) -> str:
        memo, name = self.memo, slot.name
        if name in memo:
            return memo[name]
        if slot.high >= 0:
            memo[name] = self._number(slot)
        elif name in PRONOUNS["m"] or name.lower() in PRONOUNS["m"]:
            self._set_pronouns("m" if self.rng.random() < 0.5 else "f")
        else:
            value, _, gender = self.pick(self.words[name]).partition(" ~ ")
            memo[name] = self.hold(value.replace("\\n", "\n")) if name in self.verbatim else value
            if gender and "he" not in memo:
                self._set_pronouns(gender)
        return memo[name]

    def _set_pronouns(self, gender: str) -> None:
        for name, word in PRONOUNS[gender].items():
            self.memo[name] = word
            self.memo[name.capitalize()] = word.capitalize()

    def _number(self, slot: Slot) -> str:
        drawn = slot.low + int(self.rng.random() * (slot.high - slot.low + 1))
        if slot.name in UNROUNDED or slot.high < 100:
            return str(drawn)
        step = 100 if slot.high >= 2_000 else 10 if slot.high >= 300 else 1
        drawn = max(slot.low, drawn // step * step)
        if "," not in self.memo:
            self.memo[","] = self.pick((",", ""))
        return f"{drawn:,}" if self.memo[","] else str(drawn)
