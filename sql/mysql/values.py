"""Values as the service has them and as MySQL and MariaDB take and give them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions, escape_string

from sql.errors import StatementRefused
from sql.files.tables import Table


def insert_of(table: Table, rows: Sequence[tuple[Any, ...]]) -> str:
    """Return a table's insert of these rows, in order of their ids. Raises StatementRefused."""
    values_by_column = zip(*sorted(rows), strict=True)
    columns = [_literals(column.type, found) for column, found in zip(table.columns, values_by_column, strict=True)]
    return repeat_row(table, zip(*columns, strict=True))


def repeat_row(table: Table, rows: Iterable[Iterable[Any]]) -> str:
    """Return a table's insert with what stands behind VALUES repeated for each row, and filled in.

    Raises StatementRefused where that has not one %s for each column.
    """
    before, word, row = table.statements["insert"].text.rpartition("VALUES")
    row = row.strip()
    try:
        return before + word + ",".join([row % tuple(values) for values in rows])
    except (TypeError, ValueError) as error:
        raise StatementRefused(f"it has not one %s for each column: {error}") from error


def with_marks(text: str, parameters: Mapping[str, Any] | None) -> str:
    """Return a statement as PREPARE takes it, with a ? for each of the parameters; None stands for any.

    Raises StatementRefused where it has placeholders that are none of these.
    """
    marks = defaultdict(lambda: "?") if parameters is None else dict.fromkeys(parameters, "?")
    try:
        return text % marks
    except (KeyError, TypeError, ValueError) as error:
        raise StatementRefused(f"its placeholders are not %(name)s of its parameters: {error}") from error


def _literals(kind: str, values: Sequence[Any]) -> Sequence[Any]:
    """Return the values of a column as they stand in SQL; texts are escaped one by one only where any has to be."""
    if kind == "integer":
        return ["NULL" if value is None else value for value in values] if None in values else values
    if kind == "timestamp":  # a DATETIME takes no time zone: the Z of UTC is left out
        return ["NULL" if value is None else f"'{value[:-1]}'" for value in values]
    text = "".join(filter(None, values))
    if escape_string(text) != text:
        return ["NULL" if value is None else f"'{escape_string(value)}'" for value in values]
    return ["NULL" if value is None else f"'{value}'" for value in values]


def _moment(text: str) -> str:
    """Return `2021-07-27 16:02:08.500000` as 2021-07-27T16:02:08.5Z."""
    whole, _, fraction = text.replace(" ", "T").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}Z" if fraction else f"{whole}Z"


def _number(text: str) -> int | float:
    """Return a decimal, which JSON does not have, as an integer or a float."""
    return int(text) if text.lstrip("-").isdigit() else float(text)


CONVERSIONS = conversions | {
    FIELD_TYPE.DATETIME: _moment,
    FIELD_TYPE.TIMESTAMP: _moment,
    FIELD_TYPE.DECIMAL: _number,
    FIELD_TYPE.NEWDECIMAL: _number,
    FIELD_TYPE.DATE: str,
    FIELD_TYPE.TIME: str,
}
