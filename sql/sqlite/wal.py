"""The write-ahead log, in which SQLite keeps what is committed until it is copied into the file."""

import sqlite3
from contextlib import suppress

from sql.sqlite.file import File

WAL_BYTES_MAX = 64 * 2**20
"""Past this size a commit empties the WAL. SQLite itself begins it anew only in a moment in which no one reads from it:
https://sqlite.org/wal.html#avoiding_excessively_large_wal_files
"""

WAL_WAIT_SECONDS = 5
"""For so long that waits for those who read from it, and writers with it; then the WAL may grow to twice its size."""


class Wal:
    """The write-ahead log beside the file, which one connection after the other may find to be too large."""

    def __init__(self, file: File):
        self._file = file
        self._bytes_max = WAL_BYTES_MAX

    def empty(self, connection: sqlite3.Connection, busy_timeout: float) -> None:
        """Empty it if it has grown too large. Nothing is wrong where that fails: what is in it is committed."""
        with suppress(OSError, sqlite3.Error):
            size = self._file.wal.stat().st_size
            if size <= self._bytes_max:
                return
            connection.execute(f"PRAGMA busy_timeout = {WAL_WAIT_SECONDS * 1000}")
            try:
                (was_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {int(busy_timeout * 1000)}")
            self._bytes_max = 2 * size if was_busy else WAL_BYTES_MAX
