"""What becomes of each row of a batch: inserted, updated, skipped, or refused for what is stored under its id."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from rows.fault import Fault, quote
from rows.records.layout import Layout
from rows.table import Column, Row


class Settled(NamedTuple):
    """The ids by what becomes of their rows, each list in file order; a conflict is among the skipped.

    replaced are the rows that stood before each update, in that order, and standing those that stand after all of them.
    conflicting has the places of the rows that are to be refused, each with the row that stands.
    """

    inserted: list[int]
    updated: list[int]
    skipped: list[int]
    conflicts: list[int]
    replaced: list[Row]
    standing: list[Row]
    conflicting: dict[int, Row]


class Compared(NamedTuple):
    """The places of the columns that the file has: the others are neither compared nor changed."""

    places: Sequence[int]
    is_all: bool

    def same(self, row: Row, there: Row) -> bool:
        """Whether a row says what stands there."""
        return row == there or (not self.is_all and all(row[place] == there[place] for place in self.places))

    def merged(self, row: Row, there: Row) -> Row:
        """Return the row that stands there, with what the file says of it."""
        return row if self.is_all else tuple(row[i] if i in self.places else there[i] for i in range(len(row)))


def compared(layout: Layout) -> Compared:
    """Return the columns that a file has."""
    places = [place for place, field in enumerate(layout.places) if field is not None]
    return Compared(places, len(places) == len(layout.places))


def first_of_each_id(rows: Sequence[Row]) -> dict[int, Row]:
    """Return the first row of each id."""
    firsts = dict(zip(map(itemgetter(0), rows), rows, strict=True))
    if len(firsts) < len(rows):
        for row in reversed(rows):
            firsts[row[0]] = row
    return firsts


def settle(
    rows: Sequence[Row], firsts: Mapping[int, Row], stored: Mapping[int, Row], on_conflict: str, columns: Compared
) -> Settled:
    """Return what becomes of the rows, where those in stored were there and all other firsts are inserted.

    A row is skipped where its id was stored, or came earlier in the file, with the same content; where that differs,
    on_conflict says what becomes of it: skip, update or refuse.
    """
    settled = Settled([], [], [], [], [], [], {})
    if not stored and len(firsts) == len(rows):
        settled.inserted.extend(firsts)
    elif [*stored.values()] == rows:  # a file that was sent before: all there, and as it stands here
        settled.skipped.extend(stored)
    else:
        _settle_each(settled, rows, dict(stored), on_conflict, columns)
    return settled


def _settle_each(
    settled: Settled, rows: Sequence[Row], standing: dict[int, Row], on_conflict: str, columns: Compared
) -> None:
    for place, row in enumerate(rows):
        key = row[0]
        there = standing.setdefault(key, row)
        if there is row:
            settled.inserted.append(key)
        elif columns.same(row, there):
            settled.skipped.append(key)
        elif on_conflict == "update":
            settled.updated.append(key)
            settled.replaced.append(there)
            standing[key] = columns.merged(row, there)
        elif on_conflict == "refuse":
            settled.conflicting[place] = there
        else:
            settled.skipped.append(key)
            settled.conflicts.append(key)
    settled.standing.extend(standing[key] for key in dict.fromkeys(settled.updated))


def conflict_of(row: Row, there: Row, columns: Sequence[Column], places: Sequence[int]) -> tuple[str, Fault]:
    """Return the first column in which a row differs from the one that stands, and the fault that says both values."""
    place = next(place for place in places if row[place] != there[place])
    sentence = f"is {_said(row[place])}, and {_said(there[place])} is stored under the id {row[0]}"
    return columns[place].name, Fault("conflict", sentence)


def _said(value: Any) -> str:
    return "empty" if value is None else quote(str(value))
