"""Records to rows, column by column: a record that breaks a rule of its table becomes a refused row."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from rows.fault import Fault
from rows.records.layout import Layout
from rows.records.records import BLANK, Records, is_empty, wrong_field_count
from rows.table import Column, Row
from rows.values.types import TYPES

Faults = dict[int, tuple[str | None, Fault]]
"""The first fault of each record that has one, by the record's index, after the column that is at fault."""


class Checked(NamedTuple):
    """The sound rows of a batch, in file order and the table's column order; rows[i] is of record indexes[i]."""

    rows: list[Row]
    indexes: Sequence[int]
    faults: Faults


def check(records: Records, columns: Sequence[Column], layout: Layout, strict: bool = False) -> Checked:
    """Return the records' rows and the faults of the others; a strict check takes no empty field.

    A record without content is neither.
    """
    faults: Faults = {index: (None, fault) for index, fault in records.broken.items()}
    indexes: Sequence[int] = range(len(records))
    fields: Sequence[Sequence[str]] | None = records.columns(layout.width)
    if fields is None:
        indexes = _of_width(records, layout, faults)
        fields = list(zip(*(records.fields[index] for index in indexes), strict=True))
    values = [
        _values(column, fields[place] if fields and place is not None else None, indexes, faults, strict)
        for column, place in zip(columns, layout.places, strict=True)
    ]
    checked = _without(Checked(list(zip(*values, strict=True)), indexes, faults))
    for index in [index for index in faults if is_empty(records.fields[index])]:
        del faults[index]
    return checked


def refuse_unknown(checked: Checked, columns: Sequence[Column], unknown: Collection[tuple[str, int]]) -> Checked:
    """Return the batch without the rows that refer to an unknown id, given as its column's name and the id."""
    for index, row in zip(checked.indexes, checked.rows, strict=True):
        for column, value in zip(columns, row, strict=True):
            if (column.name, value) in unknown:
                fault = Fault("unknown_reference", f"is {value}, an id that is not stored")
                checked.faults.setdefault(index, (column.name, fault))
    return _without(checked)


def _of_width(records: Records, layout: Layout, faults: Faults) -> Sequence[int]:
    """Return the indexes of the records that have as many fields as the layout; the others are at fault."""
    for index, fields in enumerate(records.fields):
        if len(fields) != layout.width:
            faults.setdefault(index, (None, wrong_field_count(len(fields), layout.width)))
    return [index for index in range(len(records)) if index not in faults]


def _values(
    column: Column, texts: Sequence[str] | None, indexes: Sequence[int], faults: Faults, strict: bool
) -> Sequence[object]:
    """Return the column's values, None for an empty field and for one at fault."""
    kind = TYPES[column.type]
    values: Sequence[object] | None = [None] * len(indexes) if texts is None else kind.quick(texts)
    if values is None:
        values = [kind.read(text.strip(BLANK)) if text.strip(BLANK) else None for text in texts or ()]
        for index, value in zip(indexes, values, strict=True):
            if isinstance(value, Fault):
                faults.setdefault(index, (column.name, value))
    if (column.required or strict) and None in values:
        for index, value in zip(indexes, values, strict=True):
            if value is None:
                faults.setdefault(index, (column.name, Fault("missing_value", "is empty")))
    return values


def _without(checked: Checked) -> Checked:
    """Return the batch without the rows whose records are at fault."""
    rows, indexes, faults = checked
    if faults.keys().isdisjoint(indexes):
        return checked
    sound = [(row, index) for row, index in zip(rows, indexes, strict=True) if index not in faults]
    return Checked([row for row, _ in sound], [index for _, index in sound], faults)
