"""The errors of the heads as own labels show them: confusions by head, as the corrections read them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from guidance_atlas.correction import LEAST_ROWS
from guidance_atlas.heads.answers import answer_confusions, domain_confusion, guidance_confusion, label_confusions
from guidance_atlas.heads.confusion import NO_YES, NONE, Confusion
from guidance_atlas.labelling.compare import Pair
from guidance_atlas.labelling.weigh import Counts, Floats, weigh, with_counts

DOMAIN_SHARE, STAKES = "domain_share", "stakes"


@dataclass(frozen=True)
class Counter:
    """Confusions of one head, counted one conversation at a time, where the person and the run tell of `column`."""

    head: str
    column: str
    count: Callable[[Pair], Sequence[Confusion]]
    of_all: bool = False  # of what glance let go too, not only of what the screen scored

    def asks(self, pair: Pair) -> bool:
        """Whether the conversation counts."""
        if self.column == DOMAIN_SHARE:  # "no guidance" is one more domain
            return not pair.given.guidance or pair.given.knows("domain")
        return pair.both_tell(self.column)


def _labels(pair: Pair, *, stakes: bool) -> list[Confusion]:
    return [one for one in label_confusions([pair.asked]) if (one.measure == STAKES) == stakes]


COUNTERS = (
    Counter("screen", "guidance", lambda one: [guidance_confusion([one.asked])], of_all=True),
    Counter("labels", DOMAIN_SHARE, lambda one: [domain_confusion([one.asked], [one.asked])], of_all=True),
    Counter("labels", "stakes", lambda one: _labels(one, stakes=True)),
    Counter("labels", "support", lambda one: _labels(one, stakes=False)),
    Counter("pushback", "pushback", lambda one: answer_confusions([one.answered])["pushback"]),
    Counter("candor", "candor", lambda one: answer_confusions([one.answered])["candor"]),
    Counter("drift", "drift", lambda one: answer_confusions([one.answered])["drift"]),
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
    every_weight = sum(one.weight for one in pairs)
    for counter in COUNTERS:
        chosen = [one for one in pairs if counter.asks(one)]
        let_go = let_go_per_scored * every_weight if counter.of_all else 0.0
        for confusion, total in weigh([counter.count(one) for one in chosen], [one.weight for one in chosen]):
            found.append(Counted(counter.head, _with_let_go(confusion, total, let_go), len(chosen)))
    return found


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
