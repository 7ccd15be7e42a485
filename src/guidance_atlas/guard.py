"""Complementary suppression that stands against all equations at once.

What an attacker can know goes into limits: shown counts, what a status tells, how counts are rounded, and every
equation. A guarded count is safe when points (bounds.py) take it to both of its ends. Where none does, the cheapest set
of shown counts that would let one through is found by a linear program, the relaxation of cell suppression that Kelly,
Golden and Assad (1992) use, and withheld too; then everything is tried again.

Groups of two and more cuts of which nothing is shown (*silent* ones) are taken together: what is left of a sum once
all others are taken away is one unknown. Only so is the program small; attack.py does without that step.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linprog

from guidance_atlas.bounds import NEAR, NO_LIMIT, Floats, Points, Sums, left_behind, narrowed
from guidance_atlas.gaps import FINE, came_far, rank_of, shown_counts
from guidance_atlas.margins import NONE, Margins

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
COSTS = np.array([1_000.0, 60.0, 6.0, 1.0])  # of withholding a count, per conversation moved, by the cuts of its group

AT_ONCE = 16  # counts that a way out is looked for at the same time: fewer lose less, more are quicker


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
    loud = np.zeros(int(margins.group.max(initial=0)) + 1, dtype=np.bool_)
    down, up = rules.ends(margins.value)
    safe: set[tuple[int, bool]] = set()  # withholding more takes no point away, so what is safe stays so
    while True:
        low, high = known_limits(margins, withheld, rules)
        narrow_low, narrow_high = narrowed(_all_sums(margins), low, high)
        narrow = loud[margins.group] | (rules.guarded & ((narrow_low > down) | (narrow_high < up)))
        if not loud[margins.group[narrow]].all():
            loud[margins.group[narrow]] = True
            safe.clear()
        view = _View.of(margins, withheld, loud)
        wanted = view.wanted(margins, rules)
        wanted = wanted.only(np.array([key not in safe for key in wanted.keys(view)], dtype=np.bool_))
        failing = wanted.failing(view, narrow_low, narrow_high)
        if not failing.any():
            return withheld
        safe.update(wanted.only(~failing).keys(view))
        some = wanted.only(np.flatnonzero(failing)[:AT_ONCE])
        fresh = _widen(margins, view, low, high, some, withheld)
        if not (fresh & ~withheld).any():
            # They can be reached after all, or what is known of them follows from words alone, whatever is withheld.
            safe.update(some.keys(view))
        withheld = withheld | fresh


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


def _all_sums(margins: Margins) -> Sums:
    return Sums(margins.equation, margins.member, margins.whole, margins.n_equations)


@dataclass(frozen=True)
class _Wanted:
    """Counts (of a view) that must reach their ends."""

    counts: Ints
    ends: Floats
    up: Flags

    def only(self, some: Flags | Ints) -> "_Wanted":
        return _Wanted(self.counts[some], self.ends[some], self.up[some])

    def keys(self, view: "_View") -> list[tuple[int, bool]]:
        """What stays the same from view to view: a count, or the equation that something is left of."""
        left = self.counts >= view.n_counts
        names = self.counts.copy()
        names[left] = -1 - view.left_of[self.counts[left] - view.n_counts]
        return list(zip(names.tolist(), self.up.tolist(), strict=True))

    def failing(self, view: "_View", low: Floats, high: Floats) -> Flags:
        if not self.counts.size:
            return np.zeros(0, dtype=np.bool_)
        low, high = view.limits(low, high)
        low, high = narrowed(view.sums, low, high)
        return left_behind(Points(view.sums, low, high), self.counts, self.ends, up=self.up, each=False)


@dataclass(frozen=True)
class _View:
    """The equations with silent groups taken together: one more count for each sum that has silent parts."""

    sums: Sums
    silent: Flags  # per count of the margins
    n_counts: int  # of the margins; counts from here on are what is left of a sum
    left_of: Ints  # per such count: number of the equation
    equation: Ints  # per silent part of a sum that stays: number of the equation
    part: Ints  # and of the count

    @classmethod
    def of(cls, margins: Margins, withheld: Flags, loud: Flags) -> "_View":
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
        place = np.searchsorted(self.left_of, self.equation)
        least = np.bincount(place, low[self.part], self.left_of.size)
        most = np.minimum(np.bincount(place, high[self.part], self.left_of.size), NO_LIMIT)
        return (
            np.concatenate([np.where(self.silent, 0, low), least]),
            np.concatenate([np.where(self.silent, 0, high), most]),
        )

    def wanted(self, margins: Margins, rules: Rules) -> _Wanted:
        down, up = rules.ends(margins.value)
        own = np.flatnonzero(rules.guarded & ~self.silent)
        # What is left of a sum must be able to hold the most that a silent guarded part must be able to be.
        parts = rules.guarded[margins.member] & self.silent[margins.member] & ~margins.whole
        most = np.zeros(margins.n_equations)
        np.maximum.at(most, margins.equation[parts], up[margins.member[parts]])
        left = np.flatnonzero(most[self.left_of] > 0)
        return _Wanted(
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


def _widen(margins: Margins, view: _View, low: Floats, high: Floats, wanted: _Wanted, withheld: Flags) -> Flags:
    """The cheapest shown counts whose loss lets the wanted counts reach their ends, all at once where they can."""
    fresh = np.zeros_like(withheld)
    waiting = [np.flatnonzero(wanted.up), np.flatnonzero(~wanted.up)]
    while waiting:
        batch = waiting.pop()
        if not batch.size:
            continue
        moved = _cheapest_move(margins, view, low, high, wanted.only(batch), withheld)
        if moved is not None:
            fresh |= moved
        elif batch.size > 1:
            waiting += [batch[: batch.size // 2], batch[batch.size // 2 :]]
    return fresh


def _cheapest_move(
    margins: Margins, view: _View, low: Floats, high: Floats, wanted: _Wanted, withheld: Flags
) -> Flags | None:
    """Counts that differ from the truth in the cheapest table in which the wanted ones are at their ends."""
    may_go = shown_counts(margins, withheld)
    cost = COSTS[np.minimum(margins.cuts, 3)] * (1 + np.array([rank_of(kind) for kind in margins.kind])) / 10
    least, most = view.limits(np.where(may_go, 0, low), np.where(may_go, NO_LIMIT, high))
    np.maximum.at(least, wanted.counts[wanted.up], wanted.ends[wanted.up])
    np.minimum.at(most, wanted.counts[~wanted.up], wanted.ends[~wanted.up])
    if (least > most).any():
        return None
    n, moving = least.size, np.flatnonzero(may_go)
    rows = sparse.csr_matrix(
        (np.where(view.sums.whole, -1.0, 1.0), (view.sums.equation, view.sums.member)),
        shape=(view.sums.n_equations, n),
    )
    # More than the most that is known, or less than the least, is a move.
    pick = sparse.csr_matrix((np.ones(moving.size), (np.arange(moving.size), moving)), shape=(moving.size, n))
    eye, nothing = sparse.eye(moving.size), sparse.csr_matrix((moving.size, moving.size))
    found = linprog(
        np.r_[np.zeros(n), cost[moving], cost[moving]],
        A_eq=sparse.hstack([rows, sparse.csr_matrix((rows.shape[0], 2 * moving.size))], format="csr"),
        b_eq=np.zeros(rows.shape[0]),
        A_ub=sparse.vstack([sparse.hstack([pick, -eye, nothing]), sparse.hstack([-pick, nothing, -eye])], format="csr"),
        b_ub=np.r_[high[moving], -low[moving]],
        bounds=np.column_stack(
            [
                np.r_[least, np.zeros(2 * moving.size)],
                np.r_[np.where(most >= NO_LIMIT / 2, np.inf, most), np.full(2 * moving.size, np.inf)],
            ]
        ),
        method="highs",
    )
    if found.x is None:
        return None
    moved = np.zeros(margins.value.size, dtype=np.bool_)
    over = found.x[n : n + moving.size] + found.x[n + moving.size :]
    moved[moving] = over > NEAR
    return moved
