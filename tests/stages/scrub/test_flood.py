"""Floods: what they hide is masked, what is left to read finely is bounded, ordinary text is not touched."""

import random

import pytest

from guidance_atlas.adapters import presidio
from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.stages.scrub.flood import BLOCK, FREE, thin
from guidance_atlas.stages.scrub.normalise import MOST_CHARACTERS
from guidance_atlas.stages.scrub.words import lexicon

RNG = random.Random(5)
# Each as one turn of the greatest length, so that a megabyte is ten of them; the last two never repeat.
SHAPES = {
    "digits": "1" * MOST_CHARACTERS,
    "signs": "@" * MOST_CHARACTERS,
    "dots": "a." * (MOST_CHARACTERS // 2),
    "years": "1/2020 " * (MOST_CHARACTERS // 7),
    "telephones": "+1 212 555 0142, " * (MOST_CHARACTERS // 17),
    "cued names": "my sister tanya " * (MOST_CHARACTERS // 16),
    "drawn numbers": " ".join(f"+{RNG.randrange(10**11)}" for _ in range(MOST_CHARACTERS // 13)),
    "drawn names": " ".join(RNG.choice(["Tanya", "Boris", "Penny", "maria", "Lagos"]) for _ in range(17_000)),
}
PROSE = "I do not know what to say about it, she said, and we talked for hours, till 11 at night, of Tom. "


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_left_of_a_flood_is_bounded_and_nothing_private_of_it_is_lost(shape):
    text = SHAPES[shape][:MOST_CHARACTERS]

    left, spans = thin(text, lexicon())

    assert len(left) == len(text)
    assert len(left.replace(" ", "")) <= (FREE + 1) * BLOCK + len(text) // 100
    taken = {at for span in spans for at in range(span.start, span.end)}
    assert all(left[at] == text[at] or at in taken for at in range(len(text)))
    assert all(left[at] == " " for at in taken)


def test_recognisers_see_no_more_of_a_longer_flood(monkeypatch):
    seen = []
    monkeypatch.setattr(presidio, "find_identifiers", lambda scan: seen.append(len(scan.runs)) or [])
    finder = PresidioFinder(ner="none", names="lists")

    for size in (10_000, MOST_CHARACTERS):
        finder.find([SHAPES["drawn numbers"][:size]])

    assert seen[1] <= seen[0] + 5


def test_ordinary_prose_and_short_texts_are_left_as_they_are():
    # Different sentences: the same one over and over is a flood.
    words = PROSE.split()
    long = " ".join(RNG.choice(words) for _ in range(5_000))

    assert thin(long, lexicon()) == (long, [])
    assert thin("1" * BLOCK * (FREE + 1), lexicon())[1] == []


def test_a_flood_before_a_sentence_hides_nothing_of_it():
    text = "1/2020 " * 3_000 + "and my sister tanya has card 4111 1111 1111 1111"

    spans = PresidioFinder(ner="none").find([text])[0]

    for private in ("tanya", "4111 1111 1111 1111"):
        start = text.index(private)
        assert any(span.start <= start and start + len(private) <= span.end for span in spans)
