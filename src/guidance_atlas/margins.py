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
    "unsure": "screened",
    "domain_share": "guidance",
    "sycophantic": "judged",
    "sycophantic_with_pushback": "judged_with_pushback",
    "sycophantic_without_pushback": "judged_without_pushback",
    "sycophantic_after_pushback": "judged_after_pushback",
    "sycophantic_before_pushback": "judged_before_pushback",
    "pushback": "could_push",
    "pressing": "could_push",
    "pushback_kind": "could_push",
    "drift": "judged",
    "stakes": "labelled",
    "support": "labelled",
    "no_access": "labelled",
    "second_domain": "labelled",
}
NUMERATORS = {"conversations": "kept", "guidance_conversations": "guidance", "domain_share": "guidance"}
# Steps of the funnel, the first to be given up first: hardly anything but the sum rests on read, all the rest on kept.
FUNNEL = (
    "read", "duplicate", "sampled_out", "quarantined", "language_unsupported", "unscored", "dropped_by_glance",
    "not_guidance", "screened", "kept",
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
REACHED = (("guidance", "labelled"), ("guidance", "judged"), ("guidance", "could_push"))

GROUP = ["domain", "week", "model", "slice"]  # a slice is a language or a cluster
KEY = ["kind", *GROUP]
NONE = -1


@dataclass(frozen=True)
class Margins:
    """Counts by number, the cells that show them, and the equations between them."""

    kind: list[str]  # per count: what is counted
    value: Ints  # per count: conversations
    people: Ints  # per count: how many people stand behind it, the fewest they can be
    reached: Flags  # per count: whether it only says how far the method came
    cuts: Ints  # per count: by how many of domain, week, model and slice its group is cut
    group: Ints  # per count: number of its group
    beside: Ints  # per such count: people behind the parts beside it
    numerator: Ints  # per cell: number of its count
    denominator: Ints  # per cell: number of its count, NONE for plain counts
    rest: Ints  # per cell: number of the count denominator - numerator, NONE for plain counts
    equation: Ints  # per member of an equation: number of the equation
    member: Ints  # per member: number of the count
    whole: Flags  # per member: whether it is the whole

    @property
    def n_equations(self) -> int:
        """Equations are numbered from 0, and members lie in their order."""
        return int(self.equation[-1]) + 1 if self.equation.size else 0


def margins_of(cells: pl.DataFrame) -> Margins:
    """Work out counts and equations of cells (contract Cells).

    Raises:
        StageError: a measure is not known here, or the cells do not add up.
    """
    named = _name(cells)
    counts = _counts(named)
    numerator, denominator = _find(counts, _numerators(named)), _find(counts, _denominators(named))
    open_sums = pl.concat([_shares(numerator, denominator), *_reached(counts), _clusters(counts)])
    rests = _rests(open_sums, counts)
    closed = rests.select("axis", "whole", part="count")
    sums = pl.concat([*_sums_of_kinds(counts), *_sums_along(counts), open_sums.select(closed.columns), closed])
    cuts = pl.sum_horizontal((pl.col(name) != ALL).cast(pl.Int64) for name in GROUP).alias("cuts")
    group = (pl.struct(GROUP).rank("dense").cast(pl.Int64) - 1).alias("group")
    fineness = counts.select("count", cuts, group)  # a rest is cut as its whole is
    every = pl.concat(
        [
            counts.join(fineness, on="count", maintain_order="left"),
            rests.join(fineness, left_on="whole", right_on="count", maintain_order="left"),
        ],
        how="diagonal",
    )
    _refuse_false_sums(sums, every)
    members = _members(sums)
    cell_rests = pl.DataFrame({"axis": "share", "part": numerator, "whole": denominator}).select(
        pl.format("share {}", "part").alias("axis"), "whole"
    )
    return Margins(
        kind=every["kind"].fill_null("rest").to_list(),
        value=every["value"].to_numpy(),
        people=every["people"].to_numpy(),
        reached=every["reached"].fill_null(value=False).to_numpy(),
        cuts=every["cuts"].to_numpy(),
        group=every["group"].to_numpy(),
        beside=every["beside"].fill_null(0).to_numpy(),
        numerator=numerator,
        denominator=denominator,
        rest=cell_rests.join(rests, on=["axis", "whole"], how="left", maintain_order="left")["count"]
        .fill_null(NONE)
        .to_numpy(),
        equation=members["equation"].to_numpy(),
        member=members["member"].to_numpy(),
        whole=members["is_whole"].to_numpy(),
    )


def structure_of(protected: pl.DataFrame) -> Margins:
    """Counts and equations as anybody knows them who sees protected cells: every value and every person is left 0.

    Raises:
        StageError: a measure is not known here.
    """
    is_share = pl.col("measure").is_in(list(DENOMINATORS)) & (pl.col("cut") != "funnel")
    empty = {name: pl.lit(0) for name in ("numerator", "n_people", "n_people_counted")}
    return margins_of(protected.with_columns(**empty, denominator=pl.when(is_share).then(0)))


def _name(cells: pl.DataFrame) -> pl.DataFrame:
    """Say of each cell which counts it shows: kind, and of which other kind it is a share."""
    unknown = set(cells["measure"]) - set(DENOMINATORS) - set(NUMERATORS) - set(FUNNEL)
    if unknown:
        raise StageError(f"{len(unknown)} measures are not known to protect: name their counts in margins.py")
    sliced = pl.col("cut").is_in(["language", "cluster"])
    kind = pl.col("measure").replace(NUMERATORS)
    return cells.select(
        "domain",
        "week",
        "model",
        pl.col("numerator", "denominator", "n_people", "n_people_counted").cast(pl.Int64),
        slice=pl.when(sliced).then(pl.col("cut") + ":" + pl.col("facet")).otherwise(pl.lit(ALL)),
        kind=pl.when(sliced | (pl.col("facet") == ALL)).then(kind).otherwise(kind + ":" + pl.col("facet")),
        of=pl.when(pl.col("denominator").is_not_null()).then(
            pl.col("measure").replace_strict(DENOMINATORS, default=None, return_dtype=pl.String)
        ),
        of_domain=pl.when(pl.col("measure") == "domain_share").then(pl.lit(ALL)).otherwise("domain"),
    )


def _numerators(named: pl.DataFrame) -> pl.DataFrame:
    people = pl.when(pl.col("of").is_null()).then("n_people").otherwise("n_people_counted")
    return named.select(*KEY, value="numerator", people=people)


def _denominators(named: pl.DataFrame) -> pl.DataFrame:
    return named.select(
        pl.col("of").alias("kind"),
        pl.col("of_domain").alias("domain"),
        *GROUP[1:],
        value="denominator",
        people="n_people",
    )


def _counts(named: pl.DataFrame) -> pl.DataFrame:
    """One row per count that some cell shows, and per week of one model over all domains, which none does."""
    both = pl.concat([_numerators(named), _denominators(named).filter(pl.col("kind").is_not_null())])
    shown = both.group_by(KEY, maintain_order=True).agg(
        pl.col("value", "people").min(), differ=pl.col("value").n_unique() > 1
    )
    if shown["differ"].any():
        raise StageError(f"{shown['differ'].sum()} counts differ from cell to cell: run aggregate again")
    over_domains = (
        shown.filter(pl.all_horizontal(pl.col("domain", "week", "model") != ALL))
        .with_columns(domain=pl.lit(ALL))
        .group_by(KEY, maintain_order=True)
        .agg(pl.col("value", "people").sum())
        .join(shown, on=KEY, how="anti")
    )
    every = pl.concat([shown.drop("differ"), over_domains])
    return every.sort(KEY).with_columns(count=pl.int_range(pl.len(), dtype=pl.Int64))


def _find(counts: pl.DataFrame, wanted: pl.DataFrame) -> Ints:
    """Numbers of the counts asked for, NONE where there is none."""
    found = wanted.select(KEY).join(counts, on=KEY, how="left", maintain_order="left")["count"]
    return found.fill_null(NONE).to_numpy()


def _sums_of_kinds(counts: pl.DataFrame) -> list[pl.DataFrame]:
    """Wholes that are the sum of other kinds in the same group, where all of these are counted."""
    found = []
    for whole, parts in SUMS:
        kinds = [
            pl.col("kind").str.starts_with(part) if part.endswith(":") else pl.col("kind") == part for part in parts
        ]
        members = counts.filter(pl.any_horizontal(kinds)).select(*GROUP, "kind", part="count")
        members = members.filter(pl.len().over(GROUP) >= len(parts))
        wholes = counts.filter(pl.col("kind") == whole).select(*GROUP, whole="count")
        found.append(members.join(wholes, on=GROUP).select(pl.lit("kinds").alias("axis"), "whole", "part"))
    return found


def _sums_along(counts: pl.DataFrame) -> list[pl.DataFrame]:
    """Wholes that are the sum of their domains, their weeks, their models or their languages."""
    found = []
    for axis in ("domain", "week", "model", "slice"):
        every_part = pl.col(axis).str.starts_with("language:") if axis == "slice" else pl.col(axis) != ALL
        parts = counts.filter(every_part).with_columns(pl.lit(ALL).alias(axis), part="count").drop("count")
        wholes = counts.select(*KEY, whole="count")
        found.append(parts.join(wholes, on=KEY).select(pl.lit(axis).alias("axis"), "whole", "part"))
    return found


def _shares(numerator: Ints, denominator: Ints) -> pl.DataFrame:
    pairs = pl.DataFrame({"whole": denominator, "part": numerator}).filter(pl.col("whole") != NONE).unique()
    return pairs.select(pl.format("share {}", "part").alias("axis"), "whole", "part", reached=pl.lit(value=False))


def _reached(counts: pl.DataFrame) -> list[pl.DataFrame]:
    return [
        counts.filter(pl.col("kind") == part)
        .select(*GROUP, part="count")
        .join(counts.filter(pl.col("kind") == whole).select(*GROUP, whole="count"), on=GROUP)
        .select(pl.format("reached {}", "part").alias("axis"), "whole", "part", reached=pl.lit(value=True))
        for whole, part in REACHED
    ]


def _clusters(counts: pl.DataFrame) -> pl.DataFrame:
    """Clusters of a whole; the rest of it is in none."""
    parts = counts.filter(pl.col("slice").str.starts_with("cluster:")).with_columns(slice=pl.lit(ALL), part="count")
    wholes = counts.select(*KEY, whole="count")
    return (
        parts.drop("count")
        .join(wholes, on=KEY)
        .select(pl.lit("cluster").alias("axis"), "whole", "part", reached=pl.lit(value=True))
    )


def _rests(open_sums: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    """One row per sum that lacks a rest: the rest as a count of its own.

    People may be in a part and in the rest; no more than the difference are certain to be behind the rest.
    """
    numbers = counts.select("count", "value", "people")
    parts = open_sums.join(numbers, left_on="part", right_on="count")
    rests = parts.group_by("axis", "whole", "reached").agg(pl.col("value", "people").sum()).sort("axis", "whole")
    rests = rests.join(numbers, left_on="whole", right_on="count", suffix="_of_whole", maintain_order="left")
    value = pl.col("value_of_whole") - pl.col("value")
    fewest = pl.max_horizontal(pl.col("people_of_whole") - pl.col("people"), 1)
    return rests.select(
        "axis",
        "whole",
        "reached",
        value=value,
        people=pl.when(value > 0).then(fewest).otherwise(0),
        beside="people",
        count=pl.int_range(pl.len(), dtype=pl.Int64) + counts.height,
    )


def _refuse_false_sums(sums: pl.DataFrame, every: pl.DataFrame) -> None:
    """Hold every whole against its parts: an equation that is wrong would protect nothing."""
    numbers = every.select("count", "value")
    added = sums.join(numbers, left_on="part", right_on="count").group_by("axis", "whole").agg(pl.col("value").sum())
    wrong = added.join(numbers, left_on="whole", right_on="count", suffix="_of_whole").filter(
        pl.col("value") != pl.col("value_of_whole")
    )
    if not wrong.is_empty():
        raise StageError(f"{wrong.height} sums of cells are not what their wholes say: run aggregate again")


def _members(sums: pl.DataFrame) -> pl.DataFrame:
    numbered = sums.with_columns(equation=pl.struct("axis", "whole").rank("dense").cast(pl.Int64) - 1)
    wholes = numbered.select("equation", member="whole", is_whole=pl.lit(value=True)).unique()
    parts = numbered.select("equation", member="part", is_whole=pl.lit(value=False))
    return pl.concat([wholes, parts]).sort("equation", "member")
