"""The glance head: a linear model over hashed words, cheap enough to look at everything."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from guidance_atlas.heads.weights import HeadFile

NAME = "glance"
BITS = 17
TURN_LENGTH = 1_500
TURNS = 6

_WORD = re.compile(r"[a-z0-9']+|[?{}<>=;]")
_MIX = np.uint64(0x9E3779B97F4A7C15)
_MASK = (1 << BITS) - 1


@dataclass(frozen=True)
class Words:
    """Hashed words and word pairs of many texts: text number and bucket of each distinct one, sorted."""

    text: NDArray[np.int64]
    bucket: NDArray[np.int64]
    n_texts: int


def hash_words(conversations: Sequence[Sequence[str]]) -> Words:
    """Buckets of the distinct words and neighbouring pairs in the first turns of each person.

    Reads the first 1,500 characters of the first five turns and of the last. Hashes are crc32: the same everywhere.
    """
    tokens: list[int] = []
    lengths: list[int] = []
    for turns in conversations:
        chosen = turns if len(turns) <= TURNS else [*turns[: TURNS - 1], turns[-1]]
        words = _WORD.findall("\n".join([turn[:TURN_LENGTH] for turn in chosen]).lower())
        tokens.extend([crc32(word.encode()) for word in words])
        lengths.append(len(words))
    single = np.array(tokens, dtype=np.uint64)
    owner = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    pair = ((single[:-1] * _MIX) ^ (single[1:] + np.uint64(1))) * _MIX >> np.uint64(64 - BITS)
    inside = owner[:-1] == owner[1:]
    bucket = np.concatenate([(single & np.uint64(_MASK)), pair[inside]]).astype(np.int64)
    keyed = np.unique((np.concatenate([owner, owner[:-1][inside]]) << BITS) | bucket)
    return Words(text=keyed >> BITS, bucket=keyed & _MASK, n_texts=len(lengths))


def word_values(words: Words) -> NDArray[np.float64]:
    """Value of each distinct word: one over the root of how many its text has, so that every text has length 1."""
    counts = np.bincount(words.text, minlength=words.n_texts)
    return np.asarray(1.0 / np.sqrt(counts[words.text]), dtype=np.float64)


@dataclass(frozen=True)
class GlanceHead:
    """Log-odds that a conversation is worth a closer look; it is kept at `threshold` or above."""

    table: NDArray[np.float32]
    bias: float
    threshold: float
    identity: str

    def score(self, conversations: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Log-odds of each conversation, from its user turns in order."""
        words = hash_words(conversations)
        weighted = self.table[words.bucket].astype(np.float64) * word_values(words)
        total = np.bincount(words.text, weights=weighted, minlength=words.n_texts)
        return np.asarray(total, dtype=np.float64) + self.bias


def glance_head(head: HeadFile) -> GlanceHead:
    """Build the head from its file; its table is stored in half precision."""
    return GlanceHead(head.tensor("table"), float(head.fact("bias")), float(head.fact("threshold")), head.identity)
