"""lmsys: {"conversation_id", "model", "conversation": [{"role", "content"}, …], "tstamp"?}.

One row of LMSYS-Chat-1M (https://huggingface.co/datasets/lmsys/lmsys-chat-1m), messages in the OpenAI shape. The
published set has no time and no person; the arena's own logs have "tstamp", in seconds.
"""

from guidance_atlas.stages.ingest.parse import Json
from guidance_atlas.stages.ingest.talk import PERSON_KEYS, Talk, first_id, first_model, first_time, read_messages

NAME = "lmsys"


def looks_like(record: Json) -> bool:
    """Whether a conversation has the arena's id and model beside it."""
    return "conversation_id" in record and "model" in record and isinstance(record.get("conversation"), list)


def read(record: Json) -> Talk:
    """Read one conversation."""
    turns, n_unread = read_messages(record.get("conversation"))
    return Talk(
        source_id=first_id(record, ("conversation_id",)),
        source_person=first_id(record, PERSON_KEYS),
        started_at=first_time(record, ("tstamp", "timestamp")),
        model=first_model(record),
        turns=turns,
        n_unread=n_unread,
    )
