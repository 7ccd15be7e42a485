"""Reading of the development data: labelled conversations, weak data, and what must be kept out of training."""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guidance_atlas.errors import HeadError

KEY_LENGTH = 300


@dataclass(frozen=True)
class Item:
    """One conversation or post with what is known of it."""

    id: str
    source: str
    messages: tuple[tuple[str, str], ...]
    labels: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> list[str]:
        """What the person said, turn by turn."""
        return [text for role, text in self.messages if role == "user"]

    @property
    def key(self) -> str:
        """The beginning of what the person said, folded: equal for copies of one situation."""
        return " ".join(" ".join(self.said[:1]).lower().split())[:KEY_LENGTH]


def read_items(data: Path, name: str) -> list[Item]:
    """All rows of one file of the development data. Raises HeadError where it is missing or damaged."""
    path = data / f"{name}.jsonl.gz"
    try:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            return [_item(json.loads(line)) for line in stream]
    except OSError:
        raise HeadError(f"{path.name} cannot be read in {data}; point --data at the development data") from None
    except (ValueError, KeyError, TypeError):
        raise HeadError(f"{path.name} is damaged; point --data at a whole copy") from None


def _item(row: dict[str, Any]) -> Item:
    told = row.get("messages") or [{"role": "user", "content": row["text"]}]
    known = {name: value for name, value in row.items() if name not in {"id", "source", "messages", "labels", "text"}}
    return Item(
        id=row["id"],
        source=row["source"],
        messages=tuple((turn["role"], turn["content"]) for turn in told),
        labels=row.get("labels") or {},
        facts=known,
    )


@dataclass(frozen=True)
class Kept:
    """Ids and situations of everything that heads are measured on; training sees none of it."""

    ids: frozenset[str]
    keys: frozenset[str]

    def free(self, items: Iterable[Item]) -> list[Item]:
        """The items that share neither id nor situation with what is kept for measuring."""
        return [item for item in items if item.id not in self.ids and item.key not in self.keys]


def kept_for_measuring(*collections: Sequence[Item]) -> Kept:
    """Gather what must not be trained on."""
    everything = [item for items in collections for item in items]
    return Kept(frozenset(item.id for item in everything), frozenset(item.key for item in everything))
