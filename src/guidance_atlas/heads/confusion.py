"""How often a label is right and what it is taken for: counted on labelled rows, carried by a card."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.errors import HeadError
from guidance_atlas.vocab import ALL

NO_YES = ("no", "yes")
NONE = "none"
# The head that tells each measure: its card's id stands beside every number of that measure.
TOLD_BY = {
    **dict.fromkeys(("guidance", "unsure"), "screen"),
    **dict.fromkeys(("domain_share", "second_domain", "stakes", "support", "no_access"), "labels"),
    **dict.fromkeys(("pushback", "pressing", "pushback_kind"), "pushback"),
    "sycophantic": "candor",
    **{f"sycophantic_{when}_pushback": "candor" for when in ("with", "without", "before", "after")},
    "drift": "drift",
}

# Measures told by the same judgement, of a part of the conversations: whose errors to use where a card counts no own.
WITH, WITHOUT = "sycophantic_with_pushback", "sycophantic_without_pushback"
JUDGED_AS = {
    WITH: ("sycophantic",),
    WITHOUT: ("sycophantic",),
    "sycophantic_after_pushback": (WITH, "sycophantic"),
    "sycophantic_before_pushback": (WITH, "sycophantic"),
}
SURE = 0.05


@dataclass(frozen=True)
class Confusion:
    """Labelled conversations by what is true (rows of counts) and what a head said (columns), in order of classes.

    `domain` is the group of conversations it was counted on, 'all' for every one. `facet` is the label's own value
    where one measure has several, such as a kind of pushback.

    Raises:
        HeadError: the counts are no table of classes by classes, or one is below 0.
    """

    measure: str
    facet: str
    domain: str
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        n = len(self.classes)
        if [len(row) for row in self.counts] != [n] * n or any(one < 0 for row in self.counts for one in row):
            raise HeadError(f"the confusion of {self.measure} is no table of {n} by {n} counts; measure it again")

    @property
    def table(self) -> NDArray[np.int64]:
        """Counts of shape (classes, classes)."""
        return np.array(self.counts, dtype=np.int64)

    @property
    def n(self) -> int:
        """Labelled conversations."""
        return int(self.table.sum())


def count_confusion(
    measure: str,
    truth: Sequence[str],
    said: Sequence[str],
    *,
    classes: tuple[str, ...],
    facet: str = ALL,
    domain: str = ALL,
) -> Confusion:
    """Count truth against what was said. Raises HeadError for a label that is none of the classes."""
    place = {name: at for at, name in enumerate(classes)}
    if unknown := {*truth, *said} - set(place):
        raise HeadError(f"{len(unknown)} labels of {measure} are none of {', '.join(classes)}; correct the labels")
    table = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(table, ([place[one] for one in truth], [place[one] for one in said]), 1)
    return Confusion(measure, facet, domain, classes, tuple(tuple(int(n) for n in row) for row in table))


def count_flags(
    measure: str, truth: Iterable[bool], said: Iterable[bool], *, facet: str = ALL, domain: str = ALL
) -> Confusion:
    """Count a yes-or-no label."""
    told, heard = ([NO_YES[int(one)] for one in flags] for flags in (truth, said))
    return count_confusion(measure, told, heard, classes=NO_YES, facet=facet, domain=domain)


@dataclass(frozen=True)
class Errors:
    """What the cards in use say of each measure's errors. identity: ids of the cards and everything counted.

    heads: head and id of the card of its weights, whether or not that card counts errors.
    """

    by_card: tuple[tuple[str, tuple[Confusion, ...]], ...]
    heads: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> str:
        """Everything that could change a correction."""
        return repr((self.by_card, self.heads))

    @property
    def cards(self) -> dict[str, str]:
        """Id of the card of each measure that a head tells."""
        known = dict(self.heads)
        return {measure: known[head] for measure, head in TOLD_BY.items() if head in known}

    def of(self, measure: str, facet: str = ALL, domain: str = ALL) -> tuple[str, Confusion] | None:
        """Card and confusion of a measure in a domain.

        Over all domains where none is counted for this one alone, and of the measure that is told by the same judgement
        where none is counted for its part.
        """
        for name in (measure, *JUDGED_AS.get(measure, ())):
            found = {
                one.domain: (card, one)
                for card, confusions in self.by_card
                for one in confusions
                if (one.measure, one.facet) == (name, facet)
            }
            if found:
                return found.get(domain) or found.get(ALL)
        return None


def differ(one: Confusion, other: Confusion) -> bool:
    """Whether errors of a yes-or-no label surely differ between two parts (Fisher's exact test, Bonferroni for both).

    Either truth may show it: true ones missed, or others blamed.
    """
    from scipy.stats import fisher_exact

    return any(
        fisher_exact(np.stack([one.table[truth], other.table[truth]])).pvalue < SURE / len(NO_YES)
        for truth in range(len(NO_YES))
    )
