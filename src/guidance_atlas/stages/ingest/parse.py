"""From the bytes of one record to a JSON object."""

import json
from typing import Any

import orjson

from guidance_atlas.stages.ingest.codes import Unusable

Json = dict[str, Any]


def parse_value(line: bytes | str) -> Any:  # noqa: ANN401 - JSON may be anything
    """Read one JSON value.

    The quick parser is strict. What it refuses is read again by the standard one, which takes NaN, numbers out of
    range, lone surrogates and bare control characters: one odd character should not cost a conversation.

    Raises:
        Unusable: not_utf8, too_deep or bad_json.
    """
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        pass
    try:
        text = line if isinstance(line, str) else line.decode("utf-8-sig")
        return json.loads(text, strict=False)
    except UnicodeDecodeError:
        code = "not_utf8"
    except RecursionError:
        code = "too_deep"
    except ValueError:
        code = "bad_json"
    raise Unusable(code)


def parse_object(line: bytes) -> Json:
    """Read one JSON object.

    Raises:
        Unusable: as parse_value, and not_an_object.
    """
    value = parse_value(line)
    if not isinstance(value, dict):
        raise Unusable("not_an_object")
    return value
