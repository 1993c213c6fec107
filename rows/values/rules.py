"""The rules by which fields become values: one for each column type, and the words that stand for an empty field.

Of a type `quick` takes a column's texts and returns its values, or None if any text needs a closer look; `read` takes
one trimmed text that is not empty and returns its value or a Fault. Both give the same value for the same text.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rows.fault import Fault
from rows.options import Options
from rows.records.records import BLANK
from rows.values.dates import date_reader, quick_dates, unix_reader
from rows.values.integers import integer_reader, odd_integers, quick_integers
from rows.values.texts import odd_texts, quick_texts, read_text
from rows.values.timestamps import iso_reader, odd_timestamps, quick_timestamps

Value = int | str | None

OF_TYPE = ("out_of_range", "ambiguous_time")
"""The faults of texts that are of their type all the same."""


def _each(texts: Sequence[str]) -> Sequence[int]:
    """Leave every text to a closer look."""
    return range(len(texts))


class Type(NamedTuple):
    """The two readings of a column type, and what finds the places of the texts that the quick one does not take."""

    quick: Callable[[Sequence[str]], Sequence[Value] | None]
    read: Callable[[str], Value | Fault]
    odd: Callable[[Sequence[str]], Sequence[int]] = _each


class Rules(NamedTuple):
    """How the fields of one upload are read: the column types by name, and the words that stand for an empty field.

    has_escapes says that a backslash begins an escape in a text.
    """

    types: Mapping[str, Type]
    nulls: frozenset[str]
    strict: bool = False
    has_escapes: bool = False

    def is_null(self, text: str) -> bool:
        """Whether a field is empty, or a word that stands for that."""
        trimmed = text.strip(BLANK)
        return not trimmed or trimmed in self.nulls


def rules_of(options: Options) -> Rules:
    """Return the rules that the options of an upload ask for."""
    types = {
        "integer": Type(quick_integers, integer_reader(options.decimal), odd_integers),
        "text": Type(quick_texts, read_text, odd_texts),
        "timestamp": _timestamps(options),
    }
    return Rules(types, frozenset(options.nulls), options.strict, options.escape == "backslash")


def reads_somehow(kind: str, text: str, rules: Rules) -> bool:
    """Whether a text is a value of a type under the rules, or under any that an option could ask for."""
    readers = (rules.types[kind].read, *(other.types[kind].read for other in _every_rules()))
    return any(not isinstance(value := read(text), Fault) or value.code in OF_TYPE for read in readers)


@cache
def _every_rules() -> tuple[Rules, ...]:
    """Return rules that have each way of reading at least once."""
    return (
        rules_of(Options(decimal="comma")),
        *(rules_of(Options(dates=dates)) for dates in ("dmy", "mdy", "ymd", "unix")),
    )


def _timestamps(options: Options) -> Type:
    zone = UTC if options.timezone == "UTC" else ZoneInfo(options.timezone)
    read_iso = iso_reader(zone)
    match options.dates:
        case "iso":
            return Type(quick_timestamps, read_iso, odd_timestamps)
        case "unix" | "unix_ms":
            return Type(_nothing, unix_reader(options.dates))
        case order:
            quick = quick_dates(order) if zone is UTC else _nothing
            return Type(quick, date_reader(order, zone, read_iso))


def _nothing(texts: Sequence[str]) -> None:
    """Leave every text to a closer look."""
