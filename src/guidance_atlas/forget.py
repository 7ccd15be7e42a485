"""Forgetting: what may not be held is taken out of a run root, remembered as tombstones, and counted no more.

The order makes it safe to be killed anywhere: tombstones first (nobody comes back meanwhile), then words, then rows,
then numbers, then the receipt; the tombstones stay marked as open until all is done, and whoever comes next, `forget`
or a run, goes on.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from guidance_atlas.chain import Scope, Stage
from guidance_atlas.contracts import Parts
from guidance_atlas.databases import ATLAS, INTERNAL, read_internal, settings_of_last_run
from guidance_atlas.erase import Erased, Found, erase_halves, erase_sheets, erase_vault, look_for, stored_keys
from guidance_atlas.errors import AbsentError, AtlasError, SettingsError, StoreError
from guidance_atlas.labelling.sheet import FOLDER as SHEETS
from guidance_atlas.modes import check_modes
from guidance_atlas.plan import plan
from guidance_atlas.publish import publish
from guidance_atlas.receipts import may_count, write_receipt
from guidance_atlas.runner import Keys, missing, part_keys, run_corpus
from guidance_atlas.settings import Settings, known_secret
from guidance_atlas.stages.forgotten import CONVERSATION, PERSON, Forgotten, tombstone
from guidance_atlas.stages.ingest.talk import as_id
from guidance_atlas.stages.keys import conversation_key, person_key
from guidance_atlas.store import Store, only_run, whole_file
from guidance_atlas.tombstones import add_tombstones, close_tombstones, forgotten_of, read_tombstones

HEX = frozenset("0123456789abcdef")
KEY_LENGTH = 32


@dataclass(frozen=True)
class Clearing:
    """An erasure whose numbers are still to be made anew."""

    asked: Sequence[Mapping[str, str]]
    found: Found
    erased: Erased
    sheet_rows: int
    unread: Sequence[Path]


def forget(
    root: Path, *, people: Sequence[str] = (), conversations: Sequence[str] = (), even_if_absent: bool = False
) -> dict[str, object]:
    """Forget people and conversations, by their ids in the source or their keys in the vault.

    Without any it goes over all tombstones again: after a backup was put back, or where a forgetting was killed.
    Returns keys asked for, records and rows taken out, files written anew and removed, rows taken out of sheets, ids of
    releases that may count them, whether numbers were made anew, and the path of the receipt.

    Raises:
        AbsentError: one of them is stored nowhere; nothing was changed.
        SettingsError: the secret is missing or another one.
        StoreError: there is no run root, or what is left cannot be made anew; the message says what to do.
    """
    if not (root / "vault").is_dir():
        raise StoreError(f"{root} is no run root; give the one that guidance-atlas run wrote by --root")
    check_modes(root)
    secret = known_secret(root)
    with only_run(root):
        store, known = Store(root / "vault"), read_tombstones(root, secret)
        asked = [_candidates(secret, PERSON, one) for one in people]
        asked += [_candidates(secret, CONVERSATION, one) for one in conversations]
        hashes = [{"kind": kind, "tombstone": tombstone(secret, kind, key)} for kind, keys in asked for key in keys]
        wanted = frozenset(one["tombstone"] for one in hashes)
        found = look_for(store, Forgotten(wanted | set(known.days)), secret=secret)
        absent = [] if even_if_absent else _absent(asked, stored_keys(store), known.days, secret)
        if absent:
            raise AbsentError(
                f"nothing is stored of key {', '.join(map(str, absent))} of {len(asked)}, and nothing was changed; "
                "check the id, the root and its secret; to shut them out of later runs add --even-if-absent"
            )
        add_tombstones(root, secret, wanted)
        last = _last_run(root, store, secret)
        touched = bool(found) or known.open or not asked
        clearing = _clear(root, store, found, hashes, parts=last.keys, stages=last.stages, vault=touched)
        recounted = _recount(root, store, last) if touched else False
        return _settle(root, secret, clearing, recounted=recounted) | {"forgotten": len(asked)}


def clear_for_run(
    root: Path, store: Store, stages: Sequence[Stage], settings: Settings, secret: bytes
) -> tuple[Forgotten, Clearing | None]:
    """What a run may not hold, and what of it was taken out before it begins; None where nothing was or is open."""
    tombstones = read_tombstones(root, secret)
    forgotten = forgotten_of(tombstones, retention=settings.retention.days)
    if not tombstones.open and forgotten.first_day is None:
        return forgotten, None
    found = look_for(store, forgotten, secret=secret)
    if not found and not tombstones.open:
        return forgotten, None
    add_tombstones(root, secret, frozenset())
    parts = read_internal(root, "parts")["parts"] if (root / INTERNAL).is_file() else Parts.create_empty()
    asked = [{"kind": "retention", "first_day": str(forgotten.first_day)}] if forgotten.first_day else []
    return forgotten, _clear(root, store, found, asked, parts=_known(parts, stages, store), stages=stages)


def settle_after_run(root: Path, secret: bytes, clearing: Clearing) -> None:
    """After the numbers were made anew by a run: old ones go, the receipt is written, nothing is open."""
    _settle(root, secret, clearing, recounted=True)


@dataclass(frozen=True)
class _LastRun:
    """What is known of the last run: none of it where another version made it."""

    parts: pl.DataFrame
    keys: Mapping[str, Keys]
    stages: Sequence[Stage]
    settings: Settings | None


def _last_run(root: Path, store: Store, secret: bytes) -> _LastRun:
    if not (root / INTERNAL).is_file():
        return _LastRun(Parts.create_empty(), {}, (), None)
    parts = Parts.validate(read_internal(root, "parts")["parts"].sort("position"), cast=True)
    try:
        settings = settings_of_last_run(root)
        stages = plan(settings, secret)
    except AtlasError:
        return _LastRun(parts, {}, (), None)
    return _LastRun(parts, _known(parts, stages, store), stages, settings)


def _known(parts: pl.DataFrame, stages: Sequence[Stage], store: Store) -> dict[str, Keys]:
    """The tables of every part of which all are stored under these stages."""
    keys = {part: part_keys(stages, part) for part in parts["part"].unique(maintain_order=True)}
    return {part: tables for part, tables in keys.items() if not missing(stages, tables, store)}


def _candidates(secret: bytes, kind: str, given: str) -> tuple[str, list[str]]:
    """The keys that may be meant: of the id in the source, and the text itself where it looks like a key."""
    named = as_id(given)
    if named is None:
        raise SettingsError("an empty text is nobody's id; give the id as the logs have it")
    hashed = person_key(secret, named) if kind == PERSON else conversation_key(secret, named)
    return kind, [hashed, given] if len(given) == KEY_LENGTH and set(given) <= HEX else [hashed]


def _absent(
    asked: Sequence[tuple[str, list[str]]], stored: Collection[str], known: Collection[str], secret: bytes
) -> list[int]:
    """Which of those asked for, counted from 1, neither the vault nor a tombstone knows."""
    return [
        number
        for number, (kind, keys) in enumerate(asked, start=1)
        if not any(key in stored or tombstone(secret, kind, key) in known for key in keys)
    ]


def _clear(
    root: Path,
    store: Store,
    found: Found,
    asked: Sequence[Mapping[str, str]],
    *,
    parts: Mapping[str, Keys],
    stages: Sequence[Stage],
    vault: bool = True,
) -> Clearing:
    corpus = {step.writes.__name__ for step in stages if step.scope is Scope.CORPUS}
    sheet_rows, unread = erase_sheets(root / SHEETS, found.staying)
    erased = erase_vault(store, found, parts=parts, corpus=corpus) if vault else Erased()
    erased.removed += erase_halves(root)
    return Clearing(asked, found, erased, sheet_rows, unread)


def _recount(root: Path, store: Store, last: _LastRun) -> bool:
    """Make all numbers anew as the last run did, but for the release; false where there are none.

    Raises:
        StoreError: another version of the program, other settings or another secret made the last run.
    """
    if not (root / INTERNAL).is_file():
        return False
    if last.settings is None or set(last.keys) != set(last.parts["part"]):
        raise StoreError(
            f"they are out of the vault of {root}, but its numbers were made by another version or under another "
            "secret and count them still: run guidance-atlas run over the same sources to make them anew"
        )
    tables, _used = run_corpus(last.stages, last.parts, store=store)
    published = publish(root, tables=tables, parts=last.parts, settings=last.settings, leave=False)
    path = root / "last_run.json"
    if path.exists():
        told = json.loads(path.read_text(encoding="utf-8")) | {"atlas": published["atlas"]}
        with whole_file(path) as scratch:
            scratch.write_text(json.dumps(told, indent=2), encoding="utf-8")
    return True


def _settle(root: Path, secret: bytes, clearing: Clearing, *, recounted: bool) -> dict[str, object]:
    if recounted:
        current = (root / ATLAS).resolve()
        for old in root.glob("atlas-*.duckdb*"):
            if old.name != current.name:
                old.unlink()
    if clearing.unread:
        names = ", ".join(str(path) for path in clearing.unread)
        raise StoreError(
            f"{names} cannot be read as a sheet and may hold masked words of theirs: save it as CSV or delete it, "
            "then run the same command again"
        )
    erased, found = clearing.erased, clearing.found
    counts = {
        "records": found.n_records,
        "rows": erased.rows,
        "files_rewritten": erased.rewritten,
        "files_removed": erased.removed,
        "sheet_rows": clearing.sheet_rows,
        "releases_that_may_count_them": may_count(root / "releases", found.first_day) if found else [],
        "recounted": recounted,
    }
    receipt = write_receipt(root, {"asked": list(clearing.asked), **counts})
    close_tombstones(root, secret)
    return counts | {"receipt": str(receipt)}
