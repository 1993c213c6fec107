"""Loadbay beside the tools that people would use instead, alternating on one machine: what `make bench` runs.

ROWS (1000000) and RUNS (3) in the environment change how much is measured. Writes results.md and results.svg.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peers
import results
import small
from hires import DEPARTMENTS, JOBS, rewrite, with_day_first, with_word, write_hires, write_names
from loadbay import PROJECT, Loadbay
from results import Figures
from servers import MySQL, PostgreSQL, Server, SQLite

ROWS = int(os.environ.get("ROWS", "1000000"))
RUNS = int(os.environ.get("RUNS", "3"))
LARGER = 5
"""The larger file has so many times the rows."""

REPORT = "hires-per-quarter"
YEAR = 2021
REQUESTS = 200
CLIENTS = 8

SQLITE_PEERS = {".import": peers.dot_import, "sqlite-utils": peers.sqlite_utils, "pandas": peers.pandas}
SERVERS: list[tuple[type[Server], str, results.Load]] = [
    (PostgreSQL, r"\copy", peers.copy),
    (MySQL, "LOAD DATA", peers.load_data),
]


def main() -> None:
    figures: Figures = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="loadbay-bench-") as name:
        folder = Path(name)
        files = Files(folder)
        on_sqlite(files, figures)
        in_other_ways(files, figures)
        for kind, peer, load in SERVERS:
            on_server(kind, peer, load, files, figures)
        larger(files, figures)
        reports_and_small_requests(files, figures)
    results.write(Path(__file__).parent, figures, ROWS, LARGER)


class Files:
    """The files that are loaded."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.departments = write_names(folder / "departments.csv", "Department", DEPARTMENTS)
        self.jobs = write_names(folder / "jobs.csv", "Job", JOBS)
        self.hires = write_hires(folder / "hires.csv", ROWS)
        self.larger = write_hires(folder / "larger.csv", ROWS * LARGER)
        self.day_first = rewrite(folder / "day_first.csv", self.hires, with_day_first)
        self.empty = rewrite(folder / "empty.csv", self.hires, with_word(""))
        self.null = rewrite(folder / "null.csv", self.hires, with_word("NULL"))


@contextmanager
def served(url: str, files: Files) -> Iterator[Loadbay]:
    """Give the block a service on an empty database, with the departments and jobs."""
    loadbay = Loadbay(url)
    try:
        loadbay.start()
        loadbay.upload("departments", files.departments)
        loadbay.upload("jobs", files.jobs)
        yield loadbay
    finally:
        loadbay.stop()


def upload(loadbay: Loadbay, file: Path, inserted: int, skipped: int, query: str = "") -> float:
    """Return the seconds of an upload, whose account must have these counts."""
    seconds, answer = loadbay.upload(f"hired_employees{query}", file)
    assert (answer["inserted"], answer["skipped"], len(answer["skipped_duplicates"])) == (inserted, skipped, skipped)
    return seconds


@contextmanager
def started(server: Server) -> Iterator[Server]:
    """Keep a server up for the block."""
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def database(server: Server) -> Iterator[str]:
    """Give the block the URL of an empty database."""
    url = server.create()
    yield url
    server.drop(url)


def beside(server: Server, load: results.Load, files: Files) -> float:
    """Return the seconds that another tool takes for the hires, into the table as Loadbay creates it."""
    with database(server) as url:
        server.execute(url, (PROJECT / f"sql/{server.name}/tables/hired_employees/create.sql").read_text())
        seconds = load(files.hires, url.removeprefix("sqlite:///") if server.name == "sqlite" else url)
        assert peers.count(server, url) == ROWS
    return seconds


def on_sqlite(files: Files, figures: Figures) -> None:
    """Measure the first load and the same again beside each peer."""
    with started(SQLite()) as server:
        for _ in range(RUNS):
            with database(server) as url, served(url, files) as loadbay:
                figures["sqlite Loadbay"].append(upload(loadbay, files.hires, ROWS, 0))
                figures["sqlite again"].append(upload(loadbay, files.hires, 0, ROWS))
            for name, load in SQLITE_PEERS.items():
                figures[f"sqlite {name}"].append(beside(server, load, files))


