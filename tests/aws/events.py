"""Events as S3 sends them to a queue and the queue to a function, in the shapes of the files beside this."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

EVENTS = Path(__file__).parent / "events"


def event_of(key: str, size: int, etag: str, version: str | None) -> dict[str, Any]:
    """Return the event of an object that was put: a message of the queue, in whose body is that of S3."""
    body = json.loads((EVENTS / "s3-put.json").read_text())
    found = body["Records"][0]["s3"]["object"]
    found |= {"key": quote_plus(key, safe="/"), "size": size, "eTag": etag}
    if version is None:
        del found["versionId"]
    else:
        found["versionId"] = version
    return message_of(json.dumps(body))


def message_of(body: str) -> dict[str, Any]:
    """Return the event of one message."""
    event = json.loads((EVENTS / "sqs.json").read_text())
    event["Records"][0]["body"] = body
    return event
