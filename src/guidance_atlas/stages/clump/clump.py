"""Accounts whose conversations are copies of one another, or came in one burst, are counted as one person.

Whoever wants to be a crowd plants many accounts beside a target so that its group reaches the minimum of people. What
can be seen of that is that their conversations are alike. Joining honest people who pasted the same lowers a count and
never raises one.
"""

import dataframely as dy
import numpy as np
import polars as pl
from scipy import sparse

from guidance_atlas.contracts import CleanTurns, Clumps, Conversations, Screened, Vectors
from guidance_atlas.heads.frames import matrix
from guidance_atlas.stages.clump.bursts import in_bursts
from guidance_atlas.stages.clump.joined import Joined
from guidance_atlas.stages.clump.neighbours import Rows, close_pairs

# Chosen on the chats of bench/sybils.py: between what is planted by one template and honest people who ask alike.
ALIKE = 0.90  # cosine
_AT_A_TIME = 20_000  # conversations, or pairs: what is held at once
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
    asked = (
        screened.filter("guidance")
        .select("conversation_id")
        .join(vectors.select("conversation_id"), on="conversation_id")
    )
    if asked.is_empty():
        return Clumps.create_empty()
    first_day = pl.col("day").min().over("person_key")
    people = conversations.select("conversation_id", "person_key", "day", new=(pl.col("day") == first_day))
    rows = (
        asked.join(people, on="conversation_id")
        .join(_words(clean_turns.join(asked, on="conversation_id", how="semi")), on="conversation_id", how="left")
        .sort("conversation_id")
    )
    known = rows["person_key"].unique().sort()
    person = rows.select(pl.col("person_key").cast(pl.Enum(known)).to_physical()).to_series().to_numpy().astype(int)
    joined = Joined(known.len())
    first = _join_same_words(rows, person, joined)
    wordings = rows[first].select("conversation_id").join(vectors, on="conversation_id", maintain_order="left")
    i, j, _ = close_pairs(matrix(wordings["vector"]), least=ALIKE)
    i, j = first[i], first[j]
    _join_copies(_word_table(rows["words"]), person, i, j, joined)
    days = rows["day"].to_physical().cast(pl.Float64).to_numpy()
    for a, b in in_bursts(i, j, person=person, days=days, new=rows["new"].fill_null(False).to_numpy()):
        joined.join(int(person[a]), int(person[b]), "burst")
    heads, reasons = joined.heads()
    table = pl.DataFrame({"person_key": known, "counted_as": known.gather(heads), "joined_by": reasons})
    return Clumps.validate(table, cast=True)


def _words(clean_turns: pl.DataFrame) -> pl.DataFrame:
    """What each conversation's person said, in small letters; what was masked gives no word.

    Columns: conversation_id, wording (hash of the words in order), words (hashes of the different words).
    """
    said = (
        clean_turns.lazy()
        .filter(pl.col("role") == "user")
        .sort("conversation_id", "turn")
        .group_by("conversation_id", maintain_order=True)
        .agg(pl.col("text").str.join("\n"))
        .collect()
    )
    return pl.concat([_hashed(some) for some in said.iter_slices(_AT_A_TIME)]) if said.height else _hashed(said)


def _hashed(said: pl.DataFrame) -> pl.DataFrame:
    word = pl.element().filter(~pl.element().str.starts_with("<")).str.to_lowercase()
    words = said.select("conversation_id", words=pl.col("text").str.extract_all(_WORD).list.eval(word))
    return words.select(
        "conversation_id",
        wording=pl.col("words").list.join(" ").hash(),
        words=pl.col("words").list.eval(pl.element().hash()).list.unique(),
    )


def _word_table(words: pl.Series) -> sparse.csr_matrix:
    """One row per conversation, one column per word: 1 where it was said."""
    flat = words.explode(empty_as_null=False, keep_nulls=False)
    _, columns = np.unique(flat.to_numpy(), return_inverse=True)
    ends = np.concatenate([[0], words.list.len().fill_null(0).cum_sum().to_numpy()])
    return sparse.csr_matrix(
        (np.ones(len(columns), np.float32), columns, ends), shape=(len(words), columns.max(initial=0) + 1)
    )


def _join_same_words(rows: pl.DataFrame, person: Rows, joined: Joined) -> Rows:
    """Join who said the same words; returns the first row of each wording, in order."""
    alike = rows.select("wording").with_row_index("row")
    groups = alike.group_by("wording", maintain_order=True).agg("row")["row"].to_list()
    for group in groups:
        for row in group[1:]:
            joined.join(int(person[group[0]]), int(person[row]), "same_words")
    return np.array([group[0] for group in groups], dtype=np.int64)


def _join_copies(said: sparse.csr_matrix, person: Rows, i: Rows, j: Rows, joined: Joined) -> None:
    """Join the people of pairs (i, j) whose words are nearly the same; some pairs at a time, which bounds memory."""
    n_words = np.diff(said.indptr)
    for start in range(0, len(i), _AT_A_TIME):
        a, b = (rows[start : start + _AT_A_TIME] for rows in (i, j))
        head = joined.numbers()[person]
        apart = head[a] != head[b]
        a, b = a[apart], b[apart]
        common = np.asarray(said[a].multiply(said[b]).sum(axis=1)).ravel()
        alike = common >= SHARED_WORDS * (n_words[a] + n_words[b] - common)
        for one, other in zip(a[alike].tolist(), b[alike].tolist(), strict=True):
            joined.join(int(person[one]), int(person[other]), "near_copy")
