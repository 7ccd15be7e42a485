"""A structured log that keeps only fields known to be safe. Everything else is dropped by name, never by value."""

import logging
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

OURS = logging.getLogger("guidance_atlas")


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
        log = structlog.wrap_logger(structlog.PrintLogger(stream), processors=processors)
        handler = _Handed(log)
        OURS.addHandler(handler)
        try:
            yield log
        finally:
            OURS.removeHandler(handler)


class _Handed(logging.Handler):
    """Hands warnings of adapters, which know no run, to the run's log: the fixed sentence and a code, no arguments."""

    def __init__(self, log: Any) -> None:  # noqa: ANN401
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        self._log.warning(str(record.msg), code=getattr(record, "code", None))
