"""Connections that are kept open for their next use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, Full, LifoQueue
from typing import Any


class Pool:
    """At most `size` connections that wait for their next use; with 0 each is opened where it is used."""

    def __init__(self, connect: Callable[[], Any], size: int):
        self._connect = connect
        self._size = size
        self._idle: LifoQueue[Any] = LifoQueue(size)

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """Give the block a connection of its own. One in whose block anything went wrong is not used again."""
        connection = self._waiting() or self._connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._keep(connection)

    def close(self) -> None:
        """Close the connections that wait. A process that is going to fork must: two cannot share one."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def _waiting(self) -> Any:
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
