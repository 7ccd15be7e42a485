"""The four formats a world is written in, as their makers export them. Each turns one conversation into one record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Record = dict[str, Any]
SECONDS_BETWEEN_TURNS = 41


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a world: its name and how a conversation is put in it. lines: one record a line, else one array."""

    file: str
    lines: bool
    record: Callable[[str, str, datetime, str, Sequence[str]], Record]


def openai_messages(talk_id: str, person: str, start: datetime, model: str, turns: Sequence[str]) -> Record:
    """Give {"id", "user", "created_at", "model", "messages"}."""
    roles = ("user", "assistant")
    messages = [{"role": roles[number % 2], "content": text} for number, text in enumerate(turns)]
    return {"id": talk_id, "user": person, "created_at": _iso(start), "model": model, "messages": messages}


def claude_export(talk_id: str, person: str, start: datetime, model: str, turns: Sequence[str]) -> Record:
    """Give {"uuid", "name", "created_at", "model", "account", "chat_messages"}."""
    senders = ("human", "assistant")
    messages = [
        {
            "uuid": f"{talk_id}-{number}",
            "sender": senders[number % 2],
            "text": text,
            "created_at": _iso(_at(start, number)),
        }
        for number, text in enumerate(turns)
    ]
    return {
        "uuid": talk_id,
        "name": "",
        "created_at": _iso(start),
        "model": model,
        "account": {"uuid": person},
        "chat_messages": messages,
    }


def chatgpt_export(talk_id: str, person: str, start: datetime, model: str, turns: Sequence[str]) -> Record:
    """Give a tree of messages; the path from current_node to the root is the conversation."""
    roles = ("user", "assistant")
    names = [f"{talk_id}-{number}" for number in range(len(turns) + 1)]
    mapping: Record = {names[0]: {"id": names[0], "message": None, "parent": None, "children": [names[1]]}}
    for number, text in enumerate(turns):
        name = names[number + 1]
        mapping[name] = {
            "id": name,
            "message": {
                "id": name,
                "author": {"role": roles[number % 2]},
                "create_time": _epoch(_at(start, number)),
                "content": {"content_type": "text", "parts": [text]},
                "metadata": {"model_slug": model} if number % 2 else {},
            },
            "parent": names[number],
            "children": names[number + 2 : number + 3],
        }
    return {
        "id": talk_id,
        "title": "",
        "create_time": _epoch(start),
        "user_id": person,
        "current_node": names[-1],
        "mapping": mapping,
    }


def sharegpt(talk_id: str, person: str, start: datetime, model: str, turns: Sequence[str]) -> Record:
    """Give {"id", "user", "model", "timestamp", "conversations"}."""
    speakers = ("human", "gpt")
    said = [{"from": speakers[number % 2], "value": text} for number, text in enumerate(turns)]
    return {"id": talk_id, "user": person, "model": model, "timestamp": _iso(start), "conversations": said}


SOURCES = (
    Source("web.jsonl", True, openai_messages),
    Source("desk.json", False, claude_export),
    Source("phone.json", False, chatgpt_export),
    Source("partner.jsonl.gz", True, sharegpt),
)

# Records that cannot be used, by why: they are written as they stand.
MALFORMED_LINES = {
    "cut_short": b'{"id": "cut", "messages": [{"role": "user", "cont',
    "not_an_object": b'["hello"]',
    "no_turns": b'{"id": "empty", "model": "aster-1", "messages": []}',
    "wrong_type": b'{"id": "odd", "model": "aster-1", "messages": 12}',
}
MALFORMED_ITEMS = {
    "not_an_object": b"null",
    "no_turns": b'{"uuid": "empty", "account": {"uuid": "x"}, "chat_messages": []}',
    "wrong_type": b'{"uuid": "odd", "account": {"uuid": "x"}, "chat_messages": "none"}',
}


def _at(start: datetime, number: int) -> datetime:
    return start + timedelta(seconds=SECONDS_BETWEEN_TURNS * number)


def _iso(moment: datetime) -> str:
    return moment.isoformat() + "Z"


def _epoch(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()
