"""Records to rows, column by column: a record that breaks a rule of its table becomes a refused row."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from rows.records import Records, as_shown
from rows.reject import Fault, Reject
from rows.values import BLANK, TYPES

Row = tuple[Any, ...]
Faults = dict[int, tuple[str | None, Fault]]
"""The first fault of each record that has one, by the record's index, after the column that is at fault."""


class Column(Protocol):
    """A column as the database's catalog describes it; type is integer, text or timestamp."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def required(self) -> bool: ...


class Layout(NamedTuple):
    """Where a record has the table's columns: field places[i] is column i, and None is in no field."""

    width: int
    places: Sequence[int | None]


class Checked(NamedTuple):
    """The sound rows of a batch, in the table's column order, and its refused ones; both in file order."""

    rows: list[Row]
    rejects: list[Reject]


def check(records: Records, columns: Sequence[Column], layout: Layout) -> Checked:
    """Return the records' rows and what is wrong with the others; a record of empty fields is passed over."""
    faults: Faults = {index: (None, fault) for index, fault in records.broken.items()}
    indexes = _of_width(records, layout, faults)
    fields = list(zip(*(records.fields[index] for index in indexes), strict=True))
    if not fields:
        return Checked([], _rejects(records, faults))
    rows = list(
        zip(
            *(
                _values(column, None if place is None else fields[place], indexes, faults)
                for column, place in zip(columns, layout.places, strict=True)
            ),
            strict=True,
        )
    )
    if faults:
        rows = [row for index, row in zip(indexes, rows, strict=True) if index not in faults]
    return Checked(rows, _rejects(records, faults))


def _of_width(records: Records, layout: Layout, faults: Faults) -> Sequence[int]:
    """Return the indexes of the records that have as many fields as the layout; the others are at fault."""
    if set(map(len, records.fields)) == {layout.width}:
        return range(len(records))
    for index, fields in enumerate(records.fields):
        if len(fields) != layout.width:
            found = Fault("wrong_field_count", f"has {len(fields)} fields where {layout.width} are expected")
            faults.setdefault(index, (None, found))
    return [index for index in range(len(records)) if index not in faults]


def _values(column: Column, texts: Sequence[str] | None, indexes: Sequence[int], faults: Faults) -> Sequence[object]:
    """Return the column's values, None for an empty field and for one at fault."""
    kind = TYPES[column.type]
    values: Sequence[object] | None = [None] * len(indexes) if texts is None else kind.quick(texts)
    if values is None:
        values = [kind.read(text.strip(BLANK)) if text.strip(BLANK) else None for text in texts or ()]
        for index, value in zip(indexes, values, strict=True):
            if isinstance(value, Fault):
                faults.setdefault(index, (column.name, value))
    if column.required and None in values:
        for index, value in zip(indexes, values, strict=True):
            if value is None:
                faults.setdefault(index, (column.name, Fault("missing_value", "is empty")))
    return values


def _rejects(records: Records, faults: Faults) -> list[Reject]:
    return [
        Reject(
            records.lines[index],
            column,
            fault.code,
            f"{column or 'the record'} {fault.predicate}",
            as_shown(records.raws[index]),
        )
        for index, (column, fault) in sorted(faults.items())
        if not is_empty(records.fields[index])
    ]


def is_empty(fields: Sequence[str]) -> bool:
    """Whether a record has fields, and nothing in any of them."""
    return bool(fields) and not any(field.strip(BLANK) for field in fields)
