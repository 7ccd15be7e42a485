"""sharegpt: {"conversations": [{"from": "human" | "gpt", "value": …}, …]}.

The shape of fine-tuning sets gathered from shared chats; "system", tool calls and observations may stand among the
turns (https://github.com/openaccess-ai-collective/axolotl, docs/dataset-formats/conversation.qmd).
"""

from guidance_atlas.stages.ingest.parse import Json
from guidance_atlas.stages.ingest.talk import (
    ID_KEYS,
    PERSON_KEYS,
    Talk,
    first_id,
    first_model,
    first_time,
    read_messages,
)

NAME = "sharegpt"


def looks_like(record: Json) -> bool:
    """Whether "conversations" is a list of messages, not of whole conversations."""
    listed = record.get("conversations")
    if not isinstance(listed, list):
        return False
    return not listed or (isinstance(listed[0], dict) and ("from" in listed[0] or "role" in listed[0]))


def read(record: Json) -> Talk:
    """Read one conversation; some writers say role and content inside the same list."""
    listed = record.get("conversations")
    named = isinstance(listed, list) and bool(listed) and isinstance(listed[0], dict) and "from" not in listed[0]
    turns, n_unread = read_messages(listed, role="role" if named else "from", content=("value", "content"))
    return Talk(
        source_id=first_id(record, ID_KEYS),
        source_person=first_id(record, PERSON_KEYS),
        started_at=first_time(record),
        model=first_model(record),
        turns=turns,
        n_unread=n_unread,
    )
