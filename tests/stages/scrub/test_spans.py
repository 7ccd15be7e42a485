"""Settling spans: nothing found is left uncovered, nothing is masked twice, placeholders stay whole."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from guidance_atlas.ports import Span
from guidance_atlas.stages.scrub.spans import PLACEHOLDER, settle, splice

TEXT = "one <PERSON_1> two  three\nfour <EMAIL_ADDRESS_12> five <REDACTED> six <SCRIPT_1> end"
spans = st.lists(
    st.builds(Span, st.integers(-3, 90), st.integers(-3, 90), st.sampled_from(["PERSON", "ID"]), st.floats(0, 1)),
    max_size=12,
)


def covered(found):
    return {at for span in found for at in range(max(0, span.start), min(len(TEXT), span.end))}


@given(spans)
def test_exactly_what_was_found_outside_placeholders_and_blanks_is_covered(found):
    fixed = {at for match in PLACEHOLDER.finditer(TEXT) for at in range(*match.span())}
    blank = {at for at, c in enumerate(TEXT) if c.isspace()}

    settled = settle(found, TEXT)

    assert covered(settled) - blank == covered(found) - fixed - blank


@given(spans)
def test_settled_spans_come_in_order_and_apart(found):
    settled = settle(found, TEXT)

    assert all(a.end <= b.start for a, b in pairwise(settled))
    assert all(0 <= span.start < span.end <= len(TEXT) for span in settled)


def test_the_longest_of_overlapping_spans_names_the_kind():
    found = [Span(0, 4, "PERSON", 0.99), Span(2, 20, "EMAIL_ADDRESS", 0.5), Span(18, 22, "ID", 0.9)]

    assert settle(found, "x" * 30) == [Span(0, 22, "EMAIL_ADDRESS", 0.5)]


def test_of_equally_long_spans_the_surest_names_the_kind():
    assert settle([Span(0, 4, "A", 0.4), Span(0, 4, "B", 0.8)], "xxxx") == [Span(0, 4, "B", 0.8)]


def test_angle_brackets_of_no_kind_of_ours_hide_nothing():
    start = TEXT.index("<SCRIPT_1>")

    assert settle([Span(start, start + 10, "ID", 0.5)], TEXT) == [Span(start, start + 10, "ID", 0.5)]


def test_splicing_agrees_with_presidios_own_anonymizer():
    from presidio_anonymizer import AnonymizerEngine
    from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

    text = "Tanya wrote to jo@example.org from Paris"
    found = [Span(0, 5, "PERSON", 0.9), Span(15, 29, "EMAIL_ADDRESS", 1.0), Span(35, 40, "LOCATION", 0.8)]

    theirs = AnonymizerEngine().anonymize(
        text=text,
        analyzer_results=[RecognizerResult(s.kind, s.start, s.end, s.score) for s in found],
        operators={s.kind: OperatorConfig("replace", {"new_value": f"<{s.kind}_1>"}) for s in found},
    )

    assert splice(text, [(s.start, s.end, f"<{s.kind}_1>") for s in settle(found, text)]) == theirs.text
