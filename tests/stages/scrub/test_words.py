"""What is known of a word, at a glance and when looked at closely."""

from importlib.resources import files

import pytest

from guidance_atlas.stages.scrub.words import Kind, lexicon

LISTS = ("given", "family", "ambiguous", "places", "countries", "known")


@pytest.mark.parametrize("name", LISTS)
def test_a_glance_at_a_listed_word_says_what_a_closer_look_says(name):
    text = files("guidance_atlas.wording").joinpath(f"names_{name}.txt").read_text(encoding="utf-8")
    words = [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]
    words = [word for word in words if word.isalpha()]
    assert len(words) > 100

    other = [word for word in words if lexicon().glance(word) != lexicon().word(word).kind]

    assert other == []


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("tanya", Kind.GIVEN),
        ("okonkwo", Kind.FAMILY),
        ("rotterdam", Kind.PLACE),
        ("norway", Kind.COUNTRY),
        ("hope", Kind.MAYBE),
        ("about", Kind.COMMON),
        ("zzyqx", Kind.UNKNOWN),
        ("Привет", Kind.FOREIGN),
    ],
)
def test_each_list_gives_its_own_kind(word, kind):
    assert lexicon().glance(word) is kind
