"""What people say of a conversation beside what the run's tables say of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from guidance_atlas.contracts import CleanTurns, Events, Glanced, Labels, Screened, Verdicts
from guidance_atlas.heads.answers import Answered, Asked
from guidance_atlas.labelling.sheet import Fault, Labelled
from guidance_atlas.labelling.tables import LastRun
from guidance_atlas.labelling.words import Given
from guidance_atlas.vocab import DRIFT, SUPPORT


@dataclass(frozen=True)
class Told:
    """What the run says of a conversation; asked and answered say nothing where it was not labelled, not judged."""

    asked: Asked
    answered: Answered
    labelled: bool
    judged: bool
    could_push: bool  # the person spoke at least twice, as where the run counts pushback


@dataclass(frozen=True)
class Pair:
    """One labelled conversation with its weight: one over the chance that it was drawn."""

    weight: float
    given: Given
    told: Told

    @property
    def asked(self) -> tuple[Asked, Asked]:
        """What is true, what the run says."""
        return self.given.asked, self.told.asked

    @property
    def answered(self) -> tuple[Answered, Answered]:
        """What is true, what the run says."""
        return self.given.answered, self.told.answered

    def both_tell(self, column: str) -> bool:
        """Whether the person answered this question and the run did too.

        The run labels and judges only what its screen takes for guidance, so of others it tells nothing but that.
        """
        if column in ("domain", "stakes", "support"):
            return self.given.guidance and self.told.labelled and self.given.knows(column)
        if column == "pushback":
            return self.told.asked.guidance and self.told.could_push and self.given.knows(column)
        if column == "candor":
            return self.told.judged and self.given.answered.candor is not None
        return (self.told.judged or column != "drift") and self.given.knows(column)


def pair_up(labelled: Sequence[Labelled], run: LastRun) -> tuple[list[Pair], list[Fault]]:
    """Find what the run says of each labelled conversation; rows of which it says nothing are set aside."""
    told = told_of([one.conversation_id for one in labelled], run)
    pairs = [Pair(one.weight, one.given, told[one.conversation_id]) for one in labelled if one.conversation_id in told]
    strange = [one for one in labelled if one.conversation_id not in told]
    return pairs, [Fault(one.row, "not_in_run", "conversation_id") for one in strange]


def told_of(ids: Sequence[str], run: LastRun) -> dict[str, Told]:
    """What the run says of those of these conversations that its screen scored."""
    screened = run.table(Screened, ids).filter(pl.col("guidance").is_not_null())
    labels = _by_id(run.table(Labels, ids))
    verdicts = _by_id(run.table(Verdicts, ids))
    events = run.table(Events, ids).select("conversation_id", pl.col("kind").cast(pl.String))
    kinds = dict(events.group_by("conversation_id").agg("kind").iter_rows())
    of_user = run.table(CleanTurns, ids).filter(pl.col("role").cast(pl.String) == "user")
    spoke = dict(of_user.group_by("conversation_id").len().iter_rows())
    return {
        name: Told(
            asked=_asked(labels.get(name), guidance=guidance),
            answered=_answered(verdicts.get(name), kinds.get(name, ())),
            labelled=name in labels,
            judged=verdicts.get(name, {}).get("candor") is not None,
            could_push=spoke.get(name, 0) > 1,
        )
        for name, guidance in screened.select("conversation_id", "guidance").iter_rows()
    }


def let_go(run: LastRun) -> int:
    """How many conversations glance let go, not counting languages that the heads were not trained on."""
    return run.table(Glanced).filter(~pl.col("kept"), pl.col("reason").ne_missing("language")).height


def _by_id(frame: pl.DataFrame) -> dict[str, dict[str, object]]:
    return {str(row["conversation_id"]): row for row in frame.iter_rows(named=True)}


def _asked(label: dict[str, object] | None, *, guidance: bool) -> Asked:
    row = label or {}
    domain, domain_2, stakes = (
        str(row[name]) if row.get(name) is not None else None for name in ("domain", "domain_2", "stakes")
    )
    return Asked(guidance, domain, domain_2, stakes, frozenset(kind for kind in SUPPORT if row.get(f"support_{kind}")))


def _answered(verdict: dict[str, object] | None, kinds: Iterable[str]) -> Answered:
    row = verdict or {}
    candor = row.get("candor")
    return Answered(
        frozenset(kinds),
        float(candor) if isinstance(candor, float) else None,
        frozenset(name for name in DRIFT if row.get(name)),
    )
