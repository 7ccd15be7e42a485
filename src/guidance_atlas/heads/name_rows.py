"""Reading of the texts that the finder of names learns from and is measured on, each word with what it is."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zlib import crc32

from guidance_atlas.errors import HeadError
from guidance_atlas.stages.scrub.page import Page

NEITHER, PERSON, PLACE, UNTOLD = 0, 1, 2, -1

_LABELS = {
    "person": PERSON, "PER": PERSON, "PERSON": PERSON,
    "location": PLACE, "LOC": PLACE, "LOCATION": PLACE, "GPE": PLACE,
    "STREET_ADDRESS": UNTOLD, "ADDRESS": UNTOLD, "TITLE": UNTOLD, "PREFIX": UNTOLD, "NRP": UNTOLD,
}  # fmt: skip
SET_APART = ("public", "fiction", "generic", "country")
CHECK_SHARE = 8  # one row in so many of the training rows is kept aside for the threshold


@dataclass(frozen=True)
class Told:
    """A text with its spans: (start, end, label); `use` is fit, check, dev or test."""

    text: str
    spans: tuple[tuple[int, int, int], ...]
    use: str
    file: str


def tweets(data: Path) -> Iterator[Told]:
    """BTC tweets by the corpus's recommended split: F is test, the second half of H development, the rest training."""
    for row in read_rows(data, "pii_btc_tweets"):
        section, number = row["section"], int(row["id"].rpartition("_")[2])
        late = section == "h" and number >= 1_000
        use = "test" if section == "f" else "dev" if late else _train_use(row["id"])
        yield _told(row, use, "pii_btc_tweets")


def forum_texts(data: Path) -> Iterator[Told]:
    """WNUT17 by its own split."""
    for row in read_rows(data, "pii_wnut17"):
        name = row["id"].partition(":")[2]
        use = "dev" if name.startswith("emerging.dev") else "test" if name.startswith("emerging.test") else None
        yield _told(row, use or _train_use(row["id"]), "pii_wnut17")


def templates(data: Path) -> Iterator[Told]:
    """Template texts with made-up identities: for fitting only."""
    for row in read_rows(data, "pii_presidio_generated_large"):
        yield _told(row, "fit", "pii_presidio_generated_large")


def for_training(id: str) -> bool:
    """Whether a conversation of `chats` may be read in training; the others are for measuring."""
    return crc32(id.encode()) % 2 == 0


def chats(data: Path, use: str) -> Iterator[list[str]]:
    """Turns of each English conversation of `chats` for one use: fit, check or test. Nobody has marked names there."""
    for row in read_rows(data, "chats"):
        own = _train_use(row["id"]) if for_training(row["id"]) else "test"
        if own == use and row.get("language", "English") == "English":
            yield [turn["content"] for turn in row["messages"]]


def private_chats(data: Path) -> Iterator[Told]:
    """Marked chat turns, only what is private in them: not public, not of a tale, not generic, not a country."""
    for row in read_rows(data, "pii_chat_dev"):
        spans = [span for span in row["spans"] if not any(span.get(flag) for flag in SET_APART)]
        yield _told({**row, "spans": spans}, "dev", "pii_chat_dev")


def read_rows(data: Path, name: str) -> Iterator[dict[str, Any]]:
    """Rows of one file of the development data. Raises HeadError where it is missing or damaged."""
    path = data / f"{name}.jsonl.gz"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            for line in stream:
                yield json.loads(line)
    except EOFError:
        raise HeadError(f"{path.name} is damaged; point --data at a whole copy") from None
    except OSError:
        raise HeadError(f"{path.name} cannot be read in {data}; point --data at the development data") from None
    except ValueError:
        raise HeadError(f"{path.name} is damaged; point --data at a whole copy") from None


def in_lower_case(told: Told) -> Told:
    """The same text without capitals; unchanged where that would move the spans."""
    lower = told.text.lower()
    return replace(told, text=lower) if len(lower) == len(told.text) else told


def truth_of(page: Page, told: Told) -> list[int]:
    """What each word of a text is; UNTOLD for handles, which rules find, and for what is neither clearly."""
    truth = [NEITHER] * len(page.words)
    for start, end, label in told.spans:
        handle = "@" in told.text[max(0, start - 2) : end]
        for i in range(len(page.words)):
            if page.starts[i] < end and start < page.ends[i]:
                truth[i] = UNTOLD if handle else label
    return truth


def _told(row: dict[str, Any], use: str, file: str) -> Told:
    spans = [(s["start"], s["end"], _LABELS.get(s["label"], NEITHER)) for s in row["spans"]]
    return Told(row["text"], tuple(spans), use, file)


def _train_use(id: str) -> str:
    return "check" if crc32(id.encode()) % CHECK_SHARE == 0 else "fit"
