"""Spools: temporary files, in memory while they are small, whose bytes are counted for all uploads of a worker."""

import errno
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import Any

from rows.bytes.readers import Readers
from rows.bytes.turn import Turn

SPOOL_MEMORY_BYTES = 1024 * 1024
"""What is spooled goes to disk past this."""


class SpoolFull(Exception):
    """There is no room left on the disk of the spools."""


class SpoolsFull(Exception):
    """The uploads of a worker hold as many bytes in their spools as they may."""


class Spools:
    """The spools of all uploads of a worker, which hold at most bytes_max bytes together, in memory and on disk.

    turn is for what is read of them, and readers for the processes that read large ones. changed is told by how many
    bytes what they hold has grown.
    """

    def __init__(
        self, bytes_max: int, changed: Callable[[int], None] = lambda count: None, readers: Readers | None = None
    ):
        self.turn = Turn()
        self.readers = readers or Readers(0)
        self._bytes_max = bytes_max
        self._free = bytes_max
        self._changed = changed
        self._lock = Lock()

    def open(self) -> "Spool":
        """Return a new and empty spool."""
        return Spool(self)

    def take(self, count: int) -> None:
        """Count further bytes. Raises SpoolsFull, and counts none, where they are too many."""
        with self._lock:
            if count > self._free:
                raise SpoolsFull(
                    f"the uploads under way hold {self._bytes_max - self._free} of {self._bytes_max} bytes together "
                    "(SPOOL_BYTES_MAX): try again later"
                )
            self._free -= count
        self._changed(count)

    def give_back(self, count: int) -> None:
        with self._lock:
            self._free += count
        self._changed(-count)


class Spool(SpooledTemporaryFile[bytes]):
    """One temporary file. Its bytes are counted until it is closed, or truncated."""

    def __init__(self, spools: Spools):
        super().__init__(max_size=SPOOL_MEMORY_BYTES)
        self.spools = spools
        self._counted = 0

    @property
    def size(self) -> int:
        """The bytes that it holds."""
        return self._counted

    def write(self, chunk: bytes) -> int:  # type: ignore[override]  # only bytes
        """Write at the place where it stands. Raises SpoolsFull, and SpoolFull where the disk is full."""
        self._count(max(self._counted, self.tell() + len(chunk)))
        try:
            return super().write(chunk)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise SpoolFull("there is no room left to receive the file") from error
            raise

    def truncate(self, size: int | None = None) -> int:
        """Keep only so many bytes, or those before the place where it stands."""
        kept = super().truncate(size)
        self._count(self.tell() if size is None else size)
        return kept

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._count(0)

    def __exit__(self, *error: Any) -> None:
        self.close()  # the base class closes its file alone

    def _count(self, count: int) -> None:
        """Let so many bytes be counted for this spool."""
        if count > self._counted:
            self.spools.take(count - self._counted)
        else:
            self.spools.give_back(self._counted - count)
        self._counted = count
