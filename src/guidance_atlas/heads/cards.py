"""A card says what a head was measured to do, on what, and what it was trained from."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from guidance_atlas.errors import HeadError
from guidance_atlas.heads.calibration import Bin
from guidance_atlas.heads.confusion import Confusion
from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.weights import default_folder, write_bytes


@dataclass(frozen=True)
class Source:
    """Rows of one file that a head was trained from."""

    file: str
    n: int
    licence: str


@dataclass(frozen=True)
class Card:
    """What a head was measured to do. `id` is the identity of its weights; figures are of rows it never saw.

    Confusions are what rates are corrected with; calibration is the reliability curve of its probability.
    """

    id: str
    head: str
    encoder: str | None
    code: str
    made_on: str | None
    seed: int
    trained_on: tuple[Source, ...]
    measured_on: str
    figures: tuple[Figure, ...]
    chosen: dict[str, Any]
    confusions: tuple[Confusion, ...] = ()
    counted_on: str = ""
    calibration: tuple[Bin, ...] = ()


def cards_folder(weights: Path | None = None) -> Path:
    """Cards lie beside the folder of weights."""
    return (weights or default_folder()).parent / "cards"


def write_card(card: Card, *, folder: Path) -> Path:
    """Write one card as JSON, whole or not at all."""
    return write_bytes(
        folder / f"{card.head}.json", (json.dumps(asdict(card), indent=1, allow_nan=False) + "\n").encode()
    )


def read_card(head: str, *, folder: Path | None = None) -> Card:
    """Read the card of a head. Raises HeadError where it is missing or cannot be read."""
    path = (folder or cards_folder()) / f"{head}.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        raw["trained_on"] = tuple(Source(**each) for each in raw["trained_on"])
        raw["figures"] = tuple(Figure(**each) for each in raw["figures"])
        raw["confusions"] = tuple(_confusion(each) for each in raw.get("confusions", ()))
        raw["calibration"] = tuple(Bin(**each) for each in raw.get("calibration", ()))
        return Card(**raw)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise HeadError(f"the card of head {head!r} is missing or damaged; run: guidance-atlas train") from None


def _confusion(raw: dict[str, Any]) -> Confusion:
    counts = tuple(tuple(int(n) for n in row) for row in raw.pop("counts"))
    classes = tuple(raw.pop("classes"))
    if {len(classes)} != {len(row) for row in counts} or len(counts) != len(classes):
        raise ValueError("a confusion is as wide and as high as it has classes")
    return Confusion(classes=classes, counts=counts, **raw)
