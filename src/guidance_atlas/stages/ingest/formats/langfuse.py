"""langfuse: one trace or one observation, as the application's tables, its API and its bucket export write it.

Fields in either spelling: sessionId or session_id, userId, timestamp or startTime, input, output, model or
provided_model_name (https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields). Input and
output may be anything: here a text, a message, a list of messages, or an object with "messages" are read, also as JSON
in a text.

Which conversation: where input holds a list of messages, each call repeats the history, so the session names the
conversation and its longest record is kept later on. Where input is a plain text, every exchange stands alone, and the
trace names it; otherwise all but one exchange of a session would be taken for repeats.
"""

from typing import Any

from guidance_atlas.stages.ingest.codes import Unusable
from guidance_atlas.stages.ingest.parse import Json, parse_value
from guidance_atlas.stages.ingest.talk import Talk, first_id, first_model, first_time, read_messages, text_of

NAME = "langfuse"
MARKS = (
    "sessionId",
    "session_id",
    "traceId",
    "trace_id",
    "observations",
    "projectId",
    "project_id",
    "htmlPath",
    "startTime",
)
MODELS = ("model", "provided_model_name", "providedModelName")

Turns = list[tuple[str, str]]


def looks_like(record: Json) -> bool:
    """Whether there is an input and an output, and something that only Langfuse writes."""
    return "input" in record and "output" in record and any(mark in record for mark in MARKS)


def read(record: Json) -> Talk:
    """Read one trace or observation; a trace that says nothing itself is told by its longest generation."""
    turns, n_unread, history = _exchange(record)
    model = first_model(record, MODELS)
    for observation in _generations(record):
        model = model or first_model(observation, MODELS)
        if not turns:
            turns, n_unread, history = _exchange(observation)
    trace = ("traceId", "trace_id", "id")
    session = ("sessionId", "session_id")
    return Talk(
        source_id=first_id(record, (*session, *trace) if history else trace),
        source_person=first_id(record, ("userId", "user_id")),
        started_at=first_time(record, ("timestamp", "startTime", "start_time", "createdAt", "created_at")),
        model=model,
        turns=turns,
        n_unread=n_unread,
    )


def _generations(record: Json) -> list[Json]:
    given = record.get("observations")
    found = (
        [item for item in given if isinstance(item, dict) and item.get("type") == "GENERATION"]
        if isinstance(given, list)
        else []
    )
    return sorted(
        found, key=lambda item: len(item["input"]) if isinstance(item.get("input"), list) else 0, reverse=True
    )


def _exchange(record: Json) -> tuple[Turns, int, bool]:
    asked, n_asked, history = _side(record.get("input"), "user")
    answered, n_answered, _ = _side(record.get("output"), "assistant")
    return asked + answered, n_asked + n_answered, history


def _side(value: Any, role: str) -> tuple[Turns, int, bool]:  # noqa: ANN401 - any JSON value
    """Read input or output. The last value says whether it was a list of messages."""
    value = _unpacked(value)
    if isinstance(value, dict):
        value = _inner(value)
    if _is_messages(value):
        turns, n_unread = read_messages(value)
        return turns, n_unread, True
    if value is None:
        return [], 0, False
    text, n_unread = text_of(value)
    return ([(role, text)] if text and not text.isspace() else []), n_unread, False


def _inner(value: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value.get("messages"), list):
        return value["messages"]
    if "role" in value:
        return [value]
    if "content" not in value:
        raise Unusable("wrong_type")
    return value["content"]


def _is_messages(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "role" in item for item in value)


def _unpacked(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Open JSON in a text, where it is shaped like messages: a person may well type other JSON."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[", '"')):
        return value
    try:
        found = parse_value(value)
    except Unusable:
        return value
    shaped = isinstance(found, dict) and not found.keys().isdisjoint(("messages", "role", "content"))
    return found if shaped or _is_messages(found) or isinstance(found, str) else value
