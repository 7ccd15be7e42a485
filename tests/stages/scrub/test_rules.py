"""Our own recognisers: what each takes, and the false friends it leaves alone."""

import pytest

from guidance_atlas.stages.scrub.rules import RULES, find_identifiers


def found(text):
    return {(text[span.start : span.end], span.kind) for span in find_identifiers(text)}


@pytest.mark.parametrize(
    ("text", "private", "kind"),
    [
        ("mail jo.ann+x@example.org now", "jo.ann+x@example.org", "EMAIL_ADDRESS"),
        ("write to jo at example dot com", "jo at example dot com", "EMAIL_ADDRESS"),
        ("jo (at) example.com please", "jo (at) example.com", "EMAIL_ADDRESS"),
        ("ask @jo_ann_88 about it", "@jo_ann_88", "HANDLE"),
        ("my insta is jo.ann_88 ok", "jo.ann_88", "HANDLE"),
        ("see https://example.org/u/jo?x=1.", "https://example.org/u/jo?x=1", "URL"),
        ("it is on joann.example.com today", "joann.example.com", "URL"),
        ("order number AB-12345 is late", "AB-12345", "ID"),
        ("my ID is 226912", "226912", "ID"),
        ("under case 356/2020 of the court", "356/2020", "ID"),
        ("tracking QX035475951FR", "QX035475951FR", "ID"),
        ("card 501864667909?", "501864667909", "ID"),
        ("the password is tr0ub4dor!", "tr0ub4dor!", "SECRET"),
        ("pin: 4821", "4821", "SECRET"),
        ("key sk-abcdefghijklmnop1234", "sk-abcdefghijklmnop1234", "SECRET"),
        ("I live at 12 Sample Road, Apt 4", "12 Sample Road, Apt 4", "STREET_ADDRESS"),
        ("Musterstraße 12a, bitte", "Musterstraße 12a", "STREET_ADDRESS"),
        ("zip code is 90210", "90210", "STREET_ADDRESS"),
        ("I was born on 3 March 1984", "3 March 1984", "DATE_OF_BIRTH"),
        ("dob: 12/03/1984", "12/03/1984", "DATE_OF_BIRTH"),
        ("call (555)010-2823 tonight", "(555)010-2823", "PHONE_NUMBER"),
        ("+44 20 7946 0018 is mine", "+44 20 7946 0018", "PHONE_NUMBER"),
        ("answering at 516 466 638", "516 466 638", "PHONE_NUMBER"),
        ("4111.1111.1111.1111 is it", "4111.1111.1111.1111", "CREDIT_CARD"),
        ("ssn 078.05.1120", "078.05.1120", "US_SSN"),
        ("from 10[.]0[.]0[.]7", "10[.]0[.]0[.]7", "IP_ADDRESS"),
    ],
)
def test_a_rule_takes_the_private_part_and_no_more(text, private, kind):
    assert (private, kind) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "how I feel.In the end it passed",
        "my mom.Is that fair",
        "import numpy as np; x.append(3)",
        "in 2023 2024 and 2025 I moved",
        "on 2024-03-01 at 10:45",
        "a 1920x1080 screen, 16GB and 500mg",
        "covid19 and gpt4 and windows11",
        "use sha256 or utf8 or base64",
        "color #ff00aa11",
        "3.14159265358979 is pi",
        "in order to be happy",
        "I pass the test and keep the key point in mind",
        "the code is beautiful",
        "five people at home",
        "10 great ways to go on the road",
        "version 2.10.3 of it",
        "it costs $1,200,000 or 1,000,000,000",
        "born in a small town",
        "a 50/50 chance, 24/7",
    ],
)
def test_false_friends_are_left_alone(text):
    assert found(text) == set()


@pytest.mark.parametrize(
    "shape", ["1", "1 ", "1-", "a@", "a.", "a1", "@a", "1x", "my id 1 ", "pass ", "1 a ", "www.", "(1", "key=", "/1"]
)
def test_no_shape_makes_a_rule_crawl(shape):
    # A pattern that reads to the end from every place would need some ten thousand million steps here.
    text = shape * (100_000 // len(shape))

    assert all(0 <= span.start < span.end <= len(text) for span in find_identifiers(text))


def test_every_hint_is_lower_case_because_it_is_sought_in_lower_case():
    assert all(hint == hint.lower() for rule in RULES for hint in rule.hint)
