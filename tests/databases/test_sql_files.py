"""The .sql files are the configuration: adding one needs no Python, and a broken one stops the start."""

import json
import shutil
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import start_client
from project import PROJECT, edit
from served import Served
from servers import SERVERS
from servers.server import Server
from waits import PATIENCE, until
from web_client import HEALTHY

from sql.errors import StartRefused

ADDED = Path(__file__).parent / "added"
"""A table and a report more, for each database."""


@pytest.fixture
def sql(copy: Path, server: Server) -> Path:
    """The folder of the database under test in the copy."""
    return copy / "sql" / server.name


def call(url: str, body: bytes | None = None) -> tuple[int, object]:
    request = urllib.request.Request(url, body, {"Content-Type": "text/csv"} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_databases_have_the_same_files() -> None:
    folders = [path.parent for path in (PROJECT / "sql").glob("*/ledger")]

    files = {folder.name: {str(path.relative_to(folder)) for path in folder.rglob("*.sql")} for folder in folders}

    assert files.keys() == SERVERS.keys()
    for name in files:
        assert files[name] == files["sqlite"]


def test_report_is_added_as_one_file(copy: Path, sql: Path, server: Server, serve: Callable[..., Served]) -> None:
    shutil.copy(ADDED / server.name / "stats/hires-per-job-{year}.sql", sql / "stats")
    url = serve(folder=copy).wait().url
    call(f"{url}/upload/jobs", b"1,Clerk\n2,Agent\n")
    call(f"{url}/upload/hired_employees", b"1,a,2020-01-01,1,1\n2,b,2021-01-01,1,1\n3,c,2021-12-31,1,1\n")

    assert call(f"{url}/stats/hires-per-job-2021") == (200, [{"job": "Clerk", "hires": 2}])
    assert {
        "name": "hires-per-job-{year}",
        "description": "One job and its number of hires in the year, by job.",
        "parameters": [{"name": "year", "type": "integer", "default": 2021}],
        "url": "/stats/hires-per-job-2021",
    } in call(f"{url}/stats")[1]


def test_table_is_added_as_one_folder(copy: Path, sql: Path, server: Server, serve: Callable[..., Served]) -> None:
    shutil.copytree(ADDED / server.name / "tables/offices", sql / "tables/offices")
    url = serve(folder=copy).wait().url

    status, answer = call(f"{url}/upload/offices", b"id,city,opened\n1,Bern,2001-02-03\n2,,\n1,Bonn,\n3,Ulm,\n")

    assert (status, answer["inserted"], answer["rejected"], answer["conflicts"]) == (200, 2, 1, [1])
    with urllib.request.urlopen(f"{url}/tables/offices.csv", timeout=PATIENCE) as exported:
        assert exported.read() == b"id,city,opened\r\n1,Bern,2001-02-03T00:00:00Z\r\n3,Ulm,\r\n"


@pytest.mark.parametrize("rule", [", CHECK (city <> 'X')", ", UNIQUE (opened)"], ids=["check", "unique"])
def test_row_that_a_rule_of_the_table_refuses_is_an_error_and_no_skip(
    copy: Path, sql: Path, server: Server, serve: Callable[..., Served], rule: str
) -> None:
    shutil.copytree(ADDED / server.name / "tables/offices", sql / "tables/offices")
    edit(sql / "tables/offices/create.sql", "\n)", f"{rule}\n)")
    url = serve(folder=copy, BATCH_ROWS="2").wait().url

    status, answer = call(f"{url}/upload/offices", b"1,Bern,2001-02-03\n2,Ulm,\n3,Rom,\n4,X,2001-02-03\n5,Bonn,\n")

    assert status == 422
    assert (answer["upload_id"], answer["read"], answer["inserted"], answer["skipped"]) == (1, 2, 2, 0)
    assert answer["detail"] == (
        "offices refused a row of the batch: a rule of its own, such as CHECK, UNIQUE or FOREIGN KEY. Nothing of this batch is done"
    )
    assert [listed["rows"] for listed in call(f"{url}/tables")[1] if listed["name"] == "offices"] == [2]
    upload = call(f"{url}/uploads/1")[1]
    assert (upload["status"], upload["reason"], upload["inserted"]) == ("stopped", answer["detail"], 2)
    status, whole = call(f"{url}/upload/offices?atomic=true", b"7,Bern,\n8,Ulm,\n9,X,2001-02-03\n")
    assert (status, whole["read"], whole["inserted"], whole["detail"]) == (422, 0, 0, answer["detail"])


def test_table_without_an_update_takes_all_but_updates_and_is_not_taken_back(
    copy: Path, sql: Path, server: Server, serve: Callable[..., Served]
) -> None:
    shutil.copytree(ADDED / server.name / "tables/offices", sql / "tables/offices")
    served = serve(folder=copy).wait()
    url = served.url

    refused = call(f"{url}/upload/offices?on_conflict=update", b"1,Bern,2001-02-03\n")
    taken = [call(f"{url}/upload/offices?on_conflict={way}", b"1,Bern,2001-02-03\n")[0] for way in ("skip", "refuse")]

    undone = served.delete("/uploads/1")

    sentence = "offices takes no updates: it has no update.sql and no lock.sql"
    assert (refused[0], refused[1]["code"], refused[1]["detail"]) == (422, "no_update", sentence)
    assert taken == [200, 200]
    sentence = "uploads to offices cannot be taken back: it has no lock.sql and no delete.sql"
    assert (undone[0], undone[1]["code"], undone[1]["detail"]) == (422, "no_delete", sentence)
    assert served.get("/uploads/1")["status"] == "finished"


@pytest.mark.parametrize("rule", ["CHECK (job <> 'X')", "UNIQUE (job)"], ids=["check", "unique"])
def test_update_that_a_rule_of_the_table_refuses_changes_nothing(
    copy: Path, sql: Path, server: Server, serve: Callable[..., Served], rule: str
) -> None:
    length = "(100)" if server.name == "mysql" else ""
    edit(sql / "tables/jobs/create.sql", "\n)", f",\n    {rule.replace('(job)', f'(job{length})')}\n)")
    served = serve(folder=copy, BATCH_ROWS="1").wait()
    served.upload("jobs", b"1,Clerk\n2,Cook\n3,X1\n")

    status, answer = served.upload(
        "jobs?on_conflict=update", b"1,Agent\n2,Agent\n" if "UNIQUE" in rule else b"1,Agent\n2,X\n"
    )

    assert (status, answer["code"]) == (422, "rows_lost")
    assert (answer["read"], answer["updated"]) == (1, 1)
    assert served.read("/tables/jobs.csv") == b"id,job\r\n1,Agent\r\n2,Cook\r\n3,X1\r\n"


WHOLE = ""
"""Stands for the whole text of a file, or for a file that is not there yet."""


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        pytest.param("stats/new.sql", WHOLE, "-- One x.\nSELEC 1", "SELEC", id="syntax"),
        pytest.param("stats/new.sql", WHOLE, "-- One x.\nSELECT x FROM cats", "cats", id="unknown table"),
        pytest.param("stats/data-quality.sql", "hired_employees.job_id", "hired_employees.cat_id", "cat_id", id="unknown column"),
        pytest.param("stats/top-departments-hired.sql", "-- :year", "-- :day", "year", id="undeclared parameter"),
        pytest.param("stats/new.sql", WHOLE, "-- One x.\nSELECT 1; SELECT 2", "", id="two statements"),
        pytest.param("stats/new.sql", WHOLE, "SELECT 1", "must begin with a comment", id="no heading"),
        pytest.param("stats/new-{y}.sql", WHOLE, "-- One x.\nSELECT 1", "must declare {y} in its heading", id="path parameter"),
        pytest.param("stats/new.sql", WHOLE, "-- One x.\n-- :y number\nSELECT :y", "expected -- :name type", id="declaration"),
        pytest.param("stats/new.sql", WHOLE, "-- One x.\n-- :y integer = x\nSELECT :y", "is not an integer: x", id="default"),
        pytest.param("stats/new.sql", WHOLE, "-- One x.\n-- :format text\nSELECT :format", "cannot be called format", id="taken name"),
        pytest.param("stats/new.sql", WHOLE, "-- One x.\nDELETE FROM jobs", "a report only reads", id="report that writes"),
        pytest.param("tables/jobs/stored.sql", "id,\n", "id + 1 AS number,\n", "gives number, job: expected id, job", id="columns of stored"),
        pytest.param("tables/jobs/page.sql", "    id,\n    job\n", "    job,\n    id\n", "gives job, id: expected id, job", id="order of page"),
        pytest.param("tables/hired_employees/references.sql", "'job_id'", "'job'", "names job: expected id, name", id="reference of another column"),
        pytest.param("tables/hired_employees/references.sql", "FROM jobs", "FROM cats", "cats", id="reference to an unknown table"),
        pytest.param("ledger/update.sql", "inserted =", "cats =", "cats", id="ledger"),
        pytest.param("ledger/new.sql", WHOLE, "SELECT 1", "new.sql is not one of", id="unknown name"),
        pytest.param("ledger/steps/003_hints.sql", "uploads", "cats", "003_hints.sql: ", id="step of the ledger"),
        pytest.param("ledger/steps/5_new.sql", WHOLE, "SELECT 1", "5_new.sql has no number", id="number of a step"),
        pytest.param("tables/jobs/stored.sql", "id", "cat", "cat", id="stored"),
        pytest.param("tables/jobs/insert.sql", "job)", "cat)", "cat", id="column of insert"),
        pytest.param("tables/hired_employees/insert.sql", "department_id, job_id", "job_id, department_id", "does not store what it is given: expected the columns id, name, datetime, department_id, job_id", id="order of insert"),
        pytest.param("tables/jobs/insert.sql", WHOLE, "INSERT INTO jobs (id, job)\nVALUES (?, ?)\nON CONFLICT DO NOTHING", "tables/jobs/insert.sql: ", id="something behind the VALUES that are repeated"),
        pytest.param("tables/hired_employees/update.sql", "department_id =", "job_id =", "tables/hired_employees/update.sql", id="column of update"),
        pytest.param("tables/jobs/delete.sql", "id ", "job ", "tables/jobs/delete.sql: ", id="column of delete"),
        pytest.param("tables/departments/delete.sql", WHOLE, "-- Nothing.\nDELETE FROM departments", "does not delete just the rows of the ids that it is given", id="delete of all rows"),
        pytest.param("undo/mark.sql", "table_name", "cats", "cats", id="undo"),
        pytest.param("tables/jobs/lock.sql", "id,\n", "id + 1 AS number,\n", "gives number, job: expected id, job", id="columns of lock"),
        pytest.param("tables/jobs/inset.sql", WHOLE, "SELECT 1", "inset.sql is not one of create", id="misspelt name"),
        pytest.param("tables/jobs/create.sql", "EXISTS jobs", "EXISTS job", "creates no table jobs", id="other table"),
        pytest.param("tables/jobs/create.sql", "PRIMARY KEY", "", "its integer PRIMARY KEY", id="no key"),
        pytest.param("tables/jobs/create.sql", ",\n", ",\n    size INT,\n", "size is of type int", id="type"),
        pytest.param("tables/jobs/create.sql", "CREATE", "CERATE", "CERATE", id="syntax of create"),
    ],
)  # fmt: skip
def test_broken_file_stops_the_start_by_name(
    sql: Path, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, sentence: str
) -> None:
    if old == WHOLE:
        (sql / file).write_text(new)
    else:
        edit(sql / file, old, new)
    monkeypatch.setattr("sql.FOLDER", sql.parent)

    with pytest.raises(StartRefused) as refused:
        start_client(settings)

    assert sentence in str(refused.value)
    assert file.rpartition("/")[0] in str(refused.value)


