"""Equations with silent groups taken together, so that a program over all of them stays small.

A group is *silent* where it is cut twice or more and nothing of it is shown. What is left of a sum once all other parts
are taken away is one unknown for all silent parts of it. attack.py does without this step.
"""

from dataclasses import dataclass

import numpy as np

from guidance_atlas.bounds import NO_LIMIT, Flags, Floats, Ints, Sums
from guidance_atlas.gaps import FINE, shown_counts
from guidance_atlas.margins import Margins


@dataclass(frozen=True)
class Wanted:
    """Counts (of a view) that must reach their ends."""

    counts: Ints
    ends: Floats
    up: Flags

    def only(self, some: Flags | Ints) -> "Wanted":
        """Some of them."""
        return Wanted(self.counts[some], self.ends[some], self.up[some])

    def keys(self, view: "Folded") -> list[tuple[int, bool]]:
        """What stays the same from view to view: a count, or the equation that something is left of."""
        left = self.counts >= view.n_counts
        names = self.counts.copy()
        names[left] = -1 - view.left_of[self.counts[left] - view.n_counts]
        return list(zip(names.tolist(), self.up.tolist(), strict=True))


@dataclass(frozen=True)
class Folded:
    """The equations with silent groups taken together: one more count for each sum that has silent parts."""

    sums: Sums
    silent: Flags  # per count of the margins
    n_counts: int  # of the margins; counts from here on are what is left of a sum
    left_of: Ints  # per such count: number of the equation
    equation: Ints  # per silent part of a sum that stays: number of the equation
    part: Ints  # and of the count

    @classmethod
    def of(cls, margins: Margins, withheld: Flags, loud: Flags) -> "Folded":
        """Fold the groups that are silent, unless they are loud: those are to be looked at one by one."""
        silent = _silent(margins, withheld, loud)[margins.group]
        whole = np.zeros(margins.n_equations, dtype=np.int64)
        whole[margins.equation[margins.whole]] = margins.member[margins.whole]
        quiet = silent[margins.member]
        kept = ~silent[whole][margins.equation]  # members of equations that stay
        kept &= ~(_has(margins, quiet) & _has_rest(margins))[margins.equation]
        left_of = np.unique(margins.equation[kept & quiet])
        members = kept & ~quiet
        n = margins.value.size
        sums = Sums(
            np.concatenate([margins.equation[members], left_of]),
            np.concatenate([margins.member[members], n + np.arange(left_of.size)]),
            np.concatenate([margins.whole[members], np.zeros(left_of.size, dtype=np.bool_)]),
            margins.n_equations,
        )
        return cls(_renumbered(sums), silent, n, left_of, margins.equation[kept & quiet], margins.member[kept & quiet])

    def limits(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Limits of all counts of the view, from those of the counts of the margins."""
        place = np.searchsorted(self.left_of, self.equation)
        least = np.bincount(place, low[self.part], self.left_of.size)
        most = np.minimum(np.bincount(place, high[self.part], self.left_of.size), NO_LIMIT)
        return (
            np.concatenate([np.where(self.silent, 0, low), least]),
            np.concatenate([np.where(self.silent, 0, high), most]),
        )

    def values(self, value: Ints) -> Floats:
        """The true counts, which fit: those of silent groups are in what is left of their sums."""
        left = np.bincount(np.searchsorted(self.left_of, self.equation), value[self.part], self.left_of.size)
        return np.concatenate([np.where(self.silent, 0, value), left]).astype(np.float64)

    def wanted(self, margins: Margins, guarded: Flags, down: Floats, up: Floats) -> Wanted:
        """Guarded counts at both ends; and what is left of a sum, at the most that a silent guarded part must reach."""
        own = np.flatnonzero(guarded & ~self.silent)
        parts = guarded[margins.member] & self.silent[margins.member] & ~margins.whole
        most = np.zeros(margins.n_equations)
        np.maximum.at(most, margins.equation[parts], up[margins.member[parts]])
        left = np.flatnonzero(most[self.left_of] > 0)
        return Wanted(
            np.concatenate([own, own, self.n_counts + left]),
            np.concatenate([up[own], down[own], most[self.left_of[left]]]),
            np.concatenate([np.ones(own.size), np.zeros(own.size), np.ones(left.size)]).astype(np.bool_),
        )


def _renumbered(sums: Sums) -> Sums:
    numbers, equation = np.unique(sums.equation, return_inverse=True)
    return Sums(equation.astype(np.int64), sums.member, sums.whole, numbers.size)


def _has(margins: Margins, members: Flags) -> Flags:
    """Say of each equation whether it has one of these members."""
    return np.bincount(margins.equation[members], minlength=margins.n_equations) > 0


def _has_rest(margins: Margins) -> Flags:
    """Say of each equation whether it only defines a rest: a silent part of it hides the rest as well."""
    rest = np.array([kind == "rest" for kind in margins.kind])
    return _has(margins, rest[margins.member] & ~margins.whole)


def _silent(margins: Margins, withheld: Flags, loud: Flags) -> Flags:
    """Say of each group whether it is silent: cut twice or more, nothing shown, nothing finer shown, and not alone."""
    shown = shown_counts(margins, withheld)
    silent = ~loud.copy()
    silent[margins.group[(margins.cuts < FINE) | shown]] = False
    whole = np.zeros(margins.n_equations, dtype=np.int64)
    whole[margins.equation[margins.whole]] = margins.member[margins.whole]
    of_whole, of_part = margins.group[whole[margins.equation]], margins.group[margins.member]
    across = of_whole != of_part
    while True:
        quiet = silent[of_part] & across
        n_quiet = np.bincount(margins.equation[quiet], minlength=margins.n_equations)
        lone = quiet & (n_quiet[margins.equation] == 1) & ~silent[of_whole] & ~_has_rest(margins)[margins.equation]
        talking = across & silent[of_whole] & ~silent[of_part]
        before = int(silent.sum())
        silent[of_part[lone]] = False
        silent[of_whole[talking]] = False
        if int(silent.sum()) == before:
            return silent
