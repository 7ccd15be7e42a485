"""What a run root remembers of the people it forgot: keyed hashes and days, no id; and whether work on them is open."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from guidance_atlas.errors import SettingsError, StoreError
from guidance_atlas.settings import SECRET_VARIABLE
from guidance_atlas.stages.forgotten import Forgotten, tombstone
from guidance_atlas.store import whole_file

FILE = "tombstones.json"


@dataclass(frozen=True)
class Tombstones:
    """The day of each tombstone. open: rows or numbers of what may not be held may still be there."""

    days: dict[str, str] = field(default_factory=dict)
    open: bool = False


def read_tombstones(root: Path, secret: bytes) -> Tombstones:
    """The root's tombstones; none where there is no such file.

    Raises:
        SettingsError: they were made under another secret, so nobody would be known by them.
        StoreError: the file is damaged.
    """
    told = _read(root)
    if told is None:
        return Tombstones()
    if told["tombstones"] and told["made_under"] != _made_under(secret):
        raise SettingsError(
            f"the forgotten people of {root} are remembered under another secret and would come back; put that secret "
            f"back into {SECRET_VARIABLE} or {root / 'secret'}"
        )
    return Tombstones(dict(told["tombstones"]), bool(told["open"]))


def add_tombstones(root: Path, secret: bytes, hashes: frozenset[str]) -> Tombstones:
    """Remember these as of today, and that work on them is open; a tombstone keeps its first day."""
    known = read_tombstones(root, secret)
    more = Tombstones(dict.fromkeys(sorted(hashes), today().isoformat()) | known.days, open=True)
    _write(root, secret, more)
    return more


def close_tombstones(root: Path, secret: bytes) -> None:
    """Note that neither rows nor numbers of what may not be held are left."""
    _write(root, secret, replace(read_tombstones(root, secret), open=False))


def refuse_open(root: Path) -> None:
    """Refuse to work with numbers in which somebody may still be counted who was to be forgotten.

    Raises:
        StoreError: such work is open.
    """
    told = _read(root)
    if told is not None and told["open"]:
        raise StoreError(
            f"the numbers of {root} may count somebody who was to be forgotten: run guidance-atlas forget --root "
            f"{root} without a key, or the last run again, to finish it"
        )


def forgotten_of(tombstones: Tombstones, *, retention: int | None) -> Forgotten:
    """What a run may not hold; retention: days, null: no limit of age."""
    first_day = None if retention is None else today() - timedelta(days=retention)
    return Forgotten(tombstones=frozenset(tombstones.days), first_day=first_day)


def today() -> date:
    """The day in UTC."""
    return datetime.now(UTC).date()


def _made_under(secret: bytes) -> str:
    return tombstone(secret, "secret", "made under")


def _read(root: Path) -> dict[str, Any] | None:
    path = root / FILE
    if not path.exists():
        return None
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        whole = set(told) == {"made_under", "open", "tombstones"} and isinstance(told["tombstones"], dict)
    except (ValueError, TypeError):
        whole = False
    if not whole:
        raise StoreError(f"{path} is damaged, so forgotten people would come back; put it back from a backup")
    return told


def _write(root: Path, secret: bytes, tombstones: Tombstones) -> None:
    told = {"made_under": _made_under(secret), "open": tombstones.open, "tombstones": tombstones.days}
    with whole_file(root / FILE) as scratch:
        scratch.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
