"""What all sums together tell of a withheld count: the least and the most it can be, by linear programming.

The attacker has the published cells alone (attack.py): which counts add up to which, the rules, and every shown number
to within its rounding. A count of few people is *pinned* where one number alone is left, and *narrow* where it cannot
be 1, or cannot be one person fewer than the minimum.
"""

from collections.abc import Sequence

import polars as pl

from guidance_atlas.attacks.outcome import Outcome

KEY = ["cut", "domain", "week", "model", "facet", "measure"]
LARGEST = 300  # counts of a table that are solved for, drawn evenly
NUMBERS = ("numerator", "denominator", "n_people", "share", "low", "high")


def solve(
    view: str,
    tables: Sequence[tuple[pl.DataFrame, pl.DataFrame]],
    *,
    least_people: int,
    round_to: int,
    defended: bool = True,
) -> list[Outcome]:
    """Solve for withheld counts of few people; a pair holds exact cells, for the truth, and the shown ones."""
    n = pinned = narrow = 0
    for cells, shown in tables:
        found = _solved(cells, shown, least_people=least_people, round_to=round_to)
        n += found.height
        pinned += found.filter(pl.col("low_limit") == pl.col("high_limit")).height
        narrow += found.filter(~(pl.col("can_be_low") & pl.col("can_be_high"))).height
    note = f"{least_people} people at least, rounded to {round_to}"
    return [
        Outcome("linear program", f"a count of few exactly, {view}", n, pinned, 1 / max(1, least_people - 1), 0.0,
                defended, note),
        Outcome("linear program", f"its range narrower than promised, {view}", n, narrow, 0.0, 0.0, defended, note),
    ]  # fmt: skip


def _solved(cells: pl.DataFrame, shown: pl.DataFrame, *, least_people: int, round_to: int) -> pl.DataFrame:
    """What is proven of every numerator that truly stands on few people and is withheld for it."""
    from guidance_atlas.attack import attack

    people = pl.when(pl.col("denominator").is_null()).then("n_people").otherwise("n_people_counted")
    few = cells.filter(people.is_between(1, least_people - 1)).select(KEY)
    told = attack(shown, round_to, LARGEST, least_people=least_people)
    tried = told.filter(pl.col("side") == "numerator", pl.col("can_be_low").is_not_null())
    return tried.rename({"low": "low_limit", "high": "high_limit"}).join(few, on=KEY, how="semi")


def only_few_withheld(cells: pl.DataFrame, everything: pl.DataFrame, *, least_people: int) -> pl.DataFrame:
    """Cells that withhold what stands on few people, and nothing to guard it: what subtraction is made for."""
    sides = ("n_people", "n_people_counted")
    few = pl.any_horizontal(pl.col(side).is_between(1, least_people - 1) for side in sides)
    rest = pl.col("denominator") - pl.col("numerator")
    small = cells.select(*KEY, few=few | rest.is_between(1, least_people - 1).fill_null(value=False))
    marked = everything.join(small, on=KEY, maintain_order="left")
    return marked.with_columns(
        *(pl.when(~pl.col("few")).then(pl.col(name)).alias(name) for name in NUMBERS),
        status=pl.when("few").then(pl.lit("few_people")).otherwise(pl.lit("shown")),
    ).drop("few")
