"""JSON as people read it with curl: one line an object, in a list one line an item, and a line end behind it."""

import json
from collections.abc import Mapping
from typing import Any

ENCODER = json.JSONEncoder(ensure_ascii=False)


def dumps(media: Any) -> str:
    """Return the media as JSON text."""
    return _value(media) + "\n"


def dumps_members(members: Mapping[str, Any]) -> bytes:
    """Return an object as JSON, one line a member."""
    lines = (f"{ENCODER.encode(name)}: {_value(value)}" for name, value in members.items())
    return ("{" + ",\n ".join(lines) + "}\n").encode()


def _value(value: Any) -> str:
    if isinstance(value, list) and value and not isinstance(value[0], int):
        return "[\n" + ",\n".join(map(ENCODER.encode, value)) + "\n]"
    return ENCODER.encode(value)
