"""Telling languages: short English stays English, too little stays unknown, nothing is fetched."""

import gzip
import json
import pickle
import socket

import pytest

from guidance_atlas.adapters.language import FastLangdetect


@pytest.fixture(scope="module")
def detector():
    return FastLangdetect()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hello, should I quit?", "en"),
        ("Should I quit my job?", "en"),
        ("SHOULD I LEAVE HIM? HE NEVER LISTENS", "en"),
        ("am i wrong", "en"),
        ("what do i do", "en"),
        ("is it my fault", "en"),
        ("my sister and me don't talk anymore.\nwhat now?\n", "en"),
        ("¿Debería dejar mi trabajo o esperar un año más?", "es"),
        ("me siento triste y no puedo dormir", "es"),
        ("Soll ich meinen Job kündigen oder noch warten?", "de"),
        ("ich liebe dich", "de"),
        ("Dois-je quitter mon travail maintenant ?", "fr"),
        ("Стоит ли мне уволиться с работы?", "ru"),
        ("我应该辞掉工作吗？", "zh"),
        ("仕事を辞めるべきでしょうか", "ja"),
        ("هل يجب أن أترك عملي؟", "ar"),
        ("", "und"),
        (" \n\t ", "und"),
        ("hi", "und"),
        ("12345 67890 !!!", "und"),
        ("🙂🙂🙂🙂", "und"),
        ("a1 b2", "und"),
        ("xqz", "und"),
        ("ja", "und"),
        ("да", "und"),
        ("é", "und"),
    ],
)
def test_a_language_is_told_or_left_open(detector, text, language):
    assert detector.detect([text]) == [language]


def test_answers_come_in_the_order_asked_and_do_not_depend_on_company(detector):
    texts = ["Should I quit my job?", "", "Стоит ли мне уволиться с работы?"]

    assert detector.detect(texts) == ["en", "und", "ru"]
    assert detector.detect(texts[::-1]) == ["ru", "und", "en"]
    assert detector.detect([]) == []


def test_a_long_text_that_begins_in_another_language_is_looked_at_further(detector):
    assert detector.detect(["Merci, d'accord! " + "I am not sure what to do about my mother and her house. " * 9]) == [
        "en"
    ]


def test_no_connection_is_ever_tried(monkeypatch):
    def refuse(*_args, **_more):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)

    assert FastLangdetect().detect(["Should I quit my job?"]) == ["en"]


def test_a_detector_can_be_sent_to_another_process(detector):
    copy = pickle.loads(pickle.dumps(detector))

    assert copy.identity == detector.identity
    assert copy.detect(["ich liebe dich"]) == ["de"]


def said(row):
    return "\n".join(turn["content"] for turn in row["messages"] if turn["role"] == "user")


def rows_of(path):
    with gzip.open(path) as file:
        return [json.loads(line) for line in file]


@pytest.mark.shared
def test_english_development_conversations_are_taken_for_english(shared, detector):
    found = detector.detect([said(row) for row in rows_of(shared / "gate_dev.jsonl.gz")])

    assert found.count("en") / len(found) >= 0.98


@pytest.mark.shared
def test_russian_development_conversations_are_taken_for_russian(shared, detector):
    rows = [row for row in rows_of(shared / "chats.jsonl.gz") if row["source"] == "wildchat_hard_ru"]

    found = detector.detect([said(row) for row in rows])

    assert found.count("ru") / len(found) >= 0.99
