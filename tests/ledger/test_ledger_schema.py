"""The ledger's schema goes on from any release to this one, once, however many processes start at that moment."""

from collections.abc import Callable
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from conftest import start_client
from project import PROJECT
from required import skip
from servers.server import Server
from test_served import start_together, use_barrier
from web_client import HEALTHY, Client

from rows.say.rejects import Reject
from sql import open_database
from sql.ledger.steps import Steps
from sql.ledger.uploads import Ledger
from sql.postgresql.session import CREATING

EARLIER = Path(__file__).parent / "earlier"
"""What the release before the ledger's schema had a number made of an empty database."""

NUMBER = 24
"""That of the last step."""

NUMBERS = "SELECT number FROM ledger_schema ORDER BY number"

MOMENTS = {"started_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:06Z"}
DIALECT = {"delimiter": ";", "encoding": "utf-8", "header": True, "columns": ["id", "job"]}
UPLOADS = [
    {"upload_id": 3, "table": "jobs", "file_name": "more.csv", "sha256": "c" * 64, "bytes": 9, "source": None, "options": {}, "dialect": DIALECT, "status": "interrupted", "reason": None, "code": None, "hints": [], "read": 0, "inserted": 0, "updated": 0, "skipped": 0, "rejected": 0, "conflicts": 0, **MOMENTS, "finished_at": None, "erased_at": None},
    {"upload_id": 2, "table": "jobs", "file_name": None, "sha256": "b" * 64, "bytes": 0, "source": None, "options": {}, "dialect": DIALECT, "status": "refused", "reason": "the file has no records", "code": None, "hints": [], "read": 0, "inserted": 0, "updated": 0, "skipped": 0, "rejected": 0, "conflicts": 0, **MOMENTS, "finished_at": "2026-01-02T03:04:06Z", "erased_at": None},
    {"upload_id": 1, "table": "jobs", "file_name": "jobs.csv", "sha256": "a" * 64, "bytes": 40, "source": None, "options": {"header": True}, "dialect": DIALECT, "status": "finished", "reason": None, "code": None, "hints": [], "read": 4, "inserted": 1, "updated": 0, "skipped": 1, "rejected": 2, "conflicts": 0, **MOMENTS, "finished_at": "2026-01-02T03:04:06Z", "erased_at": None},
]  # fmt: skip
"""What GET /uploads says of those that are in EARLIER."""

REJECTS = (
    "\ufeffid;job;_line;_column;_code;_reason;_delimiter;_record\r\n"
    "x;Agent;4;id;not_an_integer;id is not an integer: 'x';;\r\n"
    ';;5;;wrong_field_count;the record has 3 fields: expected 2;";";"3;Köch;\\xFF"\r\n'
)


def statements(server: Server, pattern: str) -> list[str]:
    """Return the statements of the earlier release whose file names fit."""
    return [path.read_text() for path in sorted((EARLIER / server.name).glob(pattern))]


@pytest.fixture
def earlier_url(new_url: Callable[[], str], server: Server) -> Callable[[], str]:
    """What makes databases as the earlier release left them, and returns their URLs."""

    def create() -> str:
        url = new_url()
        server.execute(url, *statements(server, "*.sql"))
        return url

    return create


def test_database_of_an_earlier_release_goes_on(earlier_url: Callable[[], str], server: Server) -> None:
    url = earlier_url()

    client = start_client({"DATABASE_URL": url})

    assert client.get("/uploads") == UPLOADS
    assert client.app.get("/uploads/1/rejects.csv").text == REJECTS
    assert client.rows("jobs") == [["1", "Clerk"]]
    answer = client.upload("jobs", "1,Clerk\n2,Agent\n")
    assert (answer["upload_id"], answer["inserted"], answer["skipped"]) == (4, 1, 1)
    assert client.get("/uploads")[1:] == UPLOADS
    assert server.execute(url, NUMBERS) == [(NUMBER,)]


def test_new_database_has_the_number_of_the_last_step(client: Client, server: Server, settings: dict[str, str]) -> None:
    assert server.execute(settings["DATABASE_URL"], NUMBERS) == [(NUMBER,)]
    assert sorted((PROJECT / "sql" / server.name / "ledger/steps").glob("*.sql"))[-1].name.startswith(f"{NUMBER:03}_")


def test_starts_at_one_moment_on_a_database_of_an_earlier_release_all_come_up(
    earlier_url: Callable[[], str], server: Server
) -> None:
    processes = get_context("spawn")
    starters = 8
    urls = [earlier_url() for _ in range(5)]
    with processes.Pool(starters, use_barrier, [processes.Barrier(starters)]) as pool:
        for url in urls:
            pool.map(start_together, [url] * starters, chunksize=1)

    for url in urls:
        assert server.execute(url, NUMBERS) == [(NUMBER,)]
        assert start_client({"DATABASE_URL": url}).get("/uploads") == UPLOADS


LOCKS = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": f"SELECT pg_advisory_lock({CREATING})",
    "mysql": "SELECT GET_LOCK(CONCAT('loadbay ', DATABASE()), 0)",
}
"""What another process says that is creating tables."""


def test_start_waits_for_another_that_takes_the_steps(earlier_url: Callable[[], str], server: Server) -> None:
    url = earlier_url()
    with closing(server.connect(url)) as connection:
        connection.cursor().execute(LOCKS[server.name])
        client = start_client({"DATABASE_URL": url, "BUSY_TIMEOUT": "1"})
        meanwhile = client.get("/uploads", status=503)

    assert meanwhile["detail"] == "the database is busy with another writer"
    assert client.get("/uploads") == UPLOADS
    assert server.execute(url, NUMBERS) == [(NUMBER,)]


