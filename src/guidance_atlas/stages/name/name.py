"""Name each cluster by terms that several of its people used: many people's words become one public phrase."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns, ClusterNames, Clusters, Conversations
from guidance_atlas.ports import PiiFinder
from guidance_atlas.stages.name.terms import distinctive, terms_of_people

_CANDIDATES = 24
_IN_NAME = 3
_IN_TERMS = 10


def name(
    clusters: dy.DataFrame[Clusters],
    clean_turns: dy.DataFrame[CleanTurns],
    conversations: dy.DataFrame[Conversations],
    *,
    finder: PiiFinder,
    least_people: int,
) -> dy.DataFrame[ClusterNames]:
    """Give every cluster a name; one that stands on too few people, or has no safe term, gets only its number.

    A term is safe when at least `least_people` people of the cluster used it and the finder sees nothing private
    in it, written small or with capitals. No sentence of anybody is ever quoted.
    """
    members = clusters.join(conversations.select("conversation_id", "person_key"), on="conversation_id")
    sizes = (
        members.filter(pl.col("cluster_id").is_not_null())
        .group_by("cluster_id")
        .agg(n_conversations=pl.len(), n_people=pl.col("person_key").n_unique())
    )
    if sizes.is_empty():
        return ClusterNames.create_empty()
    said = clean_turns.filter(pl.col("role") == "user").join(members, on="conversation_id")
    best = distinctive(terms_of_people(said), least_people=least_people, most=_CANDIDATES)
    terms = (
        best.filter(pl.col("term").is_in(_safe(best["term"].unique().sort().to_list(), finder)))
        .group_by("cluster_id", maintain_order=True)
        .agg(candidates=pl.col("term"))
        .with_columns(terms=pl.col("candidates").map_elements(_without_repeats, return_dtype=pl.List(pl.String)))
        .select("cluster_id", "terms")
    )
    enough = pl.col("n_people") >= least_people
    named = enough & (pl.col("terms").list.len() > 0)
    return ClusterNames.validate(
        sizes.join(terms, on="cluster_id", how="left")
        .with_columns(terms=pl.when(enough).then(pl.col("terms")).fill_null([]))
        .with_columns(
            name=pl.when(named)
            .then(pl.col("terms").list.head(_IN_NAME).list.join(", "))
            .otherwise(pl.format("cluster {}", "cluster_id")),
            named_by=pl.when(named)
            .then(pl.lit("terms"))
            .when(enough)
            .then(pl.lit("no_safe_terms"))
            .otherwise(pl.lit("too_few_people")),
        )
        .select("cluster_id", "name", "terms", "n_conversations", "n_people", "named_by")
        .sort("cluster_id"),
        cast=True,
    )


def _safe(terms: list[str], finder: PiiFinder) -> list[str]:
    """The terms in which the finder sees nothing, neither as they are nor as a name would be written."""
    plain = finder.find(terms)
    titled = finder.find([f"I met {term.title()} there." for term in terms])
    return [term for term, a, b in zip(terms, plain, titled, strict=True) if not a and not b]


def _without_repeats(terms: pl.Series) -> list[str]:
    """Terms in order, less those whose words all stand in a better one already."""
    chosen: list[str] = []
    for term in terms:
        words = set(term.split())
        if not any(words <= set(other.split()) or set(other.split()) <= words for other in chosen):
            chosen.append(term)
    return chosen[:_IN_TERMS]
