"""The finder built on Presidio: what it finds and leaves, that it is quiet, offline, repeatable and fit to travel."""

import logging
import pickle
import socket
from dataclasses import replace

import pytest

from guidance_atlas.adapters import presidio
from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.heads.weights import read_head, write_head

FINDER = PresidioFinder(ner="none")


def found(text, finder=FINDER):
    return {(text[span.start : span.end], span.kind) for span in finder.find([text])[0]}


@pytest.mark.parametrize(
    ("text", "private", "kind"),
    [
        ("mail me at jo@example.org", "jo@example.org", "EMAIL_ADDRESS"),
        ("my card 4111 1111 1111 1111", "4111 1111 1111 1111", "CREDIT_CARD"),
        ("IBAN DE89370400440532013000", "DE89370400440532013000", "IBAN_CODE"),
        ("call (956)795-2823", "(956)795-2823", "PHONE_NUMBER"),
        ("my ssn is 078-05-1120", "078-05-1120", "US_SSN"),
        ("from 10.20.30.40", "10.20.30.40", "IP_ADDRESS"),
        ("at 2001:db8::1 now", "2001:db8::1", "IP_ADDRESS"),
        ("mac 00:1B:44:11:3A:B7", "00:1B:44:11:3A:B7", "MAC_ADDRESS"),
        ("wallet 1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "CRYPTO"),
        ("NHS number 943 476 5919", "943 476 5919", "UK_NHS"),
        ("passport number 912803456", "912803456", "US_PASSPORT"),
        ("my sister tanya", "tanya", "PERSON"),
    ],
)
def test_each_kind_is_found(text, private, kind):
    assert (private, kind) in found(text)


@pytest.mark.parametrize(
    "text",
    ["std::vector and :: too", "key F0 and G8", "how I feel.In short", "by 12/05/2024 at 10:30", "it is 2024", ""],
)
def test_what_stock_recognisers_mistake_is_left_alone(text):
    assert found(text) == set()


def test_answers_keep_the_order_of_the_texts_and_repeats_are_looked_at_once(monkeypatch):
    finder = PresidioFinder(ner="none")
    looked = []
    monkeypatch.setattr(presidio, "find_identifiers", lambda scan: looked.append(scan.text) or [])

    answers = finder.find(["jo@example.org", "nothing", "jo@example.org"])
    again = finder.find(["nothing"])

    assert [len(spans) > 0 for spans in answers] == [True, False, True]
    assert again == [[]]
    assert looked == ["jo@example.org", "nothing"]


def test_what_is_remembered_is_bounded_and_holds_no_text(monkeypatch):
    monkeypatch.setattr(presidio, "MOST_CACHED", 3)
    finder = PresidioFinder(ner="none")

    finder.find([f"my sister tanya {n}" for n in range(9)])

    assert len(finder._remembered) == 3
    assert not any(b"tanya" in key for key in finder._remembered)


def test_kinds_to_keep_are_left_and_countries_are_kept_unless_asked_for():
    lists = PresidioFinder(ner="none", names="lists")
    asked = PresidioFinder(ner="none", names="lists", keep=frozenset({"EMAIL_ADDRESS"}))

    assert found("jo@example.org in Germany", lists) == {("jo@example.org", "EMAIL_ADDRESS")}
    assert found("jo@example.org in Germany", asked) == {("Germany", "LOCATION")}


@pytest.mark.parametrize("name", ["Albert Einstein", "Taylor Swift", "Sherlock Holmes"])
def test_public_figures_are_masked_unless_a_setting_lets_them_stay(name):
    text = f"my sister tanya admires {name} a lot"
    kept = PresidioFinder(ner="none", keep=frozenset({"COUNTRY", "PUBLIC_FIGURE"}))

    assert found(text) == {("tanya", "PERSON"), (name, "PERSON")}
    assert found(text, kept) == {("tanya", "PERSON")}
    assert kept.identity != FINDER.identity


@pytest.mark.parametrize("name", ["Taylor", "Albert Novak", "Taylor Swift Novak"])
def test_a_part_of_a_figures_name_and_a_longer_one_stay_private(name):
    kept = PresidioFinder(ner="none", keep=frozenset({"COUNTRY", "PUBLIC_FIGURE"}))

    assert found(f"I told my friend {name} about it", kept) == {(name, "PERSON")}


def test_the_finder_travels_between_processes_and_answers_the_same():
    there = pickle.loads(pickle.dumps(FINDER))

    assert there.identity == FINDER.identity
    assert there.find(["call (956)795-2823"]) == FINDER.find(["call (956)795-2823"])


def test_a_finder_that_has_worked_travels_without_what_it_remembers():
    FINDER.find(["my sister tanya called"])

    assert pickle.loads(pickle.dumps(FINDER))._remembered == {}


@pytest.mark.parametrize(
    "other", [{"language": "de"}, {"keep": frozenset()}, {"ner": "some_model"}, {"names": "lists"}]
)
def test_every_setting_reaches_the_identity(other):
    assert PresidioFinder(**({"ner": "none"} | other)).identity != FINDER.identity


def test_nothing_is_told_to_logs_or_streams_even_when_all_levels_are_open(caplog, capfd):
    finder = PresidioFinder(ner="none")
    with caplog.at_level(logging.DEBUG):
        finder.find(["my passport number is 912803456, card 4111 1111 1111 1111, jo@example.org, sister tanya"])

    said = capfd.readouterr()
    assert "912803456" not in caplog.text + said.out + said.err
    assert "tanya" not in caplog.text + said.out + said.err
    assert said.out + said.err == ""


def test_nothing_is_asked_of_the_network(monkeypatch):
    asked = []

    def refuse(*args, **_kwargs):
        asked.append(args)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr("tldextract.extract", refuse)  # asks the network unless somebody's cache spares it

    assert ("jo@example.co.uk", "EMAIL_ADDRESS") in found("jo@example.co.uk", PresidioFinder(ner="none"))
    assert asked == []


def test_the_net_finds_people_whom_no_list_holds_unless_it_is_switched_off():
    text = "should i invite mireksha to the wedding"

    assert ("mireksha", "PERSON") in found(text)
    assert found(text, PresidioFinder(ner="none", names="lists")) == set()


def test_another_set_of_weights_makes_another_identity(tmp_path):
    shipped = read_head("names")
    write_head(replace(shipped, facts={**shipped.facts, "threshold": 1}), folder=tmp_path)

    assert PresidioFinder(ner="none", folder=tmp_path).identity != FINDER.identity
    assert PresidioFinder(ner="none", folder=tmp_path / "empty").identity == FINDER.identity


def test_without_a_model_installed_auto_means_none(monkeypatch):
    monkeypatch.setattr("guidance_atlas.adapters.spacy_names._is_installed", lambda name: False)

    assert "ner none" in PresidioFinder().identity


def test_the_largest_installed_model_is_taken(monkeypatch):
    there = ("en_core_web_sm", "en_core_web_md")
    monkeypatch.setattr("guidance_atlas.adapters.spacy_names._is_installed", lambda name: name in there)

    assert "ner en_core_web_md" in PresidioFinder().identity


@pytest.mark.parametrize("shape", ["1 ", "1.1.1.", "1/2020 ", "4111 ", "a!a@b.c ", "2001:db8:", "@", "+1 "])
def test_texts_full_of_numbers_are_masked_in_bounded_time(shape):
    text = shape * (60_000 // len(shape))

    spans = FINDER.find([text])[0]

    assert all(0 <= span.start < span.end <= len(text) for span in spans)
