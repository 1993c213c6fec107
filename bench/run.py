"""Loadbay beside the tools that people would use instead, alternating on one machine: what `make bench` runs.

ROWS (1000000) and RUNS (3) in the environment change how much is measured. Writes results.md and results.svg.
"""

import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import changes
import peers
import results
import small
from hires import write_names
from loadbay import PROJECT, Loadbay
from results import Figures
from servers.mysql import MySQL
from servers.postgresql import PostgreSQL
from servers.server import Server
from servers.sqlite import SQLite
from stage import LARGER, ROWS, RUNS, Files, database, served, started, upload

REPORT = "hires-per-quarter"
YEAR = 2021
REQUESTS = 200
CLIENTS = 8

SQLITE_PEERS = {".import": peers.dot_import, "sqlite-utils": peers.sqlite_utils, "pandas": peers.pandas}
SERVERS: list[tuple[type[Server], dict[str, results.Load]]] = [
    (PostgreSQL, {r"\copy": peers.copy, "pgloader": peers.pgloader}),
    (MySQL, {"LOAD DATA": peers.load_data}),
]


def main() -> None:
    figures: Figures = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="loadbay-bench-") as name:
        folder = Path(name)
        files = Files(folder)
        on_sqlite(files, figures)
        in_other_ways(files, figures)
        at_a_time(files, figures)
        changes.measure(files, figures)
        for kind, loads in SERVERS:
            on_server(kind, loads, files, figures)
        larger(files, figures)
        reports_and_small_requests(files, figures)
    results.write(Path(__file__).parent, figures, ROWS, LARGER)


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
    """Measure files that are written in other ways beside those that say the same plainly."""
    ways = (
        ("iso", files.hires, "", ROWS),
        ("quoted", files.quoted, "", ROWS),
        ("some quoted", files.some_quoted, "", ROWS),
        ("some refused", files.some_refused, "", ROWS - 3 * (ROWS // 100)),
        ("dmy", files.day_first, "?dates=dmy", ROWS),
        ("empty", files.empty, "", ROWS),
        ("nulls", files.null, "?nulls=NULL", ROWS),
    )
    with started(SQLite()) as server:
        for name, file, query, inserted in ways * RUNS:
            with database(server) as url, served(url, files) as loadbay:
                figures[f"sqlite {name}"].append(upload(loadbay, file, inserted, 0, query))


def at_a_time(files: Files, figures: Figures) -> None:
    """Measure two files one after the other, and at the same time."""
    pair = (files.hires, files.others)
    with started(SQLite()) as server, ThreadPoolExecutor(len(pair)) as pool:
        for _ in range(RUNS):
            with database(server) as url, served(url, files) as loadbay:
                figures["sqlite in turn"].append(sum(upload(loadbay, file, ROWS, 0) for file in pair))
            with database(server) as url, served(url, files) as loadbay:
                start = time.perf_counter()
                [*pool.map(lambda file, into=loadbay: upload(into, file, ROWS, 0), pair)]
                figures["sqlite at a time"].append(time.perf_counter() - start)


def on_server(kind: type[Server], loads: dict[str, results.Load], files: Files, figures: Figures) -> None:
    """Measure the first load beside each peer, on a server with its defaults."""
    durable = type(kind.__name__, (kind,), {"durable": True})
    with started(durable()) as server:
        for _ in range(RUNS):
            with database(server) as url, served(url, files) as loadbay:
                figures[f"{server.name} Loadbay"].append(upload(loadbay, files.hires, ROWS, 0))
            for peer, load in loads.items():
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
        remembered(loadbay, figures)
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
    with started(SQLite()) as server, database(server) as url, served(url, files) as loadbay:
        for file in (files.larger, files.rest):
            upload(loadbay, file, ROWS * LARGER, 0)
        report(url.removeprefix("sqlite:///"), loadbay, files, figures, "large report")


def report(path: str, loadbay: Loadbay, files: Files, figures: Figures, name: str = "report") -> None:
    """Measure a report, first after a write."""
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
        figures[f"{name} Loadbay"].append(time.perf_counter() - start)
        seconds, printed = peers.shell_report(statement, path, YEAR)
        figures[f"{name} sqlite3"].append(seconds)
        assert answer.stdout.count(b'"department"') == printed.count('"department"')


def remembered(loadbay: Loadbay, figures: Figures) -> None:
    """Measure a report when nothing was written since."""
    url = f"/stats/{REPORT}-{YEAR}"
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
    for program in ("curl", "sqlite3", "psql", "mariadb", "pgloader"):
        if not shutil.which(program):
            raise SystemExit(f"no {program}: apt-get install curl sqlite3 postgresql mariadb-server")
    main()
