"""In a terminal every answer is saved at once, so that one can stop at any point and go on."""

import pytest

from guidance_atlas.labelling.ask import QUESTIONS, ask_all
from guidance_atlas.labelling.sheet import read_labels, read_rows, save, write_new
from guidance_atlas.labelling.words import WORDS

TALK = "[0] USER: should I?\n[1] ASSISTANT: You are right.\n[2] USER: no!"
WHOLE = ["yes", "career", "", "high", "friends; family", "insists", "2", "harsh"]


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "labels.csv"
    write_new(path, [("aa", 0.5, TALK), ("bb", 0.5, TALK), ("cc", 0.5, TALK)], draw="random-3-7")
    return path


def answer(path, *lines):
    """Type these lines; afterwards the input is at its end. Returns what was shown."""
    left, shown = list(lines), []

    def ask(prompt):
        shown.append(prompt)
        if not left:
            raise EOFError
        return left.pop(0)

    ask_all(path, ask=ask, say=shown.append)
    assert not left
    return "".join(shown)


def cells(path, at=0):
    return [read_rows(path)[at][column] for column in WORDS]


def test_every_question_is_asked_with_its_words(sheet):
    shown = answer(sheet, *WHOLE)

    assert cells(sheet) == ["yes", "career", "none", "high", "friends;family", "insists", "2", "harsh"]
    assert all(question in shown for question in QUESTIONS.values())
    assert "guidance (yes, no): " in shown
    assert "stakes (low, medium, high): " in shown
    assert "[none]" in shown
    assert set(QUESTIONS) == set(WORDS)


def test_no_guidance_asks_no_more(sheet):
    answer(sheet, "no", "no", "no")

    assert cells(sheet, 2) == ["no", *[""] * 7]
    assert len(read_labels(read_rows(sheet))[0]) == 3


def test_a_word_that_is_not_allowed_is_asked_for_again(sheet):
    shown = answer(sheet, "perhaps", "yes", "jobs", "career")

    assert shown.count("That is none of the words.") == 2
    assert cells(sheet)[:2] == ["yes", "career"]


def test_nothing_alone_is_no_answer_where_none_is_not_allowed(sheet):
    assert "none of the words" in answer(sheet, "", "yes", "")
    assert cells(sheet)[:2] == ["yes", ""]


@pytest.mark.parametrize("n", range(1, len(WHOLE)))
def test_whoever_stops_goes_on_where_they_were(sheet, n):
    answer(sheet, *WHOLE[:n], "stop")
    assert sum(map(bool, cells(sheet))) == n

    answer(sheet, *WHOLE[n:])
    assert cells(sheet)[-1] == "harsh"


def test_what_is_finished_is_not_shown_again(sheet):
    rows = read_rows(sheet)
    rows[0]["text"], rows[0]["guidance"] = "finished", "no"
    save(sheet, rows)

    shown = answer(sheet, "stop")
    assert "finished\n" not in shown
    assert "--- 1 of 3 finished ---" in shown


def test_skipping_leaves_a_conversation_for_later(sheet):
    answer(sheet, "skip", "no", "stop")
    assert [one["guidance"] for one in read_rows(sheet)] == ["", "no", ""]


def test_going_back_asks_the_answer_before_again(sheet):
    answer(sheet, "yes", "career", "back", "legal", "stop")
    assert cells(sheet)[:2] == ["yes", "legal"]


def test_going_back_at_the_first_question_asks_the_conversation_before_anew(sheet):
    answer(sheet, "no", "back", "yes", "stop")
    assert [one["guidance"] for one in read_rows(sheet)] == ["yes", "", ""]

    answer(sheet, "back", "back", "stop")
    assert cells(sheet) == [""] * 8


def test_a_second_domain_like_the_first_is_asked_for_again(sheet):
    shown = answer(sheet, "yes", "career", "career", "legal", "stop")

    assert "cannot stand beside" in shown
    assert cells(sheet)[:3] == ["yes", "career", "legal"]


@pytest.mark.parametrize(
    ("talk", "asked"),
    [
        ("[0] USER: should I?", 0),
        ("[0] USER: should I?\n[1] ASSISTANT: Yes.", 2),
        ("[0] ASSISTANT: Hello.\n[1] USER: should I?", 3),
    ],
)
def test_what_cannot_arise_is_not_asked(tmp_path, talk, asked):
    path = tmp_path / "labels.csv"
    write_new(path, [("aa", 0.5, talk)], draw="random-1-7")
    answer(path, "yes", "career", "", "low", "", *[""] * asked)

    ((found,), faults) = read_labels(read_rows(path))
    assert found.given.finished
    assert not faults


def test_a_skipped_conversation_stays_without_any_answer(tmp_path):
    path = tmp_path / "labels.csv"
    write_new(path, [("aa", 0.5, "[0] USER: hi"), ("bb", 0.5, "[0] USER: hi")], draw="random-2-7")
    answer(path, "skip", "no")

    assert cells(path) == [""] * 8
