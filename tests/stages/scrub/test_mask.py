"""The scrub stage: which conversations it takes, what it masks and numbers, and what it does when its finder fails."""

from functools import partial

import polars as pl
import pytest
from finders import FailingFinder, WordFinder
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.adapters.presidio_anonymizer import PresidioReplacer
from guidance_atlas.contracts import CleanTurns, Conversations, Glanced, Records
from guidance_atlas.stages.scrub import mask
from guidance_atlas.stages.scrub.mask import mask_conversations
from guidance_atlas.stages.scrub.mask import scrub as scrub_stage

FINDER = PresidioFinder(ner="none")
REPLACER = PresidioReplacer()
scrub = partial(scrub_stage, replacer=REPLACER)
mask_texts = partial(mask_conversations, replacer=REPLACER)


def frames(talks, *, outcomes=None, kept=None):
    """Records, conversations and glances of some conversations: each a list of (role, text)."""
    n = len(talks)
    outcomes = outcomes or ["kept"] * n
    kept = [True] * n if kept is None else kept
    records = [
        {
            "record": i,
            "code": None,
            "source_id": None,
            "source_person": None,
            "started_at": None,
            "model": None,
            "turns": [{"role": role, "text": text} for role, text in talk],
            "n_unread": 0,
        }
        for i, talk in enumerate(talks)
    ]
    conversations = [
        dict.fromkeys(Conversations.column_names())
        | {
            "record": i,
            "outcome": outcome,
            "code": None if outcome == "kept" else "same",
            "conversation_id": f"c{i}",
            "n_turns": len(talk),
            "n_user_turns": 1,
            "n_unread": 0,
        }
        for i, (talk, outcome) in enumerate(zip(talks, outcomes, strict=True))
    ]
    glances = [
        {"conversation_id": f"c{i}", "score": None, "kept": keep, "reason": "off"}
        for i, keep in enumerate(kept)
        if outcomes[i] == "kept"
    ]
    return (
        Records.validate(pl.DataFrame(records, infer_schema_length=None), cast=True),
        Conversations.validate(pl.DataFrame(conversations, infer_schema_length=None), cast=True),
        Glanced.validate(pl.DataFrame(glances, infer_schema_length=None), cast=True),
    )


def texts(*turns, finder=FINDER):
    return [text for text, _ in mask_texts([turns], finder=finder)[0]]


def test_only_kept_conversations_that_glance_kept_get_rows():
    talks = [[("user", "one"), ("assistant", "two")], [("user", "three")], [("user", "four")]]

    clean = scrub(
        *frames(talks, outcomes=["kept", "kept", "duplicate"], kept=[True, False, True]), finder=WordFinder({})
    )

    assert clean.select("conversation_id", "turn", "role", "text").rows() == [
        ("c0", 0, "user", "one"),
        ("c0", 1, "assistant", "two"),
    ]


def test_nothing_kept_gives_an_empty_table_of_the_right_shape():
    clean = scrub(*frames([[("user", "one")]], kept=[False]), finder=WordFinder({}))

    assert clean.height == 0
    assert clean.columns == CleanTurns.column_names()


def test_masked_spans_are_counted_turn_by_turn():
    talks = [[("user", "abc abc x"), ("assistant", "none")]]

    clean = scrub(*frames(talks), finder=WordFinder({"abc": "ID"}))

    assert clean["n_masked"].to_list() == [2, 0]
    assert clean["text"].to_list() == ["<ID_1> x", "none"]  # equal ones side by side become one


def test_one_thing_has_one_number_in_its_conversation_and_starts_anew_in_the_next():
    finder = WordFinder({"abc|ABC": "ID", "xyz": "ID"})

    masked = mask_texts([["xyz abc", "ABC"], ["abc"]], finder=finder)

    assert [[text for text, _ in turns] for turns in masked] == [["<ID_1> <ID_2>", "<ID_2>"], ["<ID_1>"]]


def test_a_name_once_found_is_masked_everywhere_in_its_conversation():
    shown = texts("My name is Zxorba Vanq", "Hello Zxorba! Is zxorba's week full, Vanq?", "and ZXORBA VANQ")

    assert shown == [
        "My name is <PERSON_1>",
        "Hello <PERSON_1>! Is <PERSON_1>'s week full, <PERSON_1>?",
        "and <PERSON_1>",
    ]


