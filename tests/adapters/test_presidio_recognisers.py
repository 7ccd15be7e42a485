"""Stock recognisers on windows: the same answers as Presidio's engine on the whole text, in bounded work."""

import tomllib
from pathlib import Path

import pytest

from guidance_atlas.adapters import presidio_recognisers as adapter
from guidance_atlas.adapters.presidio_recognisers import LEAST_SCORE, MOST_PIECES, WIDEST, Recognisers, plain_words
from guidance_atlas.stages.scrub.harmless import is_harmless
from guidance_atlas.stages.scrub.normalise import normalise
from guidance_atlas.stages.scrub.scan import Scan

RECOGNISERS = Recognisers("en")
FORMS = Path(__file__).parents[2] / "bench" / "data"
# Words between what is private, so that windows have something to leave out.
FILLER = "I do not know what to say about it, she said, and we talked for hours about nothing at all. " * 4


@pytest.fixture(scope="module")
def engine():
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

    registry = RecognizerRegistry(recognizers=RECOGNISERS.stock, supported_languages=["en"])
    return AnalyzerEngine(registry=registry, nlp_engine=plain_words("en"), supported_languages=["en"])


def texts():
    forms = tomllib.loads((FORMS / "obfuscated.toml").read_text(encoding="utf-8"))
    private = [text for tricks in forms.values() for form in tricks.values() for text in form]
    harmless = tomllib.loads((FORMS / "harmless.toml").read_text(encoding="utf-8"))["texts"]
    lines = [normalise(text) for text in (*private, *harmless)]
    return [FILLER.join(lines[i : i + 5]) for i in range(0, len(lines), 5)]


def test_windows_lose_nothing_that_the_engine_finds_in_the_whole_text(engine):
    lost = 0
    for text in texts():
        ours = {(span.start, span.end, span.kind) for span in RECOGNISERS.find(Scan(text))}
        for found in engine.analyze(text, language="en", score_threshold=LEAST_SCORE):
            # Left out on purpose: "::" alone, ten plain letters with a number anywhere after them as an Indian PAN, and
            # what is plainly harmless.
            pan = found.entity_type == "IN_PAN" and text[found.start : found.end].isalpha()
            harmless = is_harmless(text, found.start, found.end, found.entity_type)
            if found.end - found.start > 2 and not pan and not harmless:
                covered = any(start <= found.start and found.end <= end for start, end, _ in ours)
                lost += (found.start, found.end, found.entity_type) not in ours and not covered
    assert lost == 0


def test_a_text_without_digits_or_signs_is_shown_to_no_recogniser(monkeypatch):
    shown = []
    monkeypatch.setattr(Recognisers, "_read", lambda self, text, start, end, stock: shown.append((start, end)) or [])

    assert list(Recognisers("en").find(Scan(FILLER))) == []
    assert shown == []


@pytest.mark.parametrize(
    "shape", ["1, 2, 3, 4, 5, 6 7 8 six ", "4111 ", "a@b.c ", "2001:db8:", "1", "AB12cd345678 ", "a.1.2.3.4 "]
)
def test_what_recognisers_are_shown_is_bounded_and_beyond_it_every_number_is_masked(shape, monkeypatch):
    shown = []
    monkeypatch.setattr(Recognisers, "_read", lambda self, text, start, end, stock: shown.append(end - start) or [])
    finder = Recognisers("en")
    text = shape * (60_000 // len(shape))

    spans = list(finder.find(Scan(text)))

    assert len(shown) <= MOST_PIECES * len(finder._by_place)
    assert 0 < max(shown) <= WIDEST
    late = {at for at in range(len(text) // 2, len(text) - WIDEST) if text[at].isdigit()}
    assert late <= {at for span in spans for at in range(span.start, span.end)}


def test_the_places_of_recognisers_name_recognisers_that_exist():
    assert {type(each).__name__ for each in RECOGNISERS.stock} == set(adapter._WHERE)
