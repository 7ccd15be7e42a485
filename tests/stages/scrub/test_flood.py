"""Floods: what they hide is masked, what is left to read finely is bounded, ordinary text is not touched."""

import random

import pytest

from guidance_atlas.adapters import presidio
from guidance_atlas.adapters.presidio import PresidioFinder
from guidance_atlas.adapters.presidio_anonymizer import PresidioReplacer
from guidance_atlas.stages.scrub.flood import BLOCK, DENSE_TOGETHER, FREE, MOST_STRANGE, thin
from guidance_atlas.stages.scrub.mask import mask_conversations
from guidance_atlas.stages.scrub.normalise import MOST_CHARACTERS
from guidance_atlas.stages.scrub.words import Kind, lexicon

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


STRANGE = "".join(RNG.choices("abcdefghij", k=900_000))


def left_of(text):
    return thin([text], lexicon())[0]


def masked_by_flood(turns):
    """Places of each turn that are taken out, by turn."""
    return [{at for span in spans for at in range(span.start, span.end)} for _, spans in thin(turns, lexicon())]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_is_left_of_a_flood_is_bounded_and_nothing_private_of_it_is_lost(shape):
    text = SHAPES[shape][:MOST_CHARACTERS]

    left, spans = left_of(text)

    assert len(left) == len(text)
    assert len(left.replace(" ", "")) <= (FREE + 1) * BLOCK + len(text) // 100
    taken = {at for span in spans for at in range(span.start, span.end)}
    assert all(left[at] == text[at] or at in taken for at in range(len(text)))
    assert all(left[at] == " " for at in taken)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [BLOCK // 2, BLOCK, (FREE + 1) * BLOCK])
def test_cutting_a_flood_into_short_turns_lets_no_more_of_it_through(shape, size):
    text = SHAPES[shape][:60_000]
    turns = [f"{n} {text[start : start + size]}" for n, start in enumerate(range(0, len(text), size))]

    read = sum(len(left.replace(" ", "")) for left, _ in thin(turns, lexicon()))

    assert read <= DENSE_TOGETHER + (FREE + 1) * BLOCK + len(text) // 20


@pytest.mark.parametrize("size", [700, 14_000])
def test_strange_words_beyond_the_allowance_are_masked_and_everyday_ones_stay(size):
    words = [STRANGE[at : at + 7] for at in range(0, 7 * 9_000, 7)]
    pages = [" ".join(words[at : at + size // 7]) for at in range(0, 9_000, size // 7)]
    turns = [*pages, "and then I told strangename of it", f"{words[0]} again"]

    thinned = thin(turns, lexicon())

    known = lexicon()
    read = {word for left, _ in thinned for word in left.split() if known.glance(word) is Kind.UNKNOWN}
    assert len(read) <= MOST_STRANGE
    assert thinned[-2][0] == "and then I told             of it"
    assert thinned[-1][0] == turns[-1]


def test_no_part_of_a_word_that_is_masked_as_strange_is_left():
    turns = [" ".join(STRANGE[at : at + 7] for at in range(0, 7 * 9_000, 7)), "see zzyqwvv_12kxq and a@zzyqwvv.com"]

    masked = masked_by_flood(turns)[1]

    assert set(range(4, 17)) <= masked


def test_all_of_a_flood_is_masked_or_read():
    turns = [SHAPES["drawn numbers"][at : at + 1_900] for at in range(0, 60_000, 1_900)]
    seen = []

    class Listening:
        def find(self, texts):
            seen.extend(texts)
            return [[] for _ in texts]

    masked = mask_conversations([turns], finder=Listening(), replacer=PresidioReplacer())

    for turn, left, (shown, _) in zip(turns, seen, masked[0], strict=True):
        assert not any(word in shown for word in turn.split() if word not in left)


def test_recognisers_see_no_more_of_a_longer_flood(monkeypatch):
    seen = []
    monkeypatch.setattr(presidio, "find_identifiers", lambda scan: seen.append(len(scan.runs)) or [])
    finder = PresidioFinder(ner="none", names="lists")

    for size in (10_000, MOST_CHARACTERS):
        mask_conversations([[SHAPES["drawn numbers"][:size]]], finder=finder, replacer=PresidioReplacer())

    assert seen[1] <= seen[0] + 5


def test_ordinary_prose_and_short_conversations_are_left_as_they_are():
    # Different sentences: the same one over and over is a flood.
    words = PROSE.split()
    long = " ".join(RNG.choice(words) for _ in range(5_000))
    short = ["1" * BLOCK * (FREE + 1), "Tanya " * 300, "1/2020 " * 200]

    assert left_of(long) == (long, [])
    assert thin([long[at : at + 500] for at in range(0, len(long), 500)], lexicon())[-1][1] == []
    assert thin(short, lexicon()) == [(text, []) for text in short]


def test_a_flood_before_a_sentence_hides_nothing_of_it():
    text = "1/2020 " * 3_000 + "and my sister tanya has card 4111 1111 1111 1111"

    shown, _ = mask_conversations([[text]], finder=PresidioFinder(ner="none"), replacer=PresidioReplacer())[0][0]

    assert "and my sister <PERSON_1> has card <" in shown
    assert not any(part in shown for part in ("tanya", "4111", "1/2020 " * 300))
