"""Raw turns in, masked turns out: the only door between people's words and everything that is kept."""

from collections.abc import Iterator, Sequence

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import CleanTurns, Conversations, Glanced, Records
from guidance_atlas.errors import AtlasError
from guidance_atlas.ports import PiiFinder, Replacer, Span
from guidance_atlas.stages.scrub.flood import thin
from guidance_atlas.stages.scrub.leaks import mask_leaks, refuse_leaks
from guidance_atlas.stages.scrub.normalise import normalise
from guidance_atlas.stages.scrub.numbering import Names, Numbering
from guidance_atlas.stages.scrub.spans import PLACEHOLDER, REDACTED, settle
from guidance_atlas.stages.scrub.words import lexicon


def scrub(
    records: dy.DataFrame[Records],
    conversations: dy.DataFrame[Conversations],
    glanced: dy.DataFrame[Glanced],
    *,
    finder: PiiFinder,
    replacer: Replacer,
) -> dy.DataFrame[CleanTurns]:
    """One row per turn of each conversation that glance kept, everything found private replaced by a placeholder.

    A thing bears the same number throughout its conversation, in user and assistant turns alike, and a person once
    named is masked wherever the name or a part of it returns. A turn that the finder cannot read becomes <REDACTED> as
    a whole, and counts as one masked span.

    Raises:
        LeakError: masked text still looks private; carries ids and counts.
    """
    kept = (
        conversations.filter(pl.col("outcome").cast(pl.String) == "kept")
        .join(glanced.filter("kept"), on="conversation_id", how="semi")
        .select("record", "conversation_id")
        .join(records.select("record", "turns"), on="record")
        .sort("conversation_id")
    )
    talks = [[turn["text"] for turn in turns] for turns in kept["turns"]]
    masked = mask_conversations(talks, finder=finder, replacer=replacer)
    rows = kept.select(
        "conversation_id", role=pl.col("turns").list.eval(pl.element().struct.field("role"))
    ).with_columns(
        turn=pl.int_ranges(pl.col("role").list.len()),
        text=pl.Series([[text for text, _ in turns] for turns in masked], dtype=pl.List(pl.String)),
        n_masked=pl.Series([[count for _, count in turns] for turns in masked], dtype=pl.List(pl.UInt32)),
    )
    clean = rows.explode("role", "turn", "text", "n_masked").select(CleanTurns.column_names())
    return refuse_leaks(CleanTurns.validate(clean, cast=True))


def mask_conversations(
    talks: Sequence[Sequence[str]], *, finder: PiiFinder, replacer: Replacer
) -> list[list[tuple[str, int]]]:
    """Masked text and number of masked spans of each turn of each conversation."""
    plain = [[normalise(text) for text in turns] for turns in talks]
    thinned = [thin(turns, lexicon()) for turns in plain]
    answers = iter(_find([left for turns in thinned for left, _ in turns], finder))
    found = [[_both(floods, next(answers)) for _, floods in turns] for turns in thinned]
    return [_mask_one(turns, spans, replacer) for turns, spans in zip(plain, found, strict=True)]


def _both(floods: list[Span], spans: list[Span] | None) -> list[Span] | None:
    return None if spans is None else [*floods, *spans]


def _find(texts: list[str], finder: PiiFinder) -> list[list[Span] | None]:
    """Spans of each text; None where the finder failed on it. The failure may quote words: it is not kept."""
    try:
        return list(finder.find(texts))
    except AtlasError:  # a setting that asks for what is not there; it carries no words
        raise
    except Exception:  # a finder may fail in any way on hostile text; the text must not get through because of it
        return [_find_one(text, finder) for text in texts]


def _find_one(text: str, finder: PiiFinder) -> list[Span] | None:
    try:
        return finder.find([text])[0]
    except Exception:
        return None


def _mask_one(texts: Sequence[str], found: Sequence[list[Span] | None], replacer: Replacer) -> list[tuple[str, int]]:
    names, numbers = Names(lexicon()), Numbering()
    for text, spans in zip(texts, found, strict=True):
        names.learn(text, spans or [])
    return [
        (REDACTED, 1) if spans is None else _mask_turn(text, [*spans, *names.again(text, spans)], numbers, replacer)
        for text, spans in zip(texts, found, strict=True)
    ]


def _mask_turn(text: str, spans: list[Span], numbers: Numbering, replacer: Replacer) -> tuple[str, int]:
    settled = settle(spans, text)
    masked, leaks = mask_leaks(replacer.replace(text, list(_labels(text, settled, numbers))))
    return masked, len(settled) + leaks


def _labels(text: str, settled: list[Span], numbers: Numbering) -> Iterator[tuple[int, int, str]]:
    """Found things and the text's own placeholders in order of place, so that numbers follow the order of reading."""
    things = [(span.start, span.end, span.kind) for span in settled]
    if "<" in text:
        things += [(match.start(), match.end(), match[1]) for match in PLACEHOLDER.finditer(text)]
    for start, end, kind in sorted(things):
        yield start, end, REDACTED if kind == "REDACTED" else numbers.label(kind, text[start:end])
