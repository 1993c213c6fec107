"""A file of SQLite."""

import fcntl
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from servers.server import DELETES, ROW, Server, Step


class SQLite(Server):
    name = "sqlite"
    arguments = ("-c", str(Path(__file__).parent.with_name("held.conf.py")))
    emptying = ("BEGIN", *DELETES, "DELETE FROM sqlite_sequence", "COMMIT")

    def start(self) -> None:
        self._folder = tempfile.TemporaryDirectory()

    def stop(self) -> None:
        self._folder.cleanup()

    def create(self) -> str:
        folder = Path(self._folder.name, uuid4().hex)
        folder.mkdir()
        return f"sqlite:///{folder}/loadbay.db"

    def drop(self, url: str) -> None:
        shutil.rmtree(Path(url.removeprefix("sqlite:///")).parent)

    def connect(self, url: str) -> Any:
        return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)

    @contextmanager
    def hold_at(self, url: str, number: int, step: Step = ROW) -> Iterator[None]:
        with open(f"{url.removeprefix('sqlite:///')}-held", "w") as lock, super().hold_at(url, number, step):  # noqa: PTH123
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def holding(self, number: int, step: Step) -> list[str]:
        return [
            "DROP TRIGGER IF EXISTS held",
            f"CREATE TRIGGER held BEFORE {step.event} WHEN NEW.{step.column} = {number} BEGIN SELECT wait_for_test(); END",
        ]
