"""Tell which conversations ask for personal guidance."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns, Screened, Vectors
from guidance_atlas.heads.frames import matrix
from guidance_atlas.heads.screen import ScreenHead


def screen(
    vectors: dy.DataFrame[Vectors], clean_turns: dy.DataFrame[CleanTurns], *, head: ScreenHead
) -> dy.DataFrame[Screened]:
    """One row per conversation that glance kept: probability of guidance, and yes from the head's threshold on.

    `unsure` marks probabilities at which answers are often wrong. Where the user said nothing there is no vector:
    guidance is null, with reason "no_user_words".
    """
    everyone = clean_turns.select(pl.col("conversation_id").unique().sort())
    heard = everyone.join(vectors, on="conversation_id")
    scores = head.score(matrix(heard["vector"], width=head.width))
    scored = heard.select(
        "conversation_id",
        score=pl.Series(scores.tolist(), dtype=pl.Float32),
        guidance=pl.Series((scores >= head.threshold).tolist(), dtype=pl.Boolean),
        unsure=pl.Series(head.unsure(scores).tolist(), dtype=pl.Boolean),
    )
    reason = pl.when(pl.col("guidance").is_null()).then(pl.lit("no_user_words"))
    table = everyone.join(scored, on="conversation_id", how="left").with_columns(reason=reason)
    return Screened.validate(table, cast=True)
