"""An upload that an error ended which may pass: whoever sends it again may go on with it at once."""

import time
from contextlib import suppress
from functools import partial
from threading import Thread

from rows.database import Database
from rows.say.entry import kept_reason

LEAVE_SECONDS = 60
"""So long it is tried to note that; then the ledger shows the upload as interrupted anyway."""

WAIT_SECONDS = 1.0
"""The answer waits so long for that: mostly it takes no time."""

PAUSE_SECONDS = 0.5


def leave(database: Database, upload_id: int, attempt: int, reason: str) -> None:
    """Note in the ledger that an upload was stopped by what may pass, unless it is somebody else's by now.

    The database may be what is away or full, so it is tried for LEAVE_SECONDS, beside the answer.
    """
    finish = partial(database.ledger.finish, upload_id=upload_id, attempt=attempt, status="stopped")
    thread = Thread(target=_note, args=(database, partial(finish, reason=kept_reason(reason))), daemon=True)
    thread.start()
    thread.join(WAIT_SECONDS)


def _note(database: Database, finish: "partial[bool]") -> None:
    deadline = time.monotonic() + LEAVE_SECONDS
    while time.monotonic() < deadline:
        with suppress(*database.passing_errors), database.connection() as connection:
            database.transact(connection, partial(finish, connection), durable=True)
            return
        time.sleep(PAUSE_SECONDS)
