"""A world of five thousand conversations, written once, and its conversations read back from the logs."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from chatlogs import records, turns_of

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
    return read_back(world, truths)


@pytest.fixture(scope="session")
def full_of_guidance(tmp_path_factory) -> list[Told]:
    """A world in which small domains are large enough to count phrases in."""
    world = write_world(tmp_path_factory.mktemp("full"), conversations=8_000, seed=8, guidance_rate=0.5)
    return read_back(world, [json.loads(line) for line in world.truth.read_text().splitlines()])


@pytest.fixture(scope="session")
def guided(told):
    return [each for each in told if each.truth["guidance"] and each.truth["language"] == "en"]


def read_back(world, truths):
    found = {}
    for source in SOURCES:
        for record in records(world.logs / source.file):
            talk_id, turns = turns_of(record)
            if turns:
                found[talk_id] = turns
    return [Told(truth, found[truth["id"]]) for truth in truths if not truth["is_duplicate"]]
