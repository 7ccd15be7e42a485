"""A structured log that keeps only fields known to be safe. Everything else is dropped by name, never by value."""

import sys
from collections.abc import MutableMapping
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


def open_log(path: Path | None) -> Any:  # noqa: ANN401 - structlog's bound loggers have no common type
    """A logger that appends JSON lines to a file, or says nothing when there is none."""
    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        keep_loggable,
        structlog.processors.JSONRenderer(),
    ]
    if path is None:
        return structlog.wrap_logger(structlog.PrintLogger(sys.stderr), processors=[_say_nothing])
    path.touch(mode=0o600, exist_ok=True)
    stream = path.open("a", encoding="utf-8", buffering=1)
    return structlog.wrap_logger(structlog.PrintLogger(stream), processors=processors)


def _say_nothing(_logger: object, _method: str, _event: object) -> Any:  # noqa: ANN401
    raise structlog.DropEvent