def test_broken_file_ends_gunicorn_with_a_sentence_alone(copy: Path, sql: Path, serve: Callable[..., Served]) -> None:
    (sql / "stats/new.sql").write_text("-- One x.\nSELEC 1")

    served = serve(folder=copy)

    assert served.process.wait(PATIENCE) != 0
    printed = served.stop()
    assert "stats/new.sql" in printed
    assert "SELEC" in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_broken_insert_that_the_start_could_not_try_out_stores_nothing(
    copy: Path, sql: Path, server: Server, serve: Callable[..., Served], settings: dict[str, str]
) -> None:
    serve().wait().stop()
    edit(sql / "tables/hired_employees/insert.sql", "department_id, job_id", "job_id, department_id")
    with server.hold(settings["DATABASE_URL"]):
        served = serve(folder=copy, BUSY_TIMEOUT="1").wait()

    answers = [served.upload("hired_employees", b"1,Ana,2021-02-03,2,3\n")[0] for _ in range(2)]

    assert answers == [500, 500]
    assert served.read("/tables/hired_employees.csv").count(b"\n") == 1
    assert "StartRefused" in served.stop()


def test_missing_file_stops_the_start_by_name(
    copy: Path, sql: Path, server: Server, serve: Callable[..., Served]
) -> None:
    (sql / "tables/jobs/stored.sql").unlink()

    served = serve(folder=copy)

    assert served.process.wait(PATIENCE) != 0
    assert f"sql/{server.name}/tables/jobs has no stored.sql" in served.stop()


