"""Places for the processes that read large files: so many, however many workers start them."""

import fcntl
import os
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO

READER_BYTES_MIN = 4 * 1024 * 1024
"""From this size on a file is read by a process of its own, which takes some hundredths of a second to start."""


class Readers:
    """So many places, for files of at least bytes_min bytes. They are made before workers are forked, which share them.

    A place is a lock on a file, which lasts as long as any process has the file open: nobody has to give it back.
    """

    def __init__(self, number: int, bytes_min: int = READER_BYTES_MIN):
        self._bytes_min = bytes_min
        self._places = [TemporaryFile() for _ in range(number)]  # noqa: SIM115  # open as long as the service runs
        for place in self._places:
            os.fchmod(place.fileno(), 0o666)  # the workers may be another user than who starts them

    def __del__(self) -> None:
        for place in self._places:
            place.close()

    def take(self, size: int) -> int | None:
        """Return the descriptor of a place for a file of so many bytes; it is free once that is closed everywhere.

        None where the file is too small, or no place is free.
        """
        locked = map(_lock, self._places) if size >= self._bytes_min else ()
        return next((place for place in locked if place is not None), None)


def _lock(place: IO[bytes]) -> int | None:
    """Lock an open file, and return another descriptor of it that holds the lock; None where it is held."""
    with suppress(OSError):
        opened = os.open(f"/proc/self/fd/{place.fileno()}", os.O_RDWR)  # what was inherited would share the lock
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(opened)
        else:
            return opened
    return None
