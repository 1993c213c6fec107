"""Ids that an answer will list, in a file where they are many: memory does not grow with them."""

import weakref
from array import array
from collections.abc import Iterator, Sequence
from tempfile import SpooledTemporaryFile

from rows.bytes.file import SPOOL_MEMORY_BYTES, write_spool

ID_BYTES = 8


class Ids:
    """Ids of 64 bits in the order in which they came. The file goes when nobody holds this any more."""

    def __init__(self) -> None:
        self._stream = SpooledTemporaryFile(max_size=SPOOL_MEMORY_BYTES)  # noqa: SIM115 - the finalizer closes it
        self._count = 0
        weakref.finalize(self, self._stream.close)

    def __len__(self) -> int:
        return self._count

    def extend(self, ids: Sequence[int]) -> None:
        """Add ids behind the others. Raises SpoolFull where the disk is full."""
        if ids:
            self._stream.seek(self._count * ID_BYTES)
            write_spool(self._stream, array("q", ids).tobytes())
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
