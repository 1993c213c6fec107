"""The write-ahead log, in which SQLite keeps what is committed until it is copied into the file."""

import sqlite3
import time
from contextlib import suppress

from sql.sqlite.file import File

WAL_BYTES_MAX = 64 * 2**20
"""Past this size a commit empties the WAL. SQLite itself begins it anew only in a moment in which no one reads from it:
https://sqlite.org/wal.html#avoiding_excessively_large_wal_files
"""

WAL_WAIT_SECONDS = 5
"""For so long that waits for those who read from it, and writers with it; then the WAL may grow to twice its size."""

TRY_SECONDS = 0.5
"""So long one try of it waits."""

FORGET_WAIT_SECONDS = 0.2
"""For so long that waits, and writers with it, where the WAL has what was deleted. After that it is only tried."""


class Wal:
    """The write-ahead log beside the file, which one connection after the other may find to be too large."""

    def __init__(self, file: File):
        self._file = file
        self._bytes_max = WAL_BYTES_MAX
        self._has_deleted = False

    def empty(self, connection: sqlite3.Connection, busy_timeout: float, may_forget: bool) -> None:
        """Empty it if it has grown too large, or has what was deleted. Nothing is wrong where that fails: what is in it
        is committed.

        Of what was deleted it is rid only where may_forget says so: to try costs more than a batch does.
        """
        with suppress(OSError, sqlite3.Error):
            size = self._file.wal.stat().st_size
            if size > self._bytes_max:
                was_busy = self._truncate(connection, WAL_WAIT_SECONDS, busy_timeout)
                self._bytes_max = 2 * size if was_busy else WAL_BYTES_MAX
            elif self._has_deleted and may_forget:
                self._truncate(connection, 0, busy_timeout)

    def forget(self, connection: sqlite3.Connection, busy_timeout: float) -> None:
        """Empty it, since it has what was deleted; where that fails, empty does when it is called."""
        self._has_deleted = True
        with suppress(sqlite3.Error):
            self._truncate(connection, FORGET_WAIT_SECONDS, busy_timeout)

    def _truncate(self, connection: sqlite3.Connection, seconds: float, busy_timeout: float) -> bool:
        """Copy what is in it into the file, and empty it. Returns whether somebody kept it from that for so long.

        It is tried again and again: one try waits for the readers that it saw first, and those that come meanwhile may
        take their place for ever; the next try does not have to wait for those.
        """
        deadline = time.monotonic() + seconds
        connection.execute(f"PRAGMA busy_timeout = {int(min(seconds, TRY_SECONDS) * 1000)}")
        try:
            was_busy = True
            while was_busy:
                (was_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                if time.monotonic() >= deadline:
                    break
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
        self._has_deleted = self._has_deleted and bool(was_busy)
        return bool(was_busy)
