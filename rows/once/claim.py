"""Once only: the upload of a source is begun, gone on with, or answered again, whoever else sends the same."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

from rows.bytes.file import File
from rows.bytes.turn import Turn
from rows.database import Database
from rows.once.again import account_again
from rows.options import Options
from rows.records.layout import Layout
from rows.say.account import Account


class Source(NamedTuple):
    """Where a file comes from, by which it is loaded once only.

    Where a queue delivers it, seconds_left says how long its load may still take: it comes again until that has ended.
    """

    name: str
    seconds_left: Callable[[], float] | None = None


class SourceTaken(Exception):
    """The source has an upload that this request can neither answer again nor go on with; .upload_id is its number."""

    def __init__(self, upload_id: int, sentence: str):
        super().__init__(f"{sentence}: GET /uploads/{upload_id}")
        self.upload_id = upload_id


class StillRunning(SourceTaken):
    """Another request is at it."""


class BeingTakenBack(SourceTaken):
    """It is being taken back, or was, and a queue delivers it again."""


class SourceReused(SourceTaken):
    """It was made of another file, for another table, or with other options."""


class AnswerErased(SourceTaken):
    """It has ended, and what its answer said of rows was deleted since."""


class Claim(NamedTuple):
    """A source, the SHA-256 of what is to be done with it, and a name for this request that no other has.

    What is large is read in the file's turn.
    """

    source: Source
    request_sha256: str
    claimed_by: str
    turn: Turn

    @property
    def is_queued(self) -> bool:
        """Whether a queue delivers it, and again until it has ended: what an earlier delivery left goes on at once."""
        return self.source.seconds_left is not None

    @property
    def is_late(self) -> bool:
        """Whether no time is left for another batch."""
        return self.source.seconds_left is not None and self.source.seconds_left() <= 0


def claim_of(source: Source | None, file: File, table_name: str, options: Options) -> Claim | None:
    """Return the claim of a file that comes from a source, None for one that comes from none."""
    if source is None:
        return None
    request = json.dumps([file.sha256, table_name, options.chosen()], sort_keys=True)
    return Claim(source, hashlib.sha256(request.encode()).hexdigest(), uuid4().hex, file.turn)


def begin(
    database: Database, connection: Any, claim: Claim | None, start: Callable[[], Account], layout: Layout | None
) -> Account:
    """Begin an upload, in the transaction that is open, and return its account; start does it where there is none.

    Where the claim's source has one, that goes on as its next attempt, behind what the ledger has of it; or it has
    ended, as its account says. Raises SourceTaken where it can do neither. The layout is the file's, if it has one.
    """
    if claim is None:
        return start()
    held = database.sources.claim(connection, claim.source.name)
    # From here on nobody else changes the upload: its row is locked too.
    found = database.ledger.counts(connection, held["upload_id"]) if held["upload_id"] else {}
    if not found or (found["status"] == "undone" and not claim.is_queued):
        account = start()
    else:
        entry = database.ledger.upload(connection, held["upload_id"])
        _refuse(entry, held, claim)
        account = account_again(database.ledger, connection, entry, found["attempt"], claim.turn, layout)
        account.is_again = account.ended is not None
        if account.ended or held["claimed_by"] == claim.claimed_by:
            return account
        database.sources.resume(connection, account.upload_id)
        account.attempt += 1
    database.sources.hold(connection, claim.source.name, account.upload_id, claim.request_sha256, claim.claimed_by)
    return account


def _refuse(entry: dict[str, Any], held: dict[str, Any], claim: Claim) -> None:
    """Raise SourceTaken where the upload of an entry is not this request's to answer or to go on with."""
    number, status = entry["upload_id"], entry["status"]
    if status == "undoing":
        raise BeingTakenBack(number, f"the upload {number} of this key is being taken back; then the key is free")
    if status == "undone":
        raise BeingTakenBack(number, f"the upload {number} of this source was taken back")
    if held["request_sha256"] != claim.request_sha256:
        sentence = f"the upload {number} of this key has another file, table or options: choose another key"
        raise SourceReused(number, sentence)
    if entry["erased_at"]:
        sentence = f"what the upload {number} of this key had to say of rows was deleted at {entry['erased_at']}"
        raise AnswerErased(number, f"{sentence}, on request or after LEDGER_DAYS: its counts are kept")
    # A COMMIT whose answer was lost may have claimed it for this very request.
    if status == "running" and held["claimed_by"] != claim.claimed_by and not claim.is_queued:
        sentence = f"the upload {number} of this key is still running: send it again once it has ended"
        raise StillRunning(number, sentence)
