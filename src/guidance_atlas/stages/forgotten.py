"""Whose records may not be held: people and conversations with a tombstone, and what is older than it may be."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import polars as pl

from guidance_atlas.contracts import Conversations
from guidance_atlas.stages.keys import keyed

FORGOTTEN, PAST_RETENTION, AGE_UNKNOWN = CODES = ("forgotten", "past_retention", "age_unknown")
PERSON, CONVERSATION = "person", "conversation"
_COLUMN = {PERSON: "person_key", CONVERSATION: "conversation_id"}
_SAID_OF_ALL = ("record", "outcome", "code")
_COUNTS = ("n_turns", "n_user_turns", "n_unread")


@dataclass(frozen=True)
class Forgotten:
    """Tombstones as `tombstone` makes them, and the first UTC day that may be held; none: no limit of age."""

    # Part of no key: a new tombstone must not make every part be read again. What is stored is cleared by erase.py.
    identity: ClassVar[str] = "forgotten"
    tombstones: frozenset[str] = frozenset()
    first_day: date | None = None

    def reasons(self, outlined: pl.DataFrame, *, secret: bytes) -> pl.Series:
        """Why each row may not be held, one of CODES, or null. Needs conversation_id, person_key and day.

        A row without a key holds nobody. Where there is a limit of age, what has no date is not held either: nobody
        could tell when its time is up.
        """
        named = pl.any_horizontal(
            pl.col(column).is_in(self._named(outlined[column], kind, secret)).fill_null(False)
            for kind, column in _COLUMN.items()
        )
        held = pl.col("person_key").is_not_null()
        limited = pl.lit(self.first_day is not None) & held
        reason = (
            pl.when(named)
            .then(pl.lit(FORGOTTEN))
            .when(limited & pl.col("day").is_null())
            .then(pl.lit(AGE_UNKNOWN))
            .when(limited & (pl.col("day") < pl.lit(self.first_day, dtype=pl.Date)))
            .then(pl.lit(PAST_RETENTION))
        )
        return outlined.select(reason=reason)["reason"]

    def _named(self, keys: pl.Series, kind: str, secret: bytes) -> list[str]:
        if not self.tombstones:
            return []
        return [key for key in keys.drop_nulls().unique() if tombstone(secret, kind, key) in self.tombstones]


NOBODY = Forgotten()


def tombstone(secret: bytes, kind: str, key: str) -> str:
    """What is remembered of a forgotten key: a hash of it of another kind, so that the key itself is nowhere."""
    return keyed(secret, b"tombstone", [kind, key])


def blanked(conversations: pl.DataFrame) -> pl.DataFrame:
    """Rows whose code is one of CODES say that, where the record stood, and nothing else."""
    gone = pl.col("code").is_in(CODES).fill_null(False)
    others = [name for name in Conversations.column_names() if name not in (*_SAID_OF_ALL, *_COUNTS)]
    return conversations.with_columns(
        pl.when(gone).then(pl.lit("sampled_out")).otherwise(pl.col("outcome").cast(pl.String)).alias("outcome"),
        *(pl.when(~gone).then(name).alias(name) for name in others),
        *(pl.when(gone).then(0).otherwise(name).alias(name) for name in _COUNTS),
    )
