"""What every format gives back, and the small readings that all formats share: ids, times, models, texts."""

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from guidance_atlas.stages.ingest.codes import Unusable

ID_KEYS = ("conversation_id", "conversationId", "id", "uuid", "conversation_hash", "chat_id", "thread_id", "session_id")
PERSON_KEYS = ("user_id", "userId", "user", "hashed_ip")
TIME_KEYS = ("created_at", "createdAt", "create_time", "timestamp", "tstamp", "ts", "started_at", "start_time")
MODEL_KEYS = ("model", "model_name", "model_slug", "default_model_slug")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
LONGEST_ID = 256
MODEL_NAME = re.compile(r"[\w.:/@+-]{1,80}", re.ASCII)
NUMBER = re.compile(r"-?\d{9,20}(\.\d+)?", re.ASCII)

SPEAKS = {
    **dict.fromkeys(("user", "human", "prompter", "customer"), "user"),
    **dict.fromkeys(("assistant", "gpt", "ai", "bot", "model", "chatgpt", "bing", "bard"), "assistant"),
    **dict.fromkeys(("system", "developer", "tool", "function", "function_call", "observation", "tool_response"), ""),
}


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation as its source tells it. n_unread counts system, tool, image and empty parts."""

    source_id: str | None
    source_person: str | None
    started_at: datetime | None
    model: str | None
    turns: list[tuple[str, str]]
    n_unread: int


def as_id(value: object) -> str | None:
    """Read an id. Only text and whole numbers name something; a fraction may be a number that lost its end."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    value = str(value)
    if len(value) > LONGEST_ID:
        return "long:" + hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
    return value.encode("utf-8", "backslashreplace").decode() or None


def as_time(value: object) -> datetime | None:
    """Read a moment: ISO text, or seconds, milli-, micro- or nanoseconds since 1970 told apart by their size.

    A time without a zone is taken as UTC. Null outside 2000 to 2100, and for anything that is no time.
    """
    try:
        if isinstance(value, str):
            text = value.strip().removesuffix(" UTC")
            if not NUMBER.fullmatch(text):
                moment = datetime.fromisoformat(text)
                moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
                return moment if EARLIEST <= moment < LATEST else None
            value = float(text)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        seconds = float(value)
        for limit, scale in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)):
            if seconds >= limit:
                seconds /= scale
                break
        moment = EPOCH + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return moment if EARLIEST <= moment < LATEST else None


def as_model(value: object) -> str | None:
    """Read a model's name; null unless it is a plain name, so that no sentence can hide in it."""
    return value if isinstance(value, str) and MODEL_NAME.fullmatch(value) else None


def first_id(record: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    """Return the first readable id under these keys; an object counts by its own id or uuid."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, dict):
            value = value.get("id", value.get("uuid"))
        found = as_id(value)
        if found is not None:
            return found
    return None


def first_time(record: Mapping[str, Any], keys: Iterable[str] = TIME_KEYS) -> datetime | None:
    """Return the first readable time under these keys."""
    return next((moment for key in keys if (moment := as_time(record.get(key))) is not None), None)


def first_model(record: Mapping[str, Any], keys: Iterable[str] = MODEL_KEYS) -> str | None:
    """Return the first plain model name under these keys."""
    return next((name for key in keys if (name := as_model(record.get(key))) is not None), None)


def speaker(role: object) -> str:
    """Return user, assistant, or empty for parts that are counted and not read.

    Raises:
        Unusable: wrong_type or unknown_role.
    """
    if not isinstance(role, str):
        raise Unusable("wrong_type")
    known = SPEAKS.get(role)
    if known is None:
        known = SPEAKS.get(role.strip().lower())
    if known is None:
        raise Unusable("unknown_role")
    return known


def text_of(content: object) -> tuple[str, int]:
    """Read a message's content: text, null, a block, or a list of blocks. Returns its text and the parts not read.

    A block is text, or an object whose type is text; images, tool calls, thoughts and the like are counted.

    Raises:
        Unusable: wrong_type.
    """
    if isinstance(content, str):
        return content, 0 if content and not content.isspace() else 1
    if content is None:
        return "", 1
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        raise Unusable("wrong_type")
    texts, n_unread = [], 0
    for block in content:
        text = _block(block)
        if text and not text.isspace():
            texts.append(text)
        else:
            n_unread += 1
    return "\n".join(texts), n_unread if texts else max(n_unread, 1)


def _block(block: object) -> str:
    if isinstance(block, str):
        return block
    if block is None:
        return ""
    if not isinstance(block, dict):
        raise Unusable("wrong_type")
    if block.get("type", "text") not in ("text", "input_text", "output_text"):
        return ""
    text = block.get("text", block.get("content"))
    if text is not None and not isinstance(text, str):
        raise Unusable("wrong_type")
    return text or ""


def read_messages(
    messages: object, *, role: str = "role", content: tuple[str, ...] = ("content",)
) -> tuple[list[tuple[str, str]], int]:
    """Read a list of messages into turns, and count the parts not read.

    Raises:
        Unusable: wrong_type or unknown_role.
    """
    if not isinstance(messages, list):
        raise Unusable("wrong_type")
    turns, n_unread = [], 0
    for message in messages:
        if not isinstance(message, dict):
            raise Unusable("wrong_type")
        who = speaker(message.get(role))
        if not who:
            n_unread += 1
            continue
        body = next((message[key] for key in content if message.get(key) is not None), None)
        text, skipped = text_of(body)
        n_unread += skipped
        if text and not text.isspace():
            turns.append((who, text))
    return turns, n_unread
