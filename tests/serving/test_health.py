"""A database that is gone, damaged or another one: 503 with a sentence wherever it is needed, until it is put right."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import start_client
from servers.server import Server
from web_client import HEALTHY, Client

READS = ("/health", "/tables", "/tables/jobs.csv", "/uploads", "/uploads/1", "/uploads/1/rejects.csv", "/stats/data-quality")  # fmt: skip
HEALTH, REPORT = READS[0], READS[-1]

GONE = "the file of the database is gone: put it back"
NO_DATABASE = "the file of the database is no SQLite database: put it back"
DAMAGED = "the file of the database is damaged: put a sound copy in its place"


def lacking(table: str) -> str:
    return f"the database lacks the table {table}, which a restart makes anew"


def answers(client: Client, urls: tuple[str, ...] = READS) -> set[tuple[int, str, str, str]]:
    """Return what the URLs, and an upload, answer: the status, what an error says, and when to try again."""
    found = [client.app.get(url, expect_errors=True) for url in urls]
    upload = client.app.post("/upload/jobs", b"7,Cook\n", {"Content-Type": "text/csv"}, expect_errors=True)
    return {
        (answer.status_int, answer.json["code"], answer.json["detail"], answer.headers["Retry-After"])
        for answer in (*found, upload)
    }


def out_of_order(sentence: str) -> set[tuple[int, str, str, str]]:
    return {(503, "database_unavailable", sentence, "5")}


@pytest.fixture
def file(settings: dict[str, str]) -> Path:
    """The file of SQLite."""
    return Path(settings["DATABASE_URL"].removeprefix("sqlite:///"))


def remove(file: Path) -> None:
    file.unlink()


def overwrite(file: Path) -> None:
    file.write_bytes(b"id,name\n" * 10_000)


def put_other_in_place(file: Path) -> None:
    other = file.with_name("other")
    overwrite(other)
    other.replace(file)


def damage(file: Path) -> None:
    """Keep the first page, and overwrite all others."""
    sound = file.read_bytes()
    file.write_bytes(sound[:4096] + b"U" * (len(sound) - 4096))


def empty(file: Path) -> None:
    file.write_bytes(b"")


def put_new_in_place(file: Path) -> None:
    other = file.with_name("other")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("PRAGMA user_version = 1")
    other.replace(file)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("is_kept_open", [False, True], ids=["", "kept open"])
@pytest.mark.parametrize(
    ("ruin", "sentence"),
    [
        pytest.param(remove, GONE, id="removed"),
        pytest.param(overwrite, NO_DATABASE, id="overwritten"),
        pytest.param(put_other_in_place, NO_DATABASE, id="replaced"),
        pytest.param(damage, DAMAGED, id="damaged"),
        pytest.param(empty, lacking("uploads"), id="emptied"),
        pytest.param(put_new_in_place, lacking("uploads"), id="replaced by a new one"),
    ],
)
@pytest.mark.proves(
    "/health and all that needs it: 503 with a sentence, no new file; once it is put back it goes on",
    "SQLite's file removed, overwritten, damaged, emptied, another one in its place",
    "the look at the file before each open, the open that makes none, the page of the ledger that /health reads",
)
def test_file_that_is_ruined_is_a_503_until_it_is_put_back(
    client: Client, server: Server, settings: dict[str, str], file: Path, ruin: Callable[[Path], None], sentence: str, is_kept_open: bool
) -> None:  # fmt: skip
    client.upload("jobs", "1,Clerk\nx,Agent\n")
    if is_kept_open:
        client.get(REPORT)
    server.execute(settings["DATABASE_URL"], "PRAGMA wal_checkpoint(TRUNCATE)")
    sound = file.read_bytes()

    ruin(file)
    found = answers(client)
    there = file.exists()
    live = client.get("/health/live")
    for beside in file.parent.glob(f"{file.name}*"):
        beside.unlink()
    file.write_bytes(sound)

    assert found == out_of_order(sentence)
    assert there == (ruin is not remove)
    assert live == {"status": "ok"}
    assert [client.app.get(url).status_int for url in READS] == [200] * len(READS)
    assert client.upload("jobs", "2,Cook\n")["inserted"] == 1
    assert client.rows("jobs") == [["1", "Clerk"], ["2", "Cook"]]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_file_that_is_no_database_is_one_also_where_the_wal_has_all_its_pages(client: Client, file: Path) -> None:
    client.get(REPORT)
    client.upload("jobs", "1,Clerk\nx,Agent\n")
    sound = file.read_bytes()

    overwrite(file)
    found = answers(client)
    file.write_bytes(sound)

    assert found == out_of_order(NO_DATABASE)
    assert client.get("/health") == HEALTHY
    assert client.rows("jobs") == [["1", "Clerk"]]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_report_is_that_of_a_database_copied_over_the_file(
    client: Client, new_url: Callable[[], str], file: Path
) -> None:
    url = new_url()
    other = start_client({"DATABASE_URL": url})
    other.upload("hired_employees", "1,Ana,,1,1\n")
    before = client.get(REPORT)

    file.write_bytes(Path(url.removeprefix("sqlite:///")).read_bytes())

    assert (before[1]["rows"], client.get(REPORT)[1]["rows"]) == (0, 1)


@pytest.mark.parametrize("lost", ["uploads", "jobs"])
@pytest.mark.proves(
    "503 that names the table where it is needed, and it goes on once it is back", "a table that is dropped under the service",
    "the look at the tables after a statement that is refused",
)  # fmt: skip
def test_table_that_is_lost_is_a_503_that_names_it(
    client: Client, server: Server, settings: dict[str, str], lost: str
) -> None:
    client.upload("jobs", "1,Clerk\nx,Agent\n")
    client.get(REPORT)
    needed = {"uploads": ("/health", "/uploads", "/uploads/1"), "jobs": ("/tables", "/tables/jobs.csv", REPORT)}[lost]
    others = [url for url in READS if url not in (*needed, "/uploads/1/rejects.csv")]

    server.execute(settings["DATABASE_URL"], f"ALTER TABLE {lost} RENAME TO kept")
    found = answers(client, needed)
    statuses = [client.app.get(url).status_int for url in others]
    server.execute(settings["DATABASE_URL"], f"ALTER TABLE kept RENAME TO {lost}")

    assert found == out_of_order(lacking(lost))
    assert statuses == [200] * len(others)
    assert client.get("/health") == HEALTHY
    assert client.upload("jobs", "2,Cook\n")["inserted"] == 1


def test_health_of_the_service_alone_can_be_asked_without_its_body(client: Client) -> None:
    assert client.get("/health/live") == {"status": "ok"}
    assert client.app.head("/health/live").status_int == 200