SLOW = """-- The number of fives of numbers whose first three are not alike.
WITH RECURSIVE numbers AS (
    SELECT 1 AS number
    UNION ALL
    SELECT number + 1 FROM numbers WHERE number < 900
)
SELECT count(*) AS fives
FROM numbers AS one, numbers AS two, numbers AS three, numbers AS four, numbers AS five
WHERE one.number + two.number <> three.number
"""


@pytest.mark.proves(
    "503 past REPORTS_MAX; /health, uploads and remembered reports go on",
    "more reports at a time than threads",
    "the places for reports",
)
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_long_reports_keep_no_one_waiting(copy: Path, sql: Path, serve: Callable[..., Served]) -> None:
    (sql / "stats/slow.sql").write_text(SLOW)
    served = serve(folder=copy, REPORT_TIMEOUT="3600", WEB_CONCURRENCY="1", REPORTS_MAX="2").wait()
    remembered = served.get("/stats/data-quality")
    with ThreadPoolExecutor(50) as pool:
        slow = [pool.submit(call, f"{served.url}/stats/slow") for _ in range(50)]
        until(lambda: sum(report.done() for report in slow) == 48)
        again, health = served.get("/stats/data-quality"), served.get("/health")
        busy = call(f"{served.url}/stats/top-departments-hired")
        uploaded = served.upload("jobs", b"1,Clerk\n")[0]
        served.kill()

    full = "all places for reports are taken (REPORTS_MAX): try again later"
    assert (busy[0], busy[1]["code"], busy[1]["detail"]) == (503, "no_place", full)
    assert (again, health, uploaded) == (remembered, HEALTHY, 200)
    refused = [report.result() for report in slow if not report.exception()]
    assert [(status, problem["code"]) for status, problem in refused] == [(503, "no_place")] * 48


