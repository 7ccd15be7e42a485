"""The cards as pages to read: figures beside their yardsticks, calibration, errors, known failures."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from guidance_atlas.heads.cards import Card, cards_folder, read_card
from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.yardsticks import FLOORS, PEOPLE, TARGETS
from guidance_atlas.vocab import ALL


def cards_index() -> str:
    """One line per head that ships, with the figure that matters most."""
    lines = [
        "# Cards\n",
        "How good the shipped heads are, one page a head. Figures are of development rows that no head was trained on; "
        "operating points were chosen on other rows held out from training, and the errors that rates are corrected "
        "with were counted there too. `guidance-atlas evaluate --data <folder>` prints the figures again. Floors are "
        "what a plain regression on frozen vectors reaches; people are two careful annotators.\n",
        "| head | id | first figure | value | 95 % interval | n |",
        "|---|---|---|---|---|---|",
    ]
    for card in _cards():
        first = card.figures[0]
        lines.append(f"| [{card.head}]({card.head}.md) | `{card.id}` | {first.name} | {_numbers(first)} |")
    return "\n".join([*lines, ""])


def card_page(head: str) -> str:
    """Everything that was measured of one head, what it is for, and where it is known to fail."""
    card = read_card(head)
    words = _said_of(head)
    lines = [
        f"# {head}\n",
        f"`{card.id}`, made on {card.made_on} with version {card.code}, seed {card.seed}, for "
        f"{card.encoder or 'any encoder'}.\n",
        f"**For:** {words['use']}\n",
        f"**Not for:** {words['not_for']}\n",
        "## Figures\n",
        f"Measured on {card.measured_on}.\n",
        "| figure | value | 95 % interval | n | floor | target | people |",
        "|---|---|---|---|---|---|---|",
        *(f"| {one.name} | {_numbers(one)} | {_beside(one.name)} |" for one in card.figures),
        "",
        *_calibration(card),
        *_confusions(card),
        "## Known failures\n",
        "Invented examples.\n",
        *(f"- *{one['said']}* → {one['told']}. {one['why']}" for one in words["failures"]),
        "",
        "## Trained on\n",
        "| rows of | n | licence |",
        "|---|---|---|",
        *(f"| {source.file} | {source.n:,} | {source.licence} |" for source in card.trained_on),
        "",
        f"Chosen on held-out rows: {_plain(card.chosen)}.\n",
    ]
    return "\n".join(lines)


def _cards() -> list[Card]:
    return [read_card(path.stem) for path in sorted(cards_folder().glob("*.json"))]


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads((resources.files("guidance_atlas.heads") / "cards.toml").read_text(encoding="utf-8"))


def _said_of(head: str) -> dict[str, Any]:
    found: dict[str, Any] = _said()[head]
    return found


def _plain(chosen: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in chosen.items() if not isinstance(value, dict))


def _numbers(figure: Figure) -> str:
    if figure.value is None:
        return f"– | – | {figure.n}"
    return f"{figure.value:.3f} | {figure.low:.3f} to {figure.high:.3f} | {figure.n}"


def _beside(name: str) -> str:
    return " | ".join(str(table.get(name, "")) for table in (FLOORS, TARGETS, PEOPLE))


def _calibration(card: Card) -> list[str]:
    if not card.calibration:
        return []
    return [
        "## Calibration\n",
        "Of rows whose probability lies in a bin: its mean, and the share that is true.\n",
        "| probability | mean told | share true | n |",
        "|---|---|---|---|",
        *(f"| {one.low} to {one.high} | {one.told:.3f} | {one.true:.3f} | {one.n} |" for one in card.calibration),
        "",
    ]


def _confusions(card: Card) -> list[str]:
    if not card.confusions:
        return []
    lines = ["## Errors\n", f"Rows are what is true, columns what the head says; counted on {card.counted_on}.\n"]
    for one in card.confusions:
        facet = "" if one.facet == ALL else f", {one.facet}"
        lines += [
            f"### {one.measure}{facet}\n",
            "| true | " + " | ".join(one.classes) + " |",
            "|---|" + "---|" * len(one.classes),
            *(
                f"| {name} | " + " | ".join(map(str, row)) + " |"
                for name, row in zip(one.classes, one.counts, strict=True)
            ),
            "",
        ]
    return lines
