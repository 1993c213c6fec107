"""Rows as CSV (RFC 4180), as Loadbay itself reads it."""

import csv
import io
from collections.abc import Generator, Iterable, Sequence
from typing import Any

Lines = Generator[bytes]
"""An answer of CSV, in pieces of some lines each."""

CSV = "text/csv; charset=utf-8"


def csv_lines(rows: Iterable[Sequence[Any]], delimiter: str = ",") -> bytes:
    """Return the rows as UTF-8 lines; None is an empty field."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def under(header: bytes, pages: Iterable[bytes]) -> Lines:
    """Yield a header in one piece with the first page, or alone where there is none."""
    for page in pages:
        yield header + page
        header = b""
    if header:
        yield header
