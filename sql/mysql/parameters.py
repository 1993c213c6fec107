"""Rows as the parameters of a prepared statement, in the binary protocol of MySQL and MariaDB."""

import struct
from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any

from pymysql.constants import FIELD_TYPE

from sql.files.tables import Table
from sql.mysql.values import repeat_row

INTEGER, STRING = bytes([FIELD_TYPE.LONGLONG, 0]), bytes([FIELD_TYPE.VAR_STRING, 0])
"""The types of parameters; the 0 says that they are signed."""

TYPES_FOLLOW = b"\1"

AS_INTEGER = struct.Struct("<q").pack

SIZES = [bytes([size]) for size in range(251)]
"""A length in one byte; a longer one comes in two or eight bytes, behind one that says so."""


def insert_with_marks(table: Table, rows: int) -> str:
    """Return a table's insert of so many rows with a ? for each value. Raises StatementRefused."""
    return repeat_row(table, repeat(["?"] * len(table.columns), rows))


def parameters_of(table: Table, rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Return rows, in order of their ids, as COM_STMT_EXECUTE takes the parameters of insert_with_marks.

    A bit for each that is NULL, the type of each, and the values of those that are not NULL.
    """
    rows = sorted(rows)
    values_by_column = zip(*rows, strict=True)
    columns = [_binary(column.type, values) for column, values in zip(table.columns, values_by_column, strict=True)]
    types = b"".join([INTEGER if column.type == "integer" else STRING for column in table.columns])
    values = chain.from_iterable(zip(*columns, strict=True))
    return b"".join([_nulls(rows), TYPES_FOLLOW, types * len(rows), *values])


def _nulls(rows: Sequence[tuple[Any, ...]]) -> bytes:
    """Return a bit for each value, the first one lowest, that says whether it is NULL."""
    places = [place for place, value in enumerate(chain.from_iterable(rows)) if value is None]
    bits = bytearray((len(rows) * len(rows[0]) + 7) // 8)
    for place in places:
        bits[place // 8] |= 1 << place % 8
    return bytes(bits)


def _binary(kind: str, values: Sequence[Any]) -> list[bytes]:
    """Return the values of a column, with nothing for a NULL."""
    if kind == "integer":
        return [b"" if value is None else AS_INTEGER(value) for value in values]
    if kind == "timestamp":  # a DATETIME takes no time zone: the Z of UTC is left out
        return [b"" if value is None else _sized(value[:-1].encode()) for value in values]
    return [b"" if value is None else _sized(value.encode()) for value in values]


def _sized(value: bytes) -> bytes:
    """Return a value behind its length."""
    size = len(value)
    if size < len(SIZES):
        return SIZES[size] + value
    return (struct.pack("<BH", 0xFC, size) if size < 2**16 else struct.pack("<BQ", 0xFE, size)) + value
