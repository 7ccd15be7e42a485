"""Reads a world's logs back, in whichever of its formats."""

import gzip
import json
from pathlib import Path


def records(path: Path):
    """Every record of a file that is JSON at all."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".jsonl" not in path.name:
        return json.loads(text)
    found = []
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


def turns_of(record):
    """The id and turns of a record, in whichever format; no turns where it is malformed."""
    if not isinstance(record, dict):
        return None, []
    if "mapping" in record:
        turns, node = [], record["current_node"]
        while node:
            message = record["mapping"][node]["message"]
            turns += [message["content"]["parts"][0]] if message else []
            node = record["mapping"][node]["parent"]
        return record["id"], turns[::-1]
    said = record.get("messages", record.get("chat_messages", record.get("conversations")))
    if not isinstance(said, list):
        return None, []
    texts = [turn.get("content", turn.get("text", turn.get("value"))) for turn in said]
    return record.get("id", record.get("uuid")), texts