@pytest.mark.proves(
    "503 after REPORT_TIMEOUT, and others go on",
    "a report that would take minutes",
    "the limit on the statement's time",
)
def test_report_that_takes_too_long_is_ended(
    copy: Path, sql: Path, server: Server, serve: Callable[..., Served]
) -> None:
    (sql / "stats/slow.sql").write_text(SLOW)
    served = serve(folder=copy, REPORT_TIMEOUT="3", WEB_CONCURRENCY="1").wait()
    answers = []
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(call, f"{served.url}/stats/slow")
        while not slow.done():
            answers.append(served.get("/health"))
        status, problem = slow.result()

    assert (status, problem["detail"]) == (
        503,
        "the answer takes over 3 seconds (REPORT_TIMEOUT): ask for less by its parameters",
    )
    assert len(answers) > 2  # the first may be from before the report began, and the last from after its end
    assert served.upload("jobs", b"1,Clerk\n")[0] == 200
    assert len(served.get("/stats/data-quality")) == 6
    facts = served.facts("/stats/slow")
    assert (facts["code"], facts["reason"], facts["database_error"]) == (
        "took_too_long",
        problem["detail"],
        {"sqlite": "SQLITE_INTERRUPT", "postgresql": "57014", "mysql": "1969"}[server.name],
    )
