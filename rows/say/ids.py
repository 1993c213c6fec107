"""Ids that an answer will list, in a file where they are many: memory does not grow with them."""

import weakref
from array import array
from collections.abc import Iterator, Sequence

from rows.bytes.spool import Spools

ID_BYTES = 8


class Ids:
    """Ids of 64 bits in the order in which they came. The file goes when nobody holds this any more."""

    def __init__(self, spools: Spools) -> None:
        self._stream = spools.open()
        self._count = 0
        weakref.finalize(self, self._stream.close)

    def __len__(self) -> int:
        return self._count

    def extend(self, ids: Sequence[int]) -> None:
        """Add ids behind the others. Raises SpoolsFull, and SpoolFull where the disk is full."""
        if ids:
            self._stream.seek(self._count * ID_BYTES)
            self._stream.write(array("q", ids).tobytes())
            self._count += len(ids)

    def truncate(self, count: int) -> None:
        """Take back all ids but the first `count`."""
        self._count = min(self._count, count)

    def pieces(self, size: int) -> Iterator[list[int]]:
        """Yield the ids in lists of at most `size`."""
        for start in range(0, self._count, size):
            self._stream.seek(start * ID_BYTES)
            number = min(size, self._count - start)
            yield array("q", self._stream.read(number * ID_BYTES)).tolist()
