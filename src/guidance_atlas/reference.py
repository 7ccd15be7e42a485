"""Reference pages made from the code itself: the data dictionary and the settings. `make docs` writes them."""

import sys
import tomllib
from collections.abc import Callable
from functools import cache, partial
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from guidance_atlas import contracts
from guidance_atlas.contracts import Exposure, Table
from guidance_atlas.heads.cards import Card, cards_folder, read_card
from guidance_atlas.heads.evaluate import FLOORS, PEOPLE, TARGETS
from guidance_atlas.heads.measure import Figure
from guidance_atlas.heads.opened import HEADS
from guidance_atlas.settings import Settings
from guidance_atlas.vocab import ALL

_MADE = "<!-- made by `make docs` from the code; edit there -->\n"


def tables() -> list[type[Table]]:
    """Every contract, the closest to a person first, then by name."""
    named = [getattr(contracts, name) for name in contracts.__all__]
    found = [c for c in named if isinstance(c, type) and issubclass(c, Table) and c is not Table]
    return sorted(found, key=lambda table: (-table.exposure, table.__name__))


def data_dictionary() -> str:
    """One section per table: what a row is, and each column's type, nulls and meaning."""
    lines = [
        _MADE,
        "# Data dictionary\n",
        "What each table holds. Exposure says how close a table stands to one person.\n",
    ]
    for exposure in sorted(Exposure, reverse=True):
        lines.append(f"## {exposure.name}\n")
        for table in tables():
            if table.exposure is exposure:
                lines.extend(_table_section(table))
    return "\n".join(lines)


def _table_section(table: type[Table]) -> list[str]:
    rows = [
        f"| `{name}`{' (key)' if column.primary_key else ''} | {_type_of(column.dtype)} "
        f"| {'yes' if column.nullable else 'no'} | {column.description or ''} |"
        for name, column in table.columns().items()
    ]
    doc = " ".join((table.__doc__ or "").split())
    return [
        f"### {table.__name__}\n",
        f"{doc}\n",
        "| column | type | may be null | meaning |",
        "|---|---|---|---|",
        *rows,
        "",
    ]


def _type_of(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Enum):
        return "one of " + ", ".join(dtype.categories)
    if isinstance(dtype, pl.List):
        return f"list of {_type_of(dtype.inner)}"  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return "(" + ", ".join(field.name for field in dtype.fields) + ")"
    if isinstance(dtype, pl.Datetime):
        return "Datetime, microseconds, UTC"
    return str(dtype)


def settings_page() -> str:
    """One table per section of settings: name, built-in value, range, meaning."""
    lines = [
        _MADE,
        "# Settings\n",
        "A TOML file given with `--settings`, over it environment variables such as `GUIDANCE_ATLAS_CLUSTER__SEED=9`, "
        "over those the options of a command. An unknown name stops the run.\n",
        "The key under which people are hashed is no setting: it comes from `GUIDANCE_ATLAS_SECRET` (16 bytes or "
        "more), else from the file `secret` in the run root, made on the first run and readable only by its owner.\n",
    ]
    for name, section in Settings.model_fields.items():
        model = section.annotation
        assert isinstance(model, type)
        lines += [
            f"## [{name}]\n",
            f"{(model.__doc__ or '').strip()}\n",
            "| name | built in | range | meaning |",
            "|---|---|---|---|",
        ]
        fields: dict[str, FieldInfo] = model.model_fields
        for field, info in fields.items():
            lines.append(f"| `{field}` | {_built_in(info)} | {_limits(info)} | {info.description or ''} |")
        lines.append("")
    return "\n".join(lines)


def _limits(info: FieldInfo) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    found = [
        (sign, getattr(limit, name)) for limit in info.metadata for name, sign in signs.items() if hasattr(limit, name)
    ]
    return ", ".join(f"{sign} {value}" for sign, value in found)


def _built_in(info: FieldInfo) -> str:
    if info.default is PydanticUndefined:
        return "cores of the machine, two the most"
    if isinstance(info.default, frozenset):
        return f"`{sorted(info.default)}`"
    return f"`{info.default}`"


def cards_index() -> str:
    """One line per head that ships, with the figure that matters most."""
    lines = [
        _MADE,
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
        _MADE,
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


PAGES: dict[str, Callable[[], str]] = {
    "data-dictionary.md": data_dictionary,
    "settings.md": settings_page,
    "cards/README.md": cards_index,
    **{f"cards/{head}.md": partial(card_page, head) for head in HEADS},
}


def main(folder: Path) -> None:
    """Write every page into the folder."""
    for file, make in PAGES.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
