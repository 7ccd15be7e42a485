"""The second look: what it still catches, what it lets be, and what its error may say."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.contracts import CleanTurns
from guidance_atlas.errors import LeakError
from guidance_atlas.stages.scrub.leaks import find_leaks, mask_leaks, refuse_leaks, second_look


def clean(*texts):
    rows = [
        {"conversation_id": f"c{i}", "turn": 0, "role": "user", "text": text, "n_masked": 0}
        for i, text in enumerate(texts)
    ]
    return CleanTurns.validate(pl.DataFrame(rows), cast=True)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("to jo@example.org now", "to <REDACTED> now"),
        ("4111 1111 1111 1111", "<REDACTED>"),
        ("4111-1111-1111-1111 ok", "<REDACTED> ok"),
        ("DE89 3704 0044 0532 0130 00.", "<REDACTED>."),
        ("ring 555 010 2823 4", "ring <REDACTED>"),
        ("it is 5550102823", "it is <REDACTED>"),
        ("<PERSON_1> and <PHONE_NUMBER_2>", "<PERSON_1> and <PHONE_NUMBER_2>"),
        ("on 2024-03-01 10 people", "on 2024-03-01 10 people"),
        ("3.14159265358979", "3.14159265358979"),
        ("1234567890123456", "1234567890123456"),
        ("GB29 is a road I took", "GB29 is a road I took"),
        ("in 1999, 2000 and 2001", "in 1999, 2000 and 2001"),
        ("<jo@example.org>, ok", "<<REDACTED>>, ok"),
        ("key aB3dE6gH9jK2mN5pQ8sT1vW4 here", "key <REDACTED> here"),
        ("five five five oh one four two five", "<REDACTED>"),
        ("one two three four five six seven eight", "one two three four five six seven eight"),
        ("internationalisation_of_everything_2024", "internationalisation_of_everything_2024"),
        ("@home @ work a@b", "@home @ work a@b"),
    ],
)
def test_what_still_looks_private_is_redacted_and_nothing_else(text, left):
    assert mask_leaks(text)[0] == left


@given(st.text("0123456789 .-@aZ>", max_size=80))
def test_after_redacting_nothing_looks_private(text):
    masked, count = mask_leaks(text)

    assert list(find_leaks(masked)) == []
    assert count == masked.count("<REDACTED>")


def test_clean_turns_pass_unchanged():
    turns = clean("hello <PERSON_1>", "")

    assert refuse_leaks(turns) is turns


def test_a_leak_is_refused_with_ids_and_counts_and_no_words():
    with pytest.raises(LeakError) as refused:
        refuse_leaks(clean("fine", "secret jo@example.org", "ring 5550102823"))

    assert "2 masked turns of 2 conversations" in str(refused.value)
    assert "c1, c2" in str(refused.value)
    assert not any(word in str(refused.value) for word in ("secret", "jo@", "555"))
    assert str(refused.value).count("\n") == 0


def test_a_refusal_names_a_few_conversations_only():
    with pytest.raises(LeakError) as refused:
        refuse_leaks(clean(*["jo@example.org"] * 30))

    assert str(refused.value).count("c") < 20


def test_what_the_second_look_did_is_counted_for_the_report():
    assert second_look(clean("<REDACTED> and <REDACTED>", "fine", "<REDACTED>")) == {
        "turns": 3,
        "touched": 2,
        "stretches": 3,
    }


def test_the_second_look_shares_no_pattern_with_the_recognisers():
    import re

    from guidance_atlas.stages.scrub import leaks
    from guidance_atlas.stages.scrub.rules import RULES

    own = {value.pattern for value in vars(leaks).values() if isinstance(value, re.Pattern)}
    assert own.isdisjoint(rule.pattern.pattern for rule in RULES)


@pytest.mark.parametrize("shape", ["@", "a@", "1 ", "a.a.", "one ", "AB12 ", "aB3"])
def test_no_shape_makes_the_second_look_crawl(shape):
    text = shape * (60_000 // len(shape))

    assert all(0 <= start < end <= len(text) for start, end in find_leaks(text))
