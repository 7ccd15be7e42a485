"""Label guidance conversations: what about, how much hangs on it, and what other help the person mentions."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import Labels, Screened, Vectors
from guidance_atlas.heads.frames import matrix
from guidance_atlas.heads.labels import LabelsHead, first_two
from guidance_atlas.vocab import DOMAINS, STAKES, SUPPORT


def classify(
    screened: dy.DataFrame[Screened], vectors: dy.DataFrame[Vectors], *, head: LabelsHead
) -> dy.DataFrame[Labels]:
    """One row per guidance conversation: most probable domain, a close second one or null, stakes, support.

    Scores are probabilities (0 to 1) of the label given.
    """
    asked = (
        screened.filter(pl.col("guidance"))
        .select("conversation_id")
        .join(vectors, on="conversation_id")
        .sort("conversation_id")
    )
    directions = matrix(asked["vector"], width=head.width)
    domains = head.domains(directions)
    order, close = first_two(domains, head.second)
    level, level_score = head.stakes_of(directions)
    support = head.support_of(directions)
    table = pl.DataFrame(
        {
            "conversation_id": asked["conversation_id"],
            "domain": [DOMAINS[at] for at in order[:, 0]],
            "domain_score": domains.max(axis=1),
            "domain_2": [DOMAINS[at] if is_close else None for at, is_close in zip(order[:, 1], close, strict=True)],
            "stakes": [STAKES[at] for at in level],
            "stakes_score": level_score,
            **{f"support_{kind}": support[:, at].tolist() for at, kind in enumerate(SUPPORT)},
        },
        schema_overrides={"domain": pl.String, "domain_2": pl.String, "stakes": pl.String},
    )
    return Labels.validate(table, cast=True)
