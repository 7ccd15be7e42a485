"""The errors of the heads as own labels show them: confusions by head, as the corrections read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from guidance_atlas.correction import LEAST_ROWS
from guidance_atlas.heads.answers import (
    domain_confusion,
    drift_confusions,
    guidance_confusion,
    pushback_confusions,
    stakes_confusion,
    support_confusions,
    sycophancy_confusion,
)
from guidance_atlas.heads.confusion import NO_YES, NONE, Confusion
from guidance_atlas.labelling.compare import Pair
from guidance_atlas.labelling.weigh import Counts, Floats, weigh, with_counts

DOMAIN_SHARE = "domain_share"


@dataclass(frozen=True)
class Counter:
    """A head's confusions, counted of conversations where the person and the run tell of `column`."""

    head: str
    column: str
    of_all: bool = False  # of what glance let go too, not only of what the screen scored

    def asks(self, pair: Pair) -> bool:
        """Whether the conversation counts."""
        if self.column == DOMAIN_SHARE:  # "no guidance" is one more domain
            return not pair.given.guidance or pair.given.knows("domain")
        return pair.both_tell(self.column)


COUNTERS = (
    Counter("screen", "guidance", of_all=True),
    Counter("labels", DOMAIN_SHARE, of_all=True),
    Counter("labels", "stakes"),
    Counter("labels", "support"),
    Counter("pushback", "pushback"),
    Counter("candor", "candor"),
    Counter("drift", "drift"),
)


@dataclass(frozen=True)
class Counted:
    """A confusion of a head, scaled to what its labels are worth, and how many conversations it was counted on."""

    head: str
    confusion: Confusion
    n_labels: int


def count_errors(pairs: Sequence[Pair], *, let_go_per_scored: float) -> list[Counted]:
    """Confusions of all heads, weighted back, of which there are labels.

    let_go_per_scored is how many conversations glance let go for each one scored. Nobody can say what is true of
    them; they are counted as rightly let go, as the run counts them as no guidance.
    """
    found = []
    counted = [_count(one) for one in pairs]
    every_weight = sum(one.weight for one in pairs)
    for counter in COUNTERS:
        chosen = [at for at, one in enumerate(pairs) if counter.asks(one)]
        let_go = let_go_per_scored * every_weight if counter.of_all else 0.0
        each = [counted[at][counter.column] for at in chosen]
        for confusion, total in weigh(each, [pairs[at].weight for at in chosen]):
            found.append(Counted(counter.head, _with_let_go(confusion, total, let_go), len(chosen)))
    return found


def _count(pair: Pair) -> dict[str, Sequence[Confusion]]:
    """Confusions of one conversation, by column of the counters."""
    asked, answered = [pair.asked], [pair.answered]
    return {
        "guidance": [guidance_confusion(asked)],
        DOMAIN_SHARE: [domain_confusion(asked, asked)],
        "stakes": [stakes_confusion(asked)],
        "support": support_confusions(asked),
        "pushback": pushback_confusions(answered),
        "candor": [sycophancy_confusion(answered)],
        "drift": drift_confusions(answered),
    }


def _with_let_go(confusion: Confusion, total: Floats, let_go: float) -> Confusion:
    """Add what glance let go to what is no guidance and told so, at the scale of the row that it joins."""
    at = confusion.classes.index(NONE if NONE in confusion.classes else NO_YES[0]) if let_go else 0
    if not let_go or not total[at].sum():
        return confusion
    counts: Counts = confusion.table.copy()
    counts[at, at] += round(let_go * counts[at].sum() / total[at].sum())
    return with_counts(confusion, counts)


def in_use(counted: Sequence[Counted]) -> list[Counted]:
    """Those of measures of which one or more facets are enough; of the others the shipped cards know more."""
    measures = {one.confusion.measure for one in counted if enough(one.confusion)}
    return [one for one in counted if one.confusion.measure in measures]


def enough(confusion: Confusion) -> bool:
    """Whether a correction could use it: of two classes both have ten labels, of more classes more than half have."""
    told = sum(sum(row) >= LEAST_ROWS for row in confusion.counts)
    return told == 2 if len(confusion.classes) == 2 else told > len(confusion.classes) / 2
