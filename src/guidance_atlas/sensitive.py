"""Which shares tell the same sensitive fact of everybody in their group.

A group of enough people can still tell on each of them: where all of them have a fact, whoever is known to be in the
group is known to have it (homogeneity: Machanavajjhala et al. 2007, l-diversity). The facts and the domains in which
they count stand in wording/sensitive.toml.
"""

import tomllib
from functools import cache
from importlib.resources import files

import polars as pl

from guidance_atlas.vocab import ALL

NEARLY_ALL = 0.9  # of those asked
CROWD = 2  # times the least people: from so many on, belonging to the group is no secret that singles out


@cache
def sensitive() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Facts (measure, or measure:facet) and the domains in which they are sensitive."""
    told = tomllib.loads(files("guidance_atlas.wording").joinpath("sensitive.toml").read_text(encoding="utf-8"))
    return tuple(told["facts"]), tuple(told["domains"])


def tells_of_all(cells: pl.DataFrame, least_people: int) -> pl.Series:
    """Say of each cell (contract Cells) whether it tells a sensitive fact of everybody in a group of few."""
    everybody = (pl.col("numerator") == pl.col("denominator")) & (pl.col("numerator") > 0)
    return cells.select((_asked_of_few(least_people) & everybody).fill_null(value=False)).to_series()


def uniform_clusters(cells: pl.DataFrame, least_people: int) -> pl.Series:
    """Clusters (facets of the cut) of few people that all, or nearly all, share a sensitive fact."""
    nearly = pl.col("numerator") >= NEARLY_ALL * pl.col("denominator")
    told = (pl.col("cut") == "cluster") & _asked_of_few(least_people) & nearly & (pl.col("numerator") > 0)
    return cells.filter(told)["facet"].unique()


def _asked_of_few(least_people: int) -> pl.Expr:
    facts, domains = sensitive()
    sliced = pl.col("cut").is_in(["cluster", "language"])
    fact = pl.when(sliced | (pl.col("facet") == ALL)).then("measure").otherwise(pl.format("{}:{}", "measure", "facet"))
    where = pl.col("domain").is_in(domains) | (pl.col("cut") == "cluster")
    return where & fact.is_in(facts) & pl.col("n_people").is_between(1, CROWD * least_people - 1)
