"""What the sqlite3 shell writes, in its modes."""

import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from exports.made_up import Export, Table
from required import skip

TYPES = {"id": "INTEGER PRIMARY KEY", "department_id": "INTEGER", "job_id": "INTEGER"}
UNQUOTED = ('"', "\r", "\n")
"""What the modes list and tabs print as it is: such names are outside of what can be told from a row."""

WORDS = ("NULL", r"\N", "NA", "null")
NO_CSV = ("json", "html", "box", "table", "column", "markdown", "line", "insert", "tcl", "ascii")


def exports(table: Table) -> Iterator[Export]:
    """Yield a table as the sqlite3 shell writes it."""
    program = shutil.which("sqlite3")
    if not program:
        skip("no sqlite3: apt-get install sqlite3")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "hires.db")

        def write(*commands: str, columns: str = "*", rows: Table = table) -> bytes:
            ids = ", ".join(str(row[0]) for row in rows.rows)
            query = f"SELECT {columns} FROM {table.name} WHERE id IN ({ids}) ORDER BY id"
            given = [part for command in commands for part in ("-cmd", command)]
            return subprocess.run([program, *given, path, query], capture_output=True, check=True).stdout

        fill(path, table)
        for header in ("on", "off"):
            headed = f".headers {header}"
            yield Export(f".mode csv, {headed}", write(".mode csv", headed), table)
            yield Export(f".mode csv, {headed}, LF", write(".mode csv", headed, r".separator , \n"), table)
            yield Export(f".mode csv, {headed}, CR", write(".mode csv", headed, r".separator , \r"), table)
            for separator in (";", "|", r"\t"):
                content = write(".mode csv", headed, f'.separator "{separator}"')
                yield Export(f".mode csv, {headed}, {separator}", content, table)
            for word in WORDS:
                yield Export(f".mode csv, {headed}, {word}", write(".mode csv", headed, f".nullvalue '{word}'"), table)
            for mode, separator in {"list": "|", "tabs": "\t"}.items():
                plain = table.without(separator, *UNQUOTED)
                yield Export(f".mode {mode}, {headed}", write(f".mode {mode}", headed, rows=plain), plain)
                word = write(f".mode {mode}", headed, ".nullvalue NULL", rows=plain)
                yield Export(f".mode {mode}, {headed}, NULL", word, plain)
            told = "single quotes"
            yield Export(f".mode quote, {headed}", write(".mode quote", headed), Table(table.name, []), told=told)
            for mode in NO_CSV:
                yield Export(f".mode {mode}, {headed}", write(f".mode {mode}", headed), Table(table.name, []))
            if table.is_dated:
                seconds = write(
                    ".mode csv", headed, columns="id, name, unixepoch(datetime) AS datetime, department_id, job_id"
                )
                yield Export(f".mode csv, {headed}, seconds since 1970", seconds, table)


def fill(path: Path, table: Table) -> None:
    """Make a database with the table in it."""
    columns = ", ".join(f"{name} {TYPES.get(name, 'TEXT')}" for name in table.columns)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE {table.name} ({columns})")
        places = ", ".join("?" * len(table.columns))
        rows = [[value.isoformat(" ") if hasattr(value, "isoformat") else value for value in row] for row in table.rows]
        connection.executemany(f"INSERT INTO {table.name} VALUES ({places})", rows)
        connection.commit()
