"""A structured log that keeps only fields known to be safe. Everything else is dropped by name, never by value."""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

LOGGABLE = frozenset(
    {
        "event", "level", "timestamp", "stage", "table", "part", "key", "scope", "error_kind", "place", "code",
        "n_rows", "n_records", "n_parts", "n_done", "n_stored", "n_failed", "n_workers", "seconds", "version", "run_id",
    }
)  # fmt: skip


def keep_loggable(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the fields said to be safe; name the others so that nobody looks for them in vain."""
    dropped = sorted(set(event) - LOGGABLE)
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in LOGGABLE}
    return kept | ({"dropped_fields": ",".join(dropped)} if dropped else {})


@contextmanager
def open_log(path: Path) -> Iterator[Any]:
    """A logger that appends JSON lines to a file only its owner can read."""
    path.touch(mode=0o600, exist_ok=True)
    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        keep_loggable,
        structlog.processors.JSONRenderer(),
    ]
    with path.open("a", encoding="utf-8", buffering=1) as stream:
        yield structlog.wrap_logger(structlog.PrintLogger(stream), processors=processors)
