"""Our own recognisers: what each takes, and the false friends it leaves alone."""

import pytest

from guidance_atlas.stages.scrub.rules import RULES, find_identifiers
from guidance_atlas.stages.scrub.scan import Hints, Scan


def found(text):
    return {(text[span.start : span.end], span.kind) for span in find_identifiers(Scan(text))}


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

    assert all(0 <= span.start < span.end <= len(text) for span in find_identifiers(Scan(text)))


def test_every_hint_is_lower_case_because_it_is_sought_in_lower_case():
    hints = [word for rule in RULES if isinstance(rule.where, Hints) for word in rule.where.words]

    assert hints
    assert all(hint == hint.lower() for hint in hints)


@pytest.mark.parametrize(
    "shape", ["1", "1 ", "a@", "a.com ", "www.", "my id 1 ", "pass ", "dot ", "one two ", "AB12", "sk-1", "\n1"]
)
def test_the_letters_that_rules_read_grow_no_faster_than_the_text(shape):
    # Work, not time: what all patterns together are given, a letter at a time.
    def read(n):
        scan = Scan(shape * (n // len(shape)))
        return sum(last - first for rule in RULES for first, last in rule.where.stretches(scan))

    assert read(40_000) <= 2.2 * read(20_000)
    assert read(20_000) <= 20_000 * len(RULES)


# Five that are private and five that are not, for each kind that chats need beyond the stock ones.
PRIVATE = {
    "HANDLE": (
        "insta: joann88x",
        "follow @jo_ann_88",
        "discord is joann#4821",
        "reddit u/joann_88",
        "ig - the.real.joann",
    ),
    "ID": (
        "order number AB-12345",
        "acct 8827-11-2290",
        "case no. 2023-CV-00418",
        "claim #CLM0099817",
        "student id: s1948822",
    ),
    "DATE_OF_BIRTH": (
        "dob 12-03-1984",
        "born 3 March 1984",
        "birthday is March 12th",
        "dob 12031984",
        "birthdate 12.03.84",
    ),
    "STREET_ADDRESS": (
        "I live at 12 Sample Road",
        "P.O. Box 1182",
        "12 rue de la Paix",
        "postcode SW1A 1AA",
        "I live at twelve Sample Road",
    ),
    "SECRET": (
        "my password is hunter2!",
        "pw: s3cr3t_x",
        "key AKIAIOSFODNN7EXAMPLE",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "my password is sunflower",
    ),
    "EMAIL_ADDRESS": (
        "jo at example dot com",
        "jo{at}example{dot}org",
        "jo@\nexample.org",
        "jo&#64;example&#46;org",
        "j o @ e x a m . o r g",
    ),
    "PHONE_NUMBER": (
        "call 212/555/0142",
        "two one two five five five zero one four two",
        "call 2l2-555-Ol42",
        "call 212\n555\n0142",
        "dial double seven triple 5 zero one two three",
    ),
    "IBAN_CODE": (
        "DE 89 3704 0044 0532 0130 00",
        "de89370400440532013000",
        "DE89/3704/0044/0532/0130/00",
        "GB82-WEST-1234-5698-7654-32",
        "d e 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0",
    ),
}
HARMLESS = {
    "HANDLE": ("@media (x)", "@property", "a big line 42", "my snap decision", "and/or u/s"),
    "ID": ("in case of 12 people", "order 3 pizzas", "the file has 20 rows", "covid-19 cases", "RTX-3080"),
    "DATE_OF_BIRTH": ("born to run", "dob", "due on 12-03-1984", "her birth in March was hard", "birthday party at 5"),
    "STREET_ADDRESS": ("10 easy ways", "a two way street", "via 3 steps", "suite of tools", "12 st in line"),
    "SECRET": ("my password is wrong", "the token expired", "a secret key", "pass the test", "my password was changed"),
    "EMAIL_ADDRESS": ("look at the dot at the end", "meet at example.com", "the dot com era", "@ home", "x@y"),
    "PHONE_NUMBER": (
        "one two three four five six seven eight",
        "2 4 8 16 32 64 128",
        "100 200 300",
        "1,000,000",
        "12-10-8-6",
    ),
    "IBAN_CODE": ("DE89370400440532013001", "IT is 2024 1234 5678 9012 34", "ES2024", "GB 82 people", "NO 12 34 56"),
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in PRIVATE.items() for text in texts])
def test_each_kind_takes_its_forms(kind, text):
    assert kind in {found_kind for _, found_kind in found(text)}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in HARMLESS.items() for text in texts])
def test_each_kind_leaves_its_false_friends(kind, text):
    assert kind not in {found_kind for _, found_kind in found(text)}
