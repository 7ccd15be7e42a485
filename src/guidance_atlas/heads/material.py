"""What heads are trained from: labelled conversations, kept clear of all that is measured on, and split by situation.

`fit` rows train, `check` rows choose operating points, calibrate and count errors, and `natural` rows, a twelfth of the
chats drawn by their ids alone, tell how often guidance is asked and missed in the wild. Development rows are in none.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.data import Item, Kept, kept_for_measuring, read_items
from guidance_atlas.vocab import DRIFT

NATURAL_ONE_IN, CHECK_ONE_IN, CHECK_EXCHANGES_ONE_IN = 12, 10, 5
TURNS_READ = 12  # of a conversation whose replies were labelled by reading
OTHER_LANGUAGES = frozenset({"wildchat_hard_ru"})
POOLS = ("chats", "weak_domains", "weak_negatives")
LICENCES = {
    "gate_train": "ODC-BY, MIT, Apache-2.0, PDDL",
    "chats": "ODC-BY, MIT, Apache-2.0, CC-BY",
    "candor_train": "MIT, CC0, MIT-0, Apache-2.0",
    "weak_candor": "MIT, MIT-0, CC0",
    "read_asks": "labels by reading, of conversations in chats, weak_domains and weak_negatives",
    "read_replies": "labels by reading, of conversations in chats and weak_candor",
    "asks": "Apache-2.0",
    "exchanges": "Apache-2.0",
    "talks": "Apache-2.0",
    "pii_btc_tweets": "CC-BY-4.0",
    "pii_wnut17": "CC-BY-4.0",
    "pii_presidio_generated_large": "MIT",
    "written": "Apache-2.0",
}

Use = Literal["fit", "check", "natural"]


@dataclass(frozen=True)
class Labelled:
    """A labelled conversation, the file its labels stand in, and what it is used for."""

    item: Item
    file: str
    use: Use


def measured_on(data: Path) -> Kept:
    """Ids and situations of all development rows: no head may train on them."""
    return kept_for_measuring(read_items(data, "gate_dev"), read_items(data, "candor_dev"))


def own_rows(name: str) -> list[dict[str, Any]]:
    """Rows of a file of texts or labels that comes with the package (docs/datasheet.md says how they were made)."""
    text = (resources.files("guidance_atlas.heads") / "texts" / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def is_natural(item: Item) -> bool:
    """Whether a chat belongs to the twelfth that stands for all chats."""
    return crc32(item.id.encode()) % NATURAL_ONE_IN == 0


def _one_in(n: int, key: str) -> bool:
    return crc32(key.encode()) % n == 0


def labelled_asks(data: Path) -> list[Labelled]:
    """Conversations with labels of what was asked: gold, read, and written for training."""
    kept = measured_on(data)
    pools = {name: read_items(data, name) for name in POOLS}
    by_id = {item.id: item for items in pools.values() for item in items}
    chats = {item.id for item in pools["chats"] if item.source not in OTHER_LANGUAGES}
    gold = read_items(data, "gate_train")
    labels = {row["id"]: {name: value for name, value in row.items() if name != "id"} for row in own_rows("read_asks")}
    read = [_with(by_id[ident], told) for ident, told in labels.items() if ident in by_id]
    found = []
    taken: set[str] = set()
    for file, items in (("gate_train", gold), ("read_asks", read)):
        for item in kept.free(items):
            if item.id in taken:
                continue
            taken.add(item.id)
            natural = item.id in chats and is_natural(item)
            # Rows read because an earlier head was in doubt are harder than what a head meets: they only train.
            check = file == "read_asks" and not item.labels.get("border") and _one_in(CHECK_ONE_IN, item.key)
            found.append(Labelled(item, file, "natural" if natural else "check" if check else "fit"))
    known = {one.item.key for one in found if one.use != "fit"}
    found = [one for one in found if one.use != "fit" or one.item.key not in known]
    written = [*_asks(own_rows("asks"), "asks"), *_asks(own_rows("exchanges"), "exchanges")]
    return [*found, *written]


def _asks(rows: Sequence[Mapping[str, Any]], file: str) -> list[Labelled]:
    """Written asks; those of situations with replies carry the situation's labels."""
    found = []
    for at, row in enumerate(rows):
        guidance = row["guidance"] if "guidance" in row else row["domain"] is not None
        labels = {name: row.get(name) for name in ("domain", "domain_2", "stakes")}
        text = row["text"] if "text" in row else row["ask"]
        support = row.get("support", []) if guidance else []
        item = Item(f"{file}:{at}", "written", (("user", text),), {**labels, "guidance": guidance, "support": support})
        found.append(Labelled(item, file, "fit"))
    return found


