"""Lambda `load`: files that came into the bucket, by way of a queue, into their tables."""

import json
import os
import sys
import time
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from aws.bucket import Gone, Place
from aws.environment import bucket_of, read_environment
from aws.objects import Objects
from handlers.server.log import as_line, error_line
from rows.batches.early import Overtaken
from rows.once.claim import SourceTaken
from service import open_databases
from settings import read_integer, read_settings
from sql import Database
from sql.ledger.erase import erase_due

RESERVE_MS = 60_000
"""No batch is begun with less time left than this: what goes on goes on with the next delivery."""

DEFAULTS = {
    # The function has 3 GiB of disk: a zip of a GiB, what it unpacks to, and what is kept of its rows.
    "SPOOL_BYTES_MAX": str(5 * 2**29),
    # Aurora takes up to half a minute to wake, and would sleep again before the queue delivers a second time.
    "BUSY_TIMEOUT": "60",
}

TEST_EVENT = "s3:TestEvent"
"""What S3 sends to a queue when the bucket is told to."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Load what the messages name, and answer those that have to be delivered again (ReportBatchItemFailures)."""
    failed = [message["messageId"] for message in event["Records"] if not _is_done(message["body"], context)]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _is_done(body: str, context: Any) -> bool:
    """Whether all that a message names has ended. An error is logged without its words, which may quote rows."""
    try:
        for place in places_of(body):
            _load(place, context)
    except Exception as error:
        print(error_line(error, message="to be delivered again"), file=sys.stderr, flush=True)
        return False
    return True


def _load(place: Place, context: Any) -> None:
    """Load an object, and say in the log and on the object what became of it."""
    begun = time.monotonic()
    objects, reserve_ms = _entry()
    try:
        account, (status, _, code) = objects.load(
            place, lambda: (context.get_remaining_time_in_millis() - reserve_ms) / 1000
        )
    except (Gone, SourceTaken, Overtaken) as error:  # somebody else's by now
        facts: dict[str, Any] = {"code": type(error).__name__, "reason": str(error)}
    else:
        objects.bucket.tag(place, status=status, upload=account.upload_id)
        facts = {"status": status, "code": code, "upload_id": account.upload_id, "table": account.table}
        facts |= account.counts._asdict()
    seconds = round(time.monotonic() - begun, 4)
    print(as_line(source=place.source, seconds=seconds, **facts), flush=True)
    if objects.ledger_days:
        _erase_due(objects.database, objects.ledger_days)


def _erase_due(database: Database, days: int) -> None:
    """Delete what LEDGER_DAYS says. What goes wrong waits for the next file."""
    try:
        erase_due(database, days)
    except Exception as error:
        print(error_line(error, message="LEDGER_DAYS has to wait"), file=sys.stderr, flush=True)


@cache
def _entry() -> tuple[Objects, int]:
    """Return what loads objects as the environment has it, once, and the milliseconds in reserve."""
    environ = read_environment(os.environ, DEFAULTS)
    settings = read_settings(environ)
    bucket = bucket_of(environ)
    if bucket is None:
        raise SystemExit("UPLOAD_BUCKET is missing: expected the bucket's name")
    reserve_ms = read_integer(environ, "RESERVE_MS", RESERVE_MS, 0, 900_000)
    return Objects(bucket, open_databases(settings)[0], settings), reserve_ms


def places_of(body: str) -> Iterator[Place]:
    """Yield the objects that a message of S3 is about, but for folders, which S3's console makes of empty objects.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    """
    message = json.loads(body)
    if message.get("Event") == TEST_EVENT:
        return
    for record in message["Records"]:
        bucket, found = record["s3"]["bucket"]["name"], record["s3"]["object"]
        if not found["key"].endswith("/"):
            yield Place(bucket, unquote_plus(found["key"]), found.get("versionId"), found["eTag"])
