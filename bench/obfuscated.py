"""Parts of bench/scrub.py: identifiers in disguise, and harmless look-alikes, beside stock Presidio on the same "
"forms."""

import re
import tomllib
import zlib
from collections import Counter
from pathlib import Path

from guidance_atlas.stages.scrub.leaks import find_leaks
from guidance_atlas.stages.scrub.normalise import normalise
from guidance_atlas.stages.scrub.spans import settle

FOLDER = Path(__file__).resolve().parent / "data"
STOCK_KINDS = ("EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "US_SSN", "IBAN_CODE", "IP_ADDRESS", "URL")
# A form counts as found when this share of its letters and digits is masked.
ENOUGH = 0.75


def forms():
    """(kind, trick, before, private, after) of every form."""
    with (FOLDER / "obfuscated.toml").open("rb") as file:
        for kind, tricks in tomllib.load(file).items():
            for trick, texts in tricks.items():
                for text in texts:
                    yield kind, trick, *re.split("[«»]", text)


def held_out(form):
    """Whether a form belongs to the third that is measured only at the end of the work."""
    return zlib.crc32("".join(form[2:]).encode()) % 3 == 0


def covered(text, start, end, spans):
    """Share of the letters and digits of text[start:end] that lie in a span."""
    marked = {at for span in spans for at in range(max(start, span[0]), min(end, span[1]))}
    places = [at for at in range(start, end) if text[at].isalnum()]
    return sum(at in marked for at in places) / max(1, len(places))


def ours(finder, form):
    """Whether the finder, and whether finder and second look together, cover a form."""
    _, _, before, private, after = form
    text = normalise(before + private + after)
    start, end = len(normalise(before)), len(text) - len(normalise(after))
    spans = [(span.start, span.end) for span in settle(finder.find([text])[0], text)]
    masked = list(text)
    for first, last in spans:
        masked[first:last] = "<" * (last - first)
    both = [*spans, *find_leaks("".join(masked))]
    return covered(text, start, end, spans) >= ENOUGH, covered(text, start, end, both) >= ENOUGH


def theirs(engine, form):
    """Whether stock Presidio covers a form as it was written."""
    _, _, before, private, after = form
    text = before + private + after
    spans = [(found.start, found.end) for found in engine.analyze(text, language="en")]
    return covered(text, len(before), len(before) + len(private), spans) >= ENOUGH


def stock_engine():
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    nlp = SpacyNlpEngine()
    nlp.nlp = {"en": spacy.blank("en")}
    return AnalyzerEngine(nlp_engine=nlp, supported_languages=["en"])


def report(finder, wilson, *, final=False):
    """Print the shares missed by kind; the held-out third only with `final`."""
    engine = stock_engine()
    everything = [form for form in forms() if final or not held_out(form)]
    rows = [(form, *ours(finder, form), theirs(engine, form)) for form in everything]
    _print("stock kinds", [row for row in rows if _is(row, STOCK_KINDS)], wilson)
    for kind in dict.fromkeys(row[0][0] for row in rows):
        _print(kind, [row for row in rows if _is(row, (kind,))], wilson)
    _print("own kinds", [row for row in rows if not _is(row, STOCK_KINDS) and row[0][1] != "encoded"], wilson)
    if final:
        _print("held out, stock", [row for row in rows if _is(row, STOCK_KINDS) and held_out(row[0])], wilson)
        _print("looked at, stock", [row for row in rows if _is(row, STOCK_KINDS) and not held_out(row[0])], wilson)
    _print("encoded (any kind)", [row for row in rows if row[0][1] == "encoded"], wilson)
    with (FOLDER / "harmless.toml").open("rb") as file:
        texts = [normalise(text) for text in tomllib.load(file)["texts"]]
    for name, found in (
        ("ours", [bool(spans) for spans in finder.find(texts)]),
        ("stock Presidio", [bool(engine.analyze(text, language="en")) for text in texts]),
    ):
        print(f"  harmless forms touched, {name:15} {wilson(sum(found), len(found))}")
    return rows


def _is(row, kinds):
    return row[0][0] in kinds and row[0][1] != "encoded"


def _print(title, rows, wilson):
    n = len(rows)
    print(
        f"  {title:20} missed by the finder {wilson(sum(not row[1] for row in rows), n)}, after the second look "
        f"{wilson(sum(not row[2] for row in rows), n)}, by stock Presidio {wilson(sum(not row[3] for row in rows), n)}"
    )


def missed_tricks(rows):
    return Counter((row[0][0], row[0][1]) for row in rows if not row[2])
