"""Group guidance conversations that ask for similar things."""

import hashlib

import dataframely as dy
import numpy as np
import polars as pl

from guidance_atlas.contracts import Clusters, Screened, Vectors
from guidance_atlas.heads.frames import matrix
from guidance_atlas.ports import Grouper


def cluster(
    screened: dy.DataFrame[Screened], vectors: dy.DataFrame[Vectors], *, grouper: Grouper
) -> dy.DataFrame[Clusters]:
    """Give each guidance conversation its group, numbered from the largest; null where it lies in none.

    Vectors go to the grouper in the order of their digests, each different one once: so neither the order of the input
    nor the conversations' ids can change the groups, equal vectors share one, and the first so many are a fair draw.
    """
    asked = screened.filter("guidance").select("conversation_id").join(vectors, on="conversation_id", how="inner")
    if asked.is_empty():
        return Clusters.create_empty()
    ids, rows = asked["conversation_id"], matrix(asked.drop_in_place("vector"))
    digests = np.array([hashlib.blake2b(row.tobytes(), digest_size=16).hexdigest() for row in rows])
    _, first, place = np.unique(digests, return_index=True, return_inverse=True)
    groups, strength = grouper.group(rows[first])
    found = pl.DataFrame({"conversation_id": ids, "group": groups[place], "strength": strength[place], "first": place})
    in_group = pl.col("group") >= 0
    rank = (
        found.filter(in_group)
        .group_by("group")
        .agg(n=pl.len(), first=pl.col("first").min())
        .sort("n", "first", descending=[True, False])
        .with_row_index("cluster_id")
        .select("group", "cluster_id")
    )
    return Clusters.validate(
        found.join(rank, on="group", how="left")
        .select(
            "conversation_id", "cluster_id", pl.when(in_group).then(pl.col("strength").clip(0, 1)).alias("strength")
        )
        .sort("conversation_id"),
        cast=True,
    )