def test_start_takes_no_lock_where_nothing_is_missing(
    client: Client, server: Server, settings: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    client.upload("jobs", "1,Clerk\n")
    with closing(server.connect(settings["DATABASE_URL"])) as connection:
        connection.cursor().execute(LOCKS[server.name])
        other = start_client(settings | {"BUSY_TIMEOUT": "1"})

        assert other.rows("jobs") == [["1", "Clerk"]]
        assert len(other.get("/tables")) == 3
        assert len(other.get("/stats/data-quality")) == 6
        assert [upload["status"] for upload in other.get("/uploads")] == ["finished"]

    assert caplog.messages == []
    assert other.upload("jobs", "2,Agent\n")["inserted"] == 1


@pytest.mark.parametrize("server", ["mysql"], indirect=True)
@pytest.mark.parametrize("landed", [1, 2, 3, 5, 16])
def test_step_that_landed_before_its_number_was_kept_counts(
    earlier_url: Callable[[], str], server: Server, landed: int
) -> None:
    url = earlier_url()
    steps = [step.text for step in Steps(PROJECT / "sql/mysql/ledger/steps", {}).after(1)]
    server.execute(url, *steps[:landed])

    client = start_client({"DATABASE_URL": url})

    assert client.get("/uploads") == UPLOADS
    assert server.execute(url, NUMBERS) == [(NUMBER,)]


def test_database_that_a_newer_release_was_at_is_left_as_it_is(
    client: Client, server: Server, settings: dict[str, str]
) -> None:
    server.execute(settings["DATABASE_URL"], "DELETE FROM ledger_schema", "INSERT INTO ledger_schema VALUES (999)")

    older = start_client(settings)

    assert older.upload("jobs", "1,Clerk\n")["inserted"] == 1
    assert server.execute(settings["DATABASE_URL"], NUMBERS) == [(999,)]


def test_earlier_release_writes_into_the_ledger_of_this_one(
    client: Client, server: Server, settings: dict[str, str]
) -> None:
    server.execute(settings["DATABASE_URL"], *statements(server, "create_*.sql"), *statements(server, "insert_*.sql"))

    assert client.get("/uploads") == UPLOADS
    assert client.app.get("/uploads/1/rejects.csv").text == REJECTS


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_user_who_may_create_nothing_starts_where_nothing_is_missing(
    client: Client, server: Server, settings: dict[str, str]
) -> None:
    url, user = settings["DATABASE_URL"], f"test_{uuid4().hex}"
    schema = url.rpartition("%3D")[2]
    try:
        server.execute(url, f"CREATE ROLE {user} LOGIN")
    except psycopg.errors.InsufficientPrivilege:
        skip("the user of the server may not create roles")
    try:
        server.execute(
            url,
            f"GRANT USAGE ON SCHEMA {schema} TO {user}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {user}",
        )
        limited = start_client({"DATABASE_URL": f"{url}%20-crole%3D{user}"})

        assert limited.upload("jobs", "1,Clerk\n")["inserted"] == 1
    finally:
        server.execute(url, f"DROP OWNED BY {user}", f"DROP ROLE {user}")


def test_copy_with_the_ledger_of_an_earlier_release_has_reports_and_no_lag(
    new_url: Callable[[], str], earlier_url: Callable[[], str]
) -> None:
    client = start_client({"DATABASE_URL": new_url(), "REPORTS_DATABASE_URL": earlier_url()})

    assert client.get("/health") == HEALTHY | {"reports_lag_seconds": None}
    assert len(client.get("/stats/data-quality")) == 6


def test_ledger_keeps_hints_and_the_delimiter_of_a_refused_row(settings: dict[str, str]) -> None:
    database = open_database(settings["DATABASE_URL"])
    hints = [{"code": "rows", "text": "one\0two"}]
    rejects = [
        Reject(1, None, "bad_quoting", "the record has bad quoting", "1;a", None, ";"),
        Reject(2, None, "bad_quoting", "the record has bad quoting", "1,a", None),
    ]

    with database.connection() as connection:
        upload_id = start_upload(database.ledger, connection)
        database.ledger.update(connection, upload_id, 1, COUNTS, rejects)
        database.ledger.finish(connection, upload_id, 1, "refused", "why", hints)
        other = start_upload(database.ledger, connection)
        database.ledger.finish(connection, other, 1, "refused", "why")
        found = database.ledger.upload(connection, upload_id)
        kept = database.ledger.rejects(connection, upload_id, after=0, before=lambda size: None)
        page = database.ledger.page(connection, limit=2)

    assert list(found)[8:12] == ["status", "reason", "code", "hints"]
    assert (found["dialect"], found["hints"]) == (None, hints)
    assert [reject["delimiter"] for reject in kept] == [";", None]
    assert [upload["hints"] for upload in page] == [[], hints]
    database.close()


COUNTS = {"read": 2, "inserted": 0, "updated": 0, "skipped": 0, "rejected": 2, "conflicts": 0}


def start_upload(ledger: Ledger, connection: Any) -> int:
    """Begin an upload of a file that is refused before its dialect is known."""
    return ledger.start(
        connection, table_name="jobs", file_name=None, sha256="a" * 64, bytes=6, options={}, dialect=None
    )
