"""Taking conversations out of what is stored: every table of the vault, and the sheets that people label.

Files are written whole and swapped, never changed in place. Words go first and the rows that say whose they are last,
so that an erasure that was killed finds the rest when it is begun again.
"""

import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from guidance_atlas.contracts import Conversations, Exposure
from guidance_atlas.databases import SCRATCH
from guidance_atlas.errors import SourceError
from guidance_atlas.labelling.sheet import read_rows, save
from guidance_atlas.runner import Keys
from guidance_atlas.stages.forgotten import Forgotten, blanked
from guidance_atlas.store import Store

# Where files are written before they take their names: see store.whole_file, databases and the two writers of releases.
HALF_FILE = re.compile(r"\..+\.[0-9a-f]{8}")
HALF_FOLDERS = (f"{SCRATCH}*", "releases/.release-*")


@dataclass
class Erased:
    """What an erasure took out: rows by table, files written anew or removed whole."""

    rows: dict[str, int] = field(default_factory=dict)
    rewritten: int = 0
    removed: int = 0

    def count(self, table: str, rows: int) -> None:
        """Count rows taken out of a file that was written anew."""
        if rows:
            self.rows[table] = self.rows.get(table, 0) + rows
            self.rewritten += 1


@dataclass(frozen=True)
class Found:
    """Conversations rows of the vault that may not be held, by file, and the ids of conversations that stay."""

    reasons: Mapping[Path, pl.Series]
    staying: pl.Series
    first_day: str | None  # of what was found; null where some has no date

    @property
    def n_records(self) -> int:
        """Records that may not be held."""
        return sum(int(reason.count()) for reason in self.reasons.values())

    def __bool__(self) -> bool:
        return bool(self.reasons)


def look_for(store: Store, forgotten: Forgotten, *, secret: bytes) -> Found:
    """Find in every Conversations table of the vault, of whatever run, what may not be held.

    An id that also belongs to a row that may not be held does not count as staying.
    """
    reasons: dict[Path, pl.Series] = {}
    staying, going, days = [], [], []
    for path in _files(store, Conversations.__name__):
        rows = pl.read_parquet(path, columns=["conversation_id", "person_key", "day"])
        reason = forgotten.reasons(rows, secret=secret)
        hit = reason.is_not_null()
        staying.append(rows.filter(~hit)["conversation_id"].drop_nulls())
        if hit.any():
            reasons[path] = reason
            going.append(rows.filter(hit)["conversation_id"])
            days.append(rows.filter(hit)["day"])
    stay = pl.concat(staying).unique() if staying else pl.Series([], dtype=pl.String)
    gone = pl.concat(going).unique() if going else pl.Series([], dtype=pl.String)
    day = pl.concat(days) if days else pl.Series([], dtype=pl.Date)
    first = None if day.is_empty() or day.has_nulls() else str(day.min())
    return Found(reasons, stay.filter(~stay.is_in(gone.implode())), first)


def stored_keys(store: Store) -> set[str]:
    """Every key of a person and every id of a conversation in the vault."""
    columns = ["person_key", "conversation_id"]
    frames = [pl.read_parquet(path, columns=columns) for path in _files(store, Conversations.__name__)]
    return {key for frame in frames for column in columns for key in frame[column].drop_nulls().unique()}


def erase_vault(store: Store, found: Found, *, parts: Mapping[str, Keys], corpus: Collection[str]) -> Erased:
    """Take out what was found.

    Args:
        store: the vault.
        found: what `look_for` found there.
        parts: the tables of each part that can be told apart: of these only rows go. Any other table goes whole if it
            holds an id that does not stay; a run makes it again.
        corpus: names of the tables over all parts; they go whole.
    """
    erased = Erased()
    known = {store.path(table, key) for keys in parts.values() for table, key in keys.items()}
    for path in _files(store):
        if path not in known and (path.parent.name in corpus or not _only(path, found.staying)):
            path.unlink()
            erased.removed += 1
    for keys in parts.values():
        whose = store.path(Conversations, keys[Conversations])
        if whose in found.reasons:
            _erase_part(store, keys, found.reasons[whose], erased)
    return erased


def _erase_part(store: Store, keys: Keys, reasons: pl.Series, erased: Erased) -> None:
    rows = store.read(Conversations, keys[Conversations])
    gone = rows.filter(reasons.is_not_null(), pl.col("outcome") == "kept")["conversation_id"]
    for table, key in keys.items():
        if table.exposure is Exposure.RAW or table is Conversations:
            continue
        before = store.read(table, key)
        after = before.filter(~pl.col("conversation_id").is_in(gone.implode()))
        if after.height < before.height:
            store.write(table, key, after)
            erased.count(table.__name__, before.height - after.height)
    coded = rows.with_columns(code=pl.coalesce(reasons.alias("reason"), "code"))
    store.write(Conversations, keys[Conversations], Conversations.validate(blanked(coded), cast=True))
    erased.count(Conversations.__name__, reasons.count())


def _files(store: Store, table: str = "*") -> list[Path]:
    """Files of the vault, those that say whose the others are last."""
    found = (path for path in store.folder.rglob("*") if path.is_file() and path.parent.match(table))
    return sorted(found, key=lambda path: (path.parent.name == Conversations.__name__, path))


def _only(path: Path, staying: pl.Series) -> bool:
    """Whether a file is a whole table of conversations that all stay."""
    if path.name.startswith(".") or path.suffix != ".parquet":
        return False
    try:
        ids = pl.read_parquet(path, columns=["conversation_id"])["conversation_id"].drop_nulls().unique()
    except (pl.exceptions.PolarsError, OSError):
        return False
    return bool(ids.is_in(staying.implode()).all())


def erase_halves(root: Path) -> int:
    """Remove what processes that were killed left half-written beside databases, releases, ledger and receipts.

    Returns how many files and folders went.
    """
    folders = [path for pattern in HALF_FOLDERS for path in root.glob(pattern)]
    places = (root, *(path for path in root.iterdir() if path.is_dir() and not path.is_symlink()))
    files = [path for place in places for path in place.iterdir() if HALF_FILE.fullmatch(path.name)]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    for file in files:
        file.unlink(missing_ok=True)
    return len(folders) + len(files)


def erase_sheets(folder: Path, staying: pl.Series) -> tuple[int, list[Path]]:
    """Take the rows of all other conversations out of the sheets in a folder.

    A sheet does not say whose a conversation is, so a row of one that is no more in the vault goes too; so do hidden
    files, which a saving that was killed leaves. Returns the rows taken out, and the files that cannot be read as
    sheets and may hold words.
    """
    stay, n_gone, unread = set(staying), 0, []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.name.startswith("."):
            path.unlink()
            continue
        try:
            rows = read_rows(path, with_text=False)
        except SourceError:
            if path.stat().st_size:
                unread.append(path)
            continue
        left = [row for row in rows if row["conversation_id"].strip() in stay]
        if len(left) < len(rows):
            n_gone += len(rows) - len(left)
            if left:
                save(path, left)
            else:
                path.unlink()
    return n_gone, unread
