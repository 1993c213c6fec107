"""Where the records of a file have the table's columns."""

from collections.abc import Sequence
from typing import NamedTuple


class Layout(NamedTuple):
    """Where a record of width fields has the table's columns: field places[i] is column i, and None is in no field.

    names and own are the columns that were sent, and their places: all, but in a file of refused rows those that it
    had at first. There kept is the place of the record that could not be split into them.
    """

    width: int
    places: Sequence[int | None]
    names: Sequence[str]
    own: Sequence[int]
    kept: int | None = None
