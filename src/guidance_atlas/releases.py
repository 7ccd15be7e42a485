"""A release is asked for: the ledger says what has left before, and what is written is held against all of it.

One request, that is the same exact cells under the same rules, has one answer for good: the ledger's entry names the
release, and if its files were lost they are made again from what lay in the ledger before that entry. The entry comes
first and the files after, so there is no release that the ledger does not know. The exact cells of every release are
kept beside the ledger, mode 0600, in a file named by its digest.
"""

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import dataframely as dy
import polars as pl

from guidance_atlas.contracts import Cells, ClusterNames, PublicCells, PublicRates, PublishedCells, ReleasedCells
from guidance_atlas.dp.release import NOISY  # charged, not compared
from guidance_atlas.errors import ReleaseError, StoreError
from guidance_atlas.ledger import Entry, Ledger
from guidance_atlas.stages.carry_forward import carry_forward
from guidance_atlas.stages.export import Contents, Release, contents_of, find, is_what_it_says, write
from guidance_atlas.stages.hold_back import hold_back
from guidance_atlas.store import private_folder, whole_file

KIND, FOLDER, BESIDE = "release", "releases", "ledger"
About = Mapping[str, str | int | float | bool]
Correct = Callable[[dy.DataFrame[PublicCells], dy.DataFrame[PublishedCells]], dy.DataFrame[PublicRates]]


@dataclass(frozen=True)
class Request:
    """What a release is to be made of. rates makes the corrected rates of the cells as they leave.

    It is given what may be told of the exact cells, and what readers are told.
    """

    cells: dy.DataFrame[Cells]
    cluster_names: dy.DataFrame[ClusterNames]
    public_cells: dy.DataFrame[PublicCells]
    rates: Correct
    about: About  # least_people and round_to among it
    rates_from: str  # says which cards the rates are made with

    @property
    def key(self) -> str:
        """Digest of everything that could change the release but what was released before."""
        key = list(Cells.primary_key())
        numbers = [self.cells.sort(key).rows(), self.cluster_names.sort("cluster_id").rows()]
        shown = self.public_cells.sort(key).select(*key, pl.col("status").cast(pl.String)).rows()
        whole = json.dumps([*numbers, shown, dict(self.about), self.rates_from], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()[:32]


class _OvertakenError(Exception):
    """Another release was entered meanwhile."""


def release(root: Path, request: Request, *, most_held_back: float) -> Release:
    """Write the release that is asked for, or find it; cells that earlier releases forbid are held back.

    Raises:
        ReleaseError: more than most_held_back of the cells that stand on enough people would be held back.
        StoreError: the ledger or a release is damaged, or the root cannot be written.
    """
    ledger, folder = Ledger(root), root / FOLDER
    while True:
        entries = ledger.entries(KIND)
        made = next((entry for entry in entries if entry.key == request.key), None)
        if made is None:
            contents, kept = _made(root, request, entries, f"{datetime.now(UTC):%Y-%m-%d}", most_held_back)
            try:
                _enter(root, ledger, request, kept, contents, entries)
            except _OvertakenError:
                continue
            return write(contents, folder)
        target = folder / made.body["release"]
        if target.exists():
            return find(target)
        before = [entry for entry in entries if entry.seq < made.seq]
        contents, _ = _made(root, request, before, made.body["created"], 1.0)
        if contents.id != made.body["release"]:
            raise StoreError(f"release {made.body['release']} cannot be made again as it was: bring back its folder")
        return write(contents, folder)


def faults_of(root: Path) -> pl.DataFrame:
    """Releases that do not fit the ledger, one row each: release, fault. A folder that was taken away is none.

    Raises:
        StoreError: the ledger's chain is broken.
    """
    ledger = Ledger(root)
    ledger.verify()
    entries = {str(entry.body["release"]): entry for entry in ledger.entries(KIND)}
    found: list[tuple[str, str]] = []
    for name, entry in entries.items():
        try:
            _earlier(root, entry)
        except StoreError:
            found.append((name, "its exact cells beside the ledger are missing or damaged"))
    lying = sorted(path for path in (root / FOLDER).glob("[!.]*") if path.is_dir() and not path.name.startswith(NOISY))
    for target in lying:
        if target.name not in entries:
            found.append((target.name, "the ledger does not know it: move it out of releases"))
            continue
        try:
            find(target)
            if not is_what_it_says(target):
                found.append((target.name, "it does not hold what it was released with"))
        except (StoreError, OSError, ValueError, KeyError):
            found.append((target.name, "its files are damaged"))
    return pl.DataFrame(found, schema={"release": pl.String, "fault": pl.String}, orient="row")


def _made(
    root: Path, request: Request, entries: Sequence[Entry], created: str, most_held_back: float
) -> tuple[Contents, dy.DataFrame[ReleasedCells]]:
    """What is released after these entries, and what is kept of it."""
    least = int(request.about["least_people"])
    earlier = [_earlier(root, entry) for entry in entries]
    held = hold_back(request.cells, request.cluster_names, request.public_cells, earlier=earlier, least_people=least)
    refuse_too_little(request.public_cells, held, most_held_back)
    told, kept = carry_forward(request.cells, request.cluster_names, held, earlier=earlier, least_people=least)
    about = {**request.about, "created": created}
    return contents_of(told, request.rates(held, told), request.cluster_names, about=about), kept


def _enter(
    root: Path,
    ledger: Ledger,
    request: Request,
    kept: dy.DataFrame[ReleasedCells],
    contents: Contents,
    entries: Sequence[Entry],
) -> None:
    """Keep the exact cells, then enter the release, unless another one was entered since these entries were read."""
    buffer = io.BytesIO()
    kept.write_parquet(buffer, compression="zstd")
    name = hashlib.sha256(buffer.getvalue()).hexdigest()
    path = root / BESIDE / f"{name}.parquet"
    private_folder(path.parent)
    with whole_file(path) as scratch:
        scratch.write_bytes(buffer.getvalue())

    def nobody_came_between(now: Sequence[Entry]) -> None:
        if len([entry for entry in now if entry.kind == KIND]) != len(entries):
            raise _OvertakenError

    rules = {name: request.about[name] for name in ("least_people", "round_to")}
    body = {"release": contents.id, "created": contents.facts["created"], "cells": name, **rules}
    ledger.append(KIND, request.key, body, accept=nobody_came_between)


def _earlier(root: Path, entry: Entry) -> dy.DataFrame[ReleasedCells]:
    path = root / BESIDE / f"{entry.body['cells']}.parquet"
    try:
        read = path.read_bytes()
    except OSError:
        read = b""
    if hashlib.sha256(read).hexdigest() != entry.body["cells"]:
        raise StoreError(
            f"{path} is missing or damaged, so nothing can be held against it: bring it back from a backup"
        )
    return ReleasedCells.validate(pl.read_parquet(io.BytesIO(read)), cast=True)


def refuse_too_little(before: pl.DataFrame, held: pl.DataFrame, most: float) -> None:
    """Raise a ReleaseError if more than a share of the numbers shown before are not shown once others are held back."""
    told = int(((before["status"] == "shown") & (before["n_people"] > 0)).sum())
    lost = told - int(((held["status"] == "shown") & (held["n_people"] > 0)).sum())
    if lost > most * told:
        raise ReleaseError(
            f"no release: {lost} of {told} numbers would tell about few people beside earlier releases; "
            "wait until more people have come, or release a later period only (--since)"
        )
