"""What is private is planted word for word, belongs to nobody, and is all that the truth repeats."""

import re
from random import Random

import pytest

from guidance_atlas.sample.private import KINDS, TEST_CARDS, iban, particulars
from guidance_atlas.sample.wording import wording

ID = re.compile(r"[a-z0-9_.:/#-]{0,32}", re.IGNORECASE)


def luhn(digits):
    doubled = [int(d) if i % 2 == 0 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def test_every_planted_string_stands_in_a_turn_of_its_person(told):
    planted = [(text, each) for each in told for text in each.truth["pii"]]
    assert len(planted) > 500
    assert all(text in each.said for text, each in planted)


def test_apart_from_planted_strings_the_truth_holds_only_short_words(truths):
    for truth in truths:
        rest = [v for key, v in truth.items() if key != "pii" and isinstance(v, str)] + truth["support"]
        rest += [event["kind"] for event in truth["pushback"]]
        assert all(ID.fullmatch(text) for text in rest)


def test_every_kind_is_planted(told):
    texts = " | ".join(text for each in told for text in each.truth["pii"])
    for pattern in (r"@\w+\.|@example", r"555.01\d\d|07700 900", r"\d+ [A-Z].+, ", r"ORD-\d|#\d{6}", r"4242|4111|5555"):
        assert re.search(pattern, texts)


@pytest.mark.parametrize("card", TEST_CARDS)
def test_cards_pass_the_luhn_check(card):
    assert luhn(card)


def test_ibans_have_right_check_digits():
    for seed in range(50):
        made = iban(Random(seed))
        assert int("".join(str(int(c, 36)) for c in made[4:] + made[:4])) % 97 == 1


@pytest.mark.parametrize("kind", KINDS)
def test_hasty_people_write_names_small(kind):
    found = particulars(kind, wording().private, rng=Random(1), lower=True)
    assert found
    assert kind != "name" or all(text == text.lower() for text in found.values())


def test_mail_addresses_stay_in_reserved_domains(told):
    addresses = [t for each in told for t in each.truth["pii"] if "@" in t]
    assert addresses
    assert all(re.search(r"[@.]example\.(com|org|net)$", address) for address in addresses)
