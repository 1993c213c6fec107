"""The log: a line of JSON for whatever happens, which says why, and nothing of what a row or a query holds."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from ports import free_port
from served import Served
from servers.server import Server
from servers.throwaway import Throwaway
from test_served import begin
from waits import PATIENCE, until

from sql.connections.retry import LOCK_WAITS

SECRETS = ("Ana", "Secret", "4711471147114711471", "2021-07-27", "x-y-z")
HIRE = b"1,Ana Secret,2021-07-27,4711471147114711471,x-y-z\n"
NOTHING = {"read": 0, "inserted": 0, "updated": 0, "skipped": 0, "rejected": 0, "conflicts": 0}

on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
on_servers = pytest.mark.parametrize("server", ["postgresql", "mysql"], indirect=True)

says_why = pytest.mark.proves(
    "one line of JSON each, with its code, its reason and the database's own code",
    "a database that is held or away, no place, a time limit, a connection that is killed",
    "the facts of a request",
)
quotes_nothing = pytest.mark.proves(
    "the log has their codes and counts, and nothing that they hold",
    "refused files, bad parameters and headers",
    "the sentences that are kept out",
)


@says_why
def test_log_says_that_the_database_was_held_and_what_it_calls_that(
    serve: Callable[..., Served], server: Server, settings: dict[str, str]
) -> None:
    served = serve(BUSY_TIMEOUT="1").wait()
    with server.hold(settings["DATABASE_URL"]):
        status, _ = served.upload("jobs", b"1,a\n")

    facts = served.facts("/upload/jobs")
    assert status == 503
    assert [line["path"] for line in served.logged() if line.get("database_wait_seconds", 0) >= 0.9 / LOCK_WAITS]
    facts.pop("database_retries", None)  # as many as there was time for
    begun = {} if server.name == "sqlite" else {"upload_id": 1, "table": "jobs", "dry_run": False, **NOTHING}
    assert facts == begun | {
        "code": "database_busy",
        "reason": "the database is busy with another writer",
        "database_error": {"sqlite": "SQLITE_BUSY", "postgresql": "55P03", "mysql": "1205"}[server.name],
    }


@says_why
@on_servers
def test_log_says_that_the_database_is_away(serve: Callable[..., Served], server: Server) -> None:
    served = serve(
        BUSY_TIMEOUT="1", DATABASE_URL=f"{server.name}://loadbay:secret@127.0.0.1:{free_port()}/loadbay"
    ).listen()

    assert call(served, "/uploads") == 503

    facts = served.facts("/uploads")
    assert facts == {
        "code": "database_unavailable",
        "reason": "the database cannot be reached",
        "database_error": {"postgresql": "OperationalError", "mysql": "ECONNREFUSED"}[server.name],
    }


KILL = {
    "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))",
    "mysql": """
        SELECT concat('KILL ', trx_mysql_thread_id)
        FROM information_schema.innodb_lock_waits
        JOIN information_schema.innodb_trx ON trx_id = requesting_trx_id
    """,
}
"""Ends the connection of who waits for what another's transaction has locked, or gives the statement that does."""


@says_why
@on_servers
def test_log_says_after_what_an_upload_was_tried_again(
    serve: Callable[..., Served], server: Throwaway, settings: dict[str, str]
) -> None:
    served = serve(BUSY_TIMEOUT=str(PATIENCE), WEB_CONCURRENCY="1").wait()
    with ThreadPoolExecutor() as pool:
        with server.hold(settings["DATABASE_URL"]) as cursor:
            upload = pool.submit(served.upload, "jobs", b"1,a\n2,b\n")
            server.wait_for_another(cursor)
            cursor.execute(KILL[server.name])
            if server.name == "mysql":
                cursor.execute(cursor.fetchone()[0])
        status, _ = upload.result()

    facts = served.facts("/upload/jobs")
    assert status == 200
    assert facts == {
        "upload_id": 1,
        "table": "jobs",
        "dry_run": False,
        **NOTHING,
        "read": 2,
        "inserted": 2,
        "database_retries": 1,
        "database_error": {"postgresql": "57P01", "mysql": "2013"}[server.name],
    }


