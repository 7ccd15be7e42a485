"""The terms that set one group of people apart from all others: words of a closed list, counted by people."""

from collections.abc import Sequence
from hashlib import blake2b

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


def distinctive(used: pl.DataFrame, members: pl.DataFrame, *, least_people: int, most: int) -> pl.DataFrame:
    """The most distinctive terms of each cluster, the best first.

    Columns: cluster_id, term, n_people, n_inside, share_outside, luck (contract ClusterTerms).
    A term counts only where it is used_enough (below) for `least_people`.

    Args:
        used: person, cluster_id, term, once each.
        members: conversation_id, cluster_id of every conversation; what luck is drawn from.
        least_people: people of the cluster who used a term, the fewest.
        most: terms of a cluster, the most.
    """
    inside = used.filter(pl.col("cluster_id").is_not_null())
    people_in = inside.group_by("cluster_id").agg(n_inside=pl.col("person").n_unique())
    n_all = used["person"].n_unique()
    in_all = used.group_by("term").agg(k_all=pl.col("person").n_unique())
    counted = (
        inside.group_by("cluster_id", "term")
        .agg(n_people=pl.col("person").n_unique())
        .filter(pl.col("n_people") >= least_people)
        .join(people_in, on="cluster_id")
        .join(in_all, on="term")
        .sort("cluster_id", "term")
    )
    share_outside = (pl.col("k_all") - pl.col("n_people") + _SMOOTH) / (n_all - pl.col("n_inside") + 2 * _SMOOTH)
    drawn = counted.with_columns(share_outside=share_outside, luck=_luck(counted, members))
    return (
        used_enough(drawn, least_people)
        .group_by("cluster_id", maintain_order=True)
        .head(most)
        .select("cluster_id", "term", "n_people", "n_inside", "share_outside", "luck")
    )


def used_enough(terms: pl.DataFrame, least_people: int) -> pl.DataFrame:
    """The terms that enough people used and that set their cluster apart, of each cluster the best first.

    A sharp minimum would tell of one person: who plants one person fewer than it takes says any word, and sees whether
    the target says it too. So as many people as luck says, of none to least_people - 1, are left out of every count
    first. One person more or fewer then moves a term over the line with a chance of 1 / least_people.

    Its weight is the log ratio of the share of people using it inside to outside, times the share inside: neither rare
    nor everywhere. It rests on the same lowered count, so that the order tells no more.
    """
    left = pl.col("n_people").cast(pl.Int64) - (pl.col("luck") * least_people).floor().cast(pl.Int64)
    share_inside = (pl.col("left") + _SMOOTH) / (pl.col("n_inside") + 2 * _SMOOTH)
    return (
        terms.with_columns(left=left)
        .filter(pl.col("left") >= least_people)
        .with_columns(weight=share_inside * (share_inside / pl.col("share_outside")).log())
        .filter(pl.col("weight") > 0)
        .sort(["cluster_id", "weight", "term"], descending=[False, True, False])
        .drop("left")
    )


def _luck(counted: pl.DataFrame, members: pl.DataFrame) -> pl.Series:
    """A number from 0 to below 1 for each cluster and term, the same in every run over the same conversations.

    It is drawn from the ids of the cluster's conversations, which are keyed hashes: nobody without the key can tell it
    beforehand, and it is another one once a conversation comes or goes.
    """
    of_cluster = members.filter(pl.col("cluster_id").is_not_null()).sort("conversation_id")
    ids = of_cluster.group_by("cluster_id").agg(pl.col("conversation_id").str.join(" ")).rows()
    keys = {cluster_id: blake2b(joined.encode(), digest_size=32).digest() for cluster_id, joined in ids}
    digests = (
        blake2b(term.encode(), key=keys[cluster_id], digest_size=6).digest()
        for cluster_id, term in counted.select("cluster_id", "term").rows()
    )
    return pl.Series([int.from_bytes(digest) / 2**48 for digest in digests], dtype=pl.Float64)
