"""Connections that are kept open for their next use."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, LifoQueue
from typing import Any, Protocol

from sql.connections.waits import waiting
from sql.files.statements import Statement


class Changes(Protocol):
    """Sees when a statement's answer may have changed."""

    def version(self, statement: Statement) -> Hashable: ...
    def close(self) -> None: ...


class Pool:
    """At most `size` connections that wait for their next use; with 0 each is opened where it is used.

    `changes` sees when a statement's answer may have changed, where the database has such a thing.
    """

    def __init__(self, connect: Callable[[], Any], size: int, changes: Changes | None = None):
        self._connect = connect
        self._size = size
        self._changes = changes
        self._idle: LifoQueue[Any] = LifoQueue(size)

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """Give the block a connection of its own. One in whose block anything went wrong is not used again."""
        with waiting():
            connection = self._idle_one() or self._connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._keep(connection)

    def version(self, statement: Statement) -> Hashable:
        """Return what changes whenever the statement's answer may have changed; None where nothing says so."""
        return self._changes.version(statement) if self._changes else None

    def close(self) -> None:
        """Close the connections that wait. A process that is going to fork must: two cannot share one."""
        if self._changes:
            self._changes.close()
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def _idle_one(self) -> Any:
        """Return a connection that waits and is still well, or None."""
        with suppress(Empty):
            while True:
                connection = self._idle.get_nowait()
                if connection.is_alive():
                    return connection
                connection.close()
        return None

    def _keep(self, connection: Any) -> None:
        try:
            if not self._size:
                raise Full  # a queue of size 0 would have no bound
            self._idle.put_nowait(connection)
        except Full:
            connection.close()
