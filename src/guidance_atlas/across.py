"""What a reader of all releases can work out: the new one, each earlier one, and what changed between them.

Three tables stand over the same counts and the same equations (margins.py): the new release, an earlier one, and their
difference. In each a single gap of an equation can be filled; and of new, old and change of one count, two give the
third. A reader takes it that what did not change is the same: weeks gone by mostly are. What is held against people is
exact, so nothing rests on rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from guidance_atlas.changes import Flags, Floats, Ints, Step
from guidance_atlas.margins import Margins

GIVEN, PAIRED = -1, -2  # why a count is known: shown, or from two of new, old and change; else out of which equation
NEW, OLD, CHANGE = "new", "old", "change"


@dataclass
class _Table:
    """What is known of one table, and why: GIVEN, PAIRED, or the number of an equation."""

    known: Flags
    why: Ints
    paired_with: Ints  # of a new count known as PAIRED: the step

    def copy(self) -> "_Table":
        return _Table(self.known.copy(), self.why.copy(), self.paired_with.copy())


Place = tuple[str, int]  # a table: NEW, OLD or CHANGE, and the number of the step


@dataclass
class Known:
    """Everything that can be worked out, with the reason of each piece."""

    margins: Margins
    tables: dict[Place, _Table] = field(default_factory=dict)

    def copy(self) -> "Known":
        """The same knowledge, to be added to."""
        return Known(self.margins, {place: table.copy() for place, table in self.tables.items()})

    def of(self, place: Place) -> Flags:
        """Which counts of a table are known."""
        return self.tables[place].known

    def tell(self, shown: Flags) -> None:
        """Add counts that the new release shows, and all that follows."""
        self.tables[(NEW, 0)].known |= shown
        n_known = -1
        while n_known != (n_known := sum(int(table.known.sum()) for table in self.tables.values())):
            for place, table in self.tables.items():
                _fill(self.margins, table)
                if place[0] == CHANGE:
                    self._pair(place[1])

    def _pair(self, step: int) -> None:
        new, old, change = (self.tables[place] for place in ((NEW, 0), (OLD, step), (CHANGE, step)))
        for one, other, third in ((new, old, change), (old, change, new), (new, change, old)):
            fresh = one.known & other.known & ~third.known
            third.known |= fresh
            third.why[fresh] = PAIRED
            third.paired_with[fresh] = step

    def rests_on(self, wanted: Sequence[tuple[Place, int]], leaves: Flags) -> set[int]:
        """Which of these shown counts of the new release some known counts were worked out from."""
        found: set[int] = set()
        seen, open_ = set(wanted), list(wanted)
        while open_:
            place, count = open_.pop()
            table = self.tables[place]
            why = int(table.why[count])
            if why == GIVEN:
                if place[0] == NEW and leaves[count]:
                    found.add(count)
                continue
            step = int(table.paired_with[count])
            behind = (
                [(other, count) for other in ((NEW, 0), (OLD, step), (CHANGE, step)) if other != place]
                if why == PAIRED
                else [(place, other) for other in members(self.margins, why).tolist() if other != count]
            )
            open_ += [one for one in behind if one not in seen]
            seen.update(behind)
        return found


def members(margins: Margins, equation: int) -> Ints:
    """The counts of an equation."""
    start, stop = np.searchsorted(margins.equation, [equation, equation + 1])
    of: Ints = margins.member[start:stop]
    return of


def nothing_new(margins: Margins, steps: Sequence[Step], absent: Flags) -> Known:
    """What the earlier releases tell together, and that what did not change is the same.

    absent are counts of groups that the new release has no row of: they are 0.
    """
    size = len(margins.kind)

    def table(known: Flags) -> _Table:
        return _Table(known.copy(), np.full(size, GIVEN), np.zeros(size, dtype=np.int64))

    known = Known(margins, {(NEW, 0): table(absent)})
    for number, step in enumerate(steps):
        known.tables[(OLD, number)] = table(step.old.shown)
        known.tables[(CHANGE, number)] = table(step.least == 0)
    known.tell(np.zeros(size, dtype=np.bool_))
    for one in known.tables.values():  # how this came about does not matter: the new release cannot undo it
        one.why[:] = GIVEN
    return known


def tells_together(
    margins: Margins, known: Flags, value: Floats, least: Floats, most: Floats, *, least_people: int
) -> Flags:
    """Say of each equation whether the sum of its parts that are not known is known and stands on few people.

    That sum stands on as many people as its largest part at least, and as those of the whole less those of the parts
    that are known.
    """
    n, whole = margins.n_equations, margins.whole
    is_open, parts = ~known[margins.member], ~margins.whole

    def total(of: Floats, among: Flags) -> Floats:
        summed = np.bincount(margins.equation[among], weights=of[margins.member[among]], minlength=n)
        return summed.astype(np.float64)

    told = np.bincount(margins.equation[whole & ~is_open], minlength=n) > 0
    n_open = np.bincount(margins.equation[parts & is_open], minlength=n)
    rest = total(value, whole) - total(value, parts & ~is_open)
    people = total(least, whole) - total(most, parts & ~is_open)
    np.fmax.at(people, margins.equation[parts & is_open], least[margins.member[parts & is_open]])
    flags: Flags = told & (n_open > 1) & (rest != 0) & ~np.isnan(rest) & (people < least_people)
    return flags


def _fill(margins: Margins, table: _Table) -> None:
    """Fill single gaps until there is none."""
    while True:
        is_open = ~table.known[margins.member]
        gaps = np.bincount(margins.equation[is_open], minlength=margins.n_equations)
        lone = is_open & (gaps[margins.equation] == 1)
        if not lone.any():
            return
        found = margins.member[lone]
        table.why[found] = margins.equation[lone]
        table.known[found] = True
