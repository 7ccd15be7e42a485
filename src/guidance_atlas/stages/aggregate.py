"""Many conversations become numbers about groups: the counts are made in SQL, one question a file."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import (
    Cells,
    Clumps,
    Clusters,
    Conversations,
    Events,
    Glanced,
    Labels,
    Roster,
    Screened,
    TurnVerdicts,
    Verdicts,
)
from guidance_atlas.errors import StageError
from guidance_atlas.intervals import with_share
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.forgotten import CODES
from guidance_atlas.vocab import DOMAINS, DRIFT, OUTCOMES, PUSHBACK, RARE_MODEL, STAKES

KEY = ("cut", "domain", "week", "model", "facet", "measure")
# What is counted by what, one after the other. What everybody is asked is not cut by domain, nor by two at once.
CUTS: Mapping[tuple[str, ...], Sequence[tuple[str, ...]]] = {
    ("everybody",): ((), ("week",), ("model",)),
    ("guidance",): tuple(by for n in range(4) for by in combinations(("domain", "week", "model"), n)),
    ("everybody", "guidance"): (("language",), ("cluster",)),
}
COUNTS = ("numerator", "denominator", "n_people", "n_people_counted", "n_most", "n_most_counted")


def aggregate(
    roster: dy.DataFrame[Roster],
    conversations: dy.DataFrame[Conversations],
    glanced: dy.DataFrame[Glanced],
    screened: dy.DataFrame[Screened],
    labels: dy.DataFrame[Labels],
    events: dy.DataFrame[Events],
    turn_verdicts: dy.DataFrame[TurnVerdicts],
    verdicts: dy.DataFrame[Verdicts],
    clusters: dy.DataFrame[Clusters],
    clumps: dy.DataFrame[Clumps],
    *,
    book: SqlBook,
    least_to_name: int = 1,
) -> dy.DataFrame[Cells]:
    """Count everything that is asked of every group; a share comes with its denominator and its 95 % interval.

    All frames but roster hold kept conversations only, one row per conversation in conversations. What is not known
    is in no denominator: unscored conversations, unjudged ones, ones in which pushback could not occur. Models that
    fewer than least_to_name people used are counted as one, under a name of ours: a log may call its model anything.

    Raises:
        StageError: roster and conversations disagree on how many conversations are kept.
    """
    n_kept = roster.filter(pl.col("outcome") == "kept").height
    if n_kept != conversations.height:
        raise StageError(f"the roster keeps {n_kept} conversations, {conversations.height} came: run the roster again")
    tables = {
        "roster": roster,
        "conversations": conversations,
        "glanced": glanced,
        "screened": screened,
        "labels": labels,
        "events": events,
        "turn_verdicts": turn_verdicts,
        "verdicts": verdicts,
        "clusters": clusters,
        "clumps": clumps,
    }
    words = {"domains": DOMAINS, "kinds": PUSHBACK, "stakes": STAKES, "outcomes": OUTCOMES, "drift": DRIFT}
    words["blanked"] = CODES
    with book.over(tables) as con:
        book.make(con, "aggregate/facts", least_to_name=least_to_name, rare_model=RARE_MODEL)
        book.make_together(con, "aggregate/answers", **words)
        for name in ("questions", "groups", "names", "asked"):
            book.make(con, f"aggregate/{name}", **words)
        for asked_of, cuts in CUTS.items():
            for by in cuts:
                sliced = bool({"language", "cluster"} & set(by))
                book.add(con, "aggregate/counted", asked_of=asked_of, by=by, sliced=sliced)
        counted = pl.concat(
            book.rows(con, name, **words).select(*KEY, pl.col(COUNTS).cast(pl.UInt64))
            for name in book.names("aggregate/cells")
        )
    return Cells.validate(with_share(counted).sort(KEY), cast=True)
