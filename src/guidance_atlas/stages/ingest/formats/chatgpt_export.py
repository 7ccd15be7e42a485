"""chatgpt-export: {"mapping": {node: {"message", "parent", "children"}}, "current_node", "create_time", …}.

One entry of conversations.json in the archive that ChatGPT's users download. The messages form a tree, with a branch
wherever a message was edited or answered again; what the person last saw is the path from current_node up to the root
(a field reference: https://whychose.com/seo/chatgpt-conversations-json-format). Without current_node, the newest leaf
is taken. Hidden messages, tools, thoughts, code sent to tools and images are counted, not read. The archive names the
person in another file, so source_person is null unless user_id was added.
"""

from typing import Any

from guidance_atlas.stages.ingest.codes import Unusable
from guidance_atlas.stages.ingest.parse import Json
from guidance_atlas.stages.ingest.talk import (
    Talk,
    as_model,
    as_time,
    first_id,
    first_model,
    first_time,
    speaker,
    text_of,
)

NAME = "chatgpt-export"


def looks_like(record: Json) -> bool:
    """Whether there is a tree of messages."""
    return "mapping" in record


def read(record: Json) -> Talk:
    """Read the path that the person last saw.

    Raises:
        Unusable: wrong_type, also where the tree leads back to itself; unknown_role.
    """
    mapping = record.get("mapping")
    if not isinstance(mapping, dict):
        raise Unusable("wrong_type")
    turns, n_unread, model = [], 0, None
    path = _path(mapping, record.get("current_node"))
    for message in path:
        who, text, skipped = _message(message)
        n_unread += skipped
        if who and text:
            turns.append((who, text))
            model = model if who == "user" else _model(message) or model
    return Talk(
        source_id=first_id(record, ("conversation_id", "id")),
        source_person=first_id(record, ("user_id",)),
        started_at=first_time(record, ("create_time",))
        or next((moment for message in path if (moment := as_time(message.get("create_time")))), None),
        model=model or first_model(record),
        turns=turns,
        n_unread=n_unread,
    )


def _path(mapping: dict[str, Any], leaf: object) -> list[dict[str, Any]]:
    node: object = leaf if isinstance(leaf, str) and leaf in mapping else _newest_leaf(mapping)
    path, seen = [], set()
    while isinstance(node, str) and node in mapping:
        entry = mapping[node]
        if node in seen or not isinstance(entry, dict):
            raise Unusable("wrong_type")
        seen.add(node)
        message = entry.get("message")
        if message is not None:
            if not isinstance(message, dict):
                raise Unusable("wrong_type")
            path.append(message)
        node = entry.get("parent")
    return path[::-1]


def _newest_leaf(mapping: dict[str, Any]) -> str | None:
    parents = {
        parent
        for entry in mapping.values()
        if isinstance(entry, dict) and isinstance(parent := entry.get("parent"), str)
    }
    leaves = [node for node in mapping if node not in parents] or list(mapping)
    return max(leaves, key=lambda node: _moment(mapping[node]), default=None)


def _moment(entry: object) -> float:
    message = entry.get("message") if isinstance(entry, dict) else None
    moment = as_time(message.get("create_time")) if isinstance(message, dict) else None
    return moment.timestamp() if moment else 0.0


def _message(message: dict[str, Any]) -> tuple[str, str, int]:
    author, content, metadata = message.get("author"), message.get("content"), message.get("metadata")
    if not isinstance(author, dict):
        raise Unusable("wrong_type")
    who = speaker(author.get("role"))
    hidden = isinstance(metadata, dict) and metadata.get("is_visually_hidden_from_conversation") is True
    if not who or hidden or message.get("recipient", "all") not in ("all", None):
        return "", "", 1
    if content is None or isinstance(content, str):
        return who, *text_of(content)
    if not isinstance(content, dict):
        raise Unusable("wrong_type")
    if content.get("content_type", "text") not in ("text", "multimodal_text"):
        return "", "", 1
    parts = content.get("parts", content.get("text"))
    if isinstance(parts, list):
        # an image among the parts has no type but a content_type
        parts = [
            {**part, "type": part.get("content_type", "other")} if isinstance(part, dict) else part for part in parts
        ]
    return who, *text_of(parts)


def _model(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata")
    return as_model(metadata.get("model_slug")) if isinstance(metadata, dict) else None
