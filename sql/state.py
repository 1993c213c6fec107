"""How a database stands at the moment: how old its uploads are, and how large it is."""

from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sql.files.statements import Result, Statement, expect, read_statements


class Connection(Protocol):
    """What is needed of a database's connection."""

    wal_bytes: int | None
    """The size of the write-ahead log, where it is the database's own."""

    def select(self, statement: Statement, parameters: dict[str, Any]) -> Result: ...


class Ages(NamedTuple):
    """How many seconds ago the upload began that runs longest, and one finished last; None where there is none."""

    oldest_running: float | None
    last_finished: float | None


class State:
    """Each call reads on a connection, and takes no longer with a large ledger than with a small one."""

    def __init__(self, folder: Path):
        self.statements = read_statements(folder)
        expect(self.statements, folder, ("ages", "bytes"))

    def ages(self, connection: Connection) -> Ages:
        """Return how old the uploads are."""
        return Ages(**connection.select(self.statements["ages"], {}).dicts()[0])

    def sizes(self, connection: Connection) -> dict[str, int]:
        """Return the bytes of the database, and of its write-ahead log, where that is its own."""
        sizes = connection.select(self.statements["bytes"], {}).dicts()[0]
        return sizes if connection.wal_bytes is None else sizes | {"wal": connection.wal_bytes}
