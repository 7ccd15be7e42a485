"""A receipt of what was forgotten: counts and hashes that tell nobody more than the tombstones do."""

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from guidance_atlas.store import private_folder, whole_file

FOLDER = "receipts"


def write_receipt(root: Path, told: Mapping[str, object]) -> Path:
    """Write a receipt, mode 0600, with the moment and a digest of all the rest.

    Raises:
        StoreError: the disk is full or cannot be written.
    """
    folder = root / FOLDER
    private_folder(folder)
    now = datetime.now(UTC)
    receipt = {"when": f"{now:%Y-%m-%dT%H:%M:%SZ}", **told}
    digest = hashlib.sha256(canonical(receipt)).hexdigest()
    path = folder / f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.json"
    with whole_file(path) as scratch:
        scratch.write_text(json.dumps(receipt | {"digest": digest}, indent=1) + os.linesep, encoding="utf-8")
    return path


def canonical(receipt: Mapping[str, object]) -> bytes:
    """The bytes that a receipt's digest is of: its fields but the digest, as JSON with sorted keys and no spaces."""
    rest = {name: value for name, value in receipt.items() if name != "digest"}
    return json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()


def may_count(releases: Path, first_day: str | None) -> list[str]:
    """Ids of the releases that may count a conversation: all but those made before its day; null: all.

    A release does not say which conversations it counts, so this names rather too many than too few.
    """
    found = []
    for manifest in sorted(releases.glob("*/manifest.json")):
        try:
            created = str(json.loads(manifest.read_text(encoding="utf-8")).get("created", "9999"))
        except (OSError, ValueError, AttributeError):
            created = "9999"
        if first_day is None or created >= first_day:
            found.append(manifest.parent.name)
    return found
