"""The terms that set one group of people apart from all others: words of a closed list, counted by people."""

from collections.abc import Sequence

import polars as pl

from guidance_atlas.stages.name.instructions import without_instructions
from guidance_atlas.wording.read import word_list

_SMOOTH = 0.5  # people added to each count (Jeffreys), so that a term unseen elsewhere has a finite weight
_NOT_WORDS = r"<[A-Z_]+(?:_\d+)?>|https?://\S+|[^\s]*[@_#\d][^\s]*"


def closed_list() -> tuple[str, ...]:
    """The words that names may be built from, small letters: everyday English without names, coarse words and orders.

    It ships with the program (bench/name_words.py made it), so no conversation can bring a word of its own into a name.
    """
    return word_list("name_words")


def terms_of_people(said: pl.DataFrame, words: Sequence[str]) -> pl.DataFrame:
    """The one- and two-word terms each person used: person, cluster_id, term, once each.

    Args:
        said: one row per turn: person, cluster_id, text (masked). Sentences that instruct a machine are cut first;
            what is not on the closed list gives no term, and no pair reaches over it.
        words: the closed list.
    """
    used = said.select(
        "person",
        "cluster_id",
        word=without_instructions(pl.col("text"))
        .str.replace_all(_NOT_WORDS, " . ")
        .str.to_lowercase()
        .str.extract_all(r"[\pL\pM]+(?:'[\pL\pM]+)*|[^\s\pL\pM']"),
    ).with_row_index("said")
    flat = used.explode("word").with_columns(next=pl.col("word").shift(-1).over("said"))
    known = pl.Series(words, dtype=pl.String).implode()
    single = flat.filter(pl.col("word").is_in(known))
    double = single.filter(pl.col("next").is_in(known)).with_columns(word=pl.col("word") + " " + pl.col("next"))
    return pl.concat([single, double]).select("person", "cluster_id", term="word").unique()


def distinctive(used: pl.DataFrame, *, least_people: int, most: int) -> pl.DataFrame:
    """The most distinctive terms of each cluster: cluster_id, term, n_people, weight; the best first.

    A term counts only where at least `least_people` of the cluster used it. Its weight is the log ratio of the
    share of people using it inside to outside, times the share inside: neither rare nor everywhere.
    """
    inside = used.filter(pl.col("cluster_id").is_not_null())
    people_in = inside.group_by("cluster_id").agg(n_in=pl.col("person").n_unique())
    n_all = used["person"].n_unique()
    in_all = used.group_by("term").agg(k_all=pl.col("person").n_unique())
    counted = (
        inside.group_by("cluster_id", "term")
        .agg(n_people=pl.col("person").n_unique())
        .filter(pl.col("n_people") >= least_people)
        .join(people_in, on="cluster_id")
        .join(in_all, on="term")
    )
    share_in = (pl.col("n_people") + _SMOOTH) / (pl.col("n_in") + 2 * _SMOOTH)
    share_out = (pl.col("k_all") - pl.col("n_people") + _SMOOTH) / (n_all - pl.col("n_in") + 2 * _SMOOTH)
    return (
        counted.with_columns(weight=share_in * (share_in / share_out).log())
        .filter(pl.col("weight") > 0)
        .sort(["cluster_id", "weight", "term"], descending=[False, True, False])
        .group_by("cluster_id", maintain_order=True)
        .head(most)
        .select("cluster_id", "term", "n_people", "weight")
    )
