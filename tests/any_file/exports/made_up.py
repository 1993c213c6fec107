"""The tables that the tools write, the rows that must come of them, and what a tool has written."""

import csv
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from faults_table import LONG
from project import PROJECT

COLUMNS = {
    "departments": ("id", "department"),
    "jobs": ("id", "job"),
    "hired_employees": ("id", "name", "datetime", "department_id", "job_id"),
}
ROWS = 3000 if LONG else 180
EMPTY = 0.05
"""This share of the fields that may be empty is."""

NAMES = [
    *("Ada Brandt", "Bo Castillo", "Mary-Ann O'Neil", "7 of 9", "x" * 1000),
    *("Roe, Ana", "Roe; Ana", "Roe|Ana", "Roe\tAna", "a,b;c|d"),
    *('Ana "Bo" Roe', '"Bo" Roe', 'Roe "Bo"', '"', 'a "",""', "'Bo'", "5'"),
    *("two\nlines", "two\r\nlines", "\nlines\n", "1,x,2021-01-01,1,1\n2,y,,,"),
    *(r"back\slash", r"back\\slashes", r"C:\new\table", "end\\", "-", "=1+1", "@Ana", "100 %", "3,5", "1.0"),
    *(
        "Zoë Müller",
        "Añá Ñandú",
        "Žofie Šťastná",
        "Łucja",
        "Μαρία",
        "Юлия",
        "李小龍",
        "Ana \U0001f600",
        "n\u0303",
        "\u2028",
    ),
    *("\xa0Ana\xa0", "a\u200bb", "€ 5", "naïve – “quoted”"),
]


@dataclass(frozen=True)
class Table:
    """A table's rows in its columns' order, as numbers, texts, datetimes in UTC without an offset, and None."""

    name: str
    rows: Sequence[tuple[Any, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        return COLUMNS[self.name]

    @property
    def is_dated(self) -> bool:
        return "datetime" in self.columns

    def shown(self) -> list[list[str]]:
        """Return the rows as the service has to show them."""
        return [[_shown(value) for value in row] for row in self.rows]

    def encodable(self, encoding: str) -> "Table":
        """Return the rows that an encoding has the letters for."""
        return replace(self, rows=[row for row in self.rows if _has_letters(row[1] or "", encoding)])

    def without(self, *texts: str) -> "Table":
        """Return the rows whose name has none of these texts in it."""
        return replace(self, rows=[row for row in self.rows if not any(text in (row[1] or "") for text in texts)])

    def with_moments(self, change: Callable[[datetime], datetime]) -> "Table":
        """Return the rows with another datetime each."""
        place = self.columns.index("datetime")
        changed = [[*row[:place], row[place] and change(row[place]), *row[place + 1 :]] for row in self.rows]
        return replace(self, rows=[*map(tuple, changed)])

    def with_names(self, change: Callable[[str], str]) -> "Table":
        """Return the rows with another name each."""
        return replace(self, rows=[(key, text and change(text), *more) for key, text, *more in self.rows])

    def ids(self, is_so: Callable[[str], bool]) -> set[str]:
        """Return the ids of the rows whose name is so."""
        return {str(row[0]) for row in self.rows if is_so(row[1] or "")}


@dataclass(frozen=True)
class Export:
    """What a tool has written of a table, in a way.

    options is what has to be said where no hint can say it, or where two do, and told what the answer has to say then. lost are ids of
    rows that the tool wrote in a way that no CSV is read in: they may be refused, but never be stored otherwise.
    """

    way: str
    content: bytes
    table: Table
    options: Mapping[str, str] = field(default_factory=dict)
    told: str = ""
    lost: Collection[str] = ()


def example(name: str) -> Table:
    """Return the table of an example file."""
    columns = COLUMNS[name]
    with (PROJECT / f"examples/{name}.csv").open(newline="") as file:
        sound = [
            row for row in csv.reader(file) if all(row[place].isdigit() for place in _places(columns) if row[place])
        ]
    first = {row[0]: row for row in reversed(sound)}
    return Table(name, [_typed(first[key], columns) for key in sorted(first, key=int)])


def hires(number: int = ROWS) -> Table:
    """Return so many made-up hires, the same each time."""
    chance = random.Random(1)

    def unless_empty(value: Any) -> Any:
        return None if chance.random() < EMPTY else value

    rows = [
        (
            101 + index,
            unless_empty(NAMES[index % len(NAMES)]),
            unless_empty(datetime(2021, 1, 1) + timedelta(seconds=chance.randrange(366 * 24 * 60 * 60))),
            unless_empty(chance.randint(1, 12)),
            unless_empty(chance.randint(1, 180)),
        )
        for index in range(number)
    ]
    rows[number // 2] = (*rows[number // 2][:1], "Null", *rows[number // 2][2:])
    return Table("hired_employees", rows)


def _places(columns: Sequence[str]) -> list[int]:
    return [place for place, name in enumerate(columns) if name.endswith("id")]


def _typed(row: Sequence[str], columns: Sequence[str]) -> tuple[Any, ...]:
    read = {"name": str, "department": str, "job": str, "datetime": lambda text: datetime.fromisoformat(text[:-1])}
    return tuple(read.get(name, int)(text) if text else None for name, text in zip(columns, row, strict=True))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        text = value.isoformat()
        return f"{text.rstrip('0') if '.' in text else text}Z"
    return str(value).strip(" \t")


def _has_letters(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeError:
        return False
    return True
