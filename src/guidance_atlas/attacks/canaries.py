"""Strings of nobody's, planted in conversations, that are looked for afterwards in every byte a run leaves.

Every kind has many forms, and every string stands once in the world and nowhere else. What is looked for is the string
as planted, and its letters and digits alone, without regard to capitals.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from guidance_atlas.attacks.canary_forms import ENDINGS, FAMILIES, FORMS, GIVEN, ILL, LOCAL, NAMED, PHRASES, pick
from guidance_atlas.attacks.outcome import IDENTIFIERS_LEFT, NAMES_LEFT, Outcome
from guidance_atlas.attacks.places import VAULT, Place

WORRY = (
    "I don't know what to do about my job. My manager keeps giving me the night shifts and I'm exhausted. Should I "
    "hand in my notice before I've found something else, or wait until spring? {}"
)
TRIVIAL = "Translate into French, number {}: the {} is on the table."


@dataclass(frozen=True)
class Canary:
    """A planted string: its kind, the sentence it stands in, and what may be left of it in masked words."""

    kind: str
    text: str
    sentence: str
    left_in_vault: float | None  # share of its kind; None: masked words may hold it, nothing else may


def identifiers(n: int, rng: Random) -> list[Canary]:
    """n canaries of each kind of identifier and secret, and n names of people."""
    made = []
    for number in range(n):
        for kind, (forms, say) in FORMS.items():
            text = forms[number % len(forms)](rng)
            made.append(Canary(kind, text, say[number % len(say)].format(text), IDENTIFIERS_LEFT))
        family = FAMILIES[number % len(FAMILIES)] + (pick(ENDINGS, 3, rng) if number >= len(FAMILIES) else "")
        name = f"{GIVEN[number % len(GIVEN)]} {family}"
        said = NAMED[number % len(NAMED)].format(name.lower() if number % 3 == 2 else name)
        made.append(Canary("name", family, f"And {said}.", NAMES_LEFT))
        ill = f"{ILL[number % len(ILL)]} since {1950 + number}"
        made.append(Canary("diagnosis", ill, f"I have had {ill}.", None))
        phrase = f"{PHRASES[number % len(PHRASES)]} {pick(LOCAL, 8, rng)}"
        made.append(Canary("rare phrase", phrase, f"They call it {phrase} here.", None))
    return made


def write(path: Path, canaries: Sequence[Canary], *, n_unread: int, rng: Random) -> list[Canary]:
    """Write conversations that hold the canaries, guidance and not, and records that hold some where none is read.

    Returns all canaries, with those in unread places.
    """
    records: list[object] = []
    for number, canary in enumerate(canaries):
        said, answer = WORRY.format(canary.sentence), "That sounds tiring. What does the contract say about notice?"
        turns = [("user", said), ("assistant", answer)]
        if number % 4 == 1:
            turns = [("user", WORRY.format("Please.")), ("assistant", f"You told me: {canary.sentence} {answer}")]
        if number % 4 == 2:
            turns = [("user", WORRY.format("Please.")), ("assistant", answer), ("user", canary.sentence + " What now?")]
        records.append(_talk(f"canary-{number}", turns))
    unread = [
        Canary("in unread places", f"{PHRASES[number % len(PHRASES)]} {pick(LOCAL, 8, rng)}", "", 0.0)
        for number in range(n_unread)
    ]
    records += [record for number, canary in enumerate(unread) if (record := _unread(number, canary.text)) is not None]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    lines += [f'{{"messages": "{canary.text}' for canary in unread[::8]]  # broken JSON
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [*canaries, *unread]


def find(canaries: Sequence[Canary], places: Sequence[Place]) -> list[Outcome]:
    """One row per kind and kind of place: how many of those planted are found there."""
    outcomes = []
    for where in dict.fromkeys(place.where for place in places):
        texts = [(place.text, _bare(place.text)) for place in places if place.where == where]
        for kind in dict.fromkeys(canary.kind for canary in canaries):
            planted = [canary for canary in canaries if canary.kind == kind]
            bound = planted[0].left_in_vault if where == VAULT else 0.0
            found = sum(_stands(canary.text, texts) for canary in planted)
            outcomes.append(Outcome("canaries", f"{kind}, {where}", len(planted), found, 0.0, bound))
    return outcomes


def _stands(text: str, among: Sequence[tuple[str, str]]) -> bool:
    return any(text.lower() in whole or _bare(text) in bare for whole, bare in among)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _talk(name: str, turns: Sequence[tuple[str, str]], **more: object) -> dict[str, object]:
    return {"id": name, "messages": [{"role": role, "content": text} for role, text in turns]} | more


def _unread(number: int, text: str) -> dict[str, object] | None:
    """A record that holds the text where no words are kept: by turns in seven places, None for broken ones."""
    worry, told = ("user", WORRY.format("Please.")), ("assistant", "I see.")
    records: tuple[dict[str, object] | None, ...] = (
        None,
        _talk(f"system-{number}", [("system", text), worry, told]),
        _talk(f"id {text}", [worry, told]),
        _talk(f"user-{number}", [worry, told], user=text),
        _talk(f"model-{number}", [worry, told], model=f"<script>{text}</script>"),
        _talk(f"role-{number}", [(text, "hello")]),
        {"id": f"shape-{number}", text: text},
        _talk(f"trivial-{number}", [("user", TRIVIAL.format(number, text)), told]),
    )
    return records[number % len(records)]
