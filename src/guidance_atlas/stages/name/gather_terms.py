"""Gather, for every cluster, terms that many of its people used: many people's words become words of a closed list."""

from collections.abc import Sequence

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns, Clumps, Clusters, ClusterTerms, Conversations
from guidance_atlas.ports import PiiFinder
from guidance_atlas.stages.name.terms import distinctive, terms_of_people

_CANDIDATES = 60  # terms of a cluster, so that enough are left where a release asks for more people


def gather_terms(
    clusters: dy.DataFrame[Clusters],
    clean_turns: dy.DataFrame[CleanTurns],
    conversations: dy.DataFrame[Conversations],
    clumps: dy.DataFrame[Clumps],
    *,
    words: Sequence[str],
    finder: PiiFinder,
    least_people: int,
) -> dy.DataFrame[ClusterTerms]:
    """The terms of every cluster that at least `least_people` of its people used, with how many did.

    People are those of Clumps: accounts that say the same count once. Every term is one or two of `words`, the
    closed list, in which the finder sees nothing private, written small or with capitals. Nobody is ever quoted.
    """
    members = clusters.join(people_of(conversations, clumps), on="conversation_id")
    said = clean_turns.filter(pl.col("role") == "user").join(members, on="conversation_id")
    if said.is_empty():
        return ClusterTerms.create_empty()
    used = terms_of_people(said, words)
    best = distinctive(used, clusters, least_people=least_people, most=_CANDIDATES)
    safe = _safe(best["term"].unique().sort().to_list(), finder)
    return ClusterTerms.validate(best.filter(pl.col("term").is_in(safe)).sort("cluster_id", "term"), cast=True)


def people_of(conversations: pl.DataFrame, clumps: pl.DataFrame) -> pl.DataFrame:
    """conversation_id, person: as whom the person of each conversation is counted."""
    counted = conversations.join(clumps, on="person_key", how="left")
    return counted.select("conversation_id", person=pl.coalesce("counted_as", "person_key"))


def _safe(terms: list[str], finder: PiiFinder) -> list[str]:
    """The terms in which the finder sees nothing, neither as they are nor as a name would be written."""
    plain = finder.find(terms)
    titled = finder.find([f"I met {term.title()} there." for term in terms])
    return [term for term, a, b in zip(terms, plain, titled, strict=True) if not a and not b]
