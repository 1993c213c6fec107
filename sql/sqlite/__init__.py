"""SQLite: all about it that is not SQL. How to connect, hold a transaction and hand a batch over."""

import os
from pathlib import Path

from sql.connections.pool import Pool
from sql.errors import UrlRefused
from sql.sqlite.changes import Changes
from sql.sqlite.connection import Connection
from sql.sqlite.file import File
from sql.sqlite.wal import Wal
from sql.sqlite.writers import Writers

TYPES = {"integer": "integer", "bigint": "integer", "text": "text", "timestamp": "timestamp"}
"""This database's names of the column types."""


def open_pool(url: str, busy_timeout: float, pool_size: int) -> Pool:
    """Return the connections to `sqlite:///relative.db` or `sqlite:////absolute.db`.

    A file that is not there is made, now and never later. A connection waits at most busy_timeout seconds for another
    writer. None is kept, whatever pool_size is: to open the file costs little. Raises UrlRefused for a wrong one.
    """
    path = Path(url.removeprefix("sqlite:///"))
    if not url.startswith("sqlite:///") or path.name in ("", ":memory:"):
        raise UrlRefused(f"is {url}: expected sqlite:///FILE, or sqlite:////FILE from the root")
    if not path.parent.is_dir():
        raise UrlRefused(f"is {url}: there is no folder {path.parent}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UrlRefused(f"is {url}: it is no file that can be written")
    file = File(path)
    file.make()
    wal, writers = Wal(file), Writers()
    return Pool(lambda: Connection(file, busy_timeout, wal, writers), size=0, changes=Changes(file, busy_timeout))
