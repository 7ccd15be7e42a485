"""Chat written for training: who people talk about and where they live, said as people say it, names made up."""

import random
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from guidance_atlas.heads.name_rows import PERSON, PLACE, Told

SLOT_LABELS = {"name": PERSON, "full": PERSON, "place": PLACE}
SMALL_SHARE, MADE_UP_SHARE, DOUBTFUL_SHARE = 0.5, 0.45, 0.12


@cache
def _wording() -> dict[str, list[str]]:
    text = files("guidance_atlas.wording").joinpath("name_frames.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text))


def written_chats(n: int, *, seed: int) -> Iterator[Told]:
    """Short texts with people and places, half of them all in lower case; the same ones for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    frames = _wording()["frames"]
    for _ in range(n):
        text, spans = _fill(chance.choice(frames), chance)
        if chance.random() < SMALL_SHARE and len(text.lower()) == len(text):
            text = text.lower()
        yield Told(text, tuple(spans), "fit", "written")


def _fill(frame: str, chance: random.Random) -> tuple[str, list[tuple[int, int, int]]]:
    words = _wording()
    text, spans = "", []
    for number, part in enumerate(frame.replace("}", "{").split("{")):
        if number % 2 == 0:
            text += part
            continue
        slot = part.rstrip("0123456789")
        if slot in SLOT_LABELS:
            shown = _named(slot, chance)
            spans.append((len(text), len(text) + len(shown), SLOT_LABELS[slot]))
        else:
            shown = chance.choice(words[slot])
        text += shown
    return text, spans


def _named(slot: str, chance: random.Random) -> str:
    if slot == "full":
        return f"{_one('given', chance)} {_one('family', chance)}"
    return _one("places" if slot == "place" else "given", chance)


def _one(kind: str, chance: random.Random) -> str:
    if chance.random() < MADE_UP_SHARE:
        return _made_up(kind, chance)
    kind = "ambiguous" if kind == "given" and chance.random() < DOUBTFUL_SHARE else kind
    return " ".join(part.capitalize() for part in chance.choice(_list(kind)).split("_"))


@cache
def _list(kind: str) -> list[str]:
    text = files("guidance_atlas.wording").joinpath(f"names_{kind}.txt").read_text(encoding="utf-8")
    return [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]


def _made_up(kind: str, chance: random.Random) -> str:
    """A name that stands in no list: syllables of many languages, an ending that fits."""
    words = _wording()
    middle = "".join(chance.choice(words["syllables"]) for _ in range(chance.choice((1, 1, 2))))
    return (middle + chance.choice(words[f"{kind}_endings"])).capitalize()
