"""The net that judges words: the same answer in any company, exact sums, and names that no list holds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidance_atlas.heads.weights import default_folder, read_head
from guidance_atlas.stages.scrub import net as module
from guidance_atlas.stages.scrub.layout import lay_out
from guidance_atlas.stages.scrub.names import find_all_names, find_names, mark_names
from guidance_atlas.stages.scrub.net import MOST, NAMES, NameNet, open_names
from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.words import lexicon

NET = open_names()
SAID = [
    "my coworker Qwarvo lied to me",
    "so tavindra and i moved to zelburg",
    "Hello there",
    "",
    "ЯяЯ Anna",
    "I use Python and Excel at work.",
    "```\nclass Foo(Bar): pass\n```",
    "WHY IS BRANKOVA YELLING",
    "-\n-",
    "i told jolanta's mum",
]


def judged(texts):
    pages = [Page(text, lexicon()) for text in texts]
    layout, told = NET.judge(pages, [mark_names(page) for page in pages])
    return {(texts[text], i): tuple(row) for (text, i), row in zip(layout.owners, told.tolist(), strict=True)}


def by_lists(text):
    return {(text[span.start : span.end], span.kind) for span in find_names(text)}


def found(text, kind):
    return {text[span.start : span.end] for span in find_names(text, judge=NET) if span.kind == kind}


@settings(max_examples=30)
@given(st.lists(st.sampled_from(SAID) | st.text(max_size=40), max_size=8))
def test_an_answer_does_not_depend_on_the_company(texts):
    together = judged(texts)

    for text in texts:
        assert judged([text]) == {key: row for key, row in together.items() if key[0] == text}
    assert find_all_names(texts, judge=NET) == [find_names(text, judge=NET) for text in texts]


def test_nor_on_how_many_words_go_through_the_net_at_once(monkeypatch):
    whole = judged(SAID)
    for block in (1, 3, 7):
        monkeypatch.setattr(module, "BLOCK", block)
        assert judged(SAID) == whole


def test_every_sum_stays_where_floats_are_exact():
    head = read_head(NAMES)

    for layer in (1, 2, 3):
        weight, bias = head.tensor(f"weight{layer}"), head.tensor(f"bias{layer}")
        assert (np.abs(weight).sum(axis=0) * MOST + np.abs(bias)).max() < 2**24
        assert (weight == np.rint(weight)).all()
        assert (bias == np.rint(bias)).all()


def test_a_hidden_number_never_leaves_its_seven_bits(monkeypatch):
    eye, none = np.eye(2, dtype=np.float32), np.zeros(2, dtype=np.float32)
    monkeypatch.setattr(NET, "_layers", [(eye * MOST, none, np.ones(2, dtype=np.float32)), (eye, none, None)])

    assert NET._run(np.array([[MOST, -MOST]], dtype=np.float32)).tolist() == [[MOST, 0]]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("i told grenko about it and she left", "grenko"),
        ("me and grenko broke up last week", "grenko"),
        ("should i invite mireksha to the wedding", "mireksha"),
        ("talked to Mireksha yesterday", "Mireksha"),
        ("how do i tell yadrika that i am not coming", "yadrika"),
    ],
)
def test_people_whom_no_list_and_no_cue_gives_away_are_found(text, name):
    assert name.lower() not in {span_text.lower() for span_text, _ in by_lists(text.lower())}
    assert name in found(text, "PERSON")


@pytest.mark.parametrize(
    "text",
    [
        "my sister is angry and i am tired",
        "I work in an office. It is fine. What else could I do?",
        "Can you help me write a cover letter?",
        "```\nclass Qwarvo(Brankova): pass\n```",
        "How do I boil eggs?",
        "",
    ],
)
def test_everyday_words_and_code_are_left(text):
    assert find_names(text, judge=NET) == []


def test_what_a_cue_announces_stays_whatever_the_net_says(monkeypatch):
    monkeypatch.setattr(NET, "threshold", 2**30)
    monkeypatch.setattr(NET, "doubt", 2**30)

    assert found("my sister tanya is cross", "PERSON") == {"tanya"}
    assert found("yesterday Brzęczysław shouted at me", "PERSON") == set()


def test_what_is_remembered_is_bounded_and_forgetting_changes_no_answer(monkeypatch):
    before = judged(SAID)
    monkeypatch.setattr(module, "MOST_REMEMBERED", 5)
    judged(SAID)

    assert judged(SAID) == before
    assert len(NET._words) < 100


def test_a_mark_at_the_edge_of_a_text_does_not_reach_into_the_next():
    pages = [Page("Ann", lexicon()), Page("Bob", lexicon())]
    layout = lay_out(pages, [{0: ("PERSON", 0.9)}, {}], word_row=lambda _: 1, gap_row=lambda _: 1)

    assert layout.marks[1].sum() == 0
    assert layout.words.sum() == 2


def test_a_megabyte_without_a_blank_and_a_text_of_strange_words_are_read():
    for text in ("Ab" * 250_000, "Zorb Vik " * 20_000, "```\n" * 50_000, "'" * 200_000):
        assert all(span.end <= len(text) for span in find_names(text, judge=NET))


def test_the_weights_stay_small():
    assert (default_folder() / f"{NAMES}.safetensors").stat().st_size < 12_000_000


def test_another_set_of_weights_has_another_identity():
    head = read_head(NAMES)
    other = {**head.tensors, "marks": head.tensors["marks"] + 1}

    assert NameNet(head.__class__(head.name, None, other, head.facts)).identity != NET.identity
