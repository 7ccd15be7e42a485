"""claude-export: {"uuid", "created_at", "account": {"uuid"}, "chat_messages": [{"sender", "text", "content"}, …]}.

One entry of conversations.json in the archive that Claude's users download; sender is human or assistant, content holds
blocks, and text the same words rendered (a field reference:
https://whychose.com/seo/claude-conversation-export-format). Blocks go before text, because text also renders tool
calls. Attachments and files are counted, not read.
"""

from typing import Any

from guidance_atlas.stages.ingest.codes import Unusable
from guidance_atlas.stages.ingest.parse import Json
from guidance_atlas.stages.ingest.talk import Talk, as_id, first_id, first_model, first_time, speaker, text_of

NAME = "claude-export"


def looks_like(record: Json) -> bool:
    """Whether there are chat messages."""
    return "chat_messages" in record


def read(record: Json) -> Talk:
    """Read one conversation."""
    messages = record.get("chat_messages")
    if not isinstance(messages, list):
        raise Unusable("wrong_type")
    turns, n_unread = [], 0
    for message in messages:
        if not isinstance(message, dict):
            raise Unusable("wrong_type")
        who, text, skipped = _message(message)
        n_unread += skipped
        if who and text:
            turns.append((who, text))
    account = record.get("account")
    return Talk(
        source_id=first_id(record, ("uuid", "id")),
        source_person=as_id(account.get("uuid")) if isinstance(account, dict) else None,
        started_at=first_time(record),
        model=first_model(record),
        turns=turns,
        n_unread=n_unread,
    )


def _message(message: dict[str, Any]) -> tuple[str, str, int]:
    who = speaker(message.get("sender"))
    if not who:
        return "", "", 1
    text, skipped = text_of(message.get("content") or message.get("text"))
    if not text and message.get("content"):
        text, missing = text_of(message.get("text"))
        skipped += missing - 1 if text else 0
    for key in ("attachments", "files"):
        things = message.get(key)
        skipped += len(things) if isinstance(things, list) else 0
    return who, text, skipped
