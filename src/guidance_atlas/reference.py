"""Reference pages made from the code itself: the data dictionary and the settings. `make docs` writes them."""

import sys
from pathlib import Path

import polars as pl
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from guidance_atlas import contracts
from guidance_atlas.contracts import Exposure, Table
from guidance_atlas.heads.cards import cards_folder, read_card
from guidance_atlas.heads.evaluate import FLOORS
from guidance_atlas.heads.measure import Figure
from guidance_atlas.settings import Settings

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


def cards_page() -> str:
    """One section per head that ships: what it was trained on, and every figure measured of it with its interval."""
    lines = [
        _MADE,
        "# Cards\n",
        "How good the shipped heads are: value, 95 % bootstrap interval and rows, on development data that no head "
        "was trained on. Choices were made on folds of the training data; the figures chosen by stand under each "
        "table. `guidance-atlas evaluate --data <folder>` prints the same figures again. A floor is what a plain "
        "regression on frozen vectors reaches on another split of the same data.\n",
    ]
    for path in sorted(cards_folder().glob("*.json")):
        card = read_card(path.stem)
        sources = ", ".join(f"{source.file} {source.n:,}" for source in card.trained_on)
        plain = {name: value for name, value in card.chosen.items() if not isinstance(value, dict)}
        chosen = ", ".join(f"{name} {value}" for name, value in plain.items())
        lines += [
            f"## {card.head}\n",
            f"`{card.id}`, made on {card.made_on} with version {card.code}, seed {card.seed}, "
            f"for encoder {card.encoder or 'any'}. Trained on rows of: {sources}.\n",
            "| figure | value | 95 % interval | n | floor |",
            "|---|---|---|---|---|",
            *(_figure_row(figure) for figure in card.figures),
            "",
            f"On training folds: {chosen}.\n",
        ]
    return "\n".join(lines)


def _figure_row(figure: Figure) -> str:
    floor = FLOORS.get(figure.name)
    if figure.value is None:
        return f"| {figure.name} | – | – | {figure.n} | {floor or ''} |"
    return (
        f"| {figure.name} | {figure.value:.3f} | {figure.low:.3f} to {figure.high:.3f} | {figure.n} | {floor or ''} |"
    )


PAGES = {"cards.md": cards_page, "data-dictionary.md": data_dictionary, "settings.md": settings_page}


def main(folder: Path) -> None:
    """Write every page into the folder."""
    for file, make in PAGES.items():
        (folder / file).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
