"""Complementary suppression, the quick pass: withhold more until no single gap can be filled from what is shown.

As long as a withheld count can be worked out from the shown ones, one more of the equation it comes out of is withheld;
the same where withheld counts together hold fewer people than the minimum, or where only one answer fits. This stands
against somebody who fills gaps one equation after the other; guard.py stands against all equations at once.
"""

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.errors import StageError
from guidance_atlas.margins import FUNNEL, NONE, Margins

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
FINE = 2  # of domain, week, model and slice: groups that are cut by as many are given up before any coarser one


def close_gaps(margins: Margins, small: Flags, least_people: int) -> Flags:
    """Withhold more counts until none that is withheld can be worked out; returns all that are withheld.

    Among few people a numerator of 0 tells as much as any other, so it is guarded too, unless the whole it belongs to
    is 0 and tells it anyway.

    Raises:
        StageError: a gap cannot be closed.
    """
    withheld = small.copy()
    shares = margins.denominator != NONE
    withheld[margins.numerator[shares & small[margins.denominator]]] = True
    while True:
        known, found_in = _worked_out(margins, withheld, least_people)
        told = known & withheld & (margins.value > 0)
        # A gap that is filled with the help of another one closes with that one.
        helped = np.bincount(margins.equation[told[margins.member]], minlength=margins.n_equations)
        lone = np.flatnonzero(known & withheld & (found_in != NONE))
        lone = found_in[lone[helped[found_in[lone]] == told[lone]]]
        together = _telling_together(margins, known, withheld, small, least_people)
        open_equations = np.union1d(lone, together[helped[together] == 0])
        shown = shown_counts(margins, withheld)
        can_go = known & ~withheld & ~margins.reached & _may_go(margins)
        fresh: set[int] = set()
        for equation in open_equations.tolist():
            start, stop = np.searchsorted(margins.equation, [equation, equation + 1])
            members, going = margins.member[start:stop], can_go[margins.member[start:stop]]
            if going.any() and fresh.isdisjoint(members.tolist()):
                fresh.add(_cheapest(margins, members[going], margins.whole[start:stop][going], shown))
        if not fresh:
            if told.any():
                raise StageError("a withheld count can be worked out from the shown ones: raise least_people")
            return withheld
        withheld[list(fresh)] = True


def _may_go(margins: Margins) -> Flags:
    """Say of each count whether it may be withheld for others' sake: zeros only in groups that are cut twice or more.

    Where a domain lies in one week alone, the zeros of its other weeks are all that can stand beside that week; without
    them the gap could only be closed by giving up the domain itself.
    """
    return (margins.value > 0) | (margins.cuts >= FINE)


def some_cells(margins: Margins, counts: Flags) -> Flags:
    """Say of each cell whether one of its counts is among those given."""
    some: Flags = counts[margins.numerator] | ((margins.denominator != NONE) & counts[margins.denominator])
    return some


def shown_counts(margins: Margins, withheld: Flags) -> Flags:
    """Say of each count whether some cell shows it."""
    cells = ~some_cells(margins, withheld)
    shown = np.zeros(withheld.size, dtype=np.bool_)
    shown[margins.numerator[cells]] = True
    shown[margins.denominator[cells & (margins.denominator != NONE)]] = True
    return shown


def came_far(margins: Margins, least_people: int) -> Flags:
    """Say of each count whether it is the rest that the method did not reach, and small beside what it did reach."""
    far: Flags = margins.reached & (margins.people < least_people) & (margins.beside >= least_people)
    return far


def _worked_out(margins: Margins, withheld: Flags, least_people: int) -> tuple[Flags, Ints]:
    """Fill single gaps until there is none: which counts are known in the end, and out of which equation.

    How far the method came is taken to be known where it came far: nothing hides behind a rest of few people.
    """
    known = shown_counts(margins, withheld) | came_far(margins, least_people)
    found_in = np.full(known.size, NONE, dtype=np.int64)
    while True:
        open_members = ~known[margins.member]
        gaps = np.bincount(margins.equation[open_members], minlength=margins.n_equations)
        lone = open_members & (gaps[margins.equation] == 1)
        if not lone.any():
            return known, found_in
        found_in[margins.member[lone]] = margins.equation[lone]
        known[margins.member[lone]] = True


def _telling_together(margins: Margins, known: Flags, withheld: Flags, small: Flags, least_people: int) -> Ints:
    """Equations whose open parts tell too much together.

    Their sum is whole less known parts, so it must stand on enough people; and it must leave each part a choice: small
    counts lie between 1 and the minimum less 1, other withheld ones lie at the minimum or above.
    """
    n = margins.n_equations
    is_open, parts = ~known[margins.member], ~margins.whole
    guarded = np.bincount(margins.equation[is_open & parts & withheld[margins.member]], minlength=n) > 0
    whole_known = np.bincount(margins.equation[margins.whole & ~is_open], minlength=n) > 0

    def total(of: Ints, among: Flags) -> Ints:
        return np.bincount(margins.equation[among], weights=of[margins.member[among]], minlength=n).astype(np.int64)

    people = total(margins.people, margins.whole) - total(margins.people, parts & ~is_open)
    largest = np.zeros(n, dtype=np.int64)
    np.maximum.at(largest, margins.equation[is_open & parts], margins.people[margins.member[is_open & parts]])
    together = np.maximum(people, largest)
    least = np.where(withheld & small, 1, np.where(withheld & (margins.cuts < FINE), least_people, 0))
    most = np.where(small, least_people - 1, np.iinfo(np.int32).max)
    value, open_parts = total(margins.value, is_open & parts), is_open & parts
    pinned = (value == total(least, open_parts)) | (value == total(most, open_parts))
    return np.flatnonzero(guarded & whole_known & ((together < least_people) | pinned))


def _cheapest(margins: Margins, candidates: Ints, whole: Flags, shown: Flags) -> int:
    """The count whose loss costs least: finest group, early in the funnel, a part, of few people, already not shown.

    The finest first, so that a sparse week or model never takes the total of its domain with it; parts before their
    whole, so that a share among few does not take the share among all with it.
    """

    def cost(place: int) -> tuple[int, int, bool, int, bool, int]:
        count = int(candidates[place])
        rank, people = rank_of(margins.kind[count]), int(margins.people[count])
        return -int(margins.cuts[count]), rank, bool(whole[place]), people, bool(shown[count]), count

    return int(candidates[min(range(len(candidates)), key=cost)])


def rank_of(kind: str) -> int:
    """How early in the funnel a count stands: what comes first is given up first."""
    step = kind.partition(":")[0]
    return FUNNEL.index(step) if step in FUNNEL else len(FUNNEL)
