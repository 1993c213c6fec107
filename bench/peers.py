"""The tools that people would use instead, each loading a file of hires into the table as Loadbay creates it."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from servers.server import Server

PANDAS = Path(__file__).with_name("pandas_load.py")


def dot_import(file: Path, database: str) -> float:
    """The sqlite3 shell's .import, which checks nothing and names nothing."""
    return _seconds("sqlite3", database, f".import --csv --skip 1 {file} hired_employees")


def sqlite_utils(file: Path, database: str) -> float:
    program = Path(sys.executable).with_name("sqlite-utils")
    return _seconds(program, "insert", database, "hired_employees", file, "--csv", "--batch-size", 1000)


def pandas(file: Path, database: str) -> float:
    """read_csv by chunks, stored ids looked up, to_sql: in process."""
    return float(_run(sys.executable, PANDAS, file, database))


def copy(file: Path, url: str) -> float:
    r"""psql's \copy."""
    return _seconds("psql", "-qX", url, "-c", rf"\copy hired_employees FROM '{file}' WITH (FORMAT csv, HEADER)")


def pgloader(file: Path, url: str) -> float:
    """pgloader's LOAD CSV, with its defaults: batches that it parts where one row is refused."""
    place, _, schema = url.partition("?options=-csearch_path%3D")
    columns = "(id, name, datetime, department_id, job_id)"
    with tempfile.TemporaryDirectory() as folder:
        command = Path(folder, "hires.load")
        command.write_text(
            f"LOAD CSV FROM '{file}' {columns} INTO {place} TARGET TABLE {schema}.hired_employees {columns} "
            "WITH skip header = 1, fields terminated by ',';"
        )
        return _seconds("pgloader", "--root-dir", folder, command)


def load_data(file: Path, url: str) -> float:
    """LOAD DATA LOCAL INFILE by the mariadb client, the Z of a timestamp cut off."""
    statement = (
        f"LOAD DATA LOCAL INFILE '{file}' INTO TABLE hired_employees FIELDS TERMINATED BY ',' IGNORE 1 LINES "
        "(id, name, @datetime, department_id, job_id) SET datetime = trim(TRAILING 'Z' FROM @datetime)"
    )
    return _seconds("mariadb", "--no-defaults", "--local-infile=1", *_place(url), "-e", statement)


def shell_report(statement: Path, database: str, year: int) -> tuple[float, str]:
    """Return the seconds that the sqlite3 shell takes for a report, and what it printed."""
    start = time.perf_counter()
    printed = _run("sqlite3", "-json", database, said=f".parameter set :year {year}\n{statement.read_text()};")
    return time.perf_counter() - start, printed


def count(server: Server, url: str) -> int:
    """Return the number of hires."""
    with closing(server.connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM hired_employees")
        return int(cursor.fetchone()[0])


def _place(url: str) -> Sequence[str]:
    parts = urlsplit(url)
    return f"--host={parts.hostname}", f"--port={parts.port}", f"--user={parts.username}", parts.path[1:]


def _seconds(*command: object) -> float:
    start = time.perf_counter()
    _run(*command)
    return time.perf_counter() - start


def _run(*command: object, said: str = "") -> str:
    return subprocess.run([*map(str, command)], check=True, input=said, stdout=subprocess.PIPE, text=True).stdout
