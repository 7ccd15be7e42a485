"""What is counted before noise: of each person a bounded share, under keys that are public before anyone looks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import polars as pl

from guidance_atlas.contracts import Clumps, Clusters
from guidance_atlas.dp.ask import Ask
from guidance_atlas.errors import StageError
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.vocab import ALL, DOMAINS, RARE_MODEL, UNKNOWN

ASKED = ("guidance", "other")
VERDICT = ("sycophantic", "not_sycophantic", "not_judged")
PUSHBACK = ("pushback", "no_pushback", "could_not")
FLAGS = tuple(product(VERDICT, PUSHBACK))  # exclude each other, so that a conversation is counted once
EVERY_DOMAIN = (*DOMAINS, UNKNOWN)
# Histograms told whole, every key of theirs: week_asked counts all conversations that could be told to be guidance or
# not, domain and week guidance. A conversation that is counted adds 1 to one number of each.
DENSE = ("week_asked", "domain", "week")
# The histogram that tells only the keys whose noisy count reaches the threshold: guidance by domain, week and verdict.
SPARSE = "domain_week"

Key = tuple[str, ...]  # histogram, domain, week, then the flags
KEPT = ("among", "person", "week", "asked", "domain", "verdict", "pushback")


@dataclass(frozen=True)
class Counts:
    """Exact counts, for nobody's eyes: dense has every public key, sparse those that occur."""

    dense: Mapping[Key, int]
    sparse: Mapping[Key, int]


def dense_keys(ask: Ask) -> Iterator[Key]:
    """Every key of the dense histograms: they follow from the request alone."""
    yield from (("week_asked", ALL, week, asked) for week in ask.weeks for asked in ASKED)
    yield from (("domain", domain, ALL, *flags) for domain in EVERY_DOMAIN for flags in FLAGS)
    yield from (("week", ALL, week, *flags) for week in ask.weeks for flags in FLAGS)


def contributions(tables: Mapping[str, pl.DataFrame], ask: Ask, *, book: SqlBook) -> pl.DataFrame:
    """One row per conversation and question that is counted: see sql/privacy/contributions.sql.

    tables are those that aggregate reads, less clumps and clusters; of conversations only days of the period count, and
    those without a day never do. Somebody whom the source does not name is a person with one conversation.

    Raises:
        StageError: more of one person came out than the bounds allow.
    """
    day = pl.col("day").is_between(ask.since, ask.until)
    # Everybody counts as themselves: as whom clump counts them, and into which cluster they fall, follows from what
    # others say, so one person could change the counts by more than their own share.
    alone = {"clumps": Clumps.create_empty(), "clusters": Clusters.create_empty()}
    within = {**tables, **alone, "conversations": tables["conversations"].filter(day)}
    with book.over(within) as con:
        book.make(con, "aggregate/facts", least_to_name=1, rare_model=RARE_MODEL)
        kept = book.rows(con, "privacy/contributions", conversations=ask.conversations, cells=ask.cells)
    _refuse_beyond(kept, ask)
    return kept


def count(kept: pl.DataFrame, ask: Ask) -> Counts:
    """Counts of contributions under every public key, zeros too, and under the fine keys that occur."""
    told, guidance = (kept.filter(pl.col("among") == among) for among in ("told", "guidance"))
    found = {
        **_tally("week_asked", told.with_columns(domain=pl.lit(ALL)), "asked"),
        **_tally("domain", guidance.with_columns(week=pl.lit(ALL)), "verdict", "pushback"),
        **_tally("week", guidance.with_columns(domain=pl.lit(ALL)), "verdict", "pushback"),
    }
    keys = list(dense_keys(ask))
    if strange := set(found) - set(keys):
        raise StageError(f"{len(strange)} groups are of no public kind; check domains and weeks of the last run")
    return Counts({key: found.get(key, 0) for key in keys}, _tally(SPARSE, guidance, "verdict"))


def _tally(histogram: str, rows: pl.DataFrame, *flags: str) -> dict[Key, int]:
    names = ("domain", "week", *flags)
    return {(histogram, *key[:-1]): key[-1] for key in rows.group_by(names).len().select(*names, "len").rows()}


def _refuse_beyond(kept: pl.DataFrame, ask: Ask) -> None:
    """Hold the bounds that the noise is made for once more against what came out of the database."""
    of_person = kept.group_by("among", "person").agg(
        conversations=pl.len(), cells=pl.struct("week", "asked", "domain", "verdict", "pushback").n_unique()
    )
    beyond = of_person.filter((pl.col("conversations") > ask.conversations) | (pl.col("cells") > ask.cells))
    if not beyond.is_empty():
        raise StageError(f"{beyond['person'].n_unique()} people count for more than the bounds allow; please report it")
