"""Refused rows, as they are kept and shown."""

import json
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import NamedTuple

from rows.bytes.file import SPOOL_MEMORY_BYTES, write_spool
from rows.records.kept import escape
from rows.records.layout import Layout
from rows.records.records import Records
from rows.values.check import Faults


class Reject(NamedTuple):
    """A refused row: the physical line its record starts on, counted from 1, what is wrong, and what was sent.

    column is None where the whole record is at fault. record is its text, escaped; fields are its fields as they
    were sent, None where it could not be split into the columns. delimiter is what splits the record, where that is
    another than the file's.
    """

    line: int
    column: str | None
    code: str
    reason: str
    record: str
    fields: list[str] | None
    delimiter: str | None = None


def rejects_of(records: Records, faults: Faults, layout: Layout) -> list[Reject]:
    """Return the refused rows of a batch, in file order."""
    return [
        Reject(
            records.lines[index],
            column,
            fault.code,
            f"{column or 'the record'} {fault.predicate}",
            escape(records.raws[index]),
            [records.fields[index][place] for place in layout.own] if column else None,
            records.delimiters.get(index),
        )
        for index, (column, fault) in sorted(faults.items())
    ]


class RejectSpool:
    """Refused rows that wait for the end of their upload, on disk where they are many."""

    def __init__(self) -> None:
        self._stream = SpooledTemporaryFile(max_size=SPOOL_MEMORY_BYTES)  # noqa: SIM115 - __exit__ closes it

    def __enter__(self) -> "RejectSpool":
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()

    def clear(self) -> None:
        """Forget the refused rows."""
        self._stream.seek(0)
        self._stream.truncate()

    def write(self, rejects: Iterable[Reject]) -> None:
        """Add refused rows. Raises SpoolFull where the disk is full."""
        for reject in rejects:
            write_spool(self._stream, json.dumps(reject).encode() + b"\n")

    def read(self) -> Iterator[Reject]:
        """Yield the refused rows, in order."""
        self._stream.seek(0)
        return (Reject(*json.loads(line)) for line in self._stream)
