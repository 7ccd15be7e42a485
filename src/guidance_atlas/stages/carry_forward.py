"""A release tells anew what it may; every other row carries forward what readers were told last.

A row is renewed where its exact numbers are shown and are others than those shown last. All others repeat the row of
the last release that had it, number for number: one that did not change, one that changed by too few people (see
hold_back.py), one that would be withheld now though its last number is out, a withheld one that comes into sight by too
few people, and one of a week, model or language of few people that is gone. They look alike, so that where a row stands
still nobody can tell that somebody came or went. What a release under a weaker minimum told is not repeated.
"""

from collections.abc import Sequence

import dataframely as dy
import polars as pl

from guidance_atlas.changes import NUMBERS
from guidance_atlas.contracts import Cells, ClusterNames, PublicCells, PublishedCells, ReleasedCells
from guidance_atlas.intervals import with_share
from guidance_atlas.stages.hold_back import BY_NUMBER, KEY, with_status

COUNTS = ("numerator", "denominator", "n_people")
TOLD = [f"told_{name}" for name in ("status", *COUNTS)]
CARRIED = [*TOLD, "renewed", "then_people", "then_counted"]


def carry_forward(
    cells: dy.DataFrame[Cells],
    cluster_names: dy.DataFrame[ClusterNames],
    public_cells: dy.DataFrame[PublicCells],
    *,
    earlier: Sequence[dy.DataFrame[ReleasedCells]],
    least_people: int,
) -> tuple[dy.DataFrame[PublishedCells], dy.DataFrame[ReleasedCells]]:
    """The cells of a release as readers see them, and what later releases are held against.

    public_cells are those left by hold_back, least_people is their minimum, and earlier are all releases, the first
    first. The release's number is one more than the largest before it where it renews anything; where it renews nothing
    its rows are those told before, number and all.
    """
    rows = with_status(cells, cluster_names, public_cells).with_columns(shown=pl.col("status") == "shown")
    rounded = public_cells.select(*KEY, *(pl.col(name).alias(f"told_{name}") for name in COUNTS))
    rows = rows.join(rounded, left_on=BY_NUMBER, right_on=KEY, maintain_order="left").rename({"status": "told_status"})
    number = 1 + max((max(one["renewed"], default=0) for one in earlier), default=0)
    last = _last([one.filter(pl.col("least_people") >= least_people) for one in earlier])
    rows = _beside(rows, _last([one.filter("shown") for one in earlier]), "shown_last")
    rows = _beside(rows, last, "last")
    known = _is_known(cluster_names)
    alike = pl.all_horizontal(pl.col(name).eq_missing(pl.col(f"{name}_last")) for name in TOLD)
    unchanged = known & pl.col("shown") & _same_as("shown_last")
    repeated = (known & _repeated(least_people)) | (~known & alike & pl.col("renewed_last").is_not_null())
    then = {"then_people": pl.col("n_people"), "then_counted": pl.col("n_people_counted")}
    rows = rows.with_columns(renewed=pl.lit(number), **then).with_columns(
        pl.when(unchanged).then(f"{name}_shown_last")
        .when(repeated).then(f"{name}_last")
        .otherwise(name).alias(name)
        for name in CARRIED
    )  # fmt: skip
    kept = rows.select(*KEY, *NUMBERS, "shown", "guarded", *CARRIED, pl.lit(least_people).alias("least_people"))
    gone = _gone_of_few(last.join(rows, on=KEY, how="anti"), last, rows, least_people)
    rows = pl.concat([rows, gone.with_columns(number=pl.col("facet"))], how="diagonal_relaxed")
    return _published(rows), ReleasedCells.validate(kept.sort(KEY), cast=True)


def _is_known(cluster_names: pl.DataFrame) -> pl.Expr:
    """Whether a row's group is the one that went by the same name before: a cluster's number says nothing of that."""
    named = cluster_names.filter(pl.col("named_by") == "terms")["name"]
    return (pl.col("cut") != "cluster") | pl.col("facet").is_in(named.implode())


def _same_as(when: str) -> pl.Expr:
    """Whether a row was there then, with the same numbers."""
    same = (pl.col(name).eq_missing(pl.col(f"{name}_{when}")) for name in COUNTS)
    return pl.col(f"renewed_{when}").is_not_null() & pl.all_horizontal(same)


def _repeated(least_people: int) -> pl.Expr:
    """Whether a row that was there before may not be told anew, whether it was shown or withheld then.

    It is withheld now; or it was withheld and comes into sight though not enough people more or less are in it since:
    that it need not be withheld any more, or that nobody is in it, would tell of a few who came or went.
    """
    people = (
        (pl.col(now).cast(pl.Int64) - pl.col(then).cast(pl.Int64)).abs()
        for now, then in (("n_people", "then_people_last"), ("n_people_counted", "then_counted_last"))
    )
    few = pl.max_horizontal(people) < least_people
    waits = (pl.col("told_status_last") != "shown") & few & (pl.col("least_people_last") == least_people)
    return pl.col("renewed_last").is_not_null() & (~pl.col("shown") | waits)


def _beside(rows: pl.DataFrame, old: pl.DataFrame, name: str) -> pl.DataFrame:
    old = old.select(*KEY, pl.col(*COUNTS, *CARRIED, "least_people").name.suffix(f"_{name}"))
    return rows.join(old, on=KEY, how="left", maintain_order="left")


def _last(earlier: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The last row of each group."""
    rows = pl.concat(earlier or [ReleasedCells.create_empty()]).unique(KEY, keep="last", maintain_order=True)
    return rows.with_columns(pl.col(pl.Enum).cast(pl.String))


def _gone_of_few(gone: pl.DataFrame, last: pl.DataFrame, here: pl.DataFrame, least_people: int) -> pl.DataFrame:
    """Rows that are not there any more, but for those of a week, model or language that many people were in.

    Clusters come and go with every run.
    """
    for cut, on in (("week", ["week"]), ("model", ["model"]), ("language", ["cut", "facet"])):
        of_many = last.filter(pl.col("n_people") >= least_people, cut=cut, measure="conversations")
        of_many = of_many.join(here.filter(cut=cut), on=on, how="anti")
        gone = gone.join(of_many, on=on, how="anti", maintain_order="left")
    return gone.filter(pl.col("cut") != "cluster")


def _published(rows: pl.DataFrame) -> dy.DataFrame[PublishedCells]:
    told = rows.select(
        *(pl.col(by).alias(name) for name, by in zip(KEY, BY_NUMBER, strict=True)),
        *(pl.col(name).alias(name.removeprefix("told_")) for name in TOLD),
        "renewed",
    )
    return PublishedCells.validate(with_share(told).select(list(PublishedCells.columns())).sort(KEY), cast=True)
