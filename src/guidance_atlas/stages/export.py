"""A release: the files that may leave, with a manifest of what they are. The same request gives the same files."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import ClusterNames, PublicRates, PublishedCells, Table
from guidance_atlas.errors import StoreError

# Spreadsheets run a text that begins like this as a formula.
FORMULA = r"^[=+\-@\t\r]"
# Control and format characters, lone surrogates, and the two line breaks of Unicode: none belongs in a name.
UNSEEN = r"[\p{C}\x{2028}\x{2029}]"
FILES = (
    "cells.csv", "cells.parquet", "cells.json", "rates.csv", "rates.parquet", "rates.json", "clusters.csv",
    "README.txt",
)  # fmt: skip
# What the manifest adds to the facts.
TOLD_OF_FILES = frozenset(
    {"id", "cells", "rates", "clusters_named", "status", "rate_state", "files", "number", "shown_renewed"}
)
README = """Release {id} of guidance-atlas {version}

How often people ask an assistant for personal guidance, about what, and where it pleases instead of helping.
Every row of cells is one number about a group of people; no row is about one person, and there are no words of theirs.
Every row of rates is one share of cells again, under the same cut, domain, week, model, facet and measure, with the
errors of the program that labelled the conversations taken out.

cells.csv, cells.parquet, cells.json   what the labels say; columns below
rates.csv, rates.parquet, rates.json   the shares among them, corrected; columns below
clusters.csv                           names of the clusters that are shown
manifest.json                          rules applied, and the SHA-256 of every file

cells
{cells}

rates
{rates}

A row is told anew only if at least {least_people} people stand behind what changed in it since it was told last.
Else it repeats what an earlier release told, and so does a row in which nothing changed: renewed is the number of the
release that told it anew, and number in manifest.json the latest of them. So rows need not add up, and a row renewed
long ago may have fallen behind: leave such rows out where the newest numbers matter.
Numbers told anew are rounded to multiples of {round_to}. Where fewer than {least_people} people stand behind a number
or behind what it leaves of the whole, perhaps nobody, the row is there and its status is few_people; where one person
holds more than a quarter of it, dominance; where it would give another such number away, here or beside an earlier
release, complementary. A text in a .csv file that a spreadsheet could take for a formula begins with an apostrophe.
A share is of the rounded counts, and low and high are its 95 % Wilson interval: chance in who was asked, nothing
else. It says nothing about how sure the labels are.
A corrected share is what is left once the labels' errors are taken out. Its 95 % interval holds both: chance in who was
asked, and in the labelled conversations (card) that the errors were counted on. As a rule those are others than are
counted here, so it holds as far as the labels err here as they did there. Where there is none, state says why:
not_estimable, the labels are too weak, the card cannot fit, or what it takes is not all shown; not_measured, no card
has counted their errors; nothing_asked, there is no share; withheld, the share is withheld.
"""


@dataclass(frozen=True)
class Release:
    """A release on disk. id is a digest of its contents; files maps each name to its SHA-256."""

    id: str
    folder: Path
    files: Mapping[str, str]
    n_shown: int
    n_withheld: int
    n_renewed: int  # of those shown: told anew, others repeat an earlier release
    new: bool  # false: the same release was there already


@dataclass(frozen=True)
class Contents:
    """What a release is to hold, before anything is written. id is its digest."""

    id: str
    tables: Mapping[str, pl.DataFrame]
    facts: Mapping[str, object]


def export(
    published_cells: dy.DataFrame[PublishedCells],
    public_rates: dy.DataFrame[PublicRates],
    cluster_names: dy.DataFrame[ClusterNames],
    *,
    folder: Path,
    about: Mapping[str, str | int | float | bool],
) -> Release:
    """Write a release under folder, or find the one that has the same contents; see contents_of and write."""
    return write(contents_of(published_cells, public_rates, cluster_names, about=about), folder)


def contents_of(
    published_cells: dy.DataFrame[PublishedCells],
    public_rates: dy.DataFrame[PublicRates],
    cluster_names: dy.DataFrame[ClusterNames],
    *,
    about: Mapping[str, str | int | float | bool],
) -> Contents:
    """Make what a release holds.

    about is what goes into the manifest; least_people and round_to must be among it, created may be (a day; it is not
    part of the contents, so a release keeps the day it was first made). It must name no file of this machine. Texts
    lose control characters in every format.

    Raises:
        StoreError: about names a path or lacks a rule.
    """
    _refuse_paths(about)
    tables = {
        "cells": _plain(published_cells.sort(list(PublishedCells.primary_key()))),
        "rates": _plain(public_rates.sort(list(PublicRates.primary_key()))),
        "clusters": _plain(_shown_names(published_cells, cluster_names)),
    }
    facts = {"version": version("guidance-atlas"), **about}
    return Contents(_id([frame.rows() for frame in tables.values()], facts), tables, facts)


def write(contents: Contents, folder: Path) -> Release:
    """Write a release under folder, or find the same one there.

    Raises:
        StoreError: the release is there and damaged, or the folder cannot be written.
    """
    target = folder / contents.id
    try:
        new = not target.exists() and _write_whole(target, contents)
    except OSError as error:
        raise StoreError(f"cannot write {folder}: {error.strerror}; free some space or choose another root") from None
    return find(target, new=new)


def find(target: Path, *, new: bool = False) -> Release:
    """The release that lies in a folder.

    Raises:
        StoreError: it is damaged.
    """
    try:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        files, status = manifest["files"], manifest["status"]
    except (OSError, ValueError, KeyError, TypeError):
        raise StoreError(_damage("manifest.json", target)) from None
    for name in FILES:
        path = target / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != files.get(name):
            raise StoreError(_damage(name, target))
    n_shown = status.get("shown", 0)
    return Release(target.name, target, files, n_shown, manifest["cells"] - n_shown, manifest["shown_renewed"], new)


def is_what_it_says(target: Path) -> bool:
    """Whether a release's name is the digest of the cells, rates, clusters and rules that lie in it."""
    told, rates, manifest = (
        json.loads((target / f"{name}.json").read_text(encoding="utf-8")) for name in ("cells", "rates", "manifest")
    )
    tables = [[list(row.values()) for row in rows] for rows in (told["cells"], rates["rates"], told["clusters"])]
    facts = {name: value for name, value in manifest.items() if name not in TOLD_OF_FILES}
    return _id(tables, facts) == target.name


