"""Where the records of a file have the table's columns."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Layout(NamedTuple):
    """Where a record of width fields has the table's columns: field places[i] is column i, and None is in no field.

    names and own are what was sent, by name and place: all fields, but in a file of refused rows those that it had at
    first. There kept has the places of what was put behind them, by name. first_line is the line on which the file's
    records begin. header has the names that stand in the file.
    """

    width: int
    places: Sequence[int | None]
    names: Sequence[str]
    own: Sequence[int]
    kept: Mapping[str, int] | None = None
    first_line: int = 1
    header: Sequence[str] | None = None
