"""wildchat: {"conversation_hash", "model", "timestamp", "conversation": [{"role", "content", "hashed_ip", …}, …]}.

One row of the WildChat sets (https://huggingface.co/datasets/allenai/WildChat-1M). The hash of the address the person
came from stands for the person; it is on the row, on the user's turns, or on both. The row's time is that of its last
exchange, so the first turn's own time goes before it. The language written there is not used: it is told again from
what the user says.
"""

from guidance_atlas.stages.ingest.parse import Json
from guidance_atlas.stages.ingest.talk import Talk, first_id, first_model, first_time, read_messages

NAME = "wildchat"
MARKS = ("hashed_ip", "toxic", "redacted", "turn_identifier", "country", "language")


def looks_like(record: Json) -> bool:
    """Whether a conversation carries WildChat's own fields."""
    turns = record.get("conversation")
    if not isinstance(turns, list):
        return False
    if "conversation_hash" in record or "hashed_ip" in record:
        return True
    return bool(turns) and isinstance(turns[0], dict) and any(mark in turns[0] for mark in MARKS)


def read(record: Json) -> Talk:
    """Read one conversation."""
    conversation = record.get("conversation")
    turns, n_unread = read_messages(conversation)
    opening = conversation[0] if isinstance(conversation, list) and conversation else {}
    return Talk(
        source_id=first_id(record, ("conversation_hash", "conversation_id", "id")),
        source_person=first_id(record, ("hashed_ip",)) or first_id(opening, ("hashed_ip",)),
        started_at=first_time(opening, ("timestamp",)) or first_time(record),
        model=first_model(record),
        turns=turns,
        n_unread=n_unread,
    )
