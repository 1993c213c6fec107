"""Tables: their statements from the folder, their columns from the database's catalog."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from sql.errors import StartRefused
from sql.files.statements import Result, Statement, expect, read_statements

STATEMENTS = ("create", "insert", "stored", "page", "count")
OPTIONAL = ("references", "lock", "update", "delete", "range", "enlist")

READ = re.compile(r"""^\s*--.*|\b(?:FROM|JOIN)\s+["`]?(\w+)""", re.IGNORECASE | re.MULTILINE)
"""A comment, or what a statement reads from."""


class Column(NamedTuple):
    """A column; its type is integer, text or timestamp."""

    name: str
    type: str
    required: bool


class Table(NamedTuple):
    """A table that takes uploads. Its first column is its integer key, the id."""

    name: str
    columns: tuple[Column, ...]
    statements: dict[str, Statement]

    @property
    def takes_updates(self) -> bool:
        return {"lock", "update"} <= self.statements.keys()

    def missing(self, *names: str) -> list[str]:
        """Return the files of these names that the table does not have."""
        return [f"{name}.sql" for name in names if name not in self.statements]

    def refers_to(self, tables: Iterable[str]) -> list[str]:
        """Return those of the tables that its references.sql reads."""
        references = self.statements.get("references")
        read = {name.lower() for name in READ.findall(references.text)} if references else set()
        return [name for name in tables if name.lower() in read]


def read_tables(folder: Path) -> dict[str, dict[str, Statement]]:
    """Return each table's statements by its name. Raises StartRefused where one is missing or has a wrong name."""
    tables = {path.name: read_statements(path) for path in sorted(folder.iterdir()) if path.is_dir()}
    for name, statements in tables.items():
        expect(statements, folder / name, STATEMENTS, OPTIONAL)
    return tables


def describe(name: str, statements: dict[str, Statement], catalog: Result, types: Mapping[str, str]) -> Table:
    """Return the table as the catalog has it; types has the database's names of integer, text and timestamp.

    Raises StartRefused for a type that is none of them, and where the first column is not the integer key.
    """
    columns = catalog.dicts()
    path = statements["create"].path
    if not columns:
        raise StartRefused(f"{path} creates no table {name}")
    for column in columns:
        if column["type"] not in types:
            known = ", ".join(types)
            raise StartRefused(f"{path}: {column['name']} is of type {column['type']}, which is not one of {known}")
    if [c["name"] for c in columns if c["is_key"]] != [columns[0]["name"]] or types[columns[0]["type"]] != "integer":
        raise StartRefused(f"{path}: the first column of {name} must be its integer PRIMARY KEY")
    return Table(name, tuple(Column(c["name"], types[c["type"]], bool(c["required"])) for c in columns), statements)
