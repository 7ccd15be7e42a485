"""Charge, then draw, then write: the ledger's side of a noisy release.

A request is charged before any noise exists. What was drawn is noted in the ledger, once for each charge, and files are
made of that note alone: the same request gives the same files for ever. A process that dies after the charge and before
the note has shown nothing to anybody, so the next one draws for the same charge; of two that draw at once one note
stands and both write its files.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from guidance_atlas.dp.ask import Ask
from guidance_atlas.dp.counts import Key
from guidance_atlas.dp.tables import Draw
from guidance_atlas.errors import BudgetError, StoreError
from guidance_atlas.ledger import Entry, Ledger

CHARGE, DRAW = "charge", "draw"
NOISY = "dp-"  # begins the names of releases with noise; the key of their charge follows
SEPARATOR = "|"


@dataclass(frozen=True)
class Budget:
    """What all releases of a root may cost together."""

    epsilon: float
    delta: float


@dataclass(frozen=True)
class Charged:
    """One charge with what it came to. left is what the budget had left after it."""

    key: str
    day: str
    spent: tuple[Decimal, Decimal]  # epsilon, delta of all charges up to this one
    left: tuple[Decimal, Decimal]


class _Taken(Exception):
    """Another process was quicker; look again."""


def find(ledger: Ledger, ask: Ask) -> tuple[Charged, Draw] | None:
    """The last release of this request, as it was drawn; None where there is none or its draw was lost."""
    entries = ledger.entries()
    key = _last(entries, ask)
    return None if key is None else _found(entries, key)


def charge(ledger: Ledger, ask: Ask, budget: Budget, *, fresh: bool) -> str:
    """Pay for one draw of this request and return the charge's key. A charge that is there is used, unless fresh.

    Raises:
        BudgetError: what is left is less than the request costs; nothing was added.
        StoreError: the ledger cannot be used.
    """
    while True:
        last = _last(ledger.entries(CHARGE), ask)
        if last is not None and not fresh:
            return last
        key = f"{ask.key}-{1 if last is None else int(last.rpartition('-')[2]) + 1}"
        try:
            ledger.append(CHARGE, key, _body(ask, budget), accept=partial(_affordable, key, ask, budget))
        except _Taken:
            continue
        return key


def settle(ledger: Ledger, key: str, draw: Callable[[], Draw]) -> tuple[Charged, Draw]:
    """Draw for a charge and note it, or give what was noted before: a charge pays for one draw only."""

    def unsettled(entries: Sequence[Entry]) -> None:
        if _found(entries, key) is not None:
            raise _Taken

    found = _found(ledger.entries(), key)
    if found is None:
        drawn = draw()
        body = {
            "dense": {SEPARATOR.join(name): value for name, value in drawn.dense.items()},
            "sparse": {SEPARATOR.join(name): value for name, value in drawn.sparse.items()},
            "scale": drawn.scale,
            "threshold": drawn.threshold,
            "made_by": drawn.made_by,
        }
        with suppress(_Taken):
            ledger.append(DRAW, key, body, accept=unsettled)
        found = _found(ledger.entries(), key)
    assert found is not None
    return found


def unknown(root: Path, ledger: Ledger) -> list[str]:
    """Noisy releases of a root that its ledger does not know: draws are noted first, so entries were lost."""
    drawn = {f"{NOISY}{entry.key}" for entry in ledger.entries(DRAW)}
    return sorted(path.name for path in (root / "releases").glob(f"{NOISY}*") if path.name not in drawn)


def refuse_unknown(root: Path, ledger: Ledger) -> None:
    """Refuse to spend by a ledger that has lost entries: what they cost would be spent twice.

    Raises:
        StoreError: a noisy release lies in the root that the ledger does not know.
    """
    if lost := unknown(root, ledger):
        raise StoreError(
            f"the ledger does not know {len(lost)} noisy releases, {lost[0]} among them: bring back its newest copy, "
            "or move out of releases what was not made here"
        )


def spent(entries: Sequence[Entry]) -> tuple[Decimal, Decimal]:
    """Epsilon and delta of all charges, added up: one person may be in every release (Dwork and Roth 2014, 3.16)."""
    charges = [entry.body for entry in entries if entry.kind == CHARGE]
    return sum((Decimal(body["epsilon"]) for body in charges), Decimal(0)), sum(
        (Decimal(body["delta"]) for body in charges), Decimal(0)
    )


def _affordable(key: str, ask: Ask, budget: Budget, entries: Sequence[Entry]) -> None:
    if any(entry.kind == CHARGE and entry.key == key for entry in entries):
        raise _Taken
    wanted, allowed = (ask.epsilon, ask.delta), (budget.epsilon, budget.delta)
    for name, used, cost, most in zip(("epsilon", "delta"), spent(entries), wanted, allowed, strict=True):
        left = _exact(most) - used
        if _exact(cost) > left:
            raise BudgetError(
                f"the privacy budget is spent: {name} {_exact(cost)} is asked, {max(left, Decimal(0))} of {most:g} is "
                "left; ask for less, or see docs/privacy.md before you raise [privacy]"
            )


def _last(entries: Sequence[Entry], ask: Ask) -> str | None:
    keys = [entry.key for entry in entries if entry.kind == CHARGE and entry.body["request"] == ask.key]
    return keys[-1] if keys else None


def _found(entries: Sequence[Entry], key: str) -> tuple[Charged, Draw] | None:
    noted = next((entry.body for entry in entries if (entry.kind, entry.key) == (DRAW, key)), None)
    at = next((i for i, entry in enumerate(entries) if (entry.kind, entry.key) == (CHARGE, key)), None)
    if noted is None or at is None:
        return None
    body = entries[at].body
    used = spent(entries[: at + 1])
    left = Decimal(body["budget_epsilon"]) - used[0], Decimal(body["budget_delta"]) - used[1]
    dense, sparse = ({_key(name): value for name, value in noted[kind].items()} for kind in ("dense", "sparse"))
    drawn = Draw(dense, sparse, noted["scale"], noted["threshold"], noted["made_by"])
    return Charged(key, entries[at].at[:10], used, left), drawn


def _key(name: str) -> Key:
    return tuple(name.split(SEPARATOR))


def _body(ask: Ask, budget: Budget) -> dict[str, str]:
    return {
        "request": ask.key,
        "epsilon": str(_exact(ask.epsilon)),
        "delta": str(_exact(ask.delta)),
        "since": ask.since.isoformat(),
        "until": ask.until.isoformat(),
        "budget_epsilon": str(_exact(budget.epsilon)),
        "budget_delta": str(_exact(budget.delta)),
    }


def _exact(value: float) -> Decimal:
    """The number as it was written: ten times 0.1 make 1."""
    return Decimal(repr(float(value)))