@says_why
@on_sqlite
def test_log_says_that_no_place_was_left(serve: Callable[..., Served]) -> None:
    served = serve(WEB_CONCURRENCY="1", UPLOADS_MAX="1").wait()
    with begin(served):
        assert served.upload("jobs", b"2,b\n")[0] == 503

        # Its line is written behind the answer, and that of the upload that is under way later.
        refused = json.loads(
            until(lambda: [line for line in served.read_log().splitlines() if "/upload/jobs" in line])[0]
        )
    assert (refused["status"], refused["code"], refused["reason"]) == (
        503,
        "no_place",
        "all places for uploads are taken (UPLOADS_MAX): try again later",
    )


@says_why
@on_sqlite
def test_log_says_that_a_body_took_too_long(serve: Callable[..., Served]) -> None:
    served = serve(BODY_TIMEOUT="1").wait()
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        head = b"POST /upload/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\n"
        connection.sendall(head + b"1,a\n")
        answer = b"".join(iter(lambda: connection.recv(2**16), b""))  # to its end: else closing it would break it off

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert served.facts("/upload/jobs") == {
        "code": "timed_out",
        "reason": "the body took longer than 1 seconds (BODY_TIMEOUT)",
    }


def call(served: Served, path: str, body: bytes | None = None, **headers: str) -> int:
    """Ask for a path, and return the status."""
    sent = {"Content-Type": "text/csv"} | {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(served.url + path, body, sent)) as answer:
            answer.read()
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            error.read()
            return error.code


@quotes_nothing
@on_sqlite
@pytest.mark.parametrize(
    ("query", "body", "facts"),
    [
        pytest.param("", b"Ana,Secret\n1,x-y-z\n", {"upload_id": 1, "code": "header_mismatch"}, id="header"),
        pytest.param("?header=false", HIRE, {"upload_id": 1, "code": "no_record_fits", "read": 1, "rejected": 1}, id="no record"),
        pytest.param("?header=false&atomic=true", HIRE + b"2,,,,\n", {"upload_id": 1, "code": "atomic_refused", "read": 2, "inserted": 1, "rejected": 1}, id="atomic"),
        pytest.param("?header=false&max_rejects=0", HIRE + b"2,,,,\n", {"upload_id": 1, "code": "too_many_rejects", "read": 2, "inserted": 1, "rejected": 1}, id="too many"),
        pytest.param("?header=false", HIRE + b"2,,,,\n", {"upload_id": 1, "read": 2, "inserted": 1, "rejected": 1}, id="taken"),
    ],
)  # fmt: skip
def test_log_has_the_code_and_the_counts_of_a_refused_file_and_nothing_of_its_rows(
    serve: Callable[..., Served], query: str, body: bytes, facts: dict[str, object]
) -> None:
    served = serve().wait()

    call(served, f"/upload/hired_employees{query}", body)

    assert served.facts("/upload/hired_employees") == {"table": "hired_employees", "dry_run": False, **NOTHING} | facts
    assert all(secret not in served.printed for secret in SECRETS)


@quotes_nothing
@on_sqlite
@pytest.mark.parametrize(
    ("path", "body", "headers", "facts"),
    [
        pytest.param("/stats/top-departments-hired?year=Secret", None, {}, {"code": "bad_parameter"}, id="query"),
        pytest.param("/upload/jobs?columns=Secret", b"1,a\n", {}, {"code": "bad_parameter"}, id="option"),
        pytest.param("/upload/jobs", b"1,a\n", {"Content_Type": "text/Secret"}, {"code": "unsupported_media_type"}, id="type"),
        pytest.param("/uploads", None, {"Host": "Secret"}, {"code": "foreign_host"}, id="host"),
        pytest.param("/upload/jobs", b"1,a\n", {"Origin": "http://Secret"}, {"code": "foreign_page", "reason": "a page of another site may not upload or delete here"}, id="origin"),
        pytest.param("/upload/jobs", b"--b\r\nContent-Disposition: form-data; name=\"Secret\"\r\n\r\n1\r\n--b--\r\n", {"Content_Type": "multipart/form-data; boundary=b"}, {"code": "malformed_form"}, id="form"),
    ],
)  # fmt: skip
def test_log_has_the_code_of_a_refused_request_and_nothing_that_was_sent(
    serve: Callable[..., Served], path: str, body: bytes | None, headers: dict[str, str], facts: dict[str, str]
) -> None:
    served = serve().wait()

    assert 400 <= call(served, path, body, **headers) < 500

    assert served.facts(path.partition("?")[0]) == facts
    assert "Secret" not in served.printed


