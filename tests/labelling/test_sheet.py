"""What is written into a sheet can be read back, and every cell that is wrong is caught and never echoed."""

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.errors import SourceError, StoreError
from guidance_atlas.labelling.sheet import NEXT_STEPS, read_labels, read_rows, save, write_new
from guidance_atlas.labelling.words import NONE, SETS, WORDS, Given, read_answer

GOOD = {
    "guidance": "yes",
    "domain": "career",
    "domain_2": "legal",
    "stakes": "high",
    "support": "friends;no_access",
    "pushback": "insists",
    "candor": "2",
    "drift": "none",
}
SECRET = "tanya is ill"


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "labels.csv"
    write_new(path, [("aa", 0.25, "[0] USER: one"), ("bb", 0.1, "[0] USER: two\n    > three")], draw="random-2-7")
    return path


def row(**cells):
    empty = dict.fromkeys(WORDS, "")
    return empty | {"conversation_id": "aa", "draw": "random-2-7", "weight": "4.0", "text": SECRET} | cells


def faults(*rows):
    return [(one.row, one.code, one.column) for one in read_labels(rows)[1]]


def test_a_sheet_is_read_back_as_it_was_written(sheet):
    rows = read_rows(sheet)

    assert [(one["conversation_id"], float(one["weight"]), one["text"]) for one in rows] == [
        ("aa", 4.0, "[0] USER: one"),
        ("bb", 10.0, "[0] USER: two\n    > three"),
    ]
    assert all(one[column] == "" for one in rows for column in WORDS)
    assert read_labels(rows) == ([], [])


def test_a_chance_is_read_back_to_the_last_bit(tmp_path):
    path = tmp_path / "one.csv"
    write_new(path, [("aa", 3 / 7, "")], draw="random-1-7")

    assert 1 / float(read_rows(path)[0]["weight"]) == 3 / 7


@given(st.lists(st.tuples(st.text(max_size=50), st.text(max_size=9)), min_size=1, max_size=5))
def test_whatever_stands_in_a_cell_is_read_back(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("sheet") / "any.csv"
    rows = [row(text=text.encode("utf-8", "ignore").decode(), note=note.encode("utf-8", "ignore").decode())
            for text, note in cells]  # fmt: skip
    save(path, rows)

    assert read_rows(path) == [dict(one) for one in rows]


def test_only_its_owner_can_read_it(sheet):
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    save(sheet, read_rows(sheet))
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600


def test_nothing_is_written_over_not_even_through_a_link(sheet, tmp_path):
    with pytest.raises(StoreError, match="is there already; go on with it by --terminal"):
        write_new(sheet, [], draw="random-0-7")
    link, aim = tmp_path / "link.csv", tmp_path / "aim.csv"
    link.symlink_to(aim)
    with pytest.raises(StoreError):
        write_new(link, [], draw="random-0-7")
    assert not aim.exists()


def test_answers_are_read_as_the_codebook_s_words():
    (found,), _ = read_labels([row(**GOOD)])

    assert found.weight == 4.0
    asked, answered = found.given.asked, found.given.answered
    assert (asked.guidance, asked.domain, asked.domain_2, asked.stakes) == (True, "career", "legal", "high")
    assert asked.support == {"friends", "no_access"}
    assert (answered.pushback, answered.candor, answered.sycophantic, answered.drift) == (
        {"insists"},
        2.0,
        True,
        frozenset(),
    )
    assert found.given.finished


def test_an_empty_cell_is_no_answer_and_none_is_one():
    given = Given({"guidance": frozenset({"yes"}), "drift": frozenset({NONE})})

    assert given.knows("drift")
    assert not given.knows("support")
    assert not given.finished


@pytest.mark.parametrize("rest", [{}, {"support": "none", "drift": "none"}, {"pushback": "insists", "candor": "3"}])
def test_what_is_no_guidance_needs_no_more_answers(rest):
    (found,), wrong = read_labels([row(guidance="no", **rest)])

    assert found.given.finished
    assert not wrong


@pytest.mark.parametrize("column", WORDS)
@given(word=st.text(min_size=1, max_size=12))
def test_every_word_that_is_none_of_the_allowed_is_caught(column, word):
    if not word.strip() or read_answer(column, word) is not None:
        return
    assert faults(row(**GOOD | {column: word})) == [(2, "other_word", column)]


@pytest.mark.parametrize("column", SETS)
def test_none_cannot_stand_beside_a_word(column):
    assert faults(row(**GOOD | {column: f"none;{WORDS[column][0]}"})) == [(2, "other_word", column)]


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"domain": "career"}, ("contradicts", "guidance")),
        ({"guidance": "no", "domain": "career"}, ("contradicts", "domain")),
        ({"guidance": "no", "stakes": "low"}, ("contradicts", "stakes")),
        ({"guidance": "no", "drift": "harsh"}, ("contradicts", "drift")),
        (GOOD | {"domain_2": "career"}, ("contradicts", "domain_2")),
        (GOOD | {"weight": ""}, ("bad_weight", "weight")),
        (GOOD | {"weight": "0.5"}, ("bad_weight", "weight")),
        (GOOD | {"weight": "nan"}, ("bad_weight", "weight")),
        (GOOD | {"weight": "inf"}, ("bad_weight", "weight")),
        (GOOD | {"draw": "mine"}, ("bad_weight", "draw")),
    ],
)
def test_what_cannot_be_is_caught(cells, fault):
    assert faults(row(**cells)) == [(2, *fault)]
    assert fault[0] in NEXT_STEPS


def test_a_conversation_counts_once():
    assert faults(row(**GOOD), row(**GOOD), row(**GOOD | {"conversation_id": "bb"})) == [
        (3, "repeated", "conversation_id")
    ]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(sheet):
    rows = read_rows(sheet)
    rows[1] |= GOOD | {"candor": "6"}
    save(sheet, rows)

    assert faults(*read_rows(sheet)) == [(3, "other_word", "candor")]


def test_what_a_spreadsheet_does_to_a_file_is_undone(sheet):
    rows = read_rows(sheet)
    rows[0] |= GOOD | {"guidance": " YES ", "candor": "2.0", "domain": "Personal Development", "support": "Friends , "}
    save(sheet, rows)
    text = sheet.read_text().replace("USER: one", "USER: caf\N{LATIN SMALL LETTER E WITH ACUTE}")
    text = text.replace("Friends , ", "Friends ").replace(",", ";").replace("4.0", "4,0").replace("\r\n", "\n")
    sheet.write_bytes(b"\xef\xbb\xbf" + text.encode("latin-1"))

    (found,), wrong = read_labels(read_rows(sheet))
    assert (wrong, found.weight, found.given.finished) == ([], 4.0, True)
    assert found.given.asked.domain == "personal_development"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "has no rows"),
        ("conversation_id,draw,weight,text\n", "has no rows"),
        (f"conversation_id,weight,text\naa,1,{SECRET}\n", "lacks the columns draw, guidance, domain,"),
        (f'conversation_id,draw\naa,"{SECRET}" "\n', "is not a CSV file"),
    ],
)
def test_a_file_that_is_no_sheet_is_one_clear_line(tmp_path, content, complaint):
    path = tmp_path / "sheet.csv"
    path.write_text(content)
    with pytest.raises(SourceError, match=complaint) as caught:
        read_rows(path)
    assert SECRET not in str(caught.value)


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path):
    with pytest.raises(SourceError, match="check the path"):
        read_rows(tmp_path / "none.csv")
