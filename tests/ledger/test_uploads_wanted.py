"""GET /uploads?table= ?status= ?sha256= ?since=: the uploads that are asked for, and no more of the ledger than has to be."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from conftest import start_client
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from plans import EXPLAIN
from project import PROJECT
from servers.server import Server
from web_client import Client, query_of

TABLES = ("departments", "jobs")
SHAS = ["a" * 64, "0" * 63 + "b"]
STORED = ("running", "finished", "refused", "stopped", "undoing", "undone")
BEGUN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def insert(server: Server, url: str, *uploads: tuple[str, ...]) -> None:
    """Put uploads into the ledger: table, sha256, status, and when they were begun and last gone on with."""
    rows = []
    for table, sha256, status, *times in uploads:
        begun, updated = (time if server.name == "sqlite" else time.removesuffix("Z") for time in times)
        rows.append(f"('{table}', '{sha256}', 0, '{{}}', 'null', '{status}', '{begun}', '{updated}')")
    columns = "table_name, sha256, bytes, options, dialect, status, started_at, updated_at"
    server.execute(url, f"INSERT INTO uploads ({columns}) VALUES {', '.join(rows)}")


@pytest.fixture
def many(client: Client, server: Server, settings: dict[str, str]) -> Client:
    """A client of a ledger of uploads that differ in all that may be asked for; clocks were set back between them."""
    random, now = Random(7), datetime.now(UTC)
    insert(
        server,
        settings["DATABASE_URL"],
        *(
            (
                random.choice(TABLES),
                random.choice(SHAS),
                random.choice(STORED),
                moment(BEGUN + timedelta(seconds=random.randrange(4))),
                moment(now + timedelta(seconds=random.choice((-600, 600)))),
            )
            for _ in range(80)
        ),
    )
    return client


def wanted(upload: dict[str, Any], query: dict[str, Any]) -> bool:
    """Whether an upload is one that a query asks for."""
    same = all(upload[name] == query[name] for name in ("table", "status", "sha256") if name in query)
    since = datetime.fromisoformat(query.get("since", "1000-01-01T00:00:00Z"))
    return same and datetime.fromisoformat(upload["started_at"]) >= since and upload["upload_id"] < query["before"]


QUERIES = st.fixed_dictionaries(
    {"limit": st.integers(1, 90), "before": st.integers(1, 90)},
    optional={
        "table": st.sampled_from((*TABLES, "hired_employees")),
        "status": st.sampled_from((*STORED, "interrupted")),
        "sha256": st.sampled_from([*SHAS, "c" * 64]),
        "since": st.builds(
            lambda seconds, fraction: (BEGUN + timedelta(seconds=seconds)).strftime(f"%Y-%m-%dT%H:%M:%S{fraction}Z"),
            st.integers(-1, 4),
            st.sampled_from(("", ".000001", ".5", ".999999")),
        ),
    },
)


def test_uploads_are_those_of_the_whole_ledger_that_are_asked_for(many: Client) -> None:
    ledger = many.get("/uploads?limit=1000")
    assert {upload["status"] for upload in ledger} == {*STORED, "interrupted"}

    @tried(max_examples=300, derandomize=True, deadline=None)
    @given(QUERIES)
    def try_it(query: dict[str, Any]) -> None:
        expected = [upload for upload in ledger if wanted(upload, query)][: query["limit"]]

        assert many.get(f"/uploads{query_of(query)}") == expected

    try_it()


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("table=cats", "table is 'cats', which is not one of departments, hired_employees, jobs"),
        ("table=", "table is '', which is not one of departments, hired_employees, jobs"),
        (
            "status=done",
            "status is 'done', which is not one of running, interrupted, finished, refused, stopped, undoing, undone",
        ),
        ("sha256=abc", "sha256 is 'abc', expected the 64 hexadecimal digits of a file's SHA-256"),
        (f"sha256={'g' * 64}", f"sha256 is '{'g' * 60}...', expected the 64 hexadecimal digits of a file's SHA-256"),
        ("since=yesterday", "since is not an ISO 8601 timestamp such as 2021-07-27T16:02:08Z: 'yesterday'"),
        ("since=", "since is empty"),
        ("status=stopped&status=refused", "status was given 2 times, expected one"),
        ("state=stopped", "state is not one of before, limit, sha256, since, source, status, table"),
    ],
)
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_what_cannot_be_asked_for_is_refused_by_its_name(client: Client, query: str, sentence: str) -> None:
    problem = client.get(f"/uploads?{query}", status=400)

    assert (problem["code"], problem["detail"]) == ("bad_parameter", f"the parameter {sentence}")


def test_file_that_was_sent_before_is_found_by_its_sum(client: Client) -> None:
    client.upload("jobs", "1,Clerk\n")
    sha256 = client.get("/uploads/1")["sha256"]
    client.upload("jobs", "2,Agent\n")

    assert [upload["upload_id"] for upload in client.get(f"/uploads?sha256={sha256.upper()}&since=2021-01-01")] == [1]


INDEXES = {
    "sha256": ("c" * 64, "uploads_by_sha256"),
    "status": ("stopped", "uploads_by_status"),
    "table": ("departments", "uploads_by_table"),
    "since": ("2026-02-01T00:00:00Z", "uploads_by_start"),
}


@pytest.mark.parametrize("name", INDEXES)
def test_what_is_rare_is_found_without_reading_the_whole_ledger(
    new_url: Callable[[], str], server: Server, name: str
) -> None:
    url = new_url()
    start_client({"DATABASE_URL": url})
    usual = [("jobs", f"{i:064}", "finished", moment(BEGUN), moment(BEGUN)) for i in range(1000)]
    for _ in range(10):
        insert(server, url, *usual)
    if server.name != "sqlite":
        server.execute(url, "ANALYZE TABLE uploads" if server.name == "mysql" else "ANALYZE uploads")
    statement = (PROJECT / "sql" / server.name / "ledger/page.sql").read_text()
    value, index = INDEXES[name]
    query = {
        "limit": 20,
        "before": 2**63 - 1,
        "first": 0,
        "table": None,
        "status": None,
        "sha256": None,
        "since": None,
        name: value,
    }

    with closing(server.connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute(f"{EXPLAIN[server.name]} {statement}", query)
        plan = "\n".join(map(str, cursor.fetchall()))

    assert index in plan
    assert "SCAN uploads" not in plan
    assert "Seq Scan" not in plan
