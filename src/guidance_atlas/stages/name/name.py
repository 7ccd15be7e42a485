"""Name each cluster: by terms that enough of its people used, else by the domain most of them ask about."""

from collections.abc import Sequence

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import Clumps, ClusterNames, Clusters, ClusterTerms, Conversations, Labels
from guidance_atlas.stages.name.gather_terms import people_of
from guidance_atlas.stages.name.terms import used_enough
from guidance_atlas.vocab import DOMAINS

_IN_NAME = 3
_IN_TERMS = 10


def name(
    clusters: dy.DataFrame[Clusters],
    labels: dy.DataFrame[Labels],
    conversations: dy.DataFrame[Conversations],
    clumps: dy.DataFrame[Clumps],
    cluster_terms: dy.DataFrame[ClusterTerms],
    *,
    least_people: int,
) -> dy.DataFrame[ClusterNames]:
    """One name per cluster that rests on at least `least_people` people everywhere; see names_for."""
    members = clusters.filter(pl.col("cluster_id").is_not_null()).join(
        people_of(conversations, clumps), on="conversation_id"
    )
    sizes = members.group_by("cluster_id").agg(n_conversations=pl.len(), n_people=pl.col("person").n_unique())
    rank = pl.col("domain").cast(pl.Enum(DOMAINS)).to_physical()  # domains of as many people: the first of the list
    main = (
        members.join(labels.select("conversation_id", "domain"), on="conversation_id")
        .group_by("cluster_id", "domain")
        .agg(n_domain_people=pl.col("person").n_unique())
        .sort("cluster_id", "n_domain_people", rank, descending=[False, True, False])
        .unique("cluster_id", keep="first", maintain_order=True)
    )
    unnamed = sizes.join(main, on="cluster_id", how="left").with_columns(
        pl.col("n_domain_people").fill_null(0),
        name=pl.lit(""),
        terms=pl.lit([], dtype=pl.List(pl.String)),
        named_by=pl.lit("number"),
    )
    columns = ClusterNames.validate(unnamed.select(ClusterNames.column_names()), cast=True)
    return names_for(columns, cluster_terms, least_people=least_people)


def names_for(
    cluster_names: dy.DataFrame[ClusterNames], cluster_terms: dy.DataFrame[ClusterTerms], *, least_people: int
) -> dy.DataFrame[ClusterNames]:
    """The same clusters named for a minimum of people: each word of a name is one that so many of the cluster used,
    and some more, as luck has it (used_enough).

    A cluster without such a term is called by its main domain and number ("health and wellness, 3") if so many ask
    about that, else by its number alone, as is one of fewer people.
    """
    chosen = {
        cluster_id: _without_repeats(rows["term"].to_list())
        for (cluster_id,), rows in used_enough(cluster_terms, least_people).group_by("cluster_id", maintain_order=True)
    }
    rows = []
    for row in cluster_names.sort("cluster_id").to_dicts():
        number, enough = row["cluster_id"], row["n_people"] >= least_people
        terms = chosen.get(number, []) if enough else []
        if terms:
            told = {"name": ", ".join(terms[:_IN_NAME]), "named_by": "terms"}
        elif enough and row["n_domain_people"] >= least_people:
            told = {"name": f"{_written(row['domain'])}, {number}", "named_by": "domain"}
        else:
            told = {"name": f"cluster {number}", "named_by": "number" if enough else "too_few_people"}
        rows.append(row | told | {"terms": terms})
    return ClusterNames.validate(pl.DataFrame(rows, schema=ClusterNames.create_empty().schema), cast=True)


def _written(domain: str) -> str:
    return "health and wellness" if domain == "health_wellness" else domain.replace("_", " ")


def _without_repeats(terms: Sequence[str]) -> list[str]:
    """Terms in order, less those whose words all stand in a better one already."""
    chosen: list[str] = []
    for term in terms:
        words = set(term.split())
        if not any(words <= set(other.split()) or set(other.split()) <= words for other in chosen):
            chosen.append(term)
    return chosen[:_IN_TERMS]
