"""The terms that set one group of people apart from all others, counted by people and never by repetition."""

import polars as pl

from guidance_atlas.wording.read import word_list

_LONGEST = 24  # letters in a word; longer ones are noise or smuggled text
_SMOOTH = 0.5  # people added to each count (Jeffreys), so that a term unseen elsewhere has a finite weight
_NOT_WORDS = r"<[A-Z_]+(?:_\d+)?>|https?://\S+|[^\s]*[@_#\d][^\s]*"


def terms_of_people(said: pl.DataFrame) -> pl.DataFrame:
    """The one- and two-word terms each person used: person_key, cluster_id, term, once each.

    Args:
        said: one row per turn: person_key, cluster_id, text (masked). Placeholders, numbers and stop words give none.
    """
    words = said.select(
        "person_key",
        "cluster_id",
        word=pl.col("text")
        .str.replace_all(_NOT_WORDS, " . ")
        .str.to_lowercase()
        .str.extract_all(r"[a-z]+(?:'[a-z]+)?|[.!?;:,]"),
    ).with_row_index("said")
    flat = words.explode("word").with_columns(next=pl.col("word").shift(-1).over("said"))
    plain = pl.col("word").is_in(word_list("stopwords")) | (pl.col("word").str.len_chars() < 3)
    single = flat.filter(~plain & (pl.col("word").str.len_chars() <= _LONGEST) & pl.col("word").str.contains("[a-z]"))
    plain_next = pl.col("next").is_in(word_list("stopwords")) | (pl.col("next").str.len_chars() < 3)
    double = single.filter(
        pl.col("next").str.contains("^[a-z]") & ~plain_next & (pl.col("next").str.len_chars() <= _LONGEST)
    ).with_columns(word=pl.col("word") + " " + pl.col("next"))
    return pl.concat([single, double]).select("person_key", "cluster_id", term="word").unique()


def distinctive(used: pl.DataFrame, *, least_people: int, most: int) -> pl.DataFrame:
    """The most distinctive terms of each cluster: cluster_id, term, n_people, weight; the best first.

    A term counts only where at least `least_people` of the cluster used it. Its weight is the log ratio of the
    share of people using it inside to outside, times the share inside: neither rare nor everywhere.
    """
    inside = used.filter(pl.col("cluster_id").is_not_null())
    people_in = inside.group_by("cluster_id").agg(n_in=pl.col("person_key").n_unique())
    n_all = used["person_key"].n_unique()
    in_all = used.group_by("term").agg(k_all=pl.col("person_key").n_unique())
    counted = (
        inside.group_by("cluster_id", "term")
        .agg(n_people=pl.col("person_key").n_unique())
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
