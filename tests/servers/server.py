"""A database that the tests run on: how they make, empty and hold it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, NamedTuple


class Step(NamedTuple):
    """What an upload, or its taking back, comes to with each row or batch, and the column that says with which."""

    event: str
    column: str


TABLES = ("departments", "jobs", "hired_employees", "uploads", "rejects", "batches", "replaced", "undone", "sources")
DELETES = [f"DELETE FROM {table}" for table in TABLES]

ROW = Step("INSERT ON jobs", "id")
LEDGER = Step("UPDATE ON uploads", '"read"')
UNDO = Step("UPDATE ON undone", "removed")


class Server(ABC):
    """Gives each test an empty database of its own."""

    name: str
    """The scheme of its URLs, and the name of its folder in sql/."""

    arguments: tuple[str, ...] = ()
    """What a service is started with so that hold_at can hold its uploads."""

    emptying: Sequence[str]
    """Empties a database, and numbers what comes from 1 on again."""

    def __init__(self) -> None:
        self.emptied: list[str] = []
        """Databases without uploads, to be used again: to make one takes longer than to empty it."""

    @abstractmethod
    def create(self) -> str:
        """Return the URL of a new and empty database."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Remove a database."""

    @abstractmethod
    def connect(self, url: str) -> Any:
        """Return a connection of the driver's own (PEP 249), in autocommit."""

    def empty(self, url: str) -> None:
        """Leave of a database's tables and ledger what a start makes of them."""
        self.execute(url, *self.emptying)

    @contextmanager
    def hold(self, url: str) -> Iterator[Any]:
        """Keep a row of the id 1 in jobs that is not committed, which a writer of that id has to wait for."""
        with closing(self.connect(url)) as connection:
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            cursor.execute("INSERT INTO jobs (id, job) VALUES (1, 'held')")
            yield cursor
            cursor.execute("ROLLBACK")

    @contextmanager
    def hold_at(self, url: str, number: int, step: Step = ROW) -> Iterator[None]:
        """Let an upload wait before the step with this number, in the transaction of its batch.

        No timeout of the database ends that wait: the end of the block does, or of the database.
        """
        with closing(self.connect(url)) as connection:
            cursor = connection.cursor()
            for statement in self.holding(number, step):
                cursor.execute(statement)
            yield

    @abstractmethod
    def holding(self, number: int, step: Step) -> list[str]:
        """Return what takes a lock for as long as a connection lasts, and lets who comes to the step wait for it."""

    def execute(self, url: str, *statements: str) -> list[Any]:
        """Run statements, and return the rows of the last."""
        with closing(self.connect(url)) as connection:
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

    @abstractmethod
    def start(self) -> None:
        """Start the server."""

    @abstractmethod
    def stop(self) -> None:
        """End the server and remove what it left."""
