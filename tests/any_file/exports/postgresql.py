"""What PostgreSQL writes: COPY, and psql's \\copy and its own formats."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from typing import Any

from exports.made_up import Export, Table
from required import skip
from servers.postgresql import PostgreSQL

TYPES = {"datetime": "timestamptz", "name": "text", "department": "text", "job": "text"}
CSV = {
    "csv": "FORMAT csv",
    "csv, semicolons": "FORMAT csv, DELIMITER ';'",
    "csv, tabs": "FORMAT csv, DELIMITER E'\\t'",
    "csv, pipes": "FORMAT csv, DELIMITER '|'",
    "csv, all quoted": "FORMAT csv, FORCE_QUOTE *",
    **{f"csv, {word}": f"FORMAT csv, NULL '{word}'" for word in (r"\N", "NULL", "NA", "None")},
    **{f"csv, all quoted, {word}": f"FORMAT csv, FORCE_QUOTE *, NULL '{word}'" for word in (r"\N", "NULL")},
}
ENCODINGS = {"WIN1252": "cp1252", "LATIN1": "latin-1", "LATIN9": "iso-8859-15", "WIN1250": "cp1250"}
STYLES = ["ISO", "SQL, DMY", "SQL, MDY", "German", "Postgres, DMY"]
ESCAPES = {"escape": "backslash"}
UNQUOTED = ('"', "\r", "\n")
"""What psql -A and the like print as it is: such names are outside of what can be told from a row."""


def exports(table: Table) -> Iterator[Export]:
    """Yield a table as PostgreSQL writes it."""
    psql = shutil.which("psql")
    if not psql:
        skip("no psql: apt-get install postgresql-client")
    server = PostgreSQL()
    server.start()
    url = server.create()
    try:
        fill(server, url, table)
        with closing(server.connect(url)) as connection:
            yield from copied(table, connection)
        yield from printed(table, psql, url)
    finally:
        server.drop(url)
        server.stop()


def fill(server: PostgreSQL, url: str, table: Table) -> None:
    """Make the table in a database."""
    columns = ", ".join(f"{name} {TYPES.get(name, 'bigint')}" for name in table.columns)
    with closing(server.connect(url)) as connection:
        connection.execute(f"CREATE TABLE {table.name} ({columns})")
        with connection.cursor().copy(f"COPY {table.name} FROM STDIN") as copy:
            for row in table.rows:
                copy.write_row([value.replace(tzinfo=UTC) if hasattr(value, "tzinfo") else value for value in row])


def copied(table: Table, connection: Any) -> Iterator[Export]:
    def copy(options: str) -> bytes:
        query = f"COPY (SELECT * FROM {table.name} ORDER BY id) TO STDOUT ({options})"
        with connection.cursor().copy(query) as rows:
            return b"".join(bytes(piece) for piece in rows)

    for header in ("true", "false"):
        for name, options in CSV.items():
            yield Export(f"{name}, header {header}", copy(f"{options}, HEADER {header}"), table)
        for name, codec in ENCODINGS.items():
            encodable = table.encodable(codec)
            query = f"COPY ({query_of(encodable)}) TO STDOUT (FORMAT csv, ENCODING '{name}', HEADER {header})"
            with connection.cursor().copy(query) as rows:
                content = b"".join(bytes(piece) for piece in rows)
            said = {} if codec in ("cp1252", "latin-1") else {"encoding": codec}
            yield Export(f"csv, {name}, header {header}", content, encodable, said, "undecodable" if said else "")
        text = copy(f"FORMAT text, HEADER {header}")
        yield Export(
            f"text, header {header}",
            text,
            table,
            ESCAPES,
            "escape",
            lost=table.ids(lambda text: '"' in text),
        )
        lost = table.ids(lambda text: "\\" in text or '"' in text)
        content = copy(f"FORMAT csv, ESCAPE '\\', HEADER {header}")
        yield Export(f"csv, escapes, header {header}", content, table, lost=lost)
        content = copy(f"FORMAT csv, QUOTE '''', FORCE_QUOTE *, HEADER {header}")
        yield Export(f"csv, single quotes, header {header}", content, Table(table.name, []), told="single quotes")
        for style in STYLES if table.is_dated else ():
            for zone in ("UTC", "America/Lima"):
                connection.execute(f"SET DateStyle = {style}")
                connection.execute(f"SET TIME ZONE '{zone}'")
                content = copy(f"FORMAT csv, HEADER {header}")
                lost = table.ids(lambda text: True) if style.startswith("Postgres") else ()  # Tue 27 Jul 16:02:08 2021
                yield Export(f"csv, {style}, {zone}, header {header}", content, table, lost=lost)
        connection.execute("SET DateStyle = ISO")
        connection.execute("SET TIME ZONE 'UTC'")


def printed(table: Table, psql: str, url: str) -> Iterator[Export]:
    query = query_of(table)

    def run(*options: str, command: str = query) -> bytes:
        environ = {"PGCLIENTENCODING": "UTF8", "PGTZ": "UTC"}
        return subprocess.run(
            [psql, "-X", *options, "-c", command, url], capture_output=True, check=True, env=environ
        ).stdout

    yield Export("psql --csv", run("--csv"), table)
    yield Export("psql --csv -t", run("--csv", "-t"), table)
    yield Export("psql --csv, semicolons, NULL", run("--csv", "-P", "csv_fieldsep=;", "-P", "null=NULL"), table)
    yield Export("psql \\copy", run(command=f"\\copy ({query}) TO STDOUT CSV HEADER"), table)
    for name, options in {
        "with a footer": (),
        "without a footer": ("-P", "footer=off"),
        "without header": ("-t",),
    }.items():
        for separator in ("|", "\t"):
            plain = table.without(separator, *UNQUOTED)
            content = run("-A", "-F", separator, *options, command=query_of(plain))
            yield Export(f"psql -A, {separator}, {name}", content, plain)
    yield Export("psql, aligned", run(), Table(table.name, []), told="psql")
    yield Export("psql, aligned, pipes around", run("-P", "border=2"), Table(table.name, []), told="psql")
    yield Export("psql, one value a line", run("-x"), Table(table.name, []))


def query_of(table: Table) -> str:
    """Return what selects just these rows."""
    ids = ", ".join(str(row[0]) for row in table.rows)
    return f"SELECT * FROM {table.name} WHERE id IN ({ids}) ORDER BY id"
