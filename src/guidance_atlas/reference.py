"""Reference pages made from the code itself: data dictionary, settings, cards. `make docs` writes them."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from guidance_atlas import contracts
from guidance_atlas.contracts import Exposure, Table
from guidance_atlas.heads.card_pages import card_page, cards_index
from guidance_atlas.heads.opened import HEADS
from guidance_atlas.settings import Settings
from guidance_atlas.stages.scrub.net import NAMES

_MADE = "<!-- made by `make docs` from the code; edit there -->\n"


def tables() -> list[type[Table]]:
    """Every contract, the closest to a person first, then by name."""
    named = [getattr(contracts, name) for name in contracts.__all__]
    found = [c for c in named if isinstance(c, type) and issubclass(c, Table) and c is not Table]
    return sorted(found, key=lambda table: (-table.exposure, table.__name__))


def data_dictionary() -> str:
    """One section per table: what a row is, and each column's type, nulls and meaning."""
    lines = [
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


PAGES: dict[str, Callable[[], str]] = {
    "data-dictionary.md": data_dictionary,
    "settings.md": settings_page,
    "cards/README.md": cards_index,
    **{f"cards/{head}.md": partial(card_page, head) for head in (*HEADS, NAMES)},
}


def page(file: str) -> str:
    """The whole text of a page."""
    return f"{_MADE}\n{PAGES[file]()}"


def main(folder: Path) -> None:
    """Write every page into the folder."""
    for file in PAGES:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(page(file), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
