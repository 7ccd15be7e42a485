"""openai-messages: {"messages": [{"role", "content"}, …]}, as chat completion requests and fine-tuning files have it.

Content is text, null, or a list of blocks such as {"type": "text", "text": …} and images
(https://platform.openai.com/docs/api-reference/chat/create). "conversation" is read in place of "messages", and either
may be JSON in a text, as it is in a CSV column. A "prompt" or system text beside the list is not read.
"""

from guidance_atlas.stages.ingest.codes import Unusable
from guidance_atlas.stages.ingest.parse import Json, parse_value
from guidance_atlas.stages.ingest.talk import (
    ID_KEYS,
    PERSON_KEYS,
    Talk,
    first_id,
    first_model,
    first_time,
    read_messages,
)

NAME = "openai-messages"


def looks_like(record: Json) -> bool:
    """Whether there are messages."""
    return "messages" in record or "conversation" in record


def read(record: Json) -> Talk:
    """Read one conversation."""
    messages = record.get("messages", record.get("conversation"))
    if isinstance(messages, str):
        try:
            messages = parse_value(messages)
        except Unusable as error:
            raise Unusable("wrong_type") from error
    turns, n_unread = read_messages(messages)
    return Talk(
        source_id=first_id(record, ID_KEYS),
        source_person=first_id(record, PERSON_KEYS),
        started_at=first_time(record),
        model=first_model(record),
        turns=turns,
        n_unread=n_unread,
    )
