"""The glance head: a linear model over hashed words, cheap enough to look at everything."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.weights import HeadFile

NAME = "glance"
BITS = 18
TURN_LENGTH = 1_500
TURNS = 6
MOST_WORDS = 256
EDGE = 12  # words at either end that count once more, as such: there people say what they want

_WORD = re.compile(r"[a-z0-9']+|[?!{}<>=;:.,|\n]")
_BETWEEN = "|"
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MASK = (1 << BITS) - 1
_FIRST, _LAST = np.uint64(1_234_567), np.uint64(424_242)


@dataclass(frozen=True)
class Words:
    """Hashed words of many texts: text number and bucket of each distinct one, sorted."""

    text: NDArray[np.int64]
    bucket: NDArray[np.int64]
    n_texts: int


class _Hashes(dict[str, int]):
    """crc32 of each word, the same everywhere. Lives as long as one call, since it holds words."""

    def __missing__(self, word: str) -> int:
        self[word] = told = crc32(word.encode())
        return told


def hash_words(conversations: Sequence[Sequence[str]]) -> Words:
    """Buckets of the distinct words, neighbouring pairs, and words at either end of what each person said.

    Reads the first 1,500 characters of the first five turns and of the last; of more than 256 words those at the
    beginning and at the end.
    """
    hashes = _Hashes().__getitem__
    told = [list(map(hashes, _words(turns))) for turns in conversations]
    lengths = np.array([len(one) for one in told], dtype=np.int64)
    single = np.array(list(chain.from_iterable(told)), dtype=np.uint64)
    owner = np.repeat(np.arange(len(told), dtype=np.int64), lengths)
    place = np.arange(len(single)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    inside = np.flatnonzero(owner[:-1] == owner[1:])
    first, last = np.flatnonzero(place < EDGE), np.flatnonzero(lengths[owner] - place <= EDGE)
    kinds = (
        (owner, single & np.uint64(_MASK)),
        (owner[inside], _mixed(single[inside], single[inside + 1])),
        (owner[first], _mixed(single[first] ^ _FIRST, single[first])),
        (owner[last], _mixed(single[last] ^ _LAST, single[last])),
    )
    keyed = np.unique(np.concatenate([(texts << BITS) | buckets.astype(np.int64) for texts, buckets in kinds]))
    return Words(text=keyed >> BITS, bucket=keyed & _MASK, n_texts=len(told))


def _words(turns: Sequence[str]) -> list[str]:
    chosen = turns if len(turns) <= TURNS else [*turns[: TURNS - 1], turns[-1]]
    words: list[str] = _WORD.findall(_BETWEEN.join([turn[:TURN_LENGTH] for turn in chosen]).lower())
    half = MOST_WORDS // 2
    return words if len(words) <= MOST_WORDS else words[:half] + words[-half:]


def _mixed(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A bucket for each pair of hashes, by multiplication (Knuth, TAOCP 3, 6.4); the order within a pair counts."""
    return ((one * _MIX) ^ (other + np.uint64(1))) * _MIX >> np.uint64(64 - BITS)


def word_values(words: Words) -> NDArray[np.float64]:
    """Value of each distinct word: one over the root of how many its text has, so that every text has length 1."""
    counts = np.bincount(words.text, minlength=words.n_texts)
    return np.asarray(1.0 / np.sqrt(counts[words.text]), dtype=np.float64)


@dataclass(frozen=True)
class GlanceHead:
    """How far a conversation's log-odds lie over the screen's line; it is kept at `threshold`, below it, or above."""

    table: NDArray[np.float32]
    bias: float
    threshold: float
    identity: str

    def score(self, conversations: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Score of each conversation, from its user turns in order: the same bits in any company."""
        words = hash_words(conversations)
        weighted = self.table[words.bucket].astype(np.float64) * word_values(words)
        total = np.bincount(words.text, weights=weighted, minlength=words.n_texts)
        return np.asarray(total, dtype=np.float64) + self.bias


def glance_head(head: HeadFile) -> GlanceHead:
    """Build the head from its file; its table is stored in half precision.

    Raises HeadError where the table is of another size: it was made for other features.
    """
    table = head.tensor("table")
    if table.shape != (1 << BITS,):
        raise HeadError(f"head {head.name!r} was made by another version; run: guidance-atlas train")
    return GlanceHead(table, float(head.fact("bias")), float(head.fact("threshold")), head.identity)
