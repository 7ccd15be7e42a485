"""What people see of labelling in a terminal."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.markup import escape

from guidance_atlas.labelling.ask import Progress
from guidance_atlas.labelling.measure import Drawn, Evaluated
from guidance_atlas.labelling.sheet import NEXT_STEPS, Fault
from guidance_atlas.show import console, show_frame

ROWS_NAMED = 10


def show_drawn(drawn: Drawn, *, root: Path) -> None:
    """Say what was drawn, from how many, what could not be, and what to do with the sheet."""
    _say(
        f"{drawn.n_guidance + drawn.n_others} conversations to label: {drawn.path} (it holds people's masked words; "
        "only you can read it, keep it so and delete it when you are done)",
        f"drawn: {drawn.n_guidance} of {drawn.of_guidance:,} that the screen calls guidance, {drawn.n_others} of "
        f"{drawn.of_others:,} others; the weight beside each undoes the difference",
        f"not drawn from: {drawn.n_let_go:,} that glance let go. None of their words are kept, so what it misses "
        "cannot be checked this way",
    )
    _say_next(drawn.path, root)


def show_progress(progress: Progress, *, path: Path, root: Path) -> None:
    """Say how far a sheet is and what comes next."""
    _say(f"{progress.n_finished} of {progress.n_rows} finished: {path}")
    _say_next(path, root)


def show_evaluated(done: Evaluated, *, as_json: bool) -> None:
    """Print figures by head, what is corrected from now on, the rows set aside, and the next step."""
    if as_json:
        sys.stdout.write(json.dumps(_as_json(done), indent=2) + "\n")
        return
    figures = [
        {"head": head, "figure": one.name, "value": one.value, "low": one.low, "high": one.high, "labels": one.n}
        for head, found in done.figures.items()
        for one in found
        if one.value is not None
    ]
    show_frame(pl.DataFrame(figures, infer_schema_length=None), as_json=False)
    _say(
        "Weighted back to every conversation that the screen scored; intervals are 95 %, chance in the draw. "
        "What no label shows a case of has no figure.",
        "",
    )
    used = [
        {"head": head, "measure": measure, "labels": n, "corrected with": "these labels" if own else "shipped card"}
        for head, measure, n, own in done.measures
    ]
    show_frame(pl.DataFrame(used), as_json=False)
    _say("A measure takes ten labels of a class to be corrected with; with fewer the shipped card stays in use.", "")
    if done.faults:
        show_frame(pl.DataFrame(set_aside(done.faults)), as_json=False)
    _say(
        f"{done.n_used} of {done.n_rows} rows used, {len(done.faults)} set aside, {done.n_unanswered} not answered yet"
        + (f", {done.n_missing} drawn but no more in the sheet" if done.n_missing else "")
    )
    if done.n_missing or done.faults:
        _say("The weights hold as far as the rows that are not used are so by chance.")
    _say(
        f"cards of {', '.join(done.heads)}: {done.cards}",
        "To correct rates with them, put this into your settings file and run again:",
        "",
        *setting(done.cards),
    )


def setting(cards: Path) -> list[str]:
    """The lines of a settings file that name this folder of cards."""
    return ["[heads]", f"cards = {json.dumps(str(cards.resolve()))}"]


def set_aside(faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """One row per reason: which rows of the sheet, and what to do about it."""
    by_reason: dict[tuple[str, str], list[int]] = {}
    for one in faults:
        by_reason.setdefault((one.code, one.column), []).append(one.row)
    return [
        {
            "set aside": code,
            "column": column,
            "rows": len(rows),
            "in the sheet": ", ".join(map(str, rows[:ROWS_NAMED])) + (" …" if len(rows) > ROWS_NAMED else ""),
            "next step": NEXT_STEPS[code],
        }
        for (code, column), rows in by_reason.items()
    ]


def _as_json(done: Evaluated) -> dict[str, Any]:
    return {
        "draw": done.draw,
        "rows": done.n_rows,
        "used": done.n_used,
        "not_answered": done.n_unanswered,
        "missing": done.n_missing,
        "set_aside": [{"row": one.row, "code": one.code, "column": one.column} for one in done.faults],
        "figures": [
            {"head": head, "figure": one.name, "value": one.value, "low": one.low, "high": one.high, "n": one.n}
            for head, found in done.figures.items()
            for one in found
        ],
        "measures": [
            {"head": head, "measure": measure, "labels": n, "in_use": own} for head, measure, n, own in done.measures
        ],
        "cards": str(done.cards.resolve()),
        "setting": "\n".join(setting(done.cards)),
    }


def _say_next(path: Path, root: Path) -> None:
    _say(
        "fill in: guidance, domain, domain_2, stakes, support, pushback, candor, drift, with the words of "
        "docs/codebook.md; none where nothing applies, empty where you cannot say",
        f"then: guidance-atlas evaluate --labels {path} --root {root}",
    )


def _say(*lines: str) -> None:
    for line in lines:
        console().print(escape(line), soft_wrap=True)
