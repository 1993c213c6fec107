"""Reports that are read from a copy of the database, which may lag behind it or be away."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from conftest import start_client
from ports import free_port
from servers.server import Server
from web_client import HEALTHY

ROWS = [
    ("departments", "1,Sales\n"),
    ("jobs", "1,Clerk\n"),
    ("hired_employees", "1,Ana Roe,2021-02-03T00:00:00Z,1,1\n"),
]
HIRES = [{"department": "Sales", "job": "Clerk", "Q1": 1, "Q2": 0, "Q3": 0, "Q4": 0}]
REPORT = "/stats/hires-per-quarter-2021"


def test_reports_alone_come_from_the_copy(new_url: Callable[[], str]) -> None:
    original, copy = new_url(), new_url()
    other = start_client({"DATABASE_URL": copy})
    for table, row in ROWS:
        other.upload(table, row)

    client = start_client({"DATABASE_URL": original, "REPORTS_DATABASE_URL": copy})

    assert client.get(REPORT) == HIRES
    assert client.get("/stats")[0]["name"] == "data-quality"
    assert client.rows("hired_employees") == client.get("/uploads") == []


def test_copy_that_has_everything_does_not_lag(new_url: Callable[[], str]) -> None:
    url = new_url()
    client = start_client({"DATABASE_URL": url, "REPORTS_DATABASE_URL": url})

    assert client.get("/health") == HEALTHY | {"reports_lag_seconds": 0}
    for table, row in ROWS:
        client.upload(table, row)
    assert client.get("/health") == HEALTHY | {"reports_lag_seconds": 0}
    assert client.get(REPORT) == HIRES


def test_lag_is_how_long_something_of_an_upload_has_been_missing(new_url: Callable[[], str], server: Server) -> None:
    original, copy = new_url(), new_url()
    other = start_client({"DATABASE_URL": copy})
    client = start_client({"DATABASE_URL": original, "REPORTS_DATABASE_URL": copy})
    assert client.get("/health")["reports_lag_seconds"] == 0

    client.upload("jobs", "1,Clerk\n")
    server.execute(original, f"UPDATE uploads SET started_at = '{ago(server, 1000)}'")
    whole_upload = client.get("/health")["reports_lag_seconds"]
    other.upload("jobs", "1,Clerk\n")
    server.execute(copy, f"UPDATE uploads SET updated_at = '{ago(server, 500)}'")
    later = client.get("/health")["reports_lag_seconds"]
    columns = ("started_at", "updated_at", "finished_at")
    times = server.execute(original, f"SELECT {', '.join(columns)} FROM uploads")[0]
    server.execute(copy, "UPDATE uploads SET " + ", ".join(f"{c} = '{t}'" for c, t in zip(columns, times, strict=True)))
    same = client.get("/health")["reports_lag_seconds"]

    assert 1000 <= whole_upload < 2000
    assert 500 <= later < 1000
    assert same == 0


def test_lag_counts_the_taking_back_of_an_old_upload(new_url: Callable[[], str], server: Server) -> None:
    original, copy = new_url(), new_url()
    clients = [start_client({"DATABASE_URL": url}) for url in (copy, original)]
    for number in range(1, 102):  # more than are compared
        for client in clients:
            client.app.post("/upload/jobs", f"{number},Clerk\n", {"Content-Type": "text/csv"})
    columns = ("started_at", "updated_at", "finished_at")
    moment = ago(server, 5000)
    moments = ", ".join(f"{column} = '{moment}'" for column in columns)
    for url in (original, copy):
        server.execute(url, f"UPDATE uploads SET {moments}")
    client = start_client({"DATABASE_URL": original, "REPORTS_DATABASE_URL": copy})
    same = client.get("/health")["reports_lag_seconds"]

    client.app.delete("/uploads/1")
    server.execute(original, f"UPDATE undone SET updated_at = '{ago(server, 1000)}'")

    assert same == 0
    assert 1000 <= client.get("/health")["reports_lag_seconds"] < 2000


def ago(server: Server, seconds: int) -> str:
    """Return the moment so many seconds ago as a database takes it."""
    zone = "" if server.name == "mysql" else "Z"
    return (datetime.now(UTC) - timedelta(seconds=seconds)).strftime(f"%Y-%m-%dT%H:%M:%S{zone}")


def test_copy_without_tables_is_left_as_it_is_and_a_503(new_url: Callable[[], str], server: Server) -> None:
    original, copy = new_url(), new_url()
    server.execute(copy, "SELECT 1")

    client = start_client({"DATABASE_URL": original, "REPORTS_DATABASE_URL": copy})

    answer = client.get(REPORT, status=503)
    assert answer["detail"] == "the database of the reports has not all tables yet"
    assert client.get("/health") == HEALTHY | {"reports_lag_seconds": None}
    start_client({"DATABASE_URL": copy})
    assert client.get(REPORT) == []
    assert client.get("/health") == HEALTHY | {"reports_lag_seconds": 0}


def test_copy_that_is_away_stops_reports_and_nothing_else(new_url: Callable[[], str]) -> None:
    away = f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere"

    client = start_client({"DATABASE_URL": new_url(), "REPORTS_DATABASE_URL": away, "BUSY_TIMEOUT": "1"})

    assert client.get(REPORT, status=503)["detail"] == "the database cannot be reached"
    assert client.get("/health") == HEALTHY | {"reports_lag_seconds": None}
    assert client.upload("jobs", "1,Clerk\n")["inserted"] == 1
