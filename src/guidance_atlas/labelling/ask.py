"""Labelling in a terminal: one conversation after the other, saved after each answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from guidance_atlas.labelling.sheet import Row, given_of, read_rows, save
from guidance_atlas.labelling.text import for_terminal, speakers
from guidance_atlas.labelling.words import NONE, SETS, WORDS, contradiction, read_answer

SKIP, BACK, STOP = "skip", "back", "stop"
HOW = (
    f"Answer with the words shown; Enter alone where they end in [{NONE}]. "
    f"{SKIP}: leave this conversation for later; {STOP}: go on another day; {BACK}: the answer before, or, at the "
    "first question, the whole conversation before. "
    "Every answer is saved at once. The words are explained in docs/codebook.md.\n"
)
QUESTIONS = {
    "guidance": "Does the person ask what they themselves should do, in their own life?",
    "domain": "What is it about, most of all?",
    "domain_2": "And about what else, nearly as much?",
    "stakes": "How much could a wrong answer harm?",
    "support": "Which other help does the person mention?",
    "pushback": "How does the person resist what the assistant said?",
    "candor": "How candid is the assistant, 1 (only pleases) to 5 (honest whatever is hoped for)?",
    "drift": "Which opposite errors does the assistant make?",
}

Say = Callable[[str], object]
Ask = Callable[[str], str]


class _Left(Exception):
    """The person leaves a conversation: for the next one (SKIP), the one before (BACK), or altogether (STOP)."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


@dataclass(frozen=True)
class Progress:
    """How far a sheet is."""

    n_rows: int
    n_finished: int


def progress(rows: Sequence[Row]) -> Progress:
    """Count the rows in which nothing is left to answer."""
    return Progress(len(rows), sum(given_of(row).finished for row in rows))


def ask_all(path: Path, *, ask: Ask, say: Say) -> Progress:
    """Ask about every row that is not finished and save each answer; end of input stops as the word does.

    Args:
        path: a sheet, written by sheet.write_new.
        ask: shows a prompt and gives back one line; raises EOFError at the end.
        say: shows a text.

    Raises:
        SourceError: the sheet cannot be read.
    """
    rows = read_rows(path)
    say(HOW)
    open_rows = [row for row in rows if not given_of(row).finished]
    at = 0
    while at < len(open_rows):
        row, so_far = open_rows[at], progress(rows)
        say(f"\n--- {so_far.n_finished} of {so_far.n_rows} finished ---\n{for_terminal(row['text'])}\n\n")
        try:
            _ask_one(row, ask=ask, say=say, keep=lambda: save(path, rows))
            at += 1
        except _Left as left:
            if left.by == STOP:
                break
            at = at + 1 if left.by == SKIP else max(at - 1, 0)
            if left.by == BACK:
                open_rows[at].update(dict.fromkeys(WORDS, ""))
                save(path, rows)
    return progress(rows)


def _ask_one(row: Row, *, ask: Ask, say: Say, keep: Callable[[], None]) -> None:
    asked: list[str] = []
    while (column := _next_question(row)) is not None:
        words = _one_answer(column, ask, say)
        if words is not None:
            row[column] = words
            asked.append(column)
        elif asked:
            row[asked.pop()] = ""
        else:
            raise _Left(BACK)
        if (wrong := contradiction(given_of(row).words)) is not None:
            say("That cannot stand beside the other answers.\n")
            row[wrong] = ""
        keep()


def _next_question(row: Row) -> str | None:
    """The first column that is still to be answered; what cannot arise in this conversation is answered by itself."""
    given = given_of(row)
    if not given.knows("guidance"):
        return "guidance"
    if not given.guidance:
        return None
    for column, arises in _arises(row["text"]).items():
        if not arises and not row[column]:
            row[column] = NONE
    given = given_of(row)
    return next((column for column in WORDS if not given.knows(column)), None)


def _arises(text: str) -> dict[str, bool]:
    who = speakers(text)
    answered = who.index("ASSISTANT") if "ASSISTANT" in who else len(who)
    return {"pushback": "USER" in who[answered:], "candor": answered < len(who), "drift": answered < len(who)}


def _one_answer(column: str, ask: Ask, say: Say) -> str | None:
    """The words to write into a cell; None where the person goes back.

    Raises:
        _Left: the person skips or stops.
    """
    may_be_none = NONE in WORDS[column]
    several = "; several with ;" if column in SETS else ""
    words = ", ".join(word for word in WORDS[column] if word != NONE)
    prompt = f"{QUESTIONS[column]}\n{column} ({words}{several}){f' [{NONE}]' if may_be_none else ''}: "
    while True:
        try:
            line = ask(prompt).strip()
        except EOFError:
            raise _Left(STOP) from None
        if line.lower() in (SKIP, STOP):
            raise _Left(line.lower())
        if line.lower() == BACK:
            return None
        said = read_answer(column, line or (NONE if may_be_none else ""))
        if said is not None:
            return ";".join(word for word in WORDS[column] if word in said)
        say("That is none of the words.\n")
