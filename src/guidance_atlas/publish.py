"""From a run's tables to what people open: both databases, the checks, and a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypedDict

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import (
    AtlasCells,
    AtlasRates,
    Cells,
    ClusterNames,
    ClusterTerms,
    Parts,
    PublicCells,
    PublicRates,
    PublishedCells,
    ResidualLeaks,
    Roster,
    Table,
)
from guidance_atlas.databases import ask_atlas, read_internal, write_atlas, write_internal
from guidance_atlas.dp.release import unknown
from guidance_atlas.errors import CheckError, ReleaseError, StoreError
from guidance_atlas.heads.cards import cards_folder
from guidance_atlas.heads.errors_in_use import cards_in, errors_in_use
from guidance_atlas.ledger import Ledger, LedgerDamagedError
from guidance_atlas.releases import Request, faults_of, release
from guidance_atlas.settings import ProtectSettings, Settings, told
from guidance_atlas.sqlbook import SqlBook
from guidance_atlas.stages.correct import correct
from guidance_atlas.stages.export import Release
from guidance_atlas.stages.name.name import names_for
from guidance_atlas.stages.protect import protect
from guidance_atlas.store import only_run
from guidance_atlas.tombstones import refuse_open
from guidance_atlas.vocab import ALL, DOMAINS, RARE_MODEL

__all__ = ["Exported", "Fault", "Published", "ask_atlas", "check_root", "export_again", "publish", "run_checks"]

# The tables that each folder of sql/checks reads.
CHECKED = {
    "roster": ("roster", "parts"),
    "cells": ("cells",),
    "protected": ("protected",),
    "against": ("cells", "protected"),
    "rates": ("protected", "rates"),
}
CARDS = {
    "head": pl.String,
    "card": pl.String,
    "measured_on": pl.String,
    "figure": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "n": pl.Int64,
}


@dataclass(frozen=True)
class Fault:
    """A check that found something: its name, the table it looked at, and one row per thing found."""

    name: str
    table: str
    rows: pl.DataFrame


class Published(TypedDict):
    """What a run published: paths of the atlas's version and of the release, and whether either is new.

    Where no release could be made release is None, and refused says why.
    residual_leaks: of planted names and identifiers, n_planted, n_leaked, share, low and high over all of them.
    """

    atlas: str
    release: str | None
    refused: str | None
    changed: bool
    residual_leaks: dict[str, float]


class Exported(TypedDict):
    """A release that was asked for: its folder, how many cells it shows and withholds, whether it is new.

    n_renewed are those of the shown ones that are told anew; the others repeat an earlier release.
    """

    release: str
    n_shown: int
    n_withheld: int
    n_renewed: int
    new: bool


def publish(
    root: Path, *, tables: Mapping[type[Table], Path], parts: pl.DataFrame, settings: Settings, leave: bool = True
) -> Published:
    """Write internal.duckdb, run the checks, then swap atlas.duckdb and, unless leave is false, write the release.

    tables gives the file of every CORPUS table.

    Raises:
        CheckError: a check found faults; internal.duckdb holds the results, nothing is published.
        StoreError: the root cannot be written.
    """
    book = SqlBook()
    needed = (
        Roster, ClusterNames, ClusterTerms, ResidualLeaks, Cells, AtlasCells, AtlasRates, PublicCells, PublicRates,
    )  # fmt: skip
    read: dict[type[Table], pl.DataFrame] = {table: pl.read_parquet(tables[table]) for table in needed}
    cards = _cards(settings)
    rules = settings.protect
    internal = _internal(read, parts, cards, settings)
    write_internal(root, internal)
    faults = [
        *run_checks({"roster": read[Roster], "parts": parts, "cells": read[Cells]}, book=book),
        *_check_protected(internal, rules, book),
    ]
    if faults:
        named = ", ".join(f"{fault.name} on {fault.table} ({fault.rows.height} rows)" for fault in faults)
        raise CheckError(f"nothing is published, checks found faults: {named}; see guidance-atlas check")
    atlas, atlas_is_new = write_atlas(
        root,
        atlas_cells=read[AtlasCells],
        atlas_rates=read[AtlasRates],
        cluster_names=read[ClusterNames],
        cards=cards,
        about={"version": version("guidance-atlas"), "least_people": rules.inside_people, **_about(settings)},
        book=book,
    )
    leaks = read[ResidualLeaks].filter(locale=ALL, kind=ALL).select(pl.exclude("locale", "kind")).row(0, named=True)
    published: Published = {
        "atlas": str(atlas),
        "release": None,
        "refused": None,
        "changed": atlas_is_new,
        "residual_leaks": leaks,
    }
    if not leave:
        return published
    names = _names(read[ClusterNames], read[ClusterTerms], rules)
    try:
        made = _release(root, read[Cells], names, read[PublicCells], settings)
    except ReleaseError as refused:
        return published | {"refused": str(refused)}
    return published | {"release": str(made.folder), "changed": atlas_is_new or made.new}


def export_again(root: Path, *, settings: Settings) -> Exported:
    """Write a release from the last run's exact cells under the rules of settings.

    It waits for no other writer: a forgetting may just be taking somebody out of the cells.

    Raises:
        CheckError: a check found faults in what would leave; nothing is written.
        HeadError: a card in use cannot be read.
        ReleaseError: it would tell too much beside earlier releases.
        StoreError: there is no finished run, it names models that fewer people used than a release now asks for,
            somebody is still to be forgotten, another run is at work, or the root cannot be written.
    """
    with only_run(root):
        refuse_open(root)
        return _export_again(root, settings)


def _export_again(root: Path, settings: Settings) -> Exported:
    read = read_internal(root, "cells", "cluster_names", "cluster_terms")
    cells = Cells.validate(read["cells"], cast=True)
    rules = settings.protect
    with SqlBook().over({"cells": cells}) as con:
        rare = SqlBook().rows(
            con, "checks/against/rare_model_named", rare_model=RARE_MODEL, least_people=rules.release_people
        )
    if not rare.is_empty():
        raise StoreError(
            f"{rare.height} models were named that fewer than {rules.release_people} people used: run again with this "
            "protect.release_people"
        )
    names = _names(read["cluster_names"], read["cluster_terms"], rules)
    public = protect(cells, names, least_people=rules.release_people, round_to=rules.release_round)
    made = _release(root, cells, names, public, settings)
    return {
        "release": str(made.folder),
        "n_shown": made.n_shown,
        "n_withheld": made.n_withheld,
        "n_renewed": made.n_renewed,
        "new": made.new,
    }


def check_root(root: Path) -> list[Fault]:
    """Run the checks over the last run's cells again, under the rules it was made with, and over ledger and releases.

    Raises:
        StoreError: there is no finished run, or the ledger cannot be used.
    """
    read = read_internal(root, "cells", "atlas_cells", "atlas_rates", "public_cells", "public_rates", "rules")
    rules = ProtectSettings(**dict(read["rules"].rows()))
    book = SqlBook()
    return [
        *run_checks({"cells": read["cells"]}, book=book),
        *_check_protected(read, rules, book),
        *_check_ledger(root),
    ]


def run_checks(
    tables: Mapping[str, pl.DataFrame], *, book: SqlBook, called: str | None = None, **params: object
) -> list[Fault]:
    """Run every check whose tables are there, by the folders of sql/checks: see CHECKED.

    called is what the faults say they are about, where that is not one of the tables' names.
    """
    faults = []
    with book.over(tables) as con:
        for folder, needed in CHECKED.items():
            if not set(needed) <= set(tables):
                continue
            for name in book.names(f"checks/{folder}"):
                rows = book.rows(con, name, domains=DOMAINS, rare_model=RARE_MODEL, **params)
                if not rows.is_empty():
                    faults.append(Fault(name.removeprefix("checks/"), called or needed[0], rows))
    return faults


def _check_protected(read: Mapping[str, pl.DataFrame], rules: ProtectSettings, book: SqlBook) -> list[Fault]:
    inside = {"cells": read["cells"], "protected": read["atlas_cells"], "rates": read["atlas_rates"]}
    public = {"cells": read["cells"], "protected": read["public_cells"], "rates": read["public_rates"]}
    return [
        *_check_one(inside, "atlas_cells", rules.inside_people, 1, book),
        *_check_one(public, "public_cells", rules.release_people, rules.release_round, book),
    ]


def _check_ledger(root: Path) -> list[Fault]:
    """Walk the ledger's chain, and hold all releases against it: one that it does not know tells of lost entries.

    With a broken chain there is nothing to hold releases against, and that is the one fault told.
    """
    try:
        noisy = pl.DataFrame({"release": unknown(root, Ledger(root))}, schema={"release": pl.String})
        wrong = faults_of(root)
    except LedgerDamagedError as error:
        return [Fault("ledger/broken", "ledger", pl.DataFrame({"fault": [str(error)]}))]
    found = Fault("ledger/release_not_charged", "ledger", noisy), Fault("release_is_not_in_ledger", "releases", wrong)
    return [fault for fault in found if not fault.rows.is_empty()]


def _check_one(
    checked: Mapping[str, pl.DataFrame], called: str, least_people: int, round_to: int, book: SqlBook
) -> list[Fault]:
    faults = run_checks(checked, book=book, called=called, least_people=least_people, round_to=round_to)
    return [fault for fault in faults if not fault.name.startswith("cells/")]


def _names(names: pl.DataFrame, terms: pl.DataFrame, rules: ProtectSettings) -> dy.DataFrame[ClusterNames]:
    """Names that rest on as many people as a release asks for; those inside may rest on fewer."""
    found = ClusterNames.validate(names, cast=True), ClusterTerms.validate(terms, cast=True)
    return names_for(*found, least_people=rules.release_people)


def _release(root: Path, cells: pl.DataFrame, names: pl.DataFrame, public: pl.DataFrame, settings: Settings) -> Release:
    """Make the release, checked once more: earlier ones may have held cells of it back."""
    errors, rules, exact = errors_in_use(settings), settings.protect, Cells.validate(cells, cast=True)

    def rates(held: dy.DataFrame[PublicCells], told: dy.DataFrame[PublishedCells]) -> dy.DataFrame[PublicRates]:
        made = correct(PublicCells.validate(told.drop("renewed"), cast=True), errors=errors)
        least, step, book = rules.release_people, rules.release_round, SqlBook()
        faults = _check_one({"cells": exact, "protected": held}, "public_cells", least, step, book)
        # Numbers told before need not fit today's, so these are not held against the exact cells.
        faults += run_checks({"protected": told, "rates": made}, book=book, called="published_cells")
        if faults:
            found = ", ".join(f"{fault.name} ({fault.rows.height} rows)" for fault in faults)
            raise CheckError(f"nothing is written, checks found faults: {found}; please report it")
        return made

    request = Request(
        cells=exact,
        cluster_names=ClusterNames.validate(names, cast=True),
        public_cells=PublicCells.validate(public, cast=True),
        rates=rates,
        about={
            "version": version("guidance-atlas"),
            "least_people": rules.release_people,
            "round_to": rules.release_round,
            **_about(settings),
        },
        rates_from=repr(errors),
    )
    return release(root, request, most_held_back=rules.most_held_back)


def _about(settings: Settings) -> dict[str, str | int | float | bool]:
    """Facts about how numbers were made. Of a model in a folder only the folder's name is told."""
    return {
        "one_per_person": settings.ingest.one_per_person,
        "encoder": Path(settings.embed.model).name,
        "own_cards": settings.heads.cards is not None,
    }


