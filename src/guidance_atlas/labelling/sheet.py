"""The sheet that people fill in: a CSV file, one conversation a row, private to its owner."""

import csv
import io
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from guidance_atlas.errors import SourceError, StoreError
from guidance_atlas.labelling.draw import read_draw
from guidance_atlas.labelling.words import WORDS, Given, contradiction, read_answer
from guidance_atlas.store import disk_error, private_folder, whole_file

# Not under the vault: a run sweeps away there what it has not stored itself.
FOLDER = "labelling"
GIVEN = ("conversation_id", "draw", "weight", "text")
FIRST_ROW = 2  # as spreadsheets count: the first row holds the names
NEXT_STEPS = {
    "other_word": "use the words that docs/codebook.md allows there; none where nothing applies",
    "contradicts": "answer guidance; where it is no, domain, stakes, support, drift stay empty; two domains differ",
    "bad_weight": "put back the weight and the draw that were written there",
    "repeated": "keep one row of each conversation",
    "not_in_run": "the last run has no such conversation; use the run root that the sheet was drawn from",
}

Row = dict[str, str]


@dataclass(frozen=True)
class Labelled:
    """A row that can be read: where it stands in the sheet, the weight of its conversation, what was answered."""

    row: int
    conversation_id: str
    draw: str
    weight: float
    given: Given


@dataclass(frozen=True)
class Fault:
    """A row that is set aside, and why; never its contents."""

    row: int
    code: str
    column: str


def default_path(root: Path, name: str) -> Path:
    """Where a sheet of this draw lies in the run root."""
    return root / FOLDER / f"{name}.csv"


def write_new(path: Path, rows: Iterable[tuple[str, float, str]], *, draw: str) -> None:
    """Write a sheet of conversation_id, chance (0 to 1) and text, mode 0600.

    Raises:
        StoreError: the file is there already, or cannot be written.
    """
    if path.parent.name == FOLDER:
        private_folder(path.parent)
    written = [
        dict.fromkeys(WORDS, "") | {"conversation_id": name, "draw": draw, "weight": repr(1 / chance), "text": text}
        for name, chance, text in rows
    ]
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise already_there(path) from None
    except OSError as error:
        raise disk_error(path, error) from None
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(_as_csv(written))


def already_there(path: Path) -> StoreError:
    """What is said of a sheet that would be written over."""
    return StoreError(f"{path} is there already; go on with it by --terminal, or give another --out")


def save(path: Path, rows: Sequence[Row]) -> None:
    """Replace a sheet, whole or not at all, mode 0600."""
    with whole_file(path) as scratch:
        scratch.write_text(_as_csv(rows), encoding="utf-8", newline="")


def read_rows(path: Path, *, with_text: bool = True) -> list[Row]:
    """All rows of a sheet as they stand there, by column; what a spreadsheet does to a file is undone.

    Raises:
        SourceError: the file cannot be read, is no CSV file, or lacks columns; the text may lack without with_text.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")  # a spreadsheet may have written another code
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({type(error).__name__}); check the path") from None
    opening = text.partition("\n")[0]
    separator = max(",;\t", key=opening.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, restval="", strict=True))
    except csv.Error:
        raise SourceError(f"{path} is not a CSV file; save the sheet as CSV again") from None
    needed = [name for name in (*GIVEN, *WORDS) if with_text or name != "text"]
    missing = [name for name in needed if rows and name not in rows[0]]
    if missing or not rows:
        lacks = f"lacks the columns {', '.join(missing)}" if missing else "has no rows"
        raise SourceError(f"{path} {lacks}; use a sheet that guidance-atlas label wrote, with its first row")
    return [{str(name): str(cell) for name, cell in row.items() if name is not None} for row in rows]


def read_labels(rows: Sequence[Row]) -> tuple[list[Labelled], list[Fault]]:
    """The rows in which something is answered, and those set aside, each for the first thing that is wrong."""
    found: list[Labelled] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=FIRST_ROW):
        answers = {column: row[column] for column in WORDS if row[column].strip()}
        words = {column: read_answer(column, cell) for column, cell in answers.items()}
        known = {column: answer for column, answer in words.items() if answer is not None}
        weight, name = _weight(row["weight"]), row["conversation_id"].strip()
        wrong = next((column for column in words if column not in known), None)
        if wrong is not None:
            faults.append(Fault(number, "other_word", wrong))
        elif (column := contradiction(known)) is not None:
            faults.append(Fault(number, "contradicts", column))
        elif weight is None or read_draw(row["draw"]) is None:
            faults.append(Fault(number, "bad_weight", "weight" if weight is None else "draw"))
        elif name in seen:
            faults.append(Fault(number, "repeated", "conversation_id"))
        elif known:
            found.append(Labelled(number, name, row["draw"].strip(), weight, Given(known)))
        seen.add(name)
    return found, faults


def given_of(row: Row) -> Given:
    """What can be read of a row's answers, for going on with it."""
    words: Mapping[str, frozenset[str] | None] = {
        column: read_answer(column, row[column]) for column in WORDS if row[column].strip()
    }
    return Given({column: answer for column, answer in words.items() if answer is not None})


def _weight(cell: str) -> float | None:
    """One over a chance: 1 or more. Spreadsheets of some countries write a comma for the point."""
    try:
        weight = float(cell.strip().replace(",", "."))
    except ValueError:
        return None
    return weight if 1 <= weight < math.inf else None


def _as_csv(rows: Sequence[Mapping[str, str]]) -> str:
    names = list(rows[0]) if rows else []
    order = [name for name in (*GIVEN, *WORDS) if name in names]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*order, *(name for name in names if name not in order)], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
