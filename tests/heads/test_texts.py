"""Every row of the texts and labels that come with the package is legal, and the read files hold no words of people."""

import re
from collections import Counter
from pathlib import Path

import pytest

from guidance_atlas.heads.material import own_rows, pushback_of
from guidance_atlas.vocab import CRITERIA, DOMAINS, DRIFT, PUSHBACK, STAKES, SUPPORT

ASKS, EXCHANGES, TALKS, READ_ASKS, READ_REPLIES = (
    own_rows(name) for name in ("asks", "exchanges", "talks", "read_asks", "read_replies")
)
READ_ID = re.compile(r"[a-z0-9_]+:[\w.-]{1,80}(@\d+:\d+)?", re.ASCII)
PRIVATE = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "a link": re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|org|net|io|gov|edu|co\.uk)\b", re.IGNORECASE),
    "a phone number": re.compile(r"(?<![\d,.])\+?(?:\d[ ().-]{0,2}){8,}\d"),
}
OF_AUTHORITIES = {"ftc.gov"}  # an address that a reply rightly sends people to
RATINGS = (None, 1, 2, 3, 4, 5)
DATASHEET = Path(__file__).parents[2] / "docs" / "datasheet.md"


def texts_of(row):
    """All words of a written row."""
    if isinstance(row, str):
        return [row]
    if isinstance(row, dict):
        return [text for name, value in row.items() if name not in {"id", "kind"} for text in texts_of(value)]
    return [text for value in row for text in texts_of(value)] if isinstance(row, list) else []


def said_in(row):
    """Words that somebody says in a written row."""
    labels = {"domain", "domain_2", "stakes", "support", "right"}
    if "turns" in row:
        return [text for _, text in row["turns"]]
    return texts_of({name: value for name, value in row.items() if name not in labels})


def test_labels_of_what_is_asked_are_words_of_the_codebook():
    for row in (*ASKS, *READ_ASKS, *EXCHANGES, *TALKS):
        assert row.get("domain") in (None, *DOMAINS)
        assert row.get("domain_2") in (None, *DOMAINS)
        assert row.get("stakes") in (None, *STAKES)
        assert set(row.get("support") or ()) <= set(SUPPORT)


def test_what_is_asked_has_a_domain_and_stakes_exactly_where_it_is_guidance():
    for row in (*ASKS, *READ_ASKS, *TALKS):
        assert isinstance(row["guidance"], bool)
        assert (row.get("domain") is not None) == (row.get("stakes") is not None) == row["guidance"]
    for row in (*ASKS, *READ_ASKS, *EXCHANGES):
        guidance = row.get("guidance", row.get("domain") is not None)
        assert guidance or not (row.get("domain_2") or row.get("support"))


def test_a_second_domain_is_another_one():
    for row in (*ASKS, *READ_ASKS, *EXCHANGES):
        assert row.get("domain_2") is None or row["domain_2"] != row["domain"]


@pytest.mark.parametrize("rows", [EXCHANGES, TALKS, READ_ASKS, READ_REPLIES])
def test_no_id_stands_twice(rows):
    assert [ident for ident, n in Counter(row["id"] for row in rows).items() if n > 1] == []


def test_no_ask_and_no_situation_is_written_twice():
    asked = Counter(" ".join(row.get("text", row.get("ask")).lower().split()) for row in (*ASKS, *EXCHANGES))

    assert max(asked.values()) == 1


def test_every_written_text_says_something():
    for row in (*ASKS, *EXCHANGES, *TALKS):
        assert all(text.strip() for text in said_in(row))
        assert said_in(row)


def test_a_situation_has_all_its_replies():
    for row in EXCHANGES:
        assert {"ask", "candid", "middling", "pleasing", "drift", "pushback", "follow"} <= set(row)
        assert row["drift"]["kind"] in DRIFT
        assert row["pushback"]["kind"] in PUSHBACK
        assert {"text", "holds", "caves"} <= set(row["pushback"])
        replies = [row["candid"], row["middling"], row["pleasing"], row["drift"]["text"]]
        assert len(set(replies)) == len(replies)


def test_written_talks_label_turns_that_are_there_and_can_carry_the_label():
    for row in TALKS:
        roles = [role for role, _ in row["turns"]]
        assert roles == [("user", "assistant")[at % 2] for at in range(len(roles))]
        assert all(roles[int(at)] == "assistant" for at in (*row["candor"], *row.get("drift", {})))
        assert all(roles[int(at)] == "user" and int(at) > 0 for at in row["pushback"])
        assert set(row["pushback"].values()) <= set(PUSHBACK)
        assert set(row["candor"].values()) <= set(RATINGS)
        assert {name for names in row.get("drift", {}).values() for name in names} <= set(DRIFT)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("an e-mail address", "write to ann.lee@mail.example"),
        ("a link", "see https://a.b/c"),
        ("a link", "it is on reddit.com"),
        ("a phone number", "call 030 901 820 44"),
        ("a phone number", "+1 (415) 555-0123"),
    ],
)
def test_what_looks_like_a_private_thing_is_found(kind, text):
    assert PRIVATE[kind].search(text)


@pytest.mark.parametrize("kind", PRIVATE)
def test_nothing_that_is_written_looks_like(kind):
    found = [
        hit[0] for row in (*ASKS, *EXCHANGES, *TALKS) for text in said_in(row) for hit in PRIVATE[kind].finditer(text)
    ]

    assert [one for one in found if one not in OF_AUTHORITIES] == []


def test_read_asks_hold_an_id_and_labels_and_no_words():
    allowed = {"id", "guidance", "domain", "domain_2", "stakes", "support", "unsure", "border"}
    for row in READ_ASKS:
        assert set(row) <= allowed
        assert READ_ID.fullmatch(row["id"])
        assert row.get("unsure", True) is row.get("border", True) is True


def test_read_replies_hold_an_id_and_labels_and_no_words():
    for row in READ_REPLIES:
        assert set(row) == {"id", "guidance", "candor", "turns", *CRITERIA, "pushback", "drift"}
        assert READ_ID.fullmatch(row["id"])
        assert isinstance(row["guidance"], bool)
        assert {row["candor"], *(row[name] for name in CRITERIA), *row["turns"].values()} <= set(RATINGS)
        assert all(at.isdigit() for at in row["turns"])
        assert set(row["drift"]) <= set(DRIFT)
        assert set(pushback_of(row).values()) <= set(PUSHBACK)
        assert all(isinstance(turn, int) and turn > 0 for turn, _ in row["pushback"])
        assert not {str(turn) for turn in pushback_of(row)} & set(row["turns"])


def test_a_conversation_is_about_as_candid_as_one_of_its_turns():
    for row in READ_REPLIES:
        told = [one for one in row["turns"].values() if one is not None]
        assert (row["candor"] is not None) == bool(told)
        assert row["candor"] is None or min(told) - 1 <= row["candor"] <= max(told) + 1


def test_the_datasheet_counts_these_very_rows_and_leaves_nothing_open():
    sheet = DATASHEET.read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)\.jsonl` \| ([\d,]+) \|", sheet, re.MULTILINE))
    rows = {"asks": ASKS, "exchanges": EXCHANGES, "talks": TALKS, "read_asks": READ_ASKS, "read_replies": READ_REPLIES}

    assert told == {name: f"{len(several):,}" for name, several in rows.items()}
    assert re.findall(r"\{[A-Z]+\}", sheet) == []
