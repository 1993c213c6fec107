"""JSON as people read it with curl: one line an object, in a list one line an item, and a line end behind it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rows.say.ids import Ids

IDS_IN_PIECE = 8192

ENCODER = json.JSONEncoder(ensure_ascii=False)


def dumps(media: Any) -> str:
    """Return the media as JSON text."""
    return _value(media) + "\n"


def stream(members: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield an object as JSON, one line a member, in pieces of bounded size: its lists of ids never whole."""
    text = "{"
    for name, value in members.items():
        text += ",\n " * (text != "{") + f'"{name}": '
        if isinstance(value, Ids):
            text += "["
            for number, ids in enumerate(value.pieces(IDS_IN_PIECE)):
                yield (text + ", " * bool(number)).encode()
                text = str(ids)[1:-1]
            text += "]"
        else:
            text += _value(value)
    yield f"{text}}}\n".encode()


def _value(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(ENCODER.encode(item) for item in value) + "\n]"
    return ENCODER.encode(value)
