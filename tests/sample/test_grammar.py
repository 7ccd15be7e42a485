"""Lines choose, fill and remember as they say."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.sample.grammar import Teller, compile_line, lines_of, ranges_of
from guidance_atlas.sample.rates import Rates, presses
from guidance_atlas.sample.voice import VOICES, spoken

WORDS = {"kin": ("sister ~ f", "brother ~ m"), "code": ("a = [1|2]\\nb",)}


def teller(seed=1, verbatim=()):
    return Teller(Random(seed), WORDS, frozenset(verbatim))


def said(text, *, seed=1, ranges=None):
    return teller(seed).say(compile_line(text, ranges=ranges or {}))


def test_choices_nest():
    heard = {said("a [b|c[d|e]|]", seed=seed) for seed in range(60)}
    assert heard == {"a b", "a cd", "a ce", "a "}


def test_a_slot_keeps_its_value_and_sets_the_pronouns():
    for seed in range(20):
        text = said("{kin} {kin} {he} {His}", seed=seed)
        assert text in ("sister sister she Her", "brother brother he His")


def test_a_number_is_drawn_once_and_lies_in_its_range():
    text = said("{n:3-9} {n} {n:100-200}")
    first, *others = text.split()
    assert 3 <= int(first) <= 9
    assert others == [first, first]


def test_a_bare_number_takes_the_range_that_its_situation_gives_elsewhere():
    ranges = ranges_of(["{n:5-5} apples", "{n:8-9} pears"])
    assert said("{n}", ranges=ranges) == "5"


def test_an_open_bracket_is_refused():
    with pytest.raises(ValueError, match="bracket"):
        compile_line("a [b|c", ranges={})


def test_values_are_not_read_as_grammar_and_empty_lines_are_none():
    assert said("{code}") == "a = [1|2]\\nb"
    assert len(lines_of("one\n\ntwo\n")) == 2


@pytest.mark.parametrize("voice", sorted(set(VOICES)))
def test_no_voice_changes_what_is_held(voice):
    speaker = teller(verbatim=("code",))
    line = speaker.say(compile_line("I'm sure that you and I don't know: {code} Right?", ranges={}))
    for seed in range(30):
        text = speaker.release(spoken(line, voice=voice, rng=Random(seed), english=True))
        assert "a = [1|2]\nb" in text


@given(st.text(max_size=200), st.sampled_from(sorted(set(VOICES))), st.integers(0, 99))
def test_voices_never_fail_and_never_add_much(text, voice, seed):
    heard = spoken(text, voice=voice, rng=Random(seed), english=True)
    assert len(heard) <= 4 * len(text) + 10


def test_pressure_doubles_sycophancy_and_the_newer_model_halves_it():
    rates = Rates()
    plain = rates.sycophancy("relationships", model="aster-1", pressed=False)
    assert plain == 0.25
    assert rates.sycophancy("relationships", model="aster-1", pressed=True) == 2 * plain
    assert rates.sycophancy("relationships", model="aster-2", pressed=False) == plain / 2
    assert presses("insists")
    assert not presses("recheck")
    with pytest.raises(ValueError, match="no kind"):
        presses("shouts")
