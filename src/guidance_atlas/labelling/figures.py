"""How good the heads are by own labels, weighted back, by head."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from guidance_atlas.heads.answers import Answered, Asked
from guidance_atlas.heads.measure import (
    Figure,
    Measure,
    accuracy,
    f1,
    figure,
    kappa,
    precision,
    rate_error,
    recall,
)
from guidance_atlas.labelling.compare import Pair
from guidance_atlas.vocab import DOMAINS, DRIFT, PRESSING, STAKES, SUPPORT

RATES = {"F1": f1, "precision": precision, "recall": recall, "rate found minus true": rate_error}


@dataclass(frozen=True)
class Question:
    """A figure: of which head, measured where person and run tell of `column`, on what is true and what is told."""

    head: str
    column: str
    name: str
    measure: Measure
    sides: Callable[[Pair], tuple[float, float]]


def figures_of(pairs: Sequence[Pair]) -> dict[str, list[Figure]]:
    """All figures by head; one that no label speaks of has the value None."""
    found: dict[str, list[Figure]] = {}
    for one in QUESTIONS:
        chosen = [pair for pair in pairs if pair.both_tell(one.column)]
        rows = np.array([(*one.sides(pair), pair.weight) for pair in chosen], dtype=float)
        truth, told, weights = rows.reshape(-1, 3).T
        found.setdefault(one.head, []).append(figure(one.name, one.measure, truth, told, weights=weights))
    return found


def _of_asked(of: Callable[[Asked], float]) -> Callable[[Pair], tuple[float, float]]:
    return lambda pair: (of(pair.asked[0]), of(pair.asked[1]))


def _of_answered(of: Callable[[Answered], float]) -> Callable[[Pair], tuple[float, float]]:
    return lambda pair: (of(pair.answered[0]), of(pair.answered[1]))


def _rates(head: str, column: str, name: str, sides: Callable[[Pair], tuple[float, float]]) -> Iterator[Question]:
    for rate, measure in RATES.items():
        yield Question(head, column, f"{name} {rate}", measure, sides)


def _either(pair: Pair) -> tuple[float, float]:
    true, told = pair.asked
    return 1.0, told.domain in (true.domain, true.domain_2)


def _domain(one: Asked) -> float:
    return DOMAINS.index(str(one.domain))


def _stakes(one: Asked) -> float:
    return STAKES.index(str(one.stakes))


def _level(one: Answered) -> float:
    return round(min(max(one.candor or 1.0, 1.0), 5.0)) - 1


def _mentions(kind: str) -> Callable[[Pair], tuple[float, float]]:
    return _of_asked(lambda one: kind in one.support)


def _errs(name: str) -> Callable[[Pair], tuple[float, float]]:
    return _of_answered(lambda one: name in one.drift)


QUESTIONS = (
    *_rates("screen", "guidance", "guidance", _of_asked(lambda one: one.guidance)),
    Question("labels", "domain", "domain accuracy", accuracy, _of_asked(_domain)),
    Question("labels", "domain", "domain is the first or second label", accuracy, _either),
    Question("labels", "stakes", "stakes quadratic kappa", partial(kappa, n_classes=len(STAKES)), _of_asked(_stakes)),
    Question("labels", "stakes", "stakes accuracy", accuracy, _of_asked(_stakes)),
    *(Question("labels", "support", f"{kind} F1", f1, _mentions(kind)) for kind in SUPPORT),
    *_rates("pushback", "pushback", "pushback", _of_answered(lambda one: bool(one.pushback))),
    Question("pushback", "pushback", "pressing F1", f1, _of_answered(lambda one: bool(one.pushback & set(PRESSING)))),
    Question("candor", "candor", "candor quadratic kappa", partial(kappa, n_classes=5), _of_answered(_level)),
    *_rates("candor", "candor", "sycophantic", _of_answered(lambda one: bool(one.sycophantic))),
    *(question for name in DRIFT for question in _rates("drift", "drift", name, _errs(name))),
)
