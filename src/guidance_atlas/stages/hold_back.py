"""Cells are held back from a release where an earlier one could be subtracted from it to tell about few people.

The rule: wherever a number that readers have changed, the change must stand on at least as many people as any number
must, or the new number is held back until it does. So must every sum of changes, and what new and old cells tell
together where nothing changed. Changes are the exact ones: rounding is not leant on, since a count that moves by one
step of it, or comes into sight, tells as well. What readers see in its place is said in carry_forward.py.
"""

from collections.abc import Sequence

import dataframely as dy
import numpy as np
import polars as pl

from guidance_atlas.across import CHANGE, NEW, OLD, Known, Place, members, nothing_new, tells_together
from guidance_atlas.changes import NUMBERS, Counted, Flags, Step, counted, step_from
from guidance_atlas.contracts import Cells, ClusterNames, PublicCells, ReleasedCells
from guidance_atlas.margins import NONE, Margins, margins_of
from guidance_atlas.sensitive import tells_of_all

KEY = ["cut", "domain", "week", "model", "facet", "measure"]
HELD = "complementary"  # as others that would give one away
BY_NUMBER = [name if name != "facet" else "number" for name in KEY]
MANY = 2**31  # people: more than any group has


def hold_back(
    cells: dy.DataFrame[Cells],
    cluster_names: dy.DataFrame[ClusterNames],
    public_cells: dy.DataFrame[PublicCells],
    *,
    earlier: Sequence[dy.DataFrame[ReleasedCells]],
    least_people: int,
) -> dy.DataFrame[PublicCells]:
    """Hold back cells until no combination of releases tells about fewer than least_people; nothing else changes.

    What the earlier releases tell by themselves cannot be taken back and is left alone.

    Raises:
        StageError: the cells do not add up.
    """
    if not earlier:
        return public_cells
    every = _with_groups_gone(with_status(cells, cluster_names, public_cells), earlier)
    margins = margins_of(every)
    new = counted(every, every.with_columns(shown=pl.col("status") == "shown"), margins)
    before = [_beside(every, old) for old in earlier]
    steps = [step_from(every, new, counted(every, old, margins), margins) for old in before]
    guarded = [_guarded(margins, step.old, old["guarded"]) for step, old in zip(steps, before, strict=True)]
    held = _held(
        margins,
        new,
        steps,
        every,
        guarded=[_guarded(margins, new, every["guarded"]), *guarded],
        least_people=least_people,
    )
    some = held[margins.numerator] | ((margins.denominator != NONE) & held[margins.denominator])
    gone = every.filter(pl.Series(some) & (pl.col("status") == "shown")).select(
        *[name for name in KEY if name != "facet"], facet="number"
    )
    return _without(public_cells, gone)


def with_status(cells: pl.DataFrame, cluster_names: pl.DataFrame, public_cells: pl.DataFrame) -> pl.DataFrame:
    """The cells with their status, clusters by name; number is what a cluster goes by in these cells.

    A cluster goes by its name, since its number is another one after every run; by its number where two share a name.

    guarded are those withheld though enough people stand behind them: one person leads, a name that few share, a
    sensitive fact of everybody. Others withheld as few people are so by their counts, which are looked at anyway.
    """
    named = _by_name(cells, cluster_names).with_columns(number=cells["facet"], everybody=tells_of_all(cells, MANY))
    status = public_cells.select(*KEY, pl.col("status").cast(pl.String))
    few = pl.col("everybody") | (pl.col("cut") == "cluster")
    return named.join(status, left_on=BY_NUMBER, right_on=KEY, maintain_order="left").with_columns(
        guarded=(pl.col("status") == "dominance") | ((pl.col("status") == "few_people") & few)
    )


def _by_name(cells: pl.DataFrame, cluster_names: pl.DataFrame) -> pl.DataFrame:
    names = cluster_names.select(
        facet=pl.col("cluster_id").cast(pl.String),
        name=pl.when(pl.col("name").is_unique()).then("name"),
    )
    named = cells.join(names, on="facet", how="left", maintain_order="left")
    facet = pl.when(pl.col("cut") == "cluster").then(pl.coalesce("name", "facet")).otherwise("facet")
    return named.with_columns(facet=facet).drop("name")


