"""Public exports of an attack's world, drawn as often as the attacker likes; no budget is in the way."""

from collections.abc import Callable
from re import sub

import polars as pl

from guidance_atlas import contracts as c
from guidance_atlas.attacks.seams import Tables
from guidance_atlas.dp.ask import make_ask
from guidance_atlas.dp.counts import Key, contributions, count
from guidance_atlas.dp.public import draw, open_noise
from guidance_atlas.sqlbook import SqlBook


def with_noise(tables: Tables, *, epsilon: float, delta: float) -> Callable[[], dict[Key, int]]:
    """What a public export of these tables tells, drawn anew at every call: every number by its key."""
    days = tables[c.Conversations]["day"]
    ask = make_ask(epsilon, delta, str(days.min()), str(days.max()))
    counts, noise = count(contributions(_by_parameter(tables), ask, book=SqlBook()), ask), open_noise(ask)

    def drawn() -> dict[Key, int]:
        told = draw(counts, noise)
        return dict(told.dense) | dict(told.sparse)

    return drawn


def _by_parameter(tables: Tables) -> dict[str, pl.DataFrame]:
    """The tables under the names that queries know them by."""
    return {sub(r"(?<!^)(?=[A-Z])", "_", table.__name__).lower(): frame for table, frame in tables.items()}
