"""What does masking let through? Names and numbers of our own are planted in invented sentences, and looked for."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from random import Random
from typing import Any, NamedTuple

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import ResidualLeaks
from guidance_atlas.intervals import with_share
from guidance_atlas.ports import PiiFinder, Replacer
from guidance_atlas.sample.private import KINDS, particulars
from guidance_atlas.stages.scrub.mask import mask_conversations
from guidance_atlas.vocab import ALL

SEED = 20
N_IDENTIFIERS = 60  # of each kind
ROUNDS = 2  # each given name is planted so often, with another family name
LEAST_LETTERS = {"name": 2, "lower": 2, "first": 2}  # of a word whose being left is a leak; elsewhere:
LEAST_LETTERS_ELSE = 4
_WORD = re.compile(r"\w+")


class Planted(NamedTuple):
    """One sentence, and the thing in it that must not come out."""

    locale: str
    kind: str
    thing: str
    text: str


def probe(*, planted: Sequence[Planted], finder: PiiFinder, replacer: Replacer) -> dy.DataFrame[ResidualLeaks]:
    """Plant the same names and identifiers in every run, mask them as the run masks, count what is left.

    Each stands in a conversation of one turn. It counts as leaked when any of its words is left: of a name every word
    of two letters, of an identifier every piece of four letters or digits. Kinds name (with capitals), lower (small)
    and first (given name alone) are told per locale, identifiers and sums under the locale "all". The sentences are
    ours and plain: people write in more ways, so this is what is let through at the least.
    """
    masked = mask_conversations([[one.text] for one in planted], finder=finder, replacer=replacer)
    left = [_is_left(one, text) for one, ((text, _),) in zip(planted, masked, strict=True)]
    each = pl.DataFrame(
        {"locale": [one.locale for one in planted], "kind": [one.kind for one in planted], "left": left}
    )
    of_names = each.filter(pl.col("locale") != ALL).with_columns(locale=pl.lit(ALL))
    sums = each.with_columns(locale=pl.lit(ALL), kind=pl.lit(ALL))
    counted = (
        pl.concat([each, of_names, sums])
        .group_by("locale", "kind")
        .agg(numerator=pl.col("left").sum(), denominator=pl.len())
    )
    told = with_share(counted).rename({"numerator": "n_leaked", "denominator": "n_planted"})
    return ResidualLeaks.validate(told.select(ResidualLeaks.column_names()).sort("locale", "kind"), cast=True)


def planted() -> tuple[Planted, ...]:
    """Everything that is planted, the same in every run: names by locale, then identifiers."""
    told = tomllib.loads(files("guidance_atlas.wording").joinpath("planted.toml").read_text(encoding="utf-8"))
    sentences, things = told["sentences"], list[Planted]()
    for locale, names in told["names"].items():
        things += _of_names(locale, names["given"].split(), names["family"].split(), sentences)
    return (*things, *_of_identifiers(sentences))


def _of_names(
    locale: str, given: Sequence[str], family: Sequence[str], sentences: Mapping[str, Sequence[str]]
) -> Iterator[Planted]:
    for i in range(ROUNDS * len(given)):
        first, last = given[i % len(given)], family[(i + i // len(given) * 7) % len(family)]
        full = f"{first} {last}"
        for kind, thing in (("name", full), ("lower", full.lower()), ("first", first)):
            if kind != "first" or i < len(given):
                yield Planted(locale, kind, thing, sentences[kind][i % len(sentences[kind])].format(name=thing))


def _of_identifiers(sentences: Mapping[str, Sequence[str]]) -> Iterator[Planted]:
    rng = Random(SEED)  # noqa: S311 - the same ones in every run
    words: Mapping[str, Any] = tomllib.loads(
        files("guidance_atlas.sample").joinpath("data/private.toml").read_text(encoding="utf-8")
    )
    lists = {name: lines.strip().splitlines() for name, lines in words.items()}
    for kind in KINDS[1:]:
        for i in range(N_IDENTIFIERS):
            (thing,) = particulars(kind, lists, rng=rng, lower=False).values()
            yield Planted(ALL, kind, thing, sentences[kind][i % len(sentences[kind])].format(thing=thing))


def _is_left(one: Planted, masked: str) -> bool:
    least = LEAST_LETTERS.get(one.kind, LEAST_LETTERS_ELSE)
    before, _, after = one.text.partition(one.thing)
    frame = set(_WORD.findall(f"{before} {after}".lower()))
    words = {word for word in _WORD.findall(one.thing.lower()) if len(word) >= least} - frame
    return not words.isdisjoint(_WORD.findall(masked.lower()))