def _cards(settings: Settings) -> pl.DataFrame:
    """One row per figure of every head's card."""
    rows = [
        (card.head, card.id, card.measured_on, one.name, one.value, one.low, one.high, one.n)
        for card in cards_in(cards_folder(settings.heads.folder))
        for one in card.figures
    ]
    return pl.DataFrame(rows, schema=CARDS, orient="row")


def _internal(
    read: Mapping[type[Table], pl.DataFrame], parts: pl.DataFrame, cards: pl.DataFrame, settings: Settings
) -> dict[str, pl.DataFrame]:
    """What internal.duckdb holds: everything about groups, and where quarantined records lie in their files."""
    roster, rules, kept = read[Roster], settings.protect, told(settings)
    lying = roster.join(parts.select("position", "file", "first_record"), on="position").with_columns(
        record=pl.col("first_record") + pl.col("record")
    )
    return {
        "cells": read[Cells],
        "atlas_cells": read[AtlasCells],
        "atlas_rates": read[AtlasRates],
        "public_cells": read[PublicCells],
        "public_rates": read[PublicRates],
        "cluster_names": read[ClusterNames],
        "cluster_terms": read[ClusterTerms],
        "residual_leaks": read[ResidualLeaks],
        "roster_counts": lying.group_by("file", "outcome", "code").len("n_records").sort("file", "outcome", "code"),
        "quarantine": lying.filter(pl.col("outcome") == "quarantined")
        .select("file", "record", "code")
        .sort("file", "record"),
        "parts": parts.select(list(Parts.columns())),
        "cards": cards,
        "rules": pl.DataFrame({"name": list(dict(rules)), "value": [float(value) for value in dict(rules).values()]}),
        "settings": pl.DataFrame({"section": list(kept), "values": list(kept.values())}),
    }
