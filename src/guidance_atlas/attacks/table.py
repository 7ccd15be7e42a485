"""The table of attacks as people and machines read it."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

import polars as pl

from guidance_atlas.attacks.outcome import Outcome, broken
from guidance_atlas.errors import CheckError

_VERDICTS: Mapping[tuple[bool, bool], str] = {
    (True, True): "holds",
    (True, False): "BROKEN",
    (False, True): "attack wins, as it must",
    (False, False): "ATTACK TOO WEAK",
}
_WORDS = """\
share: right guesses (or strings found) of n, with its 95 % Wilson interval. blind: the share that who sees nothing has
right. bound: the most that is promised; broken where the interval lies above it. Where a defence is switched off
the attack has to win, else it would say nothing."""


def _verdict(one: Outcome) -> str:
    if one.holds is None:
        return "ATTACK WINS, nothing is promised" if one.interval[0] > one.blind else "nothing is promised"
    return _VERDICTS[(one.defended, one.holds)]


def rows_of(outcomes: Iterable[Outcome]) -> list[dict[str, object]]:
    """The rows of the table: shares from 0 to 1."""
    return [
        {
            "attack": one.attack, "guessed": one.guessed, "n": one.n, "right": one.right, "share": one.share,
            "low": one.interval[0], "high": one.interval[1], "blind": one.blind, "bound": one.bound,
            "defence": "on" if one.defended else "off", "verdict": _verdict(one),
            "note": one.note,
        }
        for one in outcomes
    ]  # fmt: skip


def _as_they_come(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Say on standard error what is done: all of them take a long while."""
    for one in outcomes:
        sys.stderr.write(f"{one.attack}: {one.guessed}: {one.right} of {one.n}, {_verdict(one)}\n")
        sys.stderr.flush()
        yield one


def show_outcomes(outcomes: Iterable[Outcome], *, as_json: bool) -> None:
    """Print the table.

    Raises:
        CheckError: a bound is broken, or an attack with the defence off does not win.
    """
    from guidance_atlas.show import console, grid

    told: Sequence[Outcome] = list(_as_they_come(outcomes))
    rows = rows_of(told)
    if as_json:
        sys.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    else:
        console().print(grid(pl.DataFrame(rows, infer_schema_length=None)))
        console().print(_WORDS)
    if faults := broken(told):
        raise CheckError(f"{len(faults)} of {len(told)} attacks went otherwise than promised; the table says which")
