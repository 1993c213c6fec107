"""Headers: whether a file has one, and where its names have the table's columns."""

from collections.abc import Sequence
from typing import NamedTuple

from rows.fault import Fault
from rows.records import kept
from rows.records.layout import Layout
from rows.table import Column
from rows.values.integers import read_integer


class HeaderRefused(Exception):
    """The file's header does not fit the table."""


class Head(NamedTuple):
    """One of the file's first records: the line it starts on and its trimmed fields."""

    line: int
    fields: list[str]


def find_header(head: Sequence[Head], columns: Sequence[Column]) -> bool:
    """Return whether the first record is a header. Raises HeaderRefused where a later one is."""
    if head and is_header(head[0].fields, columns):
        return True
    for line, fields in head:
        if is_fitting_header(fields, columns):
            raise HeaderRefused(
                f"line {line} names the columns, but is not the first record: remove what stands before it, "
                "or say header=false to read the columns by position"
            )
    return False


def layout_of(names: Sequence[str], columns: Sequence[Column]) -> Layout:
    """Return where a header's names, in any case, have the columns; names that start with `_` are passed over."""
    lower = [name.lower() for name in names]
    known = [column.name.lower() for column in columns]
    problems = {
        "is not a column": [name for name in names if name.lower() not in known and not name.startswith("_")],
        "stands there twice": [name for name in known if lower.count(name) > 1],
        "is missing": [c.name for c in columns if c.required and c.name.lower() not in lower],
    }
    if any(problems.values()):
        found = "; ".join(f"{', '.join(map(repr, wrong))} {what}" for what, wrong in problems.items() if wrong)
        raise HeaderRefused(
            f"the header does not fit: {found}. Expected, in any order: {', '.join(c.name for c in columns)}. "
            "Where the columns stand in this order, header=skip passes over the first record and goes by position"
        )
    places = [lower.index(name) if name in lower else None for name in known]
    if kept.COLUMNS[-1] not in lower:
        return Layout(len(names), places, list(names), range(len(names)))
    own = [place for place, name in enumerate(lower) if name not in kept.COLUMNS]
    return Layout(len(names), places, [names[place] for place in own], own, lower.index(kept.COLUMNS[-1]))


def is_header(names: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether any name is a column's, in any case, and the one in the id's place is no integer."""
    known = {column.name.lower() for column in columns}
    return not known.isdisjoint(map(str.lower, names)) and not is_integer(names[0])


def is_fitting_header(names: Sequence[str], columns: Sequence[Column]) -> bool:
    known = {column.name.lower() for column in columns}
    return is_header(names, columns) and all(name.lower() in known or name.startswith("_") for name in names)


def is_integer(text: str) -> bool:
    return text != "" and not isinstance(read_integer(text), Fault)
