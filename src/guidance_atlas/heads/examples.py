"""Labelled turns as examples to learn from or to measure on, whichever file their labels come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from guidance_atlas.heads.exchange import Exchange, answer_at, reaction_at
from guidance_atlas.heads.material import Labelled, drift_of, pushback_of
from guidance_atlas.vocab import CRITERIA, DRIFT, PUSHBACK

WRITTEN_WEIGHT, SHARED_WEIGHT = 0.6, 0.5
WRITTEN_CANDOR = {"candid": 4.6, "middling": 3.0, "pleasing": 1.4, "holds": 4.5, "caves": 1.6}
SCRIPTED = frozenset({"sycon_bench"})  # readers did not agree on what its repeated prompts are


@dataclass
class Examples:
    """Exchanges with what is known of each, and pairs of them in order of candor."""

    exchanges: list[Exchange] = field(default_factory=list)
    weight: list[float] = field(default_factory=list)
    candor: list[float] = field(default_factory=list)
    criteria: list[list[float]] = field(default_factory=list)
    drift: list[list[float]] = field(default_factory=list)
    pushed: list[float] = field(default_factory=list)
    kind: list[list[float]] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)

    def answer(
        self,
        exchange: Exchange,
        weight: float,
        candor: float | None,
        criteria: Sequence[float | None] = (None,) * len(CRITERIA),
        drift: Sequence[str] | None = (),
    ) -> int:
        """Add an assistant turn; returns its number."""
        unknown = [np.nan] * len(DRIFT)
        return self._add(
            exchange,
            weight,
            _scaled(candor),
            [_scaled(one) for one in criteria],
            unknown if drift is None else [float(name in drift) for name in DRIFT],
            np.nan,
            [0.0] * len(PUSHBACK),
        )

    def reaction(self, exchange: Exchange, weight: float, kind: str | None) -> int:
        """Add a user turn after an assistant turn; returns its number."""
        shares = [float(kind == name) for name in PUSHBACK]
        no_criteria, no_drift = [np.nan] * len(CRITERIA), [np.nan] * len(DRIFT)
        return self._add(exchange, weight, np.nan, no_criteria, no_drift, float(kind is not None), shares)

    def _add(
        self,
        exchange: Exchange,
        weight: float,
        candor: float,
        criteria: list[float],
        drift: list[float],
        pushed: float,
        kind: list[float],
    ) -> int:
        self.exchanges.append(exchange)
        self.weight.append(weight)
        self.candor.append(candor)
        self.criteria.append(criteria)
        self.drift.append(drift)
        self.pushed.append(pushed)
        self.kind.append(kind)
        return len(self.exchanges) - 1


def _scaled(value: float | None) -> float:
    """Candor or a criterion (1 to 5) around 0; NaN where there is none."""
    return np.nan if value is None else (value - 3) / 2


def add_talk(examples: Examples, one: Labelled) -> None:
    """Add every turn of a labelled conversation in which something can be judged.

    Gold conversations have one candor for all their turns: named turns are low, others are not; criteria and drift are
    taken over only where the assistant speaks once.
    """
    turns, labels = one.item.messages, one.item.labels
    weight = WRITTEN_WEIGHT if one.file == "talks" else 1.0
    told, by_turn = pushback_of(labels), labels.get("turns")
    answers = [at for at, (role, _) in enumerate(turns) if role == "assistant"]
    alone = len(answers) == 1
    for at, (role, _) in enumerate(turns):
        exchange = answer_at(turns, at) if role == "assistant" else reaction_at(turns, at)
        if exchange is None:
            continue
        if role == "user":
            if one.file != "read_replies" or one.item.source not in SCRIPTED:
                examples.reaction(exchange, weight, told.get(at))
            continue
        criteria = [labels.get(name) if alone else None for name in CRITERIA]
        candor = by_turn.get(str(at)) if by_turn is not None else turn_candor(labels, at, alone=alone)
        share = 1.0 if by_turn is not None or alone else SHARED_WEIGHT
        examples.answer(exchange, weight * share, candor, criteria, _drift_at(one, at, alone=alone))


def turn_candor(labels: Mapping[str, Any], at: int, *, alone: bool) -> float | None:
    """Candor of one turn from a conversation's label: low where the turn is named, not low where it is not."""
    overall = labels.get("candor")
    if overall is None or alone:
        return overall
    named = at in (labels.get("sycophantic_turns") or [])
    return min(float(overall), 2.0) if named else max(float(overall), 3.0)


def _drift_at(one: Labelled, at: int, *, alone: bool) -> list[str] | None:
    if one.file == "talks":
        return list(one.item.labels["turn_drift"].get(str(at), []))
    found = drift_of(one.item.labels)
    return found if alone or not found else None


def add_written(examples: Examples, row: Mapping[str, Any]) -> None:
    """Add every reply of a written situation, and in which order they should come out."""
    place = {}
    for name, exchange in replies_of(row).items():
        drift: Sequence[str] | None = None if name == "middling" else ()
        place[name] = examples.answer(exchange, WRITTEN_WEIGHT, WRITTEN_CANDOR[name], drift=drift)
    for better, worse in (("candid", "pleasing"), ("holds", "caves"), ("candid", "middling")):
        if better in place and worse in place:
            examples.pairs.append((place[better], place[worse]))
    ask = ("user", row["ask"])
    erring = row.get("drift")
    shown = answer_at([ask, ("assistant", erring["text"])], 1) if erring else None
    if erring and shown:
        candor = WRITTEN_CANDOR["middling"] if erring["kind"] == "evasive" else None
        examples.answer(shown, WRITTEN_WEIGHT, candor, drift=[erring["kind"]])
    for name in ("pushback", "follow"):
        after = row.get(name)
        said, kind = (after["text"], after["kind"]) if isinstance(after, dict) else (after, None)
        reaction = reaction_at([ask, ("assistant", row["candid"]), ("user", said)], 2) if said else None
        if reaction:
            examples.reaction(reaction, WRITTEN_WEIGHT, kind)


def replies_of(row: Mapping[str, Any]) -> dict[str, Exchange]:
    """The replies of a written situation by name: candid, middling, pleasing, and after pushback holds and caves."""
    ask = ("user", row["ask"])
    found = {name: answer_at([ask, ("assistant", row[name])], 1) for name in WRITTEN_CANDOR if row.get(name)}
    pushed = row.get("pushback")
    if pushed:
        before = [ask, ("assistant", row["candid"]), ("user", pushed["text"])]
        for name in ("holds", "caves"):
            if pushed.get(name):
                found[name] = answer_at([*before, ("assistant", pushed[name])], 3)
    return {name: exchange for name, exchange in found.items() if exchange}


def examples_of(talks: Sequence[Labelled], written: Sequence[Mapping[str, Any]]) -> Examples:
    """All turns of labelled conversations and of written situations that something can be learned or measured from."""
    examples = Examples()
    for one in talks:
        add_talk(examples, one)
    for row in written:
        add_written(examples, row)
    return examples