def _with_groups_gone(here: pl.DataFrame, earlier: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The new cells, and zeros for groups that only earlier releases had, of measures that are still counted."""
    old = pl.concat([one.select(*KEY, "denominator") for one in earlier]).unique(KEY)
    gone = (
        old.join(here, on=KEY, how="anti")
        .join(here, on=["cut", "measure"], how="semi")
        .with_columns(pl.lit(0, pl.UInt64).alias(name) for name in NUMBERS if name != "denominator")
        .with_columns(denominator=pl.when(pl.col("denominator").is_not_null()).then(pl.lit(0, pl.UInt64)))
    )
    every = pl.concat([here.select(*KEY, *NUMBERS, "status", "number", "guarded"), gone], how="diagonal_relaxed")
    return every.sort(KEY)


def _beside(every: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """An earlier release in the order of every: zeros, known to be so, for groups that it had not yet.

    Nulls stand for measures that it did not count.
    """
    rows = every.select(*KEY, is_share=pl.col("denominator").is_not_null())
    rows = rows.join(old, on=KEY, how="left", maintain_order="left")
    counted = rows.join(
        old.select("cut", "measure", counted=pl.lit(value=True)).unique(),
        on=["cut", "measure"],
        how="left",
        maintain_order="left",
    )["counted"].fill_null(value=False)
    lacking = counted & pl.col("shown").is_null()
    zero = pl.when(lacking).then(pl.lit(0, pl.UInt64))
    return rows.with_columns(
        *(pl.coalesce(name, zero).alias(name) for name in NUMBERS if name != "denominator"),
        denominator=pl.coalesce("denominator", pl.when(pl.col("is_share")).then(zero)),
        shown=pl.coalesce("shown", lacking),
        guarded=pl.col("guarded").fill_null(value=False),
    )


def _held(
    margins: Margins,
    new: Counted,
    steps: Sequence[Step],
    every: pl.DataFrame,
    *,
    guarded: Sequence[Flags],
    least_people: int,
) -> Flags:
    """Counts to hold back: one shown count behind everything that must not be told, again until nothing is told."""
    absent = _only(margins, every["status"].is_null().to_numpy())
    before = nothing_new(margins, steps, absent)
    small = {(NEW, 0): _small(margins, new, least_people)}
    small[(NEW, 0)] |= guarded[0]
    for number, step in enumerate(steps):
        small[(OLD, number)] = _small(margins, step.old, least_people) | guarded[1 + number]
        small[(CHANGE, number)] = (step.least > 0) & (step.least < least_people) & ~margins.reached
    alone = nothing_new(margins, [], absent)
    alone.tell(new.shown)
    spared = [_told(margins, one, small, new, steps, least_people) for one in (before, alone)]
    held = np.zeros(new.shown.size, dtype=np.bool_)
    # What was told before goes first: its last number is out, that of a new week is not.
    never = ~np.any([step.old.shown & (step.old.value > 0) for step in steps], axis=0)
    cells_shown = (every["status"] == "shown").fill_null(value=False).to_numpy()
    while True:
        leaves = _still_shown(margins, cells_shown, held) & ~before.of((NEW, 0)) & ~absent
        known = before.copy()
        known.tell(leaves)
        told = _told(margins, known, small, new, steps, least_people) - spared[0] - spared[1]
        fresh: set[int] = set()
        for place, count, equation in sorted(told):
            wanted = [count] if equation == NONE else members(margins, equation).tolist()
            behind = known.rests_on([(place, one) for one in wanted if known.of(place)[one]], leaves)
            if behind and fresh.isdisjoint(behind):
                fresh.add(
                    min(
                        behind,
                        key=lambda one: (new.value[one] == 0, never[one], -margins.cuts[one], new.least[one], one),
                    )
                )
        if not fresh:
            return held
        held[list(fresh)] = True


def _only(margins: Margins, cells: Flags) -> Flags:
    """Counts that only these cells have."""
    counts = np.zeros(len(margins.kind), dtype=np.bool_)
    others = counts.copy()
    for which, of in ((cells, counts), (~cells, others)):
        of[margins.numerator[which]] = True
        of[margins.denominator[which & (margins.denominator != NONE)]] = True
    only: Flags = counts & ~others
    return only


def _small(margins: Margins, counted: Counted, least_people: int) -> Flags:
    small: Flags = (counted.value > 0) & (counted.least > 0) & (counted.least < least_people) & ~margins.reached
    return small


def _guarded(margins: Margins, counted: Counted, cells: pl.Series) -> Flags:
    """Counts of these cells; that a count is 0 says nothing of anybody."""
    guarded = np.zeros(counted.value.size, dtype=np.bool_)
    guarded[margins.numerator[cells.fill_null(value=False).to_numpy()]] = True
    return guarded & (counted.value > 0)


def _still_shown(margins: Margins, shown: Flags, held: Flags) -> Flags:
    """Counts that some cell shows when every cell with a held count is gone."""
    share = margins.denominator != NONE
    cells = shown & ~held[margins.numerator] & ~(share & held[margins.denominator])
    still = np.zeros(held.size, dtype=np.bool_)
    still[margins.numerator[cells]] = True
    still[margins.denominator[cells & share]] = True
    return still


def _told(
    margins: Margins, known: Known, small: dict[Place, Flags], new: Counted, steps: Sequence[Step], least_people: int
) -> set[tuple[Place, int, int]]:
    """What is known and must not be: (table, count, NONE), and (table, NONE, equation) of sums on few people."""
    found: set[tuple[Place, int, int]] = set()
    for place in known.tables:
        kind, number = place
        flags = known.of(place)
        found |= {(place, int(count), NONE) for count in np.flatnonzero(flags & small[place])}
        if kind == NEW:
            numbers = (new.value, new.least, new.most)
        elif kind == CHANGE:
            numbers = (steps[number].change, steps[number].least, steps[number].most)
        else:
            continue
        few = tells_together(margins, flags, *numbers, least_people=least_people)
        found |= {(place, NONE, int(equation)) for equation in np.flatnonzero(few)}
    return found


def _without(public_cells: dy.DataFrame[PublicCells], gone: pl.DataFrame) -> dy.DataFrame[PublicCells]:
    held = pl.col("gone").fill_null(value=False)
    numbers = ("numerator", "denominator", "n_people", "share", "low", "high")
    after = (
        public_cells.with_columns(pl.col("status").cast(pl.String))
        .join(gone.select(*KEY, gone=pl.lit(value=True)), on=KEY, how="left", maintain_order="left")
        .with_columns(
            status=pl.when(held).then(pl.lit(HELD)).otherwise("status"),
            **{name: pl.when(~held).then(name) for name in numbers},
        )
    )
    return PublicCells.validate(after.drop("gone"), cast=True)
