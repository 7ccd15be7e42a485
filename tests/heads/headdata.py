"""Builders for the tests of heads: conversations of a data folder, heads that read a vector's numbers, small files."""

import gzip
import json

import numpy as np

from guidance_atlas.heads import material
from guidance_atlas.heads.candor import CandorHead
from guidance_atlas.heads.data import Item
from guidance_atlas.heads.drift import DriftHead
from guidance_atlas.heads.glance import BITS, GlanceHead
from guidance_atlas.heads.labels import LabelsHead
from guidance_atlas.heads.linear import Linear
from guidance_atlas.heads.opened import Heads
from guidance_atlas.heads.pushback import PushbackHead
from guidance_atlas.heads.screen import ScreenHead
from guidance_atlas.heads.train_turns import ReadTalk
from guidance_atlas.vocab import CRITERIA, DOMAINS, DRIFT, PUSHBACK, STAKES, SUPPORT

FILES = (
    "gate_train",
    "gate_dev",
    "candor_train",
    "candor_dev",
    "chats",
    "weak_domains",
    "weak_negatives",
    "weak_candor",
)
SURE = 8.0


def item(ident, *said, labels=None, source="a", **facts):
    """A conversation in which the user speaks first and both take turns."""
    turns = tuple((("user", "assistant")[at % 2], text) for at, text in enumerate(said))
    return Item(ident, source, turns, labels or {}, facts)


def row_of(one):
    """The row of an item in a file of the development data."""
    messages = [{"role": role, "content": text} for role, text in one.messages]
    return {"id": one.id, "source": one.source, "messages": messages, "labels": one.labels, **one.facts}


def write_data(folder, **files):
    """A folder of development data; files that are not given are empty."""
    for name in FILES:
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row_of(one)) + "\n" for one in files.get(name, ()))
    return folder


def use_texts(patch, **files):
    """Put these rows in the place of the texts and labels that come with the package."""
    patch.setattr(material, "own_rows", lambda name: files.get(name, []))


def _pick(n_numbers, first, n_columns):
    """A layer whose scores are the numbers of a vector from `first` on."""
    weight = np.zeros((n_numbers, n_columns), dtype=np.float32)
    weight[first + np.arange(n_columns), np.arange(n_columns)] = 1
    return Linear(weight, np.zeros(n_columns, dtype=np.float32))


ASK = 1 + len(DOMAINS) + len(STAKES) + len(SUPPORT)
TURN = 1 + len(PUSHBACK) + 1 + len(CRITERIA) + len(DRIFT)


def reading_heads():
    """Heads that say what a vector's numbers tell them to: see `ask_vector` and `turn_vector`."""
    return Heads(
        glance=GlanceHead(np.zeros(1 << BITS, dtype=np.float32), 1.0, 0.0, "glance-1"),
        screen=ScreenHead(_pick(ASK, 0, 1), 0.5, 0.25, 0.75, "screen-1"),
        labels=LabelsHead(
            _pick(ASK, 1, len(DOMAINS)),
            _pick(ASK, 1 + len(DOMAINS), len(STAKES)),
            _pick(ASK, ASK - len(SUPPORT), len(SUPPORT)),
            0.5,
            (0.5, 1.5),
            np.full(len(SUPPORT), 0.5),
            "labels-1",
        ),
        pushback=PushbackHead(_pick(TURN, 0, 1), _pick(TURN, 1, len(PUSHBACK)), 0.5, "pushback-1"),
        candor=CandorHead(
            _pick(TURN, 1 + len(PUSHBACK), 1),
            _pick(TURN, 2 + len(PUSHBACK), len(CRITERIA)),
            np.array([1.0, 5.0]),
            np.array([1.0, 5.0]),
            0.5,
            "candor-1",
        ),
        drift=DriftHead(_pick(TURN, TURN - len(DRIFT), len(DRIFT)), np.full(len(DRIFT), 0.5), "drift-1"),
    )


def ask_vector(*, guidance=True, domain=None, domain_2=None, stakes=None, support=()):
    """What a conversation's vector must be for `reading_heads` to say this."""
    domains = [SURE * (name == domain) + (SURE - 0.1) * (name == domain_2) for name in DOMAINS]
    levels = [SURE * (name == stakes) for name in STAKES]
    return np.array(
        [SURE if guidance else -SURE, *domains, *levels, *(SURE if kind in support else -SURE for kind in SUPPORT)],
        dtype=np.float32,
    )


def turn_vector(*, kind=None, candor=3.0, criteria=(), drift=()):
    """What a turn's vector must be for `reading_heads` to say this."""
    kinds = [SURE * (name == kind) for name in PUSHBACK]
    errors = [SURE if name in drift else -SURE for name in DRIFT]
    told = [*criteria, *[3.0] * (len(CRITERIA) - len(criteria))]
    return np.array([SURE if kind else -SURE, *kinds, candor, *told, *errors], dtype=np.float32)


def read_talk(*, answers=(), reactions=(), labels=None):
    """A conversation whose turns that can be judged have these vectors."""
    turns = [("user", "hm")]
    found = ReadTalk(item("t:1", "hm", labels=labels), {}, {})
    for side, role, vectors in ((found.answers, "assistant", answers), (found.reactions, "user", reactions)):
        for vector in vectors:
            side[len(turns)] = vector
            turns.append((role, "hm"))
    return found
