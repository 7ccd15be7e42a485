"""A conversation's words can do nothing to a spreadsheet, a terminal, or to the reader's trust in who said what."""

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.labelling.ask import ask_all
from guidance_atlas.labelling.sheet import read_rows, write_new
from guidance_atlas.labelling.text import LONGEST, for_terminal, quiet, readable, speakers

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "=cmd|'/c calc'!A1"]
words = st.text(alphabet=st.sampled_from("=+-@,;\"'| \t\n\r\x1b\u202e\u2028[0] USER:a"), max_size=60)


def texts(*said):
    rows = [("aa", at, role, text, 0) for at, (role, text) in enumerate(said)]
    schema = ["conversation_id", "turn", "role", "text", "n_masked"]
    return readable(pl.DataFrame(rows, schema=schema, orient="row"))["aa"]


def cells(path, separator):
    """Every cell that a program sees that takes another separator for the file's."""
    text = path.read_text(encoding="utf-8")
    return [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for cell in row]


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize(
    "before", ["", "\n", "\r\n", "a;", "a; ", "a,", 'a","', "a\t", "\t", "a|", "\u2028", 'a;"', ';""']
)
def test_no_cell_begins_like_a_formula_whatever_the_separator(tmp_path, separator, formula, before):
    path = tmp_path / "sheet.csv"
    write_new(path, [("aa", 0.5, texts(("user", before + formula)))], draw="random-1-7")

    assert not [cell for cell in cells(path, separator) if cell.strip(' "')[:1] in set("=+-@＝")]


@given(words)
def test_no_turn_can_pretend_to_be_another(said):
    assert speakers(texts(("user", said), ("assistant", said))) == ["USER", "ASSISTANT"]


@given(words)
def test_nothing_that_a_terminal_obeys_is_left(said):
    assert all(one.isprintable() for line in quiet(said).split("\n") for one in line)
    assert all(one.isprintable() or one == "\n" for one in for_terminal(said))


def test_the_terminal_shows_nothing_that_it_would_obey_even_from_a_file_that_was_changed(tmp_path):
    path = tmp_path / "sheet.csv"
    write_new(path, [("aa", 0.5, "\x1b]0;owned\x07 \x1b[2J hello")], draw="random-1-7")
    shown = []

    ask_all(path, ask=lambda _prompt: "stop", say=shown.append)

    assert "hello" in "".join(shown)
    assert not {"\x1b", "\x07"} & set("".join(shown))


def test_words_and_their_order_stay():
    assert texts(("user", "Zürich – 早?\nyes"), ("assistant", "No.")) == (
        "[0] USER: Zürich – 早?\n    > yes\n[1] ASSISTANT: No."
    )


def test_a_text_that_no_cell_can_hold_is_cut_and_says_so(tmp_path):
    text = texts(("user", "a" * 50_000 + "the end"))
    path = tmp_path / "sheet.csv"
    write_new(path, [("aa", 0.5, text)], draw="random-1-7")

    assert "characters are left out here]" in text
    assert text.endswith("the end")
    assert len(read_rows(path)[0]["text"]) < LONGEST + 100
