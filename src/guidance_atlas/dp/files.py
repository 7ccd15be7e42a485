"""The folder of a noisy release: tables as CSV, Parquet and JSON, a README, and a manifest of what was promised.

Every text in it is a word of the project's own vocabulary or a week, so there is nothing to be made harmless.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from guidance_atlas.contracts import NoisyCells, NoisyRates, Table
from guidance_atlas.store import disk_error

MANIFEST = "manifest.json"
README = """Release {id} of guidance-atlas {version}, with noise: differentially private for a person

How often people ask an assistant for personal guidance, about what, and where it pleases instead of helping.
Counts carry random noise, so that whoever sees this cannot tell whether any one person is among those counted: by
whether one is, with all they said from {since} to {until}, the odds of any outcome change by a factor of
exp({epsilon:g}) at most, except with a chance of about {delta:g}.

noisy_cells.csv, .parquet, .json    counts; columns below
noisy_rates.csv, .parquet, .json    shares made of them; columns below
manifest.json                       what was promised and spent, what is outside, the SHA-256 of every file

noisy_cells
{cells}

noisy_rates
{rates}

Of one person {conversations} conversation(s) in {cells_bound} cell(s) count, for each question, whatever they said.
All counts of a cut carry noise of their own: they need not add up, and a row is there whether anybody is behind it or
not. Intervals of counts hold the noise alone, intervals of shares the noise and the chance in who was asked. Neither
says how sure the labels are, and their errors are not taken out.
Outside the promise
{outside}
"""


def write_release(
    folder: Path,
    release_id: str,
    tables: Mapping[type[Table], pl.DataFrame],
    facts: Mapping[str, object],
) -> tuple[Path, bool]:
    """Write a release folder whole, or find it whole. Returns it, and whether it is new.

    A folder that lost a file or whose bytes changed is made anew: the tables are the same ones.

    Raises:
        StoreError: the folder cannot be written.
    """
    target = folder / release_id
    try:
        if _whole(target):
            return target, False
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".release-", dir=folder))
        try:
            _fill(scratch, release_id, tables, facts)
            shutil.rmtree(target, ignore_errors=True)
            _settle(scratch, target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise disk_error(target, error) from None
    return target, True


def _settle(scratch: Path, target: Path) -> None:
    """Give the folder its name at once; another process may have done so meanwhile, with the same files."""
    try:
        os.replace(scratch, target)
    except OSError:
        if not _whole(target):
            raise


def _fill(
    folder: Path, release_id: str, tables: Mapping[type[Table], pl.DataFrame], facts: Mapping[str, object]
) -> None:
    for table, frame in tables.items():
        plain = frame.with_columns(pl.col(pl.Enum).cast(pl.String))
        path = folder / {NoisyCells: "noisy_cells", NoisyRates: "noisy_rates"}[table]  # type: ignore[index]
        plain.write_csv(path.with_suffix(".csv"))
        plain.write_parquet(path.with_suffix(".parquet"), compression="zstd")
        whole = json.dumps({"id": release_id, "rows": plain.to_dicts()}, allow_nan=False, indent=1)
        path.with_suffix(".json").write_text(whole + "\n", encoding="utf-8")
    (folder / "README.txt").write_text(_readme(release_id, facts), encoding="utf-8")
    files = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    manifest = {"id": release_id, **facts, "rows": {t.__name__: f.height for t, f in tables.items()}, "files": files}
    text = json.dumps(manifest, indent=2, sort_keys=True, allow_nan=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    for path in folder.iterdir():
        path.chmod(0o644)
    folder.chmod(0o755)


def _readme(release_id: str, facts: Mapping[str, object]) -> str:
    outside = facts["outside"]
    assert isinstance(outside, list | tuple)
    return README.format(
        id=release_id,
        cells=_columns(NoisyCells),
        rates=_columns(NoisyRates),
        outside="\n".join(f"- {what}" for what in outside),
        cells_bound=facts["cells_of_a_person"],
        conversations=facts["conversations_of_a_person"],
        **{name: facts[name] for name in ("version", "since", "until", "epsilon", "delta")},
    )


def _columns(table: type[Table]) -> str:
    return "\n".join(f"{name:<14} {column.description}" for name, column in table.columns().items())


def _whole(target: Path) -> bool:
    """Whether the folder is there with every file as its manifest says."""
    manifest = target / MANIFEST
    if not manifest.is_file():
        return False
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    except (ValueError, KeyError):
        return False
    return all((target / name).is_file() and _sha256(target / name) == digest for name, digest in files.items())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
