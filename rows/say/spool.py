"""What waits for the end of its upload before it goes into the ledger, on disk where it is much."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rows.bytes.spool import Spools
from rows.bytes.turn import Turn


class JsonSpool:
    """Tuples of what JSON has, in the order in which they came."""

    def __init__(self, spools: Spools) -> None:
        self._stream = spools.open()

    def __enter__(self) -> "JsonSpool":
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def clear(self) -> None:
        """Forget all of them."""
        self._stream.seek(0)
        self._stream.truncate()

    def write(self, items: Iterable[Sequence[Any]]) -> None:
        """Add tuples behind the others. Raises SpoolsFull, and SpoolFull where the disk is full."""
        for item in items:
            kept = json.dumps(item, ensure_ascii=False).encode()
            self._stream.write(b"%d\n" % len(kept))
            self._stream.write(kept)

    def read(self, turn: Turn) -> Iterator[list[Any]]:
        """Yield them from the first on, each as a list; takes the turn before one that is large."""
        self._stream.seek(0)
        while size := self._stream.readline():
            turn.need(int(size))
            yield json.loads(self._stream.read(int(size)))
