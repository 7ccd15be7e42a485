"""The formats that can be read, in the order in which they are tried on a record."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from guidance_atlas.stages.ingest.formats import (
    chatgpt_export,
    claude_export,
    hh_rlhf,
    langfuse,
    lmsys,
    openai_messages,
    otel_genai,
    sharegpt,
    wildchat,
)
from guidance_atlas.stages.ingest.parse import Json
from guidance_atlas.stages.ingest.talk import Talk


@dataclass(frozen=True)
class Format:
    """One way in which sources write conversations."""

    name: str
    looks_like: Callable[[Json], bool]
    read: Callable[[Json], Talk]


def _format(module: ModuleType) -> Format:
    return Format(name=module.NAME, looks_like=module.looks_like, read=module.read)


# the most telling first: a record that fits two of them should go to the one that reads more of it
FORMATS: dict[str, Format] = {
    found.name: found
    for found in map(
        _format,
        (chatgpt_export, claude_export, otel_genai, langfuse, wildchat, lmsys, openai_messages, sharegpt, hh_rlhf),
    )
}


def detect(record: Json) -> Format | None:
    """Return the first format that the record looks like; None where none fits.

    Asked of each record by itself, so that a record reads the same whatever stands before it.
    """
    return next((known for known in FORMATS.values() if known.looks_like(record)), None)