def in_other_ways(files: Files, figures: Figures) -> None:
    """Measure files that need an option beside those that say the same without."""
    ways = (
        ("iso", files.hires, ""),
        ("dmy", files.day_first, "?dates=dmy"),
        ("empty", files.empty, ""),
        ("nulls", files.null, "?nulls=NULL"),
    )
    with started(SQLite()) as server:
        for name, file, query in ways * RUNS:
            with database(server) as url, served(url, files) as loadbay:
                figures[f"sqlite {name}"].append(upload(loadbay, file, ROWS, 0, query))


def on_server(kind: type[Server], peer: str, load: results.Load, files: Files, figures: Figures) -> None:
    """Measure the first load beside the server's own tool, on a server with its defaults."""
    durable = type(kind.__name__, (kind,), {"durable": True})
    with started(durable()) as server:
        for _ in range(RUNS):
            with database(server) as url, served(url, files) as loadbay:
                figures[f"{server.name} Loadbay"].append(upload(loadbay, files.hires, ROWS, 0))
            figures[f"{server.name} {peer}"].append(beside(server, load, files))


def larger(files: Files, figures: Figures) -> None:
    """Measure time a row and memory for the file and the larger one, and memory where all are duplicates."""
    sizes = (("hires", files.hires, ROWS), ("larger", files.larger, ROWS * LARGER))
    with started(SQLite()) as server:
        for name, file, rows in sizes * RUNS:
            with database(server) as url, served(url, files) as loadbay:
                with loadbay.growth() as grown:
                    figures[f"{name} s a million"].append(upload(loadbay, file, rows, 0) / rows * 1e6)
                with loadbay.growth() as grown_again:
                    upload(loadbay, file, 0, rows)
                figures[f"{name} MB"] += grown
                figures[f"{name} again MB"] += grown_again


def reports_and_small_requests(files: Files, figures: Figures) -> None:
    """Measure a report beside the sqlite3 shell and when it is remembered, and small requests."""
    with started(SQLite()) as server, database(server) as url, served(url, files) as loadbay:
        upload(loadbay, files.hires, ROWS, 0)
        report(url.removeprefix("sqlite:///"), loadbay, files, figures)
        first_id = ROWS + 1
        for clients in (1, CLIENTS):
            bodies = small.bodies(files.folder, first_id)
            first_id += small.UPLOADS * small.ROWS
            rate, seconds, statuses = small.upload_all(loadbay, bodies, clients)
            assert statuses == {200}
            figures[f"small {clients} rows/s"].append(rate)
            figures[f"small {clients} ms"] += [spent * 1000 for spent in seconds]
        bodies = small.bodies(files.folder, first_id)
        under_load = small.reports_under_load(loadbay, bodies, CLIENTS, f"/stats/{REPORT}-{YEAR}")
        figures["report under load ms"] += [spent * 1000 for spent in under_load]


def report(path: str, loadbay: Loadbay, files: Files, figures: Figures) -> None:
    """Measure a report, first after a write and then again."""
    statement = PROJECT / f"sql/sqlite/stats/{REPORT}-{{year}}.sql"
    url = f"/stats/{REPORT}-{YEAR}"
    for number in range(RUNS * 3):
        one = write_names(files.folder / "one.csv", "Other", 1)
        one.write_text(f"{1000 + number},Other\n")
        loadbay.upload("departments", one)
        start = time.perf_counter()
        answer = subprocess.run(
            ["curl", "-sS", f"http://127.0.0.1:{loadbay.port}{url}"], capture_output=True, check=True
        )
        figures["report Loadbay"].append(time.perf_counter() - start)
        seconds, printed = peers.shell_report(statement, path, YEAR)
        figures["report sqlite3"].append(seconds)
        assert answer.stdout.count(b'"department"') == printed.count('"department"')
    connection = loadbay.connect()
    etag = ""
    for name, status in (("remembered", 200), ("not modified", 304)):
        for _ in range(REQUESTS):
            start = time.perf_counter()
            connection.request("GET", url, headers={"If-None-Match": etag})
            response = connection.getresponse()
            response.read()
            figures[f"report {name} ms"].append((time.perf_counter() - start) * 1000)
            assert response.status == status
        etag = response.headers["ETag"]
    connection.close()


if __name__ == "__main__":
    for program in ("curl", "sqlite3", "psql", "mariadb"):
        if not shutil.which(program):
            raise SystemExit(f"no {program}: apt-get install curl sqlite3 postgresql mariadb-server")
    main()