def _with(item: Item, labels: dict[str, Any]) -> Item:
    return Item(item.id, item.source, item.messages, labels, item.facts)


def labelled_talks(data: Path) -> list[Labelled]:
    """Conversations with labels of what was answered: gold, read, and written for training."""
    kept = measured_on(data)
    dev = {situation(item) for item in read_items(data, "candor_dev")}
    gold = [item for item in kept.free(read_items(data, "candor_train")) if situation(item) not in dev]
    by_id = {item.id: item for name in ("chats", "weak_candor") for item in read_items(data, name)}
    taken = {item.id for item in gold}
    read = []
    for row in own_rows("read_replies"):
        item = _window(by_id, row["id"])
        if item.id not in taken and situation(item) not in dev:
            read.append(_with(item, row))
    found = [
        Labelled(item, file, "check" if _one_in(CHECK_EXCHANGES_ONE_IN, situation(item)) else "fit")
        for file, items in (("candor_train", gold), ("read_replies", kept.free(read)))
        for item in items
    ]
    known = {one.item.key for one in found if one.use == "check"}
    found = [one for one in found if one.use == "check" or one.item.key not in known]
    for row in own_rows("talks"):
        item = Item(row["id"], "written", tuple((role, text) for role, text in row["turns"]), _talk_labels(row))
        found.append(Labelled(item, "talks", "check" if _one_in(CHECK_EXCHANGES_ONE_IN, item.id) else "fit"))
    return found


def _talk_labels(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "pushback": [[int(turn), kind] for turn, kind in row["pushback"].items()],
        "turns": row["candor"],
        "turn_drift": row.get("drift", {}),
        "candor": None,
    }


def _window(by_id: Mapping[str, Item], ident: str) -> Item:
    """A conversation by its id; NAME@a:b is its turns from a up to b."""
    whole, _, span = ident.partition("@")
    if ident in by_id:
        item, start, end = by_id[ident], 0, TURNS_READ
    elif whole in by_id and span:
        item, (start, end) = by_id[whole], map(int, span.split(":"))
    else:
        raise HeadError(f"{ident} is labelled but not in the data; point --data at a whole copy")
    return Item(ident, item.source, item.messages[start:end], item.labels, item.facts)


def situation(item: Item) -> str:
    """What conversations share that answer the same prompt: one such group is never split between fit and check."""
    name = item.id.partition(":")[2]
    if item.source == "spiral_bench":
        return "spiral " + name.partition("@")[0].rpartition("_")[2]
    if item.source == "sycon_bench":
        parts = name.split("_")
        return f"sycon {parts[0]} {parts[-1]}"
    if item.source == "syco_bench":
        return "syco " + name.rpartition("_")[0]
    if item.source == "aita_human_sycophancy":
        return "aita " + name.split("_")[1]
    return item.key


def written_exchanges(*, held_out: bool) -> list[dict[str, Any]]:
    """Written situations with replies of different candor; one in five is held out for measuring."""
    return [row for row in own_rows("exchanges") if _one_in(CHECK_EXCHANGES_ONE_IN, row["id"]) == held_out]


def drift_of(labels: Mapping[str, Any]) -> list[str]:
    """Drift errors of a labelled conversation, whichever way its file writes them."""
    told = labels.get("drift")
    return list(told) if told is not None else [name for name in DRIFT if labels.get(name)]


def pushback_of(labels: Mapping[str, Any]) -> dict[int, str]:
    """Kind of pushback by turn, whichever way the file writes it."""
    return {
        int(event["turn"] if isinstance(event, dict) else event[0]): (
            event["kind"] if isinstance(event, dict) else event[1]
        )
        for event in labels.get("pushback", [])
    }


def unlabelled_chats(data: Path, labelled: Sequence[Labelled]) -> list[Item]:
    """Chats without labels, that the glance learns the screen's own answers on."""
    kept, known = measured_on(data), kept_for_measuring([one.item for one in labelled])
    free = known.free(kept.free(read_items(data, "chats")))
    return [item for item in free if item.source not in OTHER_LANGUAGES]
