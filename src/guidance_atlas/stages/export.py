"""A release: the files that may leave, with a manifest of what they are. The same request gives the same files."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import ClusterNames, PublicCells, PublicRates, Table
from guidance_atlas.errors import StoreError

# Spreadsheets run a text that begins like this as a formula.
FORMULA = r"^[=+\-@\t\r]"
# Control and format characters, lone surrogates, and the two line breaks of Unicode: none belongs in a name.
UNSEEN = r"[\p{C}\x{2028}\x{2029}]"
FILES = (
    "cells.csv", "cells.parquet", "cells.json", "rates.csv", "rates.parquet", "rates.json", "clusters.csv",
    "README.txt",
)  # fmt: skip
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

Numbers are rounded to multiples of {round_to}. Where fewer than {least_people} people stand behind a number or behind
what it leaves of the whole, perhaps nobody, the row is there and its status is few_people; where one person holds more
than a quarter of it, dominance; where it would give another such number away, complementary. A text in a .csv file that
a spreadsheet could take for a formula begins with an apostrophe.
A share is of the rounded counts, and low and high are its 95 % Wilson interval: chance in who was asked, nothing else.
It says nothing about how sure the labels are.
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
    new: bool  # false: the same release was there already


def export(
    public_cells: dy.DataFrame[PublicCells],
    public_rates: dy.DataFrame[PublicRates],
    cluster_names: dy.DataFrame[ClusterNames],
    *,
    folder: Path,
    about: Mapping[str, str | int | float | bool],
) -> Release:
    """Write a release under folder, or find the one that has the same contents.

    about is what goes into the manifest; least_people and round_to must be among it, created may be (a day; it is not
    part of the contents, so a release keeps the day it was first made). It must name no file of this machine. Texts
    lose control characters in every format.

    Raises:
        StoreError: about names a path or lacks a rule, or the folder cannot be written.
    """
    _refuse_paths(about)
    tables = {
        "cells": _plain(public_cells.sort(list(PublicCells.primary_key()))),
        "rates": _plain(public_rates.sort(list(PublicRates.primary_key()))),
        "clusters": _plain(_shown_names(public_cells, cluster_names)),
    }
    facts = {"version": version("guidance-atlas"), **about}
    lasting = {name: value for name, value in facts.items() if name != "created"}
    content = json.dumps([*(frame.rows() for frame in tables.values()), lasting], sort_keys=True)
    release_id = hashlib.sha256(content.encode()).hexdigest()[:16]
    target = folder / release_id
    new = not target.exists()
    try:
        if new:
            _write_whole(target, tables, release_id, facts)
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        _refuse_damage(target, manifest["files"])
    except OSError as error:
        raise StoreError(f"cannot write {folder}: {error.strerror}; free some space or choose another root") from None
    n_shown = int((tables["cells"]["status"] == "shown").sum())
    return Release(release_id, target, manifest["files"], n_shown, tables["cells"].height - n_shown, new)


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


def _write_whole(
    target: Path, tables: Mapping[str, pl.DataFrame], release_id: str, facts: Mapping[str, object]
) -> None:
    """Write everything into a folder of its own, then give it the release's name at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".release-", dir=target.parent))
    try:
        _write_files(scratch, tables, release_id, facts)
        files = {name: hashlib.sha256((scratch / name).read_bytes()).hexdigest() for name in FILES}
        manifest = {
            "id": release_id,
            **facts,
            "cells": tables["cells"].height,
            "rates": tables["rates"].height,
            "clusters_named": tables["clusters"].height,
            "status": dict(tables["cells"].group_by("status").len().sort("status").rows()),
            "rate_state": dict(tables["rates"].group_by("state").len().sort("state").rows()),
            "files": files,
        }
        (scratch / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        for path in scratch.iterdir():
            path.chmod(0o644)
        scratch.chmod(0o755)
        os.replace(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _write_files(
    folder: Path, tables: Mapping[str, pl.DataFrame], release_id: str, facts: Mapping[str, object]
) -> None:
    for name, frame in tables.items():
        _for_spreadsheets(frame).write_csv(folder / f"{name}.csv")
    for name in ("cells", "rates"):
        tables[name].write_parquet(folder / f"{name}.parquet", compression="zstd")
    told = {"cells": ("cells", "clusters"), "rates": ("rates",)}
    for file, names in told.items():
        whole = {"id": release_id, **{name: tables[name].to_dicts() for name in names}}
        # A page may carry this file inside a script element, which '<' could end.
        text = json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1).replace("<", "\\u003c")
        (folder / f"{file}.json").write_text(text + "\n", encoding="utf-8")
    rules = {name: facts[name] for name in ("version", "least_people", "round_to")}
    readme = README.format(id=release_id, cells=_columns(PublicCells), rates=_columns(PublicRates), **rules)
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


def _refuse_damage(target: Path, files: Mapping[str, str]) -> None:
    for name, digest in files.items():
        path = target / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise StoreError(f"{name} of release {target.name} is damaged: delete that folder and export again")
