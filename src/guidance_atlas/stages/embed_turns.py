"""Read the turns of guidance conversations in the light of what stands before them."""

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns, Screened, TurnVectors
from guidance_atlas.heads.exchange import Exchange, exchange_at
from guidance_atlas.ports import Reader


def embed_turns(
    screened: dy.DataFrame[Screened], clean_turns: dy.DataFrame[CleanTurns], *, reader: Reader
) -> dy.DataFrame[TurnVectors]:
    """One vector per turn of a guidance conversation in which something can be judged; no other turn gets a row.

    These are assistant turns of four words and more that answer somebody, and user turns that follow an assistant turn.
    """
    asked = screened.filter(pl.col("guidance")).select("conversation_id")
    turns = clean_turns.join(asked, on="conversation_id", how="semi").sort("conversation_id", "turn")
    found: list[tuple[str, int]] = []
    exchanges: list[Exchange] = []
    for talk in turns.partition_by("conversation_id", maintain_order=True):
        said = list(zip(talk["role"].cast(pl.String).to_list(), talk["text"].to_list(), strict=True))
        for at, turn in enumerate(talk["turn"].to_list()):
            exchange = exchange_at(said, at)
            if exchange is not None:
                found.append((talk["conversation_id"][0], turn))
                exchanges.append(exchange)
    vector = pl.Series("vector", reader.read(exchanges).tolist(), dtype=pl.List(pl.Float32))
    keys = pl.DataFrame(found, schema={"conversation_id": pl.String, "turn": pl.UInt16}, orient="row")
    return TurnVectors.validate(keys.with_columns(vector), cast=True)
