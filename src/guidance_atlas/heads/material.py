"""What heads are trained from: labelled conversations with their vectors, kept clear of all that is measured on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from guidance_atlas.heads.cards import Source
from guidance_atlas.heads.data import Item, Kept, kept_for_measuring, read_items
from guidance_atlas.heads.text import gist
from guidance_atlas.ports import Encoder, Matrix
from guidance_atlas.vocab import DOMAINS

PER_DOMAIN = 300
NEGATIVES = 2_500
OTHER_LANGUAGES = frozenset({"wildchat_hard_ru"})
SUBREDDIT_DOMAINS = {"personal_finance": "finance"}
TOPIC_DOMAINS = {
    "anxiety": "health_wellness",
    "depression": "health_wellness",
    "trauma": "health_wellness",
    "relationships": "relationships",
    "intimacy": "relationships",
    "family-conflict": "relationships",
    "relationship-dissolution": "relationships",
    "marriage": "relationships",
    "domestic-violence": "relationships",
    "parenting": "parenting",
    "self-esteem": "personal_development",
    "behavioral-change": "personal_development",
    "anger-management": "personal_development",
}
LICENCES = {
    "gate_train": "ODC-BY, MIT, Apache-2.0, PDDL",
    "chats": "ODC-BY, MIT, Apache-2.0, CC-BY",
    "weak_domains": "PDDL, MIT",
    "weak_negatives": "PDDL, MIT",
    "candor_train": "MIT, CC0, MIT-0, Apache-2.0",
    "weak_candor": "MIT, MIT-0, CC0",
    "read": "labels by reading, of conversations in chats",
    "written": "Apache-2.0",
}


@dataclass(frozen=True)
class Texts:
    """Conversations with one vector each of what their person said."""

    name: str
    items: Sequence[Item]
    vectors: Matrix

    @property
    def said(self) -> list[list[str]]:
        """Each person's turns in order."""
        return [item.said for item in self.items]

    @property
    def source(self) -> Source:
        """File, rows and licence, for a card."""
        return Source(file=self.name, n=len(self.items), licence=LICENCES.get(self.name, "see the data's README"))

    def where(self, wanted: Sequence[bool]) -> "Texts":
        """The conversations that are wanted."""
        rows = np.flatnonzero(np.array(wanted, dtype=bool))
        return Texts(self.name, [self.items[int(row)] for row in rows], self.vectors[rows])


@dataclass(frozen=True)
class Material:
    """Everything about single conversations: labelled ones first, then weakly labelled and unlabelled ones."""

    gold: Texts
    read: Texts
    written: Texts
    posts: Texts
    negatives: Texts
    chats: Texts

    @property
    def labelled(self) -> tuple[Texts, Texts, Texts]:
        """The three collections whose labels were given by careful people: gold first, then read, then written."""
        return self.gold, self.read, self.written


def measured_on(data: Path) -> Kept:
    """Ids and situations of all development rows: no head may train on them."""
    return kept_for_measuring(read_items(data, "gate_dev"), read_items(data, "candor_dev"))


def own_rows(name: str) -> list[dict[str, str]]:
    """Rows of a file of labels that comes with the package."""
    text = (resources.files("guidance_atlas.heads") / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def gather(data: Path, *, encoder: Encoder, seed: int) -> Material:
    """Read and encode what the conversation heads are trained from. About 16,000 texts, most of the training's time."""
    kept = measured_on(data)
    gold = kept.free(read_items(data, "gate_train"))
    chats = [item for item in read_items(data, "chats") if item.source not in OTHER_LANGUAGES]
    labels = {row["id"]: {name: value for name, value in row.items() if name != "id"} for row in own_rows("read")}
    read = [Item(item.id, item.source, item.messages, labels[item.id]) for item in chats if item.id in labels]
    known = kept_for_measuring(gold, read)
    written = [
        Item(f"written:{at}", "written", (("user", row.pop("text")),), dict(row))
        for at, row in enumerate(own_rows("written"))
    ]
    draw = np.random.default_rng(seed)

    def encoded(name: str, items: Sequence[Item]) -> Texts:
        return Texts(name, items, encoder.encode([gist(item.said) for item in items]))

    def some(items: Sequence[Item], n: int) -> list[Item]:
        return [items[at] for at in np.sort(draw.permutation(len(items))[:n])]

    posts = [item for item in known.free(kept.free(read_items(data, "weak_domains"))) if weak_domain(item)]
    chosen = [
        item for domain in DOMAINS for item in some([post for post in posts if weak_domain(post) == domain], PER_DOMAIN)
    ]
    negatives = some(known.free(kept.free(read_items(data, "weak_negatives"))), NEGATIVES)
    return Material(
        gold=encoded("gate_train", gold),
        read=encoded("read", kept.free(read)),
        written=encoded("written", written),
        posts=encoded("weak_domains", chosen),
        negatives=encoded("weak_negatives", negatives),
        chats=encoded("chats", known.free(kept.free(chats))),
    )


def weak_domain(item: Item) -> str | None:
    """The domain that a post's forum or a counselling question's topic suggests; None where it suggests none."""
    facts = item.facts
    if "topic" in facts:
        return TOPIC_DOMAINS.get(facts["topic"])
    if not facts.get("has_question") or facts.get("is_update"):
        return None
    suggested = SUBREDDIT_DOMAINS.get(facts["weak_domain"], facts["weak_domain"])
    return suggested if suggested in DOMAINS else None
