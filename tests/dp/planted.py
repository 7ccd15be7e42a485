"""Builders: people with conversations on days of one month, as the tables that counting reads; noise that is none."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import polars as pl
from corpus import Chat, tables

from guidance_atlas.dp.ask import Ask
from guidance_atlas.dp.counts import contributions, count
from guidance_atlas.sqlbook import SqlBook

BOOK = SqlBook()
FIRST = date(2026, 3, 2)  # a Monday
ASK = Ask(1.0, 1e-6, FIRST, FIRST + timedelta(27))


@dataclass(frozen=True)
class Said:
    """One conversation: whose, on which day of the period, and what was found."""

    person: str | None
    day: int | None = 0
    domain: str = "career"
    sycophantic: bool | None = False
    pushback: bool = False
    turns: int = 3
    guidance: bool = True
    id: str | None = None


def world(*said):
    """The tables of these conversations. Ids are told by person and place, so that one more changes no other."""
    nth = {}
    chats, days = [], []
    for one in said:
        nth[one.person] = nth.get(one.person, 0) + 1
        name = one.id or f"c-{one.person}-{nth[one.person]:03d}"
        day = None if one.day is None else FIRST + timedelta(one.day)
        days.append(day)
        chats.append(
            Chat(
                name,
                person=one.person,
                week=f"{day:%G-W%V}" if day else None,
                domain=one.domain,
                sycophantic=one.sycophantic,
                events=((2, "insists"),) if one.pushback else (),
                n_user_turns=one.turns,
                came_to="guidance" if one.guidance else "not_guidance",
            )
        )
    made = tables(*chats)
    made["conversations"] = made["conversations"].with_columns(day=pl.Series(days, dtype=pl.Date))
    return made


def counted(*said, ask=ASK, **changes):
    """Exact counts of these conversations."""
    ask = replace(ask, **changes)
    return count(contributions(world(*said), ask, book=BOOK), ask)


class NoNoise:
    """Stands in for noise where only what happens around it matters; counts how often it was drawn."""

    scale, threshold, made_by = 4.0, 50, "none"

    def __init__(self, add=0):
        self.drawn, self.add = 0, add

    def draw(self, dense, sparse):
        self.drawn += 1
        return [value + self.add for value in dense], {key: v for key, v in sparse.items() if v >= self.threshold}
