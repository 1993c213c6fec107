"""Refused rows, as they are kept and shown."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rows.fault import VALUE_SHOWN_CHARS, cut
from rows.records.kept import LEFT_OUT, escape, unescape
from rows.records.layout import Layout
from rows.records.records import Records
from rows.values.check import Faults

RECORD_KEPT_CHARS = 200
"""So much of a record is kept where there is no room for all of it. One that is no longer than that is always whole."""

RECORD_SHOWN_CHARS = 1000
"""An account shows so much of a record."""

TO_JSON = json.JSONEncoder(ensure_ascii=False)
"""What json.dumps makes anew for each value."""

KEPT_SHORTENED = "its record is kept without its end (REJECTS_BYTES_MAX)"


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
            own_fields(records, index, layout) if column else None,
            records.delimiters.get(index),
        )
        for index, (column, fault) in sorted(faults.items())
    ]


def own_fields(records: Records, index: int, layout: Layout) -> list[str]:
    """Return the fields that a record has of the file's own columns, as they were sent."""
    fields = records.fields(index)
    return [fields[place] for place in layout.own]


def shown(reject: Reject, layout: Layout | None) -> Reject:
    """Return a refused row as the account holds it: with the beginning of its record, and a field for each column.

    Hints look at those; there is nothing in one that is not there, or too long for a value of a type. There are none
    where the file has no layout.
    """
    fields = layout and reject.fields and [_short(reject.fields, place) for place in layout.places]
    return reject._replace(record=cut(reject.record, RECORD_SHOWN_CHARS), fields=fields)


def _short(fields: Sequence[str], place: int | None) -> str:
    text = fields[place] if place is not None else ""
    return text if len(text) <= VALUE_SHOWN_CHARS else ""


class Kept(NamedTuple):
    """Refused rows as they are kept, the bytes of those that are kept whole, and whether any is not."""

    rejects: list[Reject]
    whole_bytes: int
    has_shortened: bool


def kept_within(rejects: Iterable[Reject], bytes_left: int) -> Kept:
    """Return refused rows as they are kept: those whose records have no room in the bytes without the ends of these."""
    kept, whole_bytes, has_shortened = [], 0, False
    for reject in rejects:
        size = kept_bytes(reject)
        shortened = reject if whole_bytes + size <= bytes_left else _without_end(reject)
        has_shortened |= shortened is not reject
        whole_bytes += size if shortened is reject else 0
        kept.append(shortened)
    return Kept(kept, whole_bytes, has_shortened)


def kept_bytes(reject: Reject) -> int:
    """Return how many bytes of a record the ledger keeps: its text, and its fields as JSON."""
    fields = TO_JSON.encode(reject.fields)
    return len(reject.record.encode()) + len(fields.encode())


def _without_end(reject: Reject) -> Reject:
    """Return a refused row with the beginning of its record alone, unless that is short anyway."""
    raw = unescape(reject.record)
    if len(raw) <= RECORD_KEPT_CHARS:
        return reject
    beginning = escape(raw[: RECORD_KEPT_CHARS - len(LEFT_OUT)] + LEFT_OUT)
    return reject._replace(reason=f"{reject.reason}; {KEPT_SHORTENED}", record=beginning, fields=None)
