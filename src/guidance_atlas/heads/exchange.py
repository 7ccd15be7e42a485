"""What the reader of exchanges is given to read: one turn, and before it what it answers to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from guidance_atlas.heads.text import clip, soften

BEFORE_TOKENS = 28
SAID_TOKENS = 44
# Of what stands before an answer that follows an earlier one: the first ask, the earlier answer, the last thing said.
FIRST_ASK, EARLIER_ANSWER, LAST_SAID = 8, 10, 14
# Of what stands before a turn that may push back: what was asked, and the answer it would push against.
ASKED, ANSWERED = 12, 20
LEAST_WORDS = 4
LONGEST = 800  # characters of a turn that are looked at, half of them its end

_SPACES = re.compile(r"\s+")

Turns = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Excerpt:
    """A text of which the first and last tokens are read, `tokens` in all."""

    text: str
    tokens: int


@dataclass(frozen=True)
class Exchange:
    """A turn and what stands before it, oldest first."""

    before: tuple[Excerpt, ...]
    said: Excerpt


def answer_at(turns: Turns, at: int) -> Exchange | None:
    """An assistant turn with what it answers to; None where nothing was asked yet or it has fewer than four words.

    Args:
        turns: role and text of every turn.
        at: position of the assistant turn.
    """
    asks, answers = _places(turns, at, "user"), _places(turns, at, "assistant")
    if not asks or len(turns[at][1].split()) < LEAST_WORDS:
        return None
    before: Sequence[tuple[int, int]] = ((asks[-1], BEFORE_TOKENS),)
    if answers and asks[0] < answers[-1] < asks[-1]:
        before = ((asks[0], FIRST_ASK), (answers[-1], EARLIER_ANSWER), (asks[-1], LAST_SAID))
    return _exchange(turns, before, at)


def reaction_at(turns: Turns, at: int) -> Exchange | None:
    """A user turn with the answer it follows; None where the assistant has said nothing yet."""
    answers = _places(turns, at, "assistant")
    if not answers:
        return None
    asks = _places(turns, answers[-1], "user")
    return _exchange(turns, (*((one, ASKED) for one in asks[-1:]), (answers[-1], ANSWERED)), at)


def exchange_at(turns: Turns, at: int) -> Exchange | None:
    """Whichever of the two the turn can be; None where there is nothing to judge in it."""
    return answer_at(turns, at) if turns[at][0] == "assistant" else reaction_at(turns, at)


def _places(turns: Turns, at: int, role: str) -> list[int]:
    return [place for place in range(at) if turns[place][0] == role]


def _exchange(turns: Turns, before: Sequence[tuple[int, int]], at: int) -> Exchange:
    excerpts = tuple(Excerpt(_plain(turns[place][1]), tokens) for place, tokens in before)
    return Exchange(excerpts, Excerpt(_plain(turns[at][1]), SAID_TOKENS))


def _plain(text: str) -> str:
    return clip(_SPACES.sub(" ", soften(clip(text))).strip(), length=LONGEST)