def test_a_name_that_is_an_everyday_word_is_masked_again_only_with_a_capital():
    lists = PresidioFinder(ner="none", names="lists")

    assert texts("my wife Grace left", "Grace says grace is given with grace", finder=lists) == [
        "my wife <PERSON_1> left",
        "<PERSON_1> says grace is given with grace",
    ]


def test_a_place_once_named_is_masked_wherever_its_name_returns():
    lists = PresidioFinder(ner="none", names="lists")

    assert texts("i live in dobrich, Bulgaria", "dobrich is small", "is Dobrich far", finder=lists) == [
        "i live in <LOCATION_1>, Bulgaria",
        "<LOCATION_1> is small",
        "is <LOCATION_1> far",
    ]
    assert texts("near Absecon Island they fish", "an island with fish", finder=lists)[1] == "an island with fish"


def test_two_people_have_two_numbers():
    assert texts("my sister tanya and my boss Ivan Petrov", "Petrov hates Tanya") == [
        "my sister <PERSON_1> and my boss <PERSON_2>",
        "<PERSON_2> hates <PERSON_1>",
    ]


def test_placeholders_that_somebody_typed_never_share_a_number_with_something_found():
    shown = texts("I am <PERSON_1>, not Tanya. <REDACTED> <EMAIL_ADDRESS_7>", "Tanya and <PERSON_1>")

    assert shown == ["I am <PERSON_1>, not <PERSON_2>. <REDACTED> <EMAIL_ADDRESS_1>", "<PERSON_2> and <PERSON_1>"]


def test_a_turn_the_finder_cannot_read_is_redacted_as_a_whole_and_the_others_are_not():
    finder = FailingFinder({"abc": "ID"}, word="boom")

    assert mask_texts([["abc", "boom tanya", "fine"]], finder=finder) == [
        [("<ID_1>", 1), ("<REDACTED>", 1), ("fine", 0)]
    ]


def test_a_failing_finder_stops_no_run_and_leaves_no_words(capfd, caplog):
    scrub(*frames([[("user", "boom tanya@example.org")]]), finder=FailingFinder({}, word="boom"))

    said = capfd.readouterr()
    assert said.out + said.err + caplog.text == ""


def test_what_the_finder_lets_through_is_redacted_by_the_second_look():
    assert mask_texts([["to jo@example.org"]], finder=WordFinder({})) == [[("to <REDACTED>", 1)]]


def test_a_leak_that_survives_the_second_look_stops_the_run(monkeypatch):
    monkeypatch.setattr(mask, "mask_leaks", lambda text: (text, 0))

    with pytest.raises(mask.refuse_leaks.__globals__["LeakError"]):
        scrub(*frames([[("user", "to jo@example.org")]]), finder=WordFinder({}))


def test_spans_outside_the_text_do_no_harm():
    class Wild:
        identity = "wild"

        def find(self, texts):
            from guidance_atlas.ports import Span

            return [[Span(-5, 3, "ID", 1.0), Span(90, 99, "ID", 1.0), Span(4, 2, "ID", 1.0)] for _ in texts]

    assert mask_texts([["abc def"]], finder=Wild()) == [[("<ID_1> def", 1)]]


PRIVATE = st.sampled_from(
    ["jo.ann@example.org", "(555) 010-2823", "+44 20 7946 0018", "4111 1111 1111 1111", "078-05-1120",
     "DE89370400440532013000", "10.20.30.40", "https://example.org/jo", "CC035475951FR", "@jo_ann_88"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["should", "I", "leave,", "my sister Zxorba", "because", "He said no.", "Is it me?", "\n\n", "I feel sad -",
     "and 3 of 4", "I'm Qwarvo", "```x = 1```", "(maybe)", "<PERSON_1>", "<b>", "тут", "it's"]
)  # fmt: skip
chats = st.lists(st.lists(st.one_of(WORDS, PRIVATE), max_size=12).map(" ".join), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(chats)
def test_masking_masked_text_changes_nothing(turns):
    once = texts(*turns)

    assert mask_texts([once], finder=FINDER)[0] == [(text, 0) for text in once]


@settings(max_examples=40, deadline=None)
@given(chats, PRIVATE, st.sampled_from(["Zxorba", "Qwarvo"]))
def test_nothing_planted_survives(turns, secret, name):
    shown = " ".join(texts(*turns, f"reach me at {secret} , my friend {name} said", f"{name.lower()} has {secret} too"))

    assert secret not in shown
    assert name.lower() not in shown.lower()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_comes_out_as_something_that_can_be_stored(turns):
    for text in texts(*turns):
        text.encode()
