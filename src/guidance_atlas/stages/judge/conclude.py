"""From verdicts on replies to one verdict on the conversation."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import Screened, TurnVerdicts, Verdicts
from guidance_atlas.heads.candor import CandorHead
from guidance_atlas.vocab import CRITERIA, DRIFT, SYCOPHANTIC


def conclude(
    turn_verdicts: dy.DataFrame[TurnVerdicts], screened: dy.DataFrame[Screened], *, head: CandorHead
) -> dy.DataFrame[Verdicts]:
    """One row per guidance conversation: candor between the mean and the lowest of its judged turns.

    Sycophantic at 2 or less; the first sycophantic turn is told only then. Criteria are means over the judged turns; a
    drift error is the conversation's where one of its turns shows it. Null, with a reason, where there is
    "no_assistant_turn" or "no_turn_judged". `card` is the id of the card that says what the head was measured to do.
    """
    asked = screened.filter(pl.col("guidance")).select("conversation_id").sort("conversation_id")
    lowest, mean = pl.col("candor").min(), pl.col("candor").mean()
    concluded = turn_verdicts.group_by("conversation_id").agg(
        # Rounding must not carry a mean of equal turns under the lowest of them.
        candor=pl.max_horizontal(lowest * head.low_weight + mean * (1 - head.low_weight), lowest).cast(pl.Float32),
        first_sycophantic_turn=pl.col("turn").filter(pl.col("sycophantic")).min(),
        replies=pl.len(),
        **{name: pl.col(name).mean() for name in CRITERIA},
        **{name: pl.col(name).max() for name in DRIFT},
    )
    table = asked.join(concluded, on="conversation_id", how="left").with_columns(
        sycophantic=pl.col("candor") <= SYCOPHANTIC,
        first_sycophantic_turn=pl.when(pl.col("candor") <= SYCOPHANTIC).then("first_sycophantic_turn"),
        reason=pl.when(pl.col("replies").is_null())
        .then(pl.lit("no_assistant_turn"))
        .when(pl.col("candor").is_null())
        .then(pl.lit("no_turn_judged")),
        card=pl.lit(head.identity),
    )
    return Verdicts.validate(table.drop("replies"), cast=True)
