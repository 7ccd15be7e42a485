"""Written chats: spans lie where names are, half is in lower case, and many names stand in no list."""

from guidance_atlas.heads.name_rows import PERSON, PLACE
from guidance_atlas.heads.name_templates import written_chats
from guidance_atlas.stages.scrub.words import Kind, lexicon

TOLD = list(written_chats(600, seed=3))


def test_the_same_seed_writes_the_same():
    assert list(written_chats(50, seed=3)) == TOLD[:50]
    assert list(written_chats(50, seed=4)) != TOLD[:50]


def test_spans_are_whole_words_with_a_capital_wherever_the_text_has_any():
    for told in TOLD:
        for start, end, label in told.spans:
            shown = told.text[start:end]
            assert shown == shown.strip()
            assert label in (PERSON, PLACE)
            assert not told.text[end : end + 1].isalpha()
            assert shown[0].isupper() or told.text == told.text.lower()


def test_about_half_is_in_lower_case_and_some_say_no_name():
    small = sum(told.text == told.text.lower() for told in TOLD)

    assert 0.35 < small / len(TOLD) < 0.8
    assert any(not told.spans for told in TOLD)


def test_many_names_stand_in_no_list():
    kinds = [lexicon().word(told.text[a:b].split()[0]).kind for told in TOLD for a, b, label in told.spans]

    assert 0.2 < sum(kind in (Kind.UNKNOWN, Kind.RARE, Kind.COMMON) for kind in kinds) / len(kinds) < 0.7
