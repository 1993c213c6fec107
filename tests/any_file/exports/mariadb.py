"""What MariaDB writes: SELECT ... INTO OUTFILE, and its client's --batch."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from exports.made_up import Export, Table
from required import skip
from servers.mysql import MySQL

TYPES = {"datetime": "datetime(6)", "name": "text", "department": "text", "job": "text"}
FILES = {
    "as it is": "",
    "commas": "FIELDS TERMINATED BY ','",
    "commas, quotes": """FIELDS TERMINATED BY ',' ENCLOSED BY '"'""",
    "commas, texts in quotes": """FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"'""",
    "commas, texts in quotes, CRLF": r"""FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' LINES TERMINATED BY '\r\n'""",
    "semicolons, quotes": """FIELDS TERMINATED BY ';' ENCLOSED BY '"'""",
}
DOUBLED = {
    "quotes doubled": """FIELDS TERMINATED BY ',' ENCLOSED BY '"' ESCAPED BY '"'""",
    "quotes doubled round texts": """FIELDS TERMINATED BY ';' OPTIONALLY ENCLOSED BY '"' ESCAPED BY '"'""",
}
NOT_ESCAPED = {"no escapes": """FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '"' ESCAPED BY ''"""}
ESCAPES = {"escape": "backslash"}
UNSPLIT = '\t\r\n",;'
"""Where a backslash stands before one of these, the record is split at it: it may be refused."""

UNQUOTED = ("\t", "\r", "\n", '"')
"""What --raw prints as it is: such names are outside of what can be told from a row."""


def exports(table: Table) -> Iterator[Export]:
    """Yield a table as MariaDB writes it."""
    client = shutil.which("mariadb")
    if not client:
        skip("no mariadb: apt-get install mariadb-client")
    if os.environ.get(MySQL.variable):
        pytest.skip(f"the server of {MySQL.variable} may write its files elsewhere")
    server = MySQL()
    server.start()
    url = server.create()
    try:
        fill(server, url, table)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o777)  # the server writes there, as a user of its own
            yield from written(table, server, url, Path(folder))
        yield from printed(table, client, url)
    finally:
        server.drop(url)
        server.stop()


def fill(server: MySQL, url: str, table: Table) -> None:
    """Make the table in a database."""
    columns = ", ".join(f"{name} {TYPES.get(name, 'bigint')}" for name in table.columns)
    with closing(server.connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute("SET NAMES utf8mb4")
        cursor.execute(f"CREATE TABLE {table.name} ({columns}) CHARACTER SET utf8mb4")
        cursor.executemany(
            f"INSERT INTO {table.name} VALUES ({', '.join(['%s'] * len(table.columns))})",
            [list(row) for row in table.rows],
        )


def written(table: Table, server: MySQL, url: str, folder: Path) -> Iterator[Export]:
    path = folder / "out"
    names = ", ".join(f"'{name}'" for name in table.columns)
    whole = ", ".join(f"DATE_FORMAT({name}, '%Y-%m-%d %T')" if name == "datetime" else name for name in table.columns)

    def write(
        options: str, header: bool = False, charset: str = "utf8mb4", columns: str = "*", rows: Table = table
    ) -> bytes:
        query = f"SELECT {columns} FROM {table.name} WHERE {is_among(rows)}"
        query = f"SELECT {names} UNION ALL ({query})" if header else query
        with closing(server.connect(url)) as connection:
            connection.cursor().execute(f"{query} INTO OUTFILE '{path}' CHARACTER SET {charset} {options}")
        content = path.read_bytes()
        path.unlink()
        return content

    lost = table.ids(lambda text: any(mark in text for mark in UNSPLIT))
    for header in (True, False):
        for name, options in FILES.items():
            yield Export(f"OUTFILE, {name}, header {header}", write(options, header), table, ESCAPES, "escape", lost)
            content = write(options, header, columns=whole)
            yield Export(f"OUTFILE, {name}, whole seconds, header {header}", content, table, ESCAPES, "escape", lost)
        for name, options in DOUBLED.items():
            nulls = {str(row[0]) for row in table.rows if None in row}  # a null is written as "N
            broken = table.ids(lambda text: "\n" in text)  # and a line break as a quote and a line break
            yield Export(f"OUTFILE, {name}, header {header}", write(options, header), table, lost=nulls | broken)
        for name, options in NOT_ESCAPED.items():
            plain = table.without('"')  # nothing says where a quote in a name ends it
            yield Export(f"OUTFILE, {name}, header {header}", write(options, header, rows=plain), plain)
        latin = table.encodable("latin-1").without("\\", *UNSPLIT)
        content = write("FIELDS TERMINATED BY ','", header, "latin1", rows=latin)
        yield Export(f"OUTFILE, latin1, header {header}", content, latin)
    if table.is_dated:
        zero = ", ".join(
            f"IFNULL({name}, '0000-00-00 00:00:00')" if name == "datetime" else name for name in table.columns
        )
        content = write("FIELDS TERMINATED BY ','", columns=zero)
        said = {"nulls": r"\N,0000-00-00 00:00:00", **ESCAPES}
        yield Export("OUTFILE, zero dates", content, table, said, "0000-00-00 00:00:00", lost=lost)


def printed(table: Table, client: str, url: str) -> Iterator[Export]:
    parts = urlsplit(url)

    def run(*options: str, rows: Table = table) -> bytes:
        where = [f"--host={parts.hostname}", f"--port={parts.port}", f"--user={parts.username}", "--protocol=tcp"]
        query = f"SELECT * FROM {table.name} WHERE {is_among(rows)} ORDER BY id"
        command = [
            client,
            "--no-defaults",
            *where,
            "--default-character-set=utf8mb4",
            *options,
            "-e",
            query,
            parts.path[1:],
        ]
        return subprocess.run(command, capture_output=True, check=True).stdout

    for header in ("--column-names", "--skip-column-names"):
        lost = table.ids(lambda text: any(mark in text for mark in '"\r'))  # a CR is printed as it is
        yield Export(f"--batch {header}", run("--batch", header), table, ESCAPES, "escape", lost)
        plain = table.without(*UNQUOTED)
        yield Export(f"--batch --raw {header}", run("--batch", "--raw", header, rows=plain), plain)
        yield Export(f"--table {header}", run("--table", header), Table(table.name, []), told="mysql")
    for form in ("--html", "--xml", "--vertical"):
        yield Export(form, run(form), Table(table.name, []))


def is_among(rows: Table) -> str:
    """Return the condition that selects just these rows."""
    return f"id IN ({', '.join(str(row[0]) for row in rows.rows)})"
