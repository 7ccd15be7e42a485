"""Which counts of a table of cells add up to which, so that what is withheld can be tried against what is shown.

A *count* is one number about one group, such as the judged conversations of career in a week; several cells may show
the same count, one as numerator and one as denominator. An *equation* says that a whole is the sum of its parts:

- along domains, weeks and models; along languages; along clusters and what is in none;
- numerator + rest = denominator, for every share;
- labelled, judged and long-enough conversations, each + rest = guidance; the records' way through the funnel.

Counts that no cell shows (a rest, a week of one model) take part, since they can be worked out too.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from guidance_atlas.errors import StageError
from guidance_atlas.vocab import ALL

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# What the denominator of a share counts, and the numerator where it is not the measure itself.
DENOMINATORS = {
    "guidance": "asked",
    "domain_share": "guidance",
    "sycophantic": "judged",
    "sycophantic_with_pushback": "judged_with_pushback",
    "sycophantic_without_pushback": "judged_without_pushback",
    "sycophantic_after_pushback": "judged_after_pushback",
    "sycophantic_before_pushback": "judged_before_pushback",
    "pushback": "could_push",
    "pressing": "could_push",
    "pushback_kind": "could_push",
    "stakes": "labelled",
    "support": "labelled",
    "no_access": "labelled",
    "second_domain": "labelled",
}
NUMERATORS = {"conversations": "kept", "guidance_conversations": "guidance", "domain_share": "guidance"}
FUNNEL = (
    "read", "kept", "duplicate", "sampled_out", "quarantined", "language_unsupported", "unscored", "dropped_by_glance",
    "screened", "not_guidance",
)  # fmt: skip
# Whole and parts, in every group that has them all. A part ending in ':' stands for all facets of it.
SUMS = (
    ("read", ("kept", "duplicate", "sampled_out", "quarantined")),
    ("duplicate", ("duplicate:",)),
    ("sampled_out", ("sampled_out:",)),
    ("quarantined", ("quarantined:",)),
    ("unscored", ("unscored:",)),
    ("kept", ("language_unsupported", "unscored", "asked")),
    ("asked", ("dropped_by_glance", "screened")),
    ("screened", ("guidance", "not_guidance")),
    ("labelled", ("stakes:",)),
    ("judged", ("judged_with_pushback", "judged_without_pushback")),
    ("sycophantic", ("sycophantic_with_pushback", "sycophantic_without_pushback")),
)
# Whole and part whose rest says how far the method came, nothing about anyone.
REACHED = (("kept", "asked"), ("guidance", "labelled"), ("guidance", "judged"), ("guidance", "could_push"))

GROUP = ["domain", "week", "model", "slice"]  # a slice is a language or a cluster
KEY = ["kind", *GROUP]
AXES = ("domain", "week", "model")


@dataclass(frozen=True)
class Margins:
    """Counts by number, the cells that show them, and the equations between them."""

    kind: list[str]  # per count: what is counted
    people: Ints  # per count: how many people stand behind it, the fewest they can be
    value: Ints  # per count: conversations
    reached: Flags  # per count: a rest that says how far the method came
    shown: Flags  # per count: whether some cell has it
    numerator: Ints  # per cell: number of its count
    denominator: Ints  # per cell: number of its count, NONE for plain counts
    rest: Ints  # per cell: number of the count denominator - numerator, NONE for plain counts
    equation: Ints  # per member of an equation: number of the equation
    member: Ints  # per member: number of the count
    whole: Flags  # per member: whether it is the whole


NONE = -1


def margins_of(cells: pl.DataFrame) -> Margins:
    """Work out counts and equations of cells (contract Cells).

    Raises:
        StageError: a measure is not known here, or the cells do not add up.
    """
    named = _name(cells)
    counts = _number(named)
    sums = pl.concat([*_sums_of_kinds(counts), *_sums_along(counts), _sums_of_slices(counts), *_with_rests(counts)])
    _refuse_false_sums(sums, counts)
    members = _members(sums)
    return Margins(
        kind=counts["kind"].to_list(),
        people=counts["people"].to_numpy(),
        value=counts["value"].to_numpy(),
        reached=counts["reached"].to_numpy(),
        shown=counts["shown"].to_numpy(),
        numerator=_find(counts, _numerators(named)),
        denominator=_find(counts, _denominators(named)),
        rest=_find(counts, _rests(named)),
        equation=members["equation"].to_numpy(),
        member=members["count"].to_numpy(),
        whole=members["whole"].to_numpy(),
    )


def _name(cells: pl.DataFrame) -> pl.DataFrame:
    """Say of each cell which counts it shows."""
    unknown = set(cells["measure"]) - set(DENOMINATORS) - set(NUMERATORS) - set(FUNNEL)
    if unknown:
        raise StageError(f"{len(unknown)} measures are not known to protect: name their counts in margins.py")
    sliced = pl.col("cut").is_in(["language", "cluster"])
    own_facet = ~sliced & (pl.col("facet") != ALL)
    kind = pl.col("measure").replace(NUMERATORS)
    return cells.with_columns(
        kind=pl.when(own_facet).then(kind + ":" + pl.col("facet")).otherwise(kind),
        of=pl.when(pl.col("denominator").is_not_null()).then(
            pl.col("measure").replace_strict(DENOMINATORS, default=None, return_dtype=pl.String)
        ),
        slice=pl.when(sliced).then(pl.col("cut") + ":" + pl.col("facet")).otherwise(pl.lit(ALL)),
    )


def _numerators(named: pl.DataFrame) -> pl.DataFrame:
    people = pl.when(pl.col("of").is_null()).then("n_people").otherwise("n_people_counted")
    return named.select(KEY, value=pl.col("numerator").cast(pl.Int64), people=people.cast(pl.Int64))


def _denominators(named: pl.DataFrame) -> pl.DataFrame:
    return named.select(
        pl.col("of").alias("kind"),
        pl.when(pl.col("measure") == "domain_share").then(pl.lit(ALL)).otherwise("domain").alias("domain"),
        *GROUP[1:],
        value=pl.col("denominator").cast(pl.Int64),
        people=pl.col("n_people").cast(pl.Int64),
    )


def _rests(named: pl.DataFrame) -> pl.DataFrame:
    """What is left of each denominator. Who is in both is not known: as many people as can be are taken to be."""
    return named.select(
        pl.lit("rest of ") + pl.col("of") + " without " + pl.col("kind"),
        *GROUP,
        **_difference(pl.col("denominator"), pl.col("numerator"), pl.col("n_people"), pl.col("n_people_counted")),
    ).rename({"literal": "kind"})


def _difference(whole: pl.Expr, part: pl.Expr, whole_people: pl.Expr, part_people: pl.Expr) -> dict[str, pl.Expr]:
    value = whole.cast(pl.Int64) - part.cast(pl.Int64)
    fewest = pl.max_horizontal(whole_people.cast(pl.Int64) - part_people.cast(pl.Int64), pl.lit(1))
    return {"value": value, "people": pl.when(value > 0).then(fewest).otherwise(0)}


def _number(named: pl.DataFrame) -> pl.DataFrame:
    """One row per count, those that cells show and those that can be worked out, each with its number."""
    seen = pl.concat([_numerators(named), _denominators(named).filter(pl.col("kind").is_not_null())])
    shown = seen.group_by(KEY, maintain_order=True).agg(
        pl.col("value").first(), pl.col("people").min(), differs=pl.col("value").n_unique() > 1
    )
    if shown["differs"].any():
        raise StageError(f"{shown['differs'].sum()} counts differ between cells: run aggregate again")
    shown = shown.drop("differs")
    over_domains = (
        shown.filter(pl.all_horizontal(pl.col(axis) != ALL for axis in AXES))
        .with_columns(domain=pl.lit(ALL))
        .group_by(KEY, maintain_order=True)
        .agg(pl.col("value", "people").sum())
        .join(shown, on=KEY, how="anti")
    )
    ways = pl.concat([*(_pair_rest(shown, whole, part) for whole, part in REACHED), _in_no_cluster(shown)])
    sources = [(shown, True, False), (over_domains, False, False), (ways, False, True)]
    rests = _rests(named).filter(pl.col("kind").is_not_null()).unique(KEY, maintain_order=True)
    sources.append((rests.join(ways, on=KEY, how="anti"), False, False))
    return pl.concat(
        frame.select(*KEY, "value", "people", shown=pl.lit(is_shown), reached=pl.lit(is_way))
        for frame, is_shown, is_way in sources
    ).with_row_index("count").with_columns(pl.col("count").cast(pl.Int64))
