"""What waits for the end of its upload before it goes into the ledger, on disk where it is much."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rows.bytes.spool import Spools


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
            self._stream.write(json.dumps(item, ensure_ascii=False).encode() + b"\n")

    def read(self) -> Iterator[list[Any]]:
        """Yield them from the first on, each as a list."""
        self._stream.seek(0)
        return map(json.loads, self._stream)
