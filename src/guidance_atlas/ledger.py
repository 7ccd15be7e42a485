"""The ledger of a run root: what was spent and what was released, appended only, each entry chained to the one before.

One SQLite file, ledger.sqlite, mode 0600. An entry is decided on and written in one transaction that no other process
can enter, and is on the disk before append returns, so a crash can lose files but never a charge.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guidance_atlas.errors import StoreError
from guidance_atlas.store import disk_error

LEDGER = "ledger.sqlite"
WAITS_S = 60.0  # for another process to leave the ledger
BEGINNING = "0" * 64  # what the first entry is chained to
# The triggers stand against slips; against a deliberate change stands the chain.
SHAPE = """
create table if not exists entries (
    seq integer primary key, at text not null, kind text not null, key text not null,
    body text not null, previous text not null, hash text not null unique
) strict;
create trigger if not exists no_update before update on entries begin select raise(abort, 'append only'); end;
create trigger if not exists no_delete before delete on entries begin select raise(abort, 'append only'); end;
"""


class LedgerDamagedError(StoreError):
    """The ledger is not what was written: its chain is broken, or it cannot be read."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. seq counts from 1 over all kinds; at is UTC; body is what the kind wants to remember."""

    seq: int
    at: str
    kind: str
    key: str
    body: Mapping[str, Any]
    previous: str
    hash: str


def accept_all(_entries: Sequence[Entry]) -> None:
    """Refuse nothing."""


class Ledger:
    """The ledger of one run root; made when something is first appended."""

    def __init__(self, root: Path) -> None:
        self.path = root / LEDGER

    def append(
        self,
        kind: str,
        key: str,
        body: Mapping[str, Any],
        *,
        accept: Callable[[Sequence[Entry]], None] = accept_all,
    ) -> Entry:
        """Add an entry, unless accept raises.

        accept sees every entry so far, whole chain checked, and no other process can add one before this is written:
        check and charge are one step. What it raises goes on to the caller, and nothing is added. body is written as
        JSON and holds no words of anybody.

        Raises:
            StoreError: the ledger is damaged, open to others, or cannot be written.
        """
        with self._opened() as connection:
            connection.execute("begin immediate")
            try:
                entries = _chained(connection)
                accept(entries)
                entry = _following(entries, kind, key, body)
                connection.execute("insert into entries values (?, ?, ?, ?, ?, ?, ?)", _row(entry))
                connection.execute("commit")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("rollback")
                raise
        return entry

    def entries(self, kind: str | None = None) -> list[Entry]:
        """Every entry, or those of a kind, in order; none where there is no ledger yet.

        Raises:
            StoreError: the ledger is damaged, open to others, or cannot be read.
        """
        if not self.path.exists():
            return []
        with self._opened() as connection:
            return [entry for entry in _chained(connection) if kind in (None, entry.kind)]

    def verify(self, *, known: str | None = None) -> str:
        """Walk the whole chain and return its head, the last entry's hash.

        A row that was changed, removed from the middle, added in between or moved is found. That the last rows are
        missing, or that somebody who can write the file made a whole new chain, is found only against a hash that was
        noted before and kept elsewhere: give it as known.

        Raises:
            StoreError: the chain is broken, or known is not in it.
        """
        entries = self.entries()
        if known not in (None, BEGINNING, *(entry.hash for entry in entries)):
            raise LedgerDamagedError(
                f"{self.path.name} does not hold the entry that was noted: bring back the whole file"
            )
        return _head(entries)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            if not self.path.exists():
                os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
            if self.path.stat().st_mode & 0o077:
                raise StoreError(f"{self.path} is open to others; run: chmod 600 {self.path}")
            with closing(sqlite3.connect(self.path, timeout=WAITS_S, isolation_level=None)) as connection:
                # extra: the folder is synced too, else a power cut may bring the journal back and undo a charge
                connection.execute("pragma synchronous = extra")
                connection.executescript(SHAPE)
                yield connection
        except sqlite3.OperationalError as error:
            raise StoreError(f"{self.path.name} cannot be used ({error}); look at the disk and try again") from None
        except sqlite3.Error:
            raise LedgerDamagedError(_damaged("it cannot be read")) from None
        except OSError as error:
            raise disk_error(self.path, error) from None


def _chained(connection: sqlite3.Connection) -> list[Entry]:
    """Every entry in order, each held against its own hash and against the one before."""
    rows = connection.execute("select seq, at, kind, key, body, previous, hash from entries order by seq").fetchall()
    entries: list[Entry] = []
    for place, (seq, at, kind, key, body, previous, told) in enumerate(rows, start=1):
        if seq != place:
            raise LedgerDamagedError(_damaged(f"entry {place} is missing"))
        if previous != _head(entries) or told != _hash(seq, at, kind, key, body, previous):
            raise LedgerDamagedError(_damaged(f"entry {seq} is not what was written"))
        entries.append(Entry(seq, at, kind, key, json.loads(body), previous, told))
    return entries


def _following(entries: Sequence[Entry], kind: str, key: str, body: Mapping[str, Any]) -> Entry:
    text = _text(body)
    seq, previous, at = len(entries) + 1, _head(entries), datetime.now(UTC).isoformat(timespec="seconds")
    return Entry(seq, at, kind, key, json.loads(text), previous, _hash(seq, at, kind, key, text, previous))


def _row(entry: Entry) -> tuple[int | str, ...]:
    return (entry.seq, entry.at, entry.kind, entry.key, _text(entry.body), entry.previous, entry.hash)


def _text(body: Mapping[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, allow_nan=False, separators=(",", ":"))


def _hash(*fields: int | str) -> str:
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def _head(entries: Sequence[Entry]) -> str:
    return entries[-1].hash if entries else BEGINNING


def _damaged(what: str) -> str:
    return f"{LEDGER} is damaged, {what}: bring back the whole file from a backup, nothing is released until then"
