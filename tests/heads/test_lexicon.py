"""The lexicons: what counts as mentioned help, and that no text makes them slow."""

import time

import pytest

from guidance_atlas.heads.labels import support_mentioned, topic_words
from guidance_atlas.heads.lexicon import compile_lexicon, read_lexicon
from guidance_atlas.vocab import DOMAINS, SUPPORT


def mentioned(text):
    return {kind for kind, found in support_mentioned([[text]]).items() if found[0]}


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("My best friend told me to leave him.", {"friends"}),
        ("I talked to my mom about it", {"family"}),
        ("my sister thinks I should wait", {"family"}),
        ("I have been seeing a therapist for a year", {"professional"}),
        ("the doctor prescribed me something", {"professional"}),
        ("We went to couples counseling", {"professional"}),
        ("I googled it and got scared", {"digital"}),
        ("I asked ChatGPT already", {"digital"}),
        ("I can't afford to see a therapist", {"no_access"}),
        ("I have no health insurance", {"no_access"}),
        ("My friend is angry with me", set()),
        ("my mother died", set()),
        ("My pastor's wife is lovely", set()),
        ("How do I become a lawyer?", set()),
        ("should I post this on reddit", set()),
    ],
)
def test_help_is_found_where_the_person_mentions_it(text, kinds):
    assert mentioned(text) == kinds


def test_every_kind_of_support_and_every_domain_with_words_has_a_list():
    assert tuple(read_lexicon("support")) == ("friends", "family", "professional", "digital", "no_access")
    assert set(read_lexicon("support")) == set(SUPPORT)
    assert set(topic_words()) == set(DOMAINS) - {"other"}


def test_a_part_in_braces_is_filled_in_and_counts_are_left_alone():
    lexicon = compile_lexicon({"parts": {"who": "(?:cat|dog)"}, "kinds": {"pet": ["my (?:\\w+ ){0,2}{who}"]}})

    assert lexicon["pet"].search("My old grey cat")
    assert not lexicon["pet"].search("my house")


@pytest.mark.parametrize("name", ["support", "stance", "pushback"])
@pytest.mark.parametrize(
    "shape",
    [
        "i " * 6_000,
        "my " * 4_000,
        "a" * 12_000,
        "i have been " * 1_000,
        "you are so " * 1_000,
        "no " * 4_000,
        "read " * 2_000,
    ],
)
def test_hostile_shapes_take_no_time(name, shape):
    began = time.perf_counter()

    for pattern in read_lexicon(name).values():
        pattern.findall(shape)

    assert time.perf_counter() - began < 3
