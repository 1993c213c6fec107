"""Rows as CSV (RFC 4180), as Loadbay itself reads it."""

import csv
import io
from collections.abc import Generator, Iterable, Sequence
from typing import Any

CSV = "text/csv; charset=utf-8"


def csv_lines(rows: Iterable[Sequence[Any]], delimiter: str = ",") -> bytes:
    """Return the rows as UTF-8 lines; None is an empty field."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def begun(pieces: Generator[bytes]) -> Generator[bytes]:
    """Return the pieces, the first of which is made now: what goes wrong with it has an answer of its own."""
    first = next(pieces)

    def go_on() -> Generator[bytes]:
        yield first
        yield from pieces

    return go_on()