def _id(tables: Sequence[object], facts: Mapping[str, object]) -> str:
    lasting = {name: value for name, value in facts.items() if name != "created"}
    return hashlib.sha256(json.dumps([*tables, lasting], sort_keys=True).encode()).hexdigest()[:16]


def _shown_names(cells: pl.DataFrame, cluster_names: pl.DataFrame) -> pl.DataFrame:
    """Names of the clusters whose size is shown. Their exact numbers stay behind: the cells have the rounded ones."""
    shown = cells.filter(
        pl.col("cut") == "cluster", pl.col("measure") == "guidance_conversations", pl.col("status") == "shown"
    )["facet"]
    return (
        cluster_names.filter(pl.col("cluster_id").cast(pl.String).is_in(shown.implode()))
        .sort("cluster_id")
        .select("cluster_id", "name", terms=pl.col("terms").list.join(", "), named_by="named_by")
    )


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Enum).cast(pl.String)).with_columns(
        pl.col(pl.String).str.replace_all(UNSEEN, "")
    )


def _write_whole(target: Path, contents: Contents) -> bool:
    """Write everything into a folder of its own, then give it the release's name at once.

    Returns whether it is ours: another export may have written the same meanwhile.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".release-", dir=target.parent))
    try:
        _write_files(scratch, contents)
        files = {name: hashlib.sha256((scratch / name).read_bytes()).hexdigest() for name in FILES}
        tables = contents.tables
        number = tables["cells"]["renewed"].max() or 1
        manifest = {
            "id": contents.id,
            **contents.facts,
            "cells": tables["cells"].height,
            "rates": tables["rates"].height,
            "clusters_named": tables["clusters"].height,
            "number": number,
            "shown_renewed": tables["cells"].filter(status="shown", renewed=number).height,
            "status": dict(tables["cells"].group_by("status").len().sort("status").rows()),
            "rate_state": dict(tables["rates"].group_by("state").len().sort("state").rows()),
            "files": files,
        }
        (scratch / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        for path in scratch.iterdir():
            path.chmod(0o644)
        scratch.chmod(0o755)
        os.replace(scratch, target)
    except OSError:
        if not target.is_dir():
            raise
        return False
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return True


def _write_files(folder: Path, contents: Contents) -> None:
    tables, facts = contents.tables, contents.facts
    for name, frame in tables.items():
        _for_spreadsheets(frame).write_csv(folder / f"{name}.csv")
    for name in ("cells", "rates"):
        tables[name].write_parquet(folder / f"{name}.parquet", compression="zstd")
    told = {"cells": ("cells", "clusters"), "rates": ("rates",)}
    for file, names in told.items():
        whole = {"id": contents.id, **{name: tables[name].to_dicts() for name in names}}
        # A page may carry this file inside a script element, which '<' could end.
        text = json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1).replace("<", "\\u003c")
        (folder / f"{file}.json").write_text(text + "\n", encoding="utf-8")
    rules = {name: facts[name] for name in ("version", "least_people", "round_to")}
    readme = README.format(id=contents.id, cells=_columns(PublishedCells), rates=_columns(PublicRates), **rules)
    (folder / "README.txt").write_text(readme, encoding="utf-8")


def _columns(table: type[Table]) -> str:
    return "\n".join(f"{name:<14} {column.description}" for name, column in table.columns().items())


def _for_spreadsheets(frame: pl.DataFrame) -> pl.DataFrame:
    text = pl.col(pl.String)
    return frame.with_columns(pl.when(text.str.contains(FORMULA)).then("'" + text).otherwise(text).name.keep())


def _refuse_paths(about: Mapping[str, object]) -> None:
    missing = {"least_people", "round_to"} - set(about)
    paths = [name for name, value in about.items() if isinstance(value, Path) or _looks_like_a_path(value)]
    if missing or paths:
        wrong = ", ".join(sorted(missing) + paths)
        raise StoreError(f"a release cannot be written about this, look at {wrong}: rules are needed, paths refused")


def _looks_like_a_path(value: object) -> bool:
    return isinstance(value, str) and (value.startswith(("/", "~", "\\", "./", "../")) or value[1:3] in (":\\", ":/"))


def _damage(name: str, target: Path) -> str:
    return f"{name} of release {target.name} is damaged: delete that folder and export again"
