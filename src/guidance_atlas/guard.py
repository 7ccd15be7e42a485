"""Complementary suppression that stands against all equations at once.

What an attacker can know goes into limits: shown counts, what a status tells, how counts are rounded, and every
equation. A guarded count is safe when points (points.py) take it to both of its ends. Where none does, the cheapest
shown counts that let one through are withheld too (ways_out.py). Silent groups are taken together (folded.py).

The work is bounded by the number of unknowns solved for. Where it does not suffice, or where no way out is found for a
count, the finest groups are withheld whole, and it starts anew with the rest: it ends with a count that was asked for
and not taken to its end only where nothing at all is shown.
"""

from dataclasses import dataclass

import numpy as np

from guidance_atlas.bounds import NO_LIMIT, Flags, Floats, Ints, Sums, narrowed
from guidance_atlas.folded import Folded
from guidance_atlas.gaps import FINE, came_far, shown_counts
from guidance_atlas.margins import NONE, Margins
from guidance_atlas.points import NoWayOutError, Points, Work, left_behind
from guidance_atlas.ways_out import withhold_more

WORK = 1_500_000  # unknowns solved for, before the finest groups are given up (2,000 conversations take 100,000)


@dataclass(frozen=True)
class Rules:
    """What is withheld in the first place, and how the rest is shown."""

    guarded: Flags  # per count: whether nobody may tell it
    led: Flags  # per count: whether it is guarded because one person holds much of it
    few: Flags  # per count: whether cells that show it say few_people
    least_people: int
    round_to: int

    def ends(self, value: Ints) -> tuple[Floats, Floats]:
        """What each count must be able to be, at the least and at the most: 1 and the minimum less 1, or as wide.

        That one person holds much of a count tells that it has enough people, so such a one is wide upward.
        """
        width = max(self.least_people - 2, 1)
        low, high = np.maximum(value - width, np.minimum(value, 1)), np.maximum(value, self.least_people - 1)
        low, high = np.where(self.led, value, low), np.where(self.led, value + width, high)
        return low.astype(np.float64), np.where(value > 0, high, 1).astype(np.float64)


def guard(margins: Margins, withheld: Flags, rules: Rules) -> Flags:
    """Withhold more counts until every guarded one can be anything between its ends; returns all that are withheld."""
    for cuts in range(int(margins.cuts.max(initial=0)), -1, -1):
        try:
            return _guarded(margins, withheld, rules, Work(WORK))
        except NoWayOutError:
            withheld = withheld | (margins.cuts >= cuts)
    return withheld


def _guarded(margins: Margins, withheld: Flags, rules: Rules, work: Work) -> Flags:
    loud = np.zeros(int(margins.group.max(initial=0)) + 1, dtype=np.bool_)
    sums = Sums(margins.equation, margins.member, margins.whole, margins.n_equations)
    down, up = rules.ends(margins.value)
    safe: set[tuple[int, bool]] = set()  # withholding more takes no point away, so what is safe stays so
    while True:
        low, high = narrowed(sums, *known_limits(margins, withheld, rules))
        narrow = loud[margins.group] | (rules.guarded & ((low > down) | (high < up)))
        if not loud[margins.group[narrow]].all():
            loud[margins.group[narrow]] = True
            safe.clear()
        view = Folded.of(margins, withheld, loud)
        wanted = view.wanted(margins, rules.guarded, down, up)
        wanted = wanted.only(np.array([key not in safe for key in wanted.keys(view)], dtype=np.bool_))
        points = Points(
            view.sums, *narrowed(view.sums, *view.limits(low, high)), fits=view.values(margins.value), work=work
        )
        failing = left_behind(points, wanted.counts, wanted.ends, up=wanted.up, each=False)
        safe.update(wanted.only(~failing).keys(view))
        if not failing.any():
            return withheld

        def limits(withheld: Flags, view: Folded = view) -> tuple[Floats, Floats]:
            return view.limits(*known_limits(margins, withheld, rules))

        left = wanted.only(failing)
        more = withhold_more(margins, view, limits, left, withheld, work)
        if not (more & ~withheld).any():  # then all can be reached, if one after the other
            if left_behind(points, left.counts, left.ends, up=left.up, each=True).any():
                raise NoWayOutError
            safe.update(left.keys(view))
        withheld = more


def known_limits(margins: Margins, withheld: Flags, rules: Rules) -> tuple[Floats, Floats]:
    """What is known of each count before any equation is used: the least and the most it can be.

    Where every person has one conversation, a plain count that says few_people is below the minimum. That a method
    reached everybody is taken to be known, and that it left out few, but not how few.
    """
    k, base = rules.least_people, rules.round_to
    shown = shown_counts(margins, withheld)
    rounded = (margins.value + base // 2) // base * base
    low = np.where(shown, np.where(rounded > 0, np.maximum(rounded - base // 2, k), 0), 0).astype(np.float64)
    high = np.where(shown, np.where(rounded > 0, rounded + base - 1 - base // 2, 0), NO_LIMIT).astype(np.float64)
    low = np.minimum(low, margins.value)
    plain = np.zeros_like(shown)
    plain[margins.numerator[margins.denominator == NONE]] = True
    if (margins.value[plain] == margins.people[plain]).all():
        high[plain & rules.few & ~shown] = k - 1
    low[plain & withheld & ~rules.few & ~shown & (margins.cuts >= FINE)] = k
    low = np.minimum(low, margins.value)
    high = np.maximum(high, margins.value)
    far = came_far(margins, k)
    low[far], high[far] = 0, np.where(margins.value[far] > 0, np.maximum(k - 1, margins.value[far]), 0)
    return low, high
