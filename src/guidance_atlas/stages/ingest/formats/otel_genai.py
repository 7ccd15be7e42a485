"""otel-genai: one OpenTelemetry span of a call to a language model.

Fields as in the OTLP JSON encoding (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): attributes are a
list of {"key", "value": {"stringValue": …}}; a plain object of attributes is read too. The words are in
gen_ai.input.messages, gen_ai.output.messages and gen_ai.system_instructions, each a structure or JSON in a text, made
of messages with parts (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/). The older form is read where
those are missing: span events gen_ai.user.message, gen_ai.assistant.message, gen_ai.choice. Of several answers only the
first is read.

The conversation is named by gen_ai.conversation.id, session.id, or the trace. Each call repeats the history, so of the
spans of one conversation the longest is kept later on.
"""

from typing import Any

from guidance_atlas.stages.ingest.codes import Unusable
from guidance_atlas.stages.ingest.parse import Json, parse_value
from guidance_atlas.stages.ingest.talk import Talk, first_id, first_model, first_time, speaker, text_of

NAME = "otel-genai"
DETAILS = "gen_ai.client.inference.operation.details"
CONVERSATION = ("gen_ai.conversation.id", "session.id")
PEOPLE = ("enduser.id", "user.id", "enduser.pseudo.id")
MODELS = ("gen_ai.response.model", "gen_ai.request.model")
DEEPEST = 32


def looks_like(record: Json) -> bool:
    """Whether this is a span."""
    if "attributes" not in record:
        return False
    if any(key in record for key in ("spanId", "span_id", "traceId", "trace_id", "startTimeUnixNano")):
        return True
    attributes = record["attributes"]
    return isinstance(attributes, dict) and any(key.startswith("gen_ai.") for key in attributes)


def read(record: Json) -> Talk:
    """Read one span."""
    attributes = _attributes(record.get("attributes"))
    events = record.get("events")
    happened = [_event(event) for event in events] if isinstance(events, list) else []
    for name, fields in happened:
        if name == DETAILS:
            attributes = fields | attributes
    turns, n_unread = _messages(attributes)
    if not turns and not n_unread:
        turns, n_unread = _told_by_events(happened)
    return Talk(
        source_id=first_id(attributes, CONVERSATION) or first_id(record, ("traceId", "trace_id")),
        source_person=first_id(attributes, PEOPLE),
        started_at=first_time(
            record, ("startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime", "timestamp")
        ),
        model=first_model(attributes, MODELS),
        turns=turns,
        n_unread=n_unread,
    )


def _attributes(given: object) -> dict[str, Any]:
    if isinstance(given, dict):
        return given
    if not isinstance(given, list):
        raise Unusable("wrong_type")
    return {
        item["key"]: _value(item.get("value"))
        for item in given
        if isinstance(item, dict) and isinstance(item.get("key"), str)
    }


def _value(value: object, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(value, dict):
        return value
    if depth > DEEPEST:
        raise Unusable("too_deep")
    for kind in ("stringValue", "intValue", "doubleValue", "boolValue"):
        if kind in value:
            return value[kind]
    array, fields = value.get("arrayValue"), value.get("kvlistValue")
    if isinstance(array, dict) and isinstance(array.get("values"), list):
        return [_value(item, depth + 1) for item in array["values"]]
    if isinstance(fields, dict) and isinstance(fields.get("values"), list):
        return {
            item["key"]: _value(item.get("value"), depth + 1)
            for item in fields["values"]
            if isinstance(item, dict) and isinstance(item.get("key"), str)
        }
    return None


def _event(event: object) -> tuple[str, dict[str, Any]]:
    if not isinstance(event, dict) or not isinstance(event.get("name"), str):
        return "", {}
    return event["name"], _attributes(event.get("attributes", {}))


def _structure(value: object) -> list[Any]:
    if isinstance(value, str):
        try:
            value = parse_value(value)
        except Unusable:
            return [value]
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _messages(attributes: dict[str, Any]) -> tuple[list[tuple[str, str]], int]:
    turns, n_unread = [], len(_structure(attributes.get("gen_ai.system_instructions")))
    answers = _structure(attributes.get("gen_ai.output.messages"))
    for message in _structure(attributes.get("gen_ai.input.messages")) + answers[:1]:
        turn, skipped = _message(message)
        n_unread += skipped
        turns += turn
    return turns, n_unread + len(answers[1:])


def _message(message: object, role: str | None = None) -> tuple[list[tuple[str, str]], int]:
    if not isinstance(message, dict):
        raise Unusable("wrong_type")
    who = speaker(message.get("role", role))
    if not who:
        return [], 1
    text, skipped = text_of(message.get("parts", message.get("content")))
    return ([(who, text)] if text else []), skipped


def _told_by_events(events: list[tuple[str, dict[str, Any]]]) -> tuple[list[tuple[str, str]], int]:
    turns, n_unread, answered = [], 0, False
    for name, fields in events:
        if name == "gen_ai.choice":
            if answered:
                n_unread += 1
                continue
            answered = True
            body = _structure(fields.get("message", fields.get("gen_ai.event.content", fields.get("content"))))
            body = [item["message"] if isinstance(item, dict) and "message" in item else item for item in body]
            role = "assistant"
        elif name.startswith("gen_ai.") and name.endswith(".message"):
            body = _structure(fields.get("gen_ai.event.content", fields.get("content")))
            role = name.split(".")[1]
        else:
            continue
        for item in body or [None]:
            turn, skipped = _message(item if isinstance(item, dict) else {"content": item}, role)
            n_unread += skipped
            turns += turn
    return turns, n_unread
