"""The database's file: made for its owner alone, and opened only where it is and for as long as it is one of SQLite."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from sql.errors import DatabaseOutOfOrder, UrlRefused
from sql.sqlite.errors import named_errors

RIGHTS = 0o600
"""The owner reads and writes, nobody else: the rows are of people. SQLite gives a -wal and a -shm the file's rights."""


class State(NamedTuple):
    """What tells one file at a path from another, and whether anything was written to it."""

    device: int
    inode: int
    size: int
    modified_ns: int

    @property
    def place(self) -> tuple[int, int]:
        """What stays the same for as long as the file does, whatever is written to it."""
        return self.device, self.inode


class File:
    """The file at a path, which may be a symbolic link, or lie behind some."""

    def __init__(self, path: Path):
        self._path = path.absolute()
        self._uri = self._path.as_uri()
        self._sound: State | None = None
        self.wal = self._wal_of_now()
        """The write-ahead log, which SQLite keeps beside the file that a symbolic link leads to."""

    def _wal_of_now(self) -> Path:
        return Path(f"{self._path.resolve()}-wal")

    def make(self) -> None:
        """Make an empty file, which is an empty database, unless one is there: that keeps its rights.

        Raises UrlRefused where none can be made.
        """
        try:
            with suppress(FileExistsError):
                made = os.open(self._path.resolve(), os.O_RDWR | os.O_CREAT | os.O_EXCL, RIGHTS)
                os.fchmod(made, RIGHTS)  # a umask may have taken some from the owner
                os.close(made)
        except OSError as error:
            raise UrlRefused(f"is sqlite:///{self._path}: no file can be made there: {error.strerror}") from None

    def connect(self, busy_timeout: float, check_same_thread: bool = True) -> sqlite3.Connection:
        """Return a connection in autocommit to the file that is there, which is not made anew where it is gone.

        Raises DatabaseOutOfOrder and DatabaseUnavailable.
        """
        self.look()
        with named_errors():
            connection = sqlite3.connect(
                f"{self._uri}?mode=rw",
                uri=True,
                timeout=busy_timeout,
                isolation_level=None,
                check_same_thread=check_same_thread,
            )
            # Also one that deletes nothing moves rows from page to page: where they stood may stay readable.
            connection.execute("PRAGMA secure_delete = ON")
            return connection

    def look(self) -> State:
        """Return the state of the file. Raises DatabaseOutOfOrder where it is gone, or has become something else."""
        try:
            found = self._path.stat()
        except OSError as error:
            raise DatabaseOutOfOrder("the file of the database is gone: put it back") from error
        state = State(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        if state != self._sound:
            self._read_header()
            self._sound = state
            self.wal = self._wal_of_now()
        return state

    def expect(self, place: tuple[int, int]) -> None:
        """Raise DatabaseOutOfOrder unless the file is the one that was opened: what is written to another is lost."""
        if self.look().place != place:
            raise DatabaseOutOfOrder("the file of the database was replaced: send the request again")

    def _read_header(self) -> None:
        """Raise DatabaseOutOfOrder where the file itself does not begin as SQLite's do, which a WAL may hide.

        Only SQLite may open the file: whoever else closes it in this process ends the locks that SQLite has on it
        (https://sqlite.org/howtocorrupt.html). What it reads past the WAL may be in the middle of a write.
        """
        with named_errors(), closing(sqlite3.connect(f"{self._uri}?mode=ro&immutable=1", uri=True)) as connection:
            try:
                connection.execute("PRAGMA schema_version")
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                    raise
