"""A world of five thousand conversations, written once, and its conversations read back from the logs."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from guidance_atlas.sample.formats import SOURCES
from guidance_atlas.sample.world import World, write_world


@dataclass(frozen=True)
class Told:
    """One conversation: what is true of it, and its turns as the logs have them."""

    truth: dict[str, Any]
    turns: list[str]

    @property
    def said(self):
        return " ".join(self.turns[::2])


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> World:
    return write_world(tmp_path_factory.mktemp("world"), conversations=5_000, seed=7)


@pytest.fixture(scope="session")
def truths(world):
    return [json.loads(line) for line in world.truth.read_text().splitlines()]


@pytest.fixture(scope="session")
def told(world, truths) -> list[Told]:
    found = {}
    for source in SOURCES:
        for record in records(world.logs / source.file):
            talk_id, turns = turns_of(record)
            if turns:
                found[talk_id] = turns
    return [Told(truth, found[truth["id"]]) for truth in truths if not truth["is_duplicate"]]


@pytest.fixture(scope="session")
def guided(told):
    return [each for each in told if each.truth["guidance"] and each.truth["language"] == "en"]


def records(path: Path):
    """Every record of a file that is JSON at all."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".jsonl" not in path.name:
        return json.loads(text)
    found = []
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def turns_of(record):
    """The id and turns of a record, in whichever format; no turns where it is malformed."""
    if not isinstance(record, dict):
        return None, []
    if "mapping" in record:
        turns, node = [], record["current_node"]
        while node:
            message = record["mapping"][node]["message"]
            turns += [message["content"]["parts"][0]] if message else []
            node = record["mapping"][node]["parent"]
        return record["id"], turns[::-1]
    said = record.get("messages", record.get("chat_messages", record.get("conversations")))
    if not isinstance(said, list):
        return None, []
    texts = [turn.get("content", turn.get("text", turn.get("value"))) for turn in said]
    return record.get("id", record.get("uuid")), texts
