"""Names and places without a model: cues, lists, unheard-of words, and the everyday words that only look like names."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.stages.scrub.names import find_names
from guidance_atlas.stages.scrub.words import Kind, lexicon


def found(text, **settings):
    return {(text[span.start : span.end], span.kind) for span in find_names(text, **settings)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("my sister tanya is cross", {"tanya"}),
        ("my bf, Qwarvo, left", {"Qwarvo"}),
        ("a friend named lavender", {"lavender"}),
        ("a file named report", set()),
        ("my name is lavender", {"lavender"}),
        ("My name is zxorba and I am sad", {"zxorba"}),
        ("I'm Sam and I'm tired", {"Sam"}),
        ("iam utkarsh", {"utkarsh"}),
        ("Mr. Hall called", {"Hall"}),
        ("mr hall called", {"hall"}),
        ("Dear Hope,\nthank you", {"Hope"}),
        ("Dear Hiring Manager,\nthank you", set()),
        ("Hi Qwarvo, how are you", {"Qwarvo"}),
        ("hi there, how are you", set()),
        ("I will come.\n\nBest regards,\nErlo", {"Erlo"}),
        ("Thanks for it all.\n-chip", {"chip"}),
        ("I told Donna Lavender about it", {"Donna Lavender"}),
        ("we saw J. Smith there", {"J. Smith"}),
        ("with Mary-Jane O'Connor's dog", {"Mary-Jane O'Connor"}),
        ("I think Will is angry", {"Will"}),
        ("it was Sheila, Penny and Grace", {"Sheila", "Penny", "Grace"}),
        ("a ring with the initials RSK", {"RSK"}),
        ("named Wenxuan Zhou (周文轩) here", {"Wenxuan Zhou", "周文轩"}),
        ("yesterday Brzęczysław shouted at me", {"Brzęczysław"}),
        ("Tanya: I never said that", {"Tanya"}),
        ("меня зовут Анна", set()),
        ("my name is Анна", {"Анна"}),
    ],
)
def test_people_are_found_where_something_speaks_of_them(text, names):
    assert {shown for shown, kind in found(text) if kind == "PERSON"} == names


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("I moved to new york from San Francisco", {"new york", "San Francisco"}),
        ("i live in dobrich, Bulgaria", {"dobrich"}),
        ("I grew up in Xorbavik", {"Xorbavik"}),
        ("near Absecon Island they fish", {"Absecon Island"}),
        ("we met in Paris last year", {"Paris"}),
        ("it is a nice place for reading", set()),
        ("people in Germany and France do", set()),
    ],
)
def test_places_are_found_and_countries_stay(text, places):
    assert {shown for shown, kind in found(text) if kind == "LOCATION"} == places


def test_countries_are_found_on_request():
    assert ("Germany", "LOCATION") in found("people in Germany do", countries=True)


@pytest.mark.parametrize(
    "text",
    [
        "I will go in May or in April 2024 and hope for grace",
        "Will you mark my work? May I rose to the occasion?",
        "I'm Vegetarian. I am happy. I'm so done",
        "My boss is angry and my friend is kind",
        "Tips For Better Sleep And Mindfulness For Busy Parents",
        "ChatGPT and Kubernetes on Monday, in English",
        "I love my mom. God help me",
        "WHY DOES SHE NOT LISTEN TO ME",
        "She said that it's fine, he'd go and they won't",
        "I am procrastinating, overthinking and catastrophizing",
        "```\nclass Foobarix(Bazquux):\n    pass\n```",
        "Therapy helps. Boundaries matter. Communication works.",
    ],
)
def test_everyday_words_are_left_alone(text):
    assert found(text) == set()


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("tanya", Kind.GIVEN),
        ("Petrov", Kind.FAMILY),
        ("hope", Kind.MAYBE),
        ("sadness", Kind.COMMON),
        ("roommates", Kind.COMMON),
        ("I'd", Kind.COMMON),
        ("D'Souza", Kind.FAMILY),
        ("Germany", Kind.COUNTRY),
        ("Chicago", Kind.PLACE),
        ("qwarvo", Kind.UNKNOWN),
        ("zxqvbrtklm", Kind.RARE),
        ("Анна", Kind.FOREIGN),
        ("Fütterer", Kind.UNKNOWN),
    ],
)
def test_the_lexicon_tells_kinds_of_words_apart(word, kind):
    assert lexicon().word(word).kind is kind


@given(st.text("aA bT'.,\n-tanyaMr(周)`", max_size=200))
def test_spans_lie_in_the_text_in_order_and_apart(text):
    spans = sorted(find_names(text), key=lambda span: span.start)

    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))


@pytest.mark.parametrize(
    "cue", ["my sister {}", "My name is {}", "I'm {}", "Dear {},", "with Mr. {} there", "I met {} Petrov"]
)
@given(name=st.from_regex(r"[A-Z][bdfgklmnprstv][aeiou][bdfgklmnprstvz][aeou][xz]", fullmatch=True))
def test_no_unheard_of_name_with_a_cue_is_missed(cue, name):
    text = cue.format(name)

    assert any(name in shown for shown, _ in found(text))


@pytest.mark.parametrize(
    "shape", ["Tanya ", "tanya,", "my sister ", "Mr. ", "A. ", "Aa\n", "thanks\n", "new york ", "``` ", "van Q "]
)
def test_no_shape_makes_the_name_rules_crawl(shape):
    text = shape * (60_000 // len(shape))

    assert all(0 <= span.start < span.end <= len(text) for span in find_names(text))
