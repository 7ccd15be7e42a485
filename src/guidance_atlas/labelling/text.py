"""A conversation as one text that people read in a spreadsheet or a terminal, where nothing in it can do anything."""

import re

import polars as pl

# A spreadsheet's cell holds 32,767 characters; what is longer runs over into the next row.
LONGEST = 30_000
FIRST = 20_000  # characters kept of the beginning where a text is cut
# The next lines of a turn: a turn cannot pretend to be another, and no line begins like a formula.
NEXT_LINE = "\n    > "

_TURN = re.compile(r"^\[\d+\] (USER|ASSISTANT): ", re.MULTILINE)
_BREAKS = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
# Where a file is opened with another separator than its own, a cell can begin in the middle of a text.
_FORMULA = re.compile(r"([,;|\"'] *)(?=[=+\-@＝＋－＠])")


def readable(turns: pl.DataFrame) -> dict[str, str]:
    """Each conversation's turns, numbered `[0] USER: …`, as one text. turns: contract CleanTurns, sorted."""
    said: dict[str, list[str]] = {}
    for row in turns.select("conversation_id", "turn", "role", "text").iter_rows(named=True):
        said.setdefault(row["conversation_id"], []).append(
            f"[{row['turn']}] {row['role'].upper()}: {quiet(row['text'])}"
        )
    return {name: _cut("\n".join(lines)) for name, lines in said.items()}


def quiet(text: str) -> str:
    """One turn's words without control characters; its further lines are marked, and no formula can begin in it."""
    lines = [_visible(line) for line in _BREAKS.split(text)]
    return NEXT_LINE.join(_FORMULA.sub(r"\1'", line) for line in lines)


def for_terminal(text: str) -> str:
    """A sheet's text with nothing in it that a terminal would obey, whatever became of the file meanwhile."""
    return "\n".join(_visible(line) for line in _BREAKS.split(text))


def speakers(text: str) -> list[str]:
    """Who speaks in a readable text, turn by turn: USER or ASSISTANT."""
    return _TURN.findall(text)


def _visible(line: str) -> str:
    return "".join(" " if one.isspace() else one for one in line if one.isprintable() or one.isspace())


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    last = LONGEST - FIRST
    return f"{text[:FIRST]}{NEXT_LINE}[{len(text) - LONGEST:,} characters are left out here]{NEXT_LINE}{text[-last:]}"