@on_sqlite
def test_every_line_of_the_log_is_json(serve: Callable[..., Served]) -> None:
    served = serve().wait()
    served.upload("jobs", b"1,a\n")

    assert [json.loads(line)["time"][:2] for line in served.stop().splitlines()] == ["20"] * len(served.logged())


@on_sqlite
def test_log_says_why_bytes_are_no_request(serve: Callable[..., Served]) -> None:
    served = serve().wait()
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall(b"Secret\r\n\r\n")
        for _ in iter(lambda: connection.recv(2**16), b""):
            pass

    line = next(line for line in served.logged() if line.get("status") == 400)
    assert (line["code"], line["reason"], line["client"]) == (
        "malformed_request",
        "the request does not begin with a line such as GET /tables HTTP/1.1",
        "127.0.0.1",
    )
    assert "Secret" not in served.printed


FAIL = {
    "sqlite": ["CREATE TRIGGER fail BEFORE INSERT ON jobs BEGIN SELECT json(NEW.job); END"],
    "postgresql": [
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no % here'', NEW.job; END'",
        "CREATE TRIGGER fail BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION fail()",
    ],
    "mysql": [
        "CREATE TRIGGER fail BEFORE INSERT ON jobs FOR EACH ROW BEGIN SET @said = concat('no ', NEW.job); "
        "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = @said, MYSQL_ERRNO = 1644; END",
    ],
}


@pytest.mark.proves(
    "one line of JSON with the request's id, the upload's number, types and places, and no field of a row",
    "a database error that quotes the row",
    "the log without an error's words",
)
def test_log_has_a_line_of_json_for_an_error_and_none_of_its_words(
    serve: Callable[..., Served], server: Server, settings: dict[str, str]
) -> None:
    served = serve().wait()
    server.execute(settings["DATABASE_URL"], *FAIL[server.name])

    status, answer = served.upload("jobs", b"1,Ana Secret\n")
    server.execute(settings["DATABASE_URL"], "ALTER TABLE uploads RENAME COLUMN status TO gone")
    assert served.status("/uploads?limit=77&before=1234567890123456789") == 500

    lines = served.logged()
    asked = next(line for line in lines if line.get("path") == "/upload/jobs")
    failed = next(line for line in lines if line.get("level") == "error")
    assert (status, answer["code"], asked["code"]) == (500, "failed", "failed")
    assert failed["errors"][-1]["type"] == "rows.load.LoadStopped"
    assert any(place.endswith(" on_post") for place in failed["errors"][-1]["places"])
    driver = {
        "sqlite": "sqlite3.OperationalError",
        "postgresql": "psycopg.errors.RaiseException",
        "mysql": "pymysql.err.OperationalError",
    }
    assert driver[server.name] in {error["type"] for error in failed["errors"]}
    expected = {"sqlite": "SQLITE_ERROR", "postgresql": "P0001", "mysql": "1644"}[server.name]
    assert asked["database_error"] == failed["database_error"] == expected
    assert (asked["request_id"], asked["upload_id"]) == (failed["request_id"], failed["upload_id"])
    assert all(secret not in served.printed for secret in (*SECRETS, "limit=77", "1234567890123456789"))
    assert "reason" not in asked


@on_sqlite
def test_log_says_what_ended_an_answer_that_had_begun(
    serve: Callable[..., Served], server: Server, settings: dict[str, str]
) -> None:
    served = serve(WEB_CONCURRENCY="1").wait()
    served.upload("jobs", b"".join(b"%d,%s\n" % (i, b"x" * 900) for i in range(20_000)))
    with socket.create_connection(("127.0.0.1", served.port), timeout=PATIENCE) as connection:
        connection.sendall(b"GET /tables/jobs.csv HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(20)
        server.execute(settings["DATABASE_URL"], "ALTER TABLE jobs RENAME COLUMN job TO gone")
        for _ in iter(lambda: connection.recv(2**20), b""):
            pass

    lines = served.logged()
    asked = next(line for line in lines if line.get("path") == "/tables/jobs.csv")
    failed = next(line for line in lines if line.get("level") == "error")
    assert (asked["status"], asked["ended_by"], asked["database_error"]) == (
        200,
        "sql.errors.StatementRefused",
        "SQLITE_ERROR",
    )
    assert (failed["request_id"], failed["message"]) == (asked["request_id"], "Error handling request")
