"""Headers: whether a record is one, whether it fits the table, and where its names have the columns."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from rows.dialect.head import Head
from rows.options import PASSED_OVER
from rows.records.kept import COLUMNS as KEPT_COLUMNS
from rows.records.layout import Layout
from rows.table import Column
from rows.values.integers import is_integer_somehow
from rows.values.rules import Rules, reads_somehow

UNSAID = "_"
"""What a field that is passed over is called in a file of refused rows; a header's names that begin so are, too."""


def normal(name: str) -> str:
    """Return a name without case and without anything that is no letter or digit: Department ID is department_id."""
    return "".join(filter(str.isalnum, name.casefold()))


def misfits(names: Sequence[str], columns: Sequence[Column], extra: str) -> dict[str, list[str]]:
    """Return what keeps names from being a header of the table, each with the names concerned; empty where it fits."""
    sent = [normal(name) for name in names if not name.startswith(UNSAID)]
    known = {normal(column.name): column for column in columns}
    found = {
        "is not a column": [name for name in names if not _is_known(name, known)] if extra == "refuse" else [],
        "stands there twice": [column.name for name, column in known.items() if sent.count(name) > 1],
        "is missing": [column.name for name, column in known.items() if column.required and name not in sent],
    }
    return {what: wrong for what, wrong in found.items() if wrong}


def fits(names: Sequence[str], columns: Sequence[Column], extra: str) -> bool:
    """Whether names are a header of the table; where any may stand beside the columns', the first is no integer."""
    begins_as_row = extra == "ignore" and is_integer_somehow("".join(names[:1]))
    if not names or begins_as_row:
        return False
    sent = {*map(normal, names)}
    lacks_one = any(column.required and _name_of(column.name) not in sent for column in columns)  # as most rows do
    return not lacks_one and not misfits(names, columns, extra)


@lru_cache
def _name_of(column: str) -> str:
    """Return the name of a column as names are compared."""
    return normal(column)


def is_header(head: Head, columns: Sequence[Column], extra: str) -> bool:
    """Whether a record is a header of the table."""
    return head.fault is None and fits(head.fields, columns, extra)


def names_any(head: Head, columns: Sequence[Column | None]) -> bool:
    """Whether any field of a record is a column's name."""
    known = {normal(column.name) for column in columns if column}
    return any(normal(name) in known for name in head.fields if not name.startswith(UNSAID))


def holds_value(fields: Sequence[str], columns: Sequence[Column | None], rules: Rules) -> bool:
    """Whether any field is a value of a type where that belongs; columns has the one of each field, None for none.

    In a record of another number of fields a value of any type tells, wherever it stands.
    """
    typed = _typed(fields, columns, rules)
    if len(fields) != len(columns):
        present = (field for field in fields if not rules.is_null(field))
        typed = [(kind, field) for field in present for kind in ("integer", "timestamp")]
    return any(reads_somehow(kind, field, rules) for kind, field in typed)


def may_be_header(head: Head, columns: Sequence[Column], rules: Rules) -> bool:
    """Whether a record may be one of names: no value of a type is where that belongs, and something else is."""
    is_said = bool(_typed(head.fields, columns, rules)) or names_any(head, columns)
    return is_said and not holds_value(head.fields, columns, rules)


def _typed(fields: Sequence[str], columns: Sequence[Column | None], rules: Rules) -> list[tuple[str, str]]:
    """Return the type and the text of each field that is not empty and whose column is no text."""
    return [
        (column.type, field)
        for column, field in zip(columns, fields, strict=False)
        if column and column.type != "text" and not rules.is_null(field)
    ]


def layout_of(names: Sequence[str], columns: Sequence[Column], first_line: int) -> Layout:
    """Return where a header that fits has the columns."""
    own = range(len(names))
    return Layout(len(names), places_of(names, columns), list(names), own, first_line=first_line, header=list(names))


def places_of(names: Sequence[str], columns: Sequence[Column]) -> list[int | None]:
    """Return the place of each column among a header's names, None where it is not there."""
    sent = [None if name.startswith(UNSAID) else normal(name) for name in names]
    return [sent.index(name) if (name := normal(column.name)) in sent else None for column in columns]


def layout_by_position(columns: Sequence[Column], first_line: int, header: Sequence[str] | None = None) -> Layout:
    """Return the layout of a file whose fields are the table's columns, in order, whatever its header says."""
    places = range(len(columns))
    names = [column.name for column in columns]
    return Layout(len(columns), places, names, places, first_line=first_line, header=header)


def layout_by_columns(
    given: Sequence[str], columns: Sequence[Column], first_line: int, header: Sequence[str] | None
) -> Layout:
    """Return the layout that the option `columns` gives, of a file that has a header of its own or not."""
    places = [given.index(column.name) if column.name in given else None for column in columns]
    names = [UNSAID if name == PASSED_OVER else name for name in given]
    return Layout(len(given), places, names, range(len(given)), first_line=first_line, header=header)


def is_kept_header(names: Sequence[str]) -> bool:
    """Whether the names are those of a file of refused rows."""
    return list(names[-len(KEPT_COLUMNS) :]) == KEPT_COLUMNS


def layout_of_kept(names: Sequence[str], columns: Sequence[Column], first_line: int) -> Layout:
    """Return where a file of refused rows has the columns."""
    own = names[: -len(KEPT_COLUMNS)]
    kept = {name: place for place, name in enumerate(KEPT_COLUMNS, len(own))}
    layout = layout_of(own, columns, first_line)
    return layout._replace(width=len(names), kept=kept)


def _is_known(name: str, known: Collection[str]) -> bool:
    return name.startswith(UNSAID) or normal(name) in known
