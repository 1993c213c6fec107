"""gunicorn.conf.py, with a function in SQLite by which a trigger waits until the test lets go of a lock."""

import fcntl
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

exec(Path("gunicorn.conf.py").read_text())


class Connection(sqlite3.Connection):
    def __init__(self, database: str, **named: Any):
        super().__init__(database, **named)
        self.create_function("wait_for_test", 0, partial(_wait, Path(f"{unquote(urlsplit(database).path)}-held")))


def _wait(held: Path) -> None:
    with held.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)


sqlite3.connect = partial(sqlite3.connect, factory=Connection)
