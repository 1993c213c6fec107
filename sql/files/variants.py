"""Variants of a database: a folder of what differs, for those that a connection finds to be one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sql.errors import StartRefused
from sql.files.statements import Statement, expect, read_statements
from sql.files.stats import Report, read_reports
from sql.files.tables import OPTIONAL, STATEMENTS

SPREAD = ("insert", "enlist")
"""What a table that is spread over machines needs of its own."""


def tables_of(
    connection: Any, folder: Path, tables: Mapping[str, dict[str, Statement]]
) -> Mapping[str, dict[str, Statement]]:
    """Return the tables' statements, with those of the connection's variant in the place of others.

    Raises StartRefused where the variant says that rows could be lost, for a file with a wrong name, and where a table
    that is spread over machines lacks one of SPREAD.
    """
    if not connection.variant:
        return tables
    variant = folder.with_name(connection.variant)
    catalog = read_statements(variant / "catalog")
    expect(catalog, variant / "catalog", ("faults", "spread"))
    for (fault,) in connection.select(catalog["faults"], {}).rows:
        raise StartRefused(f"the database is not set up for uploads: {fault}")
    spread = {name for (name,) in connection.select(catalog["spread"], {}).rows}
    found = {name: read_statements(variant / "tables" / name) for name in tables}
    for name, statements in found.items():
        expect(statements, variant / "tables" / name, SPREAD if name in spread else (), (*STATEMENTS, *OPTIONAL))
    return {name: tables[name] | found[name] for name in tables}


def reports_of(connection: Any, folder: Path, reports: dict[str, Report]) -> dict[str, Report]:
    """Return the reports, with those of the connection's variant in the place of others. Raises StartRefused."""
    return reports | read_reports(folder.with_name(connection.variant) / "stats") if connection.variant else reports
