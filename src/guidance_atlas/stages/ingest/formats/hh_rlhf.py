r"""hh-rlhf: {"chosen": "\n\nHuman: …\n\nAssistant: …"}, one text with both voices in it.

Each line of Anthropic's preference data holds a chosen and a rejected text
(https://huggingface.co/datasets/Anthropic/hh-rlhf); the chosen one is read. "transcript" (the red-team file) is read
the same way, and so is a plain "prompt" with a "response" or "chosen" answer.
"""

import re

from guidance_atlas.stages.ingest.codes import Unusable
from guidance_atlas.stages.ingest.parse import Json
from guidance_atlas.stages.ingest.talk import (
    ID_KEYS,
    PERSON_KEYS,
    Talk,
    first_id,
    first_model,
    first_time,
    read_messages,
    speaker,
)

NAME = "hh-rlhf"
VOICE = re.compile(r"(?:^|\n\n)(Human|Assistant|System):")


def looks_like(record: Json) -> bool:
    """Whether there is a text with two voices, or a prompt and its answer."""
    return "chosen" in record or "transcript" in record or ("prompt" in record and "response" in record)


def read(record: Json) -> Talk:
    """Read the chosen text."""
    turns, n_unread = _turns(record)
    return Talk(
        source_id=first_id(record, ID_KEYS),
        source_person=first_id(record, PERSON_KEYS),
        started_at=first_time(record),
        model=first_model(record),
        turns=turns,
        n_unread=n_unread,
    )


def _turns(record: Json) -> tuple[list[tuple[str, str]], int]:
    prompt = record.get("prompt")
    told = record.get("chosen", record.get("transcript", record.get("response")))
    if isinstance(told, list):
        return read_messages(told)
    if not isinstance(told, str | None) or not isinstance(prompt, str | None):
        raise Unusable("wrong_type")
    if prompt is None or (told and VOICE.match(told)):
        return split_voices(told or "")
    asked, n_unread = split_voices(prompt) if VOICE.match(prompt) else ([("user", prompt)], 0)
    answer = [("assistant", told)] if told and told.strip() else []
    return asked + answer, n_unread + (not answer)


def split_voices(text: str) -> tuple[list[tuple[str, str]], int]:
    """Cut a text at its voices; words before the first voice, silences and system words are counted, not read."""
    before, *pieces = VOICE.split(text)
    turns, n_unread = [], int(bool(before.strip()))
    for name, said in zip(pieces[::2], pieces[1::2], strict=True):
        who, said = speaker(name), said.strip()
        if who and said:
            turns.append((who, said))
        else:
            n_unread += 1
    return turns, n_unread
