"""What has to be known of a table: its name and its columns."""

from collections.abc import Sequence
from typing import Any, Protocol

Row = tuple[Any, ...]
"""A row's values, in the table's column order; the first is its id."""


class Column(Protocol):
    """A column as the database's catalog describes it; type is integer, text or timestamp."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def required(self) -> bool: ...


class Table(Protocol):
    """A table that takes uploads; its first column is its integer key, the id."""

    @property
    def name(self) -> str: ...
    @property
    def columns(self) -> Sequence[Column]: ...
