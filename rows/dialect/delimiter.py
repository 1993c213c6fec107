"""The delimiter: what most of the first records say, and never one of them against the others."""

from collections.abc import Mapping, Sequence

from rows.dialect.head import Head
from rows.dialect.header import is_header, names_any
from rows.fault import FileRefused, Hint
from rows.options import DELIMITERS, Options
from rows.records.records import BAD_QUOTING
from rows.table import Column
from rows.values.integers import is_integer_somehow

NAMES = {delimiter: name for name, delimiter in DELIMITERS.items()}

Heads = Mapping[str, Sequence[Head]]
"""The file's first records, split by each delimiter that may be its own."""


def name_of(delimiter: str) -> str:
    return NAMES[delimiter]


def find_delimiter(heads: Heads, columns: Sequence[Column], options: Options) -> str:
    """Return the delimiter that the first records have.

    Raises FileRefused where two of them would do nearly as well.
    """
    fitting = [mark for mark, head in heads.items() if head and is_header(head[0], columns, options.extra)]
    if len(fitting) == 1 and options.columns is None:
        return fitting[0]
    scores = {mark: _score(head, columns, options) for mark, head in heads.items()}
    best, *others = sorted(scores, key=lambda mark: -scores[mark])
    close = [mark for mark in others if scores[mark] * 2 > scores[best]]
    if close:
        raise _undecided(best, close[0], scores)
    return best if scores[best] else _by_names(heads, columns, options)


def _score(head: Sequence[Head], columns: Sequence[Column], options: Options) -> int:
    """Return how many of the records have the right number of fields, and a key in its place."""
    width = len(columns) if options.columns is None else len(options.columns)
    key = 0 if options.columns is None else options.columns.index(columns[0].name)
    return sum(
        len(record.fields) == width and is_integer_somehow(record.fields[key])
        for record in head
        if record.fault != BAD_QUOTING
    )


def _by_names(heads: Heads, columns: Sequence[Column], options: Options) -> str:
    """Return the delimiter under which a record is a header, or else the first record has a column's name."""
    with_header = [
        mark for mark, head in heads.items() if any(is_header(record, columns, options.extra) for record in head)
    ]
    if len(with_header) == 1:
        return with_header[0]
    named = [mark for mark, head in heads.items() if head and names_any(head[0], columns)]
    return named[0] if named else ","


def _undecided(one: str, other: str, scores: Mapping[str, int]) -> FileRefused:
    hints = [
        Hint(f"{scores[mark]} of the first records read with {name_of(mark)!r}", {"delimiter": name_of(mark)})
        for mark in (one, other)
    ]
    names = f"{name_of(one)} or {name_of(other)}"
    return FileRefused(
        "delimiter_not_found",
        f"the delimiter may be {names}: the records can be read with both",
        hints,
        ways=["delimiter= says which (a semicolon is %3B in a URL)"],
    )
