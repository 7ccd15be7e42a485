"""What is true of a conversation and what the heads say of it, side by side, and the errors counted from many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from guidance_atlas.heads.candor import lean_to_lowest
from guidance_atlas.heads.confusion import NONE, WITH, WITHOUT, Confusion, count_confusion, count_flags, differ
from guidance_atlas.heads.data import Item
from guidance_atlas.heads.labels import first_two
from guidance_atlas.heads.material import drift_of, pushback_of
from guidance_atlas.heads.opened import Heads
from guidance_atlas.heads.train_turns import ReadTalk
from guidance_atlas.ports import Matrix
from guidance_atlas.vocab import DOMAINS, DRIFT, PRESSING, PUSHBACK, STAKES, SUPPORT, SYCOPHANTIC

OTHER_HELP = SUPPORT[:-1]


@dataclass(frozen=True)
class Asked:
    """What was asked: guidance or not, and of guidance its domains, stakes and mentioned support."""

    guidance: bool
    domain: str | None
    domain_2: str | None
    stakes: str | None
    support: frozenset[str]


@dataclass(frozen=True)
class Answered:
    """What went on: kinds of pushback, candor of the assistant (None: nothing to judge), drift errors."""

    pushback: frozenset[str]
    candor: float | None
    drift: frozenset[str]

    @property
    def sycophantic(self) -> bool | None:
        """Candor of 2 or less."""
        return None if self.candor is None else self.candor <= SYCOPHANTIC


Asks = Sequence[tuple[Asked, Asked]]  # what is true, what the heads say
Answers = Sequence[tuple[Answered, Answered]]


def true_asked(labels: dict[str, Any]) -> Asked:
    """What labels say was asked."""
    guidance = bool(labels["guidance"])
    return Asked(
        guidance,
        labels.get("domain") if guidance else None,
        labels.get("domain_2") if guidance else None,
        labels.get("stakes") if guidance else None,
        frozenset(labels.get("support") or ()) if guidance else frozenset(),
    )


def true_answered(labels: dict[str, Any]) -> Answered:
    """What labels say went on."""
    candor = labels.get("candor")
    return Answered(
        frozenset(pushback_of(labels).values()), None if candor is None else float(candor), frozenset(drift_of(labels))
    )


def told_asked(heads: Heads, items: Sequence[Item], vectors: Matrix) -> tuple[list[Asked], list[float]]:
    """What the heads say was asked, each with its probability of guidance. What glance lets go is no guidance."""
    said = [item.said for item in items]
    scores = heads.screen.score(vectors)
    kept = (heads.glance.score(said) >= heads.glance.threshold) & (scores >= heads.screen.threshold)
    order, close = first_two(heads.labels.domains(vectors), heads.labels.second)
    level, _ = heads.labels.stakes_of(vectors)
    support = heads.labels.support_of(vectors)
    found = [
        Asked(
            bool(kept[row]),
            DOMAINS[order[row, 0]],
            DOMAINS[order[row, 1]] if close[row] else None,
            STAKES[level[row]],
            frozenset(kind for at, kind in enumerate(SUPPORT) if support[row, at]),
        )
        for row in range(len(items))
    ]
    return found, scores.tolist()


def told_answered(heads: Heads, talk: ReadTalk) -> Answered:
    """What the heads say went on in a conversation."""
    answers, reactions = _stacked(talk.answers, heads), _stacked(talk.reactions, heads)
    heard, kinds = heads.pushback.hear(reactions)
    pushed = frozenset(kind for score, kind in zip(heard, kinds, strict=True) if score >= heads.pushback.threshold)
    candor = lean_to_lowest(heads.candor.score(answers), heads.candor.low_weight) if talk.answers else None
    flags = heads.drift.flags(answers).max(axis=0, initial=False)
    return Answered(pushed, candor, frozenset(name for at, name in enumerate(DRIFT) if flags[at]))


def _stacked(vectors: dict[int, Any], heads: Heads) -> Matrix:
    return np.array(list(vectors.values()), dtype=np.float32).reshape(len(vectors), heads.candor.width)


def guidance_confusion(rows: Asks) -> Confusion:
    """Guidance, of conversations that stand for all: a natural draw, or people's own random draw."""
    return count_flags("guidance", (true.guidance for true, _ in rows), (told.guidance for _, told in rows))


def domain_confusion(natural: Asks, asked: Asks) -> Confusion:
    """Domain with "none" for what is no guidance.

    Args:
        natural: conversations that stand for all; of these the ones without guidance are counted.
        asked: conversations of any draw; of these the ones with guidance are counted.
    """
    rows = [(true, told) for true, told in natural if not true.guidance]
    rows += [(true, told) for true, told in asked if true.guidance and true.domain]
    truth = [true.domain or NONE for true, _ in rows]
    said = [(told.domain or NONE) if told.guidance else NONE for _, told in rows]
    return count_confusion("domain_share", truth, said, classes=(NONE, *DOMAINS))


def stakes_confusion(asked: Asks) -> Confusion:
    """Stakes of conversations with guidance."""
    levels = [(true.stakes, told.stakes) for true, told in asked if true.guidance and true.stakes and told.stakes]
    return count_confusion("stakes", [a for a, _ in levels], [b for _, b in levels], classes=STAKES)


def support_confusions(asked: Asks) -> list[Confusion]:
    """Mentioned support of conversations with guidance: each kind, any of them, and no access to it."""
    rows = [(true, told) for true, told in asked if true.guidance]

    def support(measure: str, facet: str, kinds: Sequence[str]) -> Confusion:
        some = [(bool(true.support & set(kinds)), bool(told.support & set(kinds))) for true, told in rows]
        return count_flags(measure, (a for a, _ in some), (b for _, b in some), facet=facet)

    found = [support("support", kind, [kind]) for kind in OTHER_HELP]
    return [*found, support("support", "all", OTHER_HELP), support("no_access", "all", ["no_access"])]


def pushback_confusions(rows: Answers) -> list[Confusion]:
    """Pushback of conversations in which a person could push back: any, pressing, and each kind."""
    return [
        _flags(rows, "pushback", lambda one: bool(one.pushback)),
        _flags(rows, "pressing", lambda one: bool(one.pushback & set(PRESSING))),
        *(_flags(rows, "pushback_kind", lambda one, kind=kind: kind in one.pushback, kind) for kind in PUSHBACK),  # type: ignore[misc]
    ]


def drift_confusions(rows: Answers) -> list[Confusion]:
    """Each drift error of conversations with an assistant."""
    return [_flags(rows, "drift", lambda one, name=name: name in one.drift, name) for name in DRIFT]  # type: ignore[misc]


def _flags(rows: Answers, measure: str, of: Callable[[Answered], bool], facet: str = "all") -> Confusion:
    return count_flags(measure, (of(true) for true, _ in rows), (of(told) for _, told in rows), facet=facet)


def sycophancy_confusion(rows: Answers, measure: str = "sycophantic") -> Confusion:
    """Sycophancy of conversations in which something can be judged."""
    judged = [
        (bool(a.sycophantic), bool(b.sycophantic)) for a, b in rows if a.candor is not None and b.candor is not None
    ]
    return count_flags(measure, (a for a, _ in judged), (b for _, b in judged))


def sycophancy_by_pushback(rows: Answers) -> list[Confusion]:
    """Errors of conversations told to have pushback and of the others, each alone; none where they hardly differ."""
    parts = [
        sycophancy_confusion([row for row in rows if bool(row[1].pushback) == told], name)
        for name, told in ((WITH, True), (WITHOUT, False))
    ]
    return parts if differ(*parts) else []
