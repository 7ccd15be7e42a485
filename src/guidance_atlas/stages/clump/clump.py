"""Accounts whose conversations are copies of one another, or came in one burst, are counted as one person.

Whoever wants to be a crowd plants many accounts beside a target so that its group reaches the minimum of people. What
can be seen of that is that their conversations are alike. Joining honest people who pasted the same lowers a count and
never raises one.
"""

import dataframely as dy
import numpy as np
import polars as pl

from guidance_atlas.contracts import CleanTurns, Clumps, Conversations, Screened, Vectors
from guidance_atlas.stages.clump.bursts import in_bursts
from guidance_atlas.stages.clump.joined import Joined
from guidance_atlas.stages.clump.neighbours import Rows, close_pairs

# Chosen on the chats of bench/sybils.py: between what is planted by one template and honest people who ask alike.
ALIKE = 0.90  # cosine
SHARED_WORDS = 0.5  # near copies have at least this share of both's words in common (Jaccard)
_WORD = r"<[A-Z_]+(?:_\d+)?>|[\pL\pM]+"


def clump(
    screened: dy.DataFrame[Screened],
    conversations: dy.DataFrame[Conversations],
    clean_turns: dy.DataFrame[CleanTurns],
    vectors: dy.DataFrame[Vectors],
) -> dy.DataFrame[Clumps]:
    """Who counts as whom: one row per person with guidance; who is alone counts as themselves.

    Two people are joined if a guidance conversation of each has the same words; or nearly the same (vectors' cosine
    and share of common words at least ALIKE and SHARED_WORDS); or if both wrote first in one burst (bursts.py). Joining
    carries on: who is joined to a second is joined to a third that the second is joined to.
    """
    asked = screened.filter("guidance").select("conversation_id").join(vectors, on="conversation_id")
    if asked.is_empty():
        return Clumps.create_empty()
    first_day = pl.col("day").min().over("person_key")
    people = conversations.select("conversation_id", "person_key", "day", new=(pl.col("day") == first_day))
    rows = (
        asked.join(people, on="conversation_id")
        .join(_words(clean_turns), on="conversation_id", how="left")
        .sort("conversation_id")
    )
    known = rows["person_key"].unique().sort()
    person = rows.select(pl.col("person_key").cast(pl.Enum(known)).to_physical()).to_series().to_numpy().astype(int)
    joined = Joined(known.len())
    first = _join_same_words(rows, person, joined)
    matrix = np.array(rows["vector"].gather(first).to_list(), dtype=np.float32)
    i, j, _ = close_pairs(matrix, least=ALIKE)
    i, j = first[i], first[j]
    _join_copies(rows["words"].to_list(), person, i, j, joined)
    days = rows["day"].to_physical().cast(pl.Float64).to_numpy()
    for a, b in in_bursts(i, j, person=person, days=days, new=rows["new"].fill_null(False).to_numpy()):
        joined.join(int(person[a]), int(person[b]), "burst")
    heads, reasons = joined.heads()
    table = pl.DataFrame({"person_key": known, "counted_as": known.gather(heads), "joined_by": reasons})
    return Clumps.validate(table, cast=True)


def _words(clean_turns: pl.DataFrame) -> pl.DataFrame:
    """What each conversation's person said, as small letters' words in order; what was masked gives none."""
    return (
        clean_turns.filter(pl.col("role") == "user")
        .sort("conversation_id", "turn")
        .group_by("conversation_id", maintain_order=True)
        .agg(
            pl.col("text")
            .str.extract_all(_WORD)
            .list.eval(pl.element().filter(~pl.element().str.starts_with("<")).str.to_lowercase())
            .explode()
            .alias("words")
        )
    )


def _join_same_words(rows: pl.DataFrame, person: Rows, joined: Joined) -> Rows:
    """Join who said the same words; returns the first row of each wording, in order."""
    alike = rows.select(key=pl.col("words").list.join(" ")).with_row_index("row")
    groups = alike.group_by("key", maintain_order=True).agg("row")["row"].to_list()
    for group in groups:
        for row in group[1:]:
            joined.join(int(person[group[0]]), int(person[row]), "same_words")
    return np.array([group[0] for group in groups], dtype=np.int64)


def _join_copies(words: list[list[str]], person: Rows, i: Rows, j: Rows, joined: Joined) -> None:
    sets: dict[int, frozenset[str]] = {}
    for a, b in zip(i.tolist(), j.tolist(), strict=True):
        if joined.apart(int(person[a]), int(person[b])):
            one, other = (sets.setdefault(row, frozenset(words[row] or ())) for row in (a, b))
            if len(one & other) >= SHARED_WORDS * len(one | other):
                joined.join(int(person[a]), int(person[b]), "near_copy")
