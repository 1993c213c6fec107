"""The .sql files are the configuration: adding one needs no Python, and a broken one stops the start."""

import json
import shutil
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import PROJECT, Served

REPORT = """\
-- One job and its number of hires in the year, by job.
-- :year integer = 2021
SELECT
    jobs.job,
    count(*) AS hires
FROM hired_employees
JOIN jobs ON jobs.id = hired_employees.job_id
WHERE hired_employees.datetime >= printf('%04d-01-01T00:00:00', :year)
  AND hired_employees.datetime < printf('%04d-01-01T00:00:00', :year + 1)
GROUP BY jobs.id, jobs.job
ORDER BY jobs.job, jobs.id
"""

OFFICES = {
    "create": "CREATE TABLE IF NOT EXISTS offices (id INTEGER PRIMARY KEY, city TEXT NOT NULL, opened TIMESTAMP)",
    "insert": "INSERT OR IGNORE INTO offices (id, city, opened) VALUES (?, ?, ?)",
    "stored": "SELECT id, city, opened FROM offices WHERE id IN (SELECT value FROM json_each(:ids))",
    "page": "SELECT id, city, opened FROM offices WHERE id >= :first ORDER BY id LIMIT :rows",
    "count": "SELECT count(*) AS rows FROM offices",
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project whose .sql files a test may change."""
    folder = tmp_path / "copy"
    for name in ("handlers", "rows", "sql"):
        shutil.copytree(PROJECT / name, folder / name)
    for name in ("service.py", "gunicorn.conf.py"):
        shutil.copy(PROJECT / name, folder)
    return folder


def add_table(copy: Path, **changed: str) -> None:
    folder = copy / "sql/sqlite/tables/offices"
    folder.mkdir()
    for name, text in (OFFICES | changed).items():
        (folder / f"{name}.sql").write_text(text)


def call(url: str, body: bytes | None = None) -> tuple[int, object]:
    request = urllib.request.Request(url, body, {"Content-Type": "text/csv"} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_report_is_added_as_one_file(copy: Path, serve: Callable[..., Served]) -> None:
    (copy / "sql/sqlite/stats/hires-per-job-{year}.sql").write_text(REPORT)
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


def test_table_is_added_as_one_folder(copy: Path, serve: Callable[..., Served]) -> None:
    add_table(copy)
    url = serve(folder=copy).wait().url

    status, answer = call(f"{url}/upload/offices", b"id,city,opened\n1,Bern,2001-02-03\n2,,\n1,Bonn,\n3,Ulm,\n")

    assert (status, answer["inserted"], answer["rejected"], answer["conflicts"]) == (200, 2, 1, [1])
    with urllib.request.urlopen(f"{url}/tables/offices.csv", timeout=20) as exported:
        assert exported.read() == b"id,city,opened\r\n1,Bern,2001-02-03T00:00:00Z\r\n3,Ulm,\r\n"


def test_row_that_a_rule_of_the_table_refuses_is_an_error_and_no_skip(copy: Path, serve: Callable[..., Served]) -> None:
    add_table(copy, create=OFFICES["create"].replace("city TEXT NOT NULL", "city TEXT NOT NULL CHECK (city <> 'X')"))
    url = serve(folder=copy, BATCH_ROWS="2").wait().url

    status, answer = call(f"{url}/upload/offices", b"1,Bern,\n2,Ulm,\n3,Rom,\n4,X,\n5,Bonn,\n")

    assert status == 422
    assert (answer["upload_id"], answer["read"], answer["inserted"], answer["skipped"]) == (1, 2, 2, 0)
    assert answer["detail"] == (
        "offices took 1 of 2 new rows: a rule of its own, such as CHECK or UNIQUE, refuses the others. "
        "None of this batch is stored"
    )
    assert [listed["rows"] for listed in call(f"{url}/tables")[1] if listed["name"] == "offices"] == [2]
    upload = call(f"{url}/uploads/1")[1]
    assert (upload["status"], upload["reason"], upload["inserted"]) == ("stopped", answer["detail"], 2)
    status, whole = call(f"{url}/upload/offices?atomic=true", b"7,Bern,\n8,Ulm,\n9,X,\n")
    assert (status, whole["read"], whole["inserted"], whole["detail"]) == (
        422,
        0,
        0,
        answer["detail"].replace("1 of 2", "0 of 1"),
    )


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        pytest.param("stats/new.sql", "-- One x.\nSELEC 1", 'near "SELEC": syntax error', id="syntax"),
        pytest.param("stats/new.sql", "-- One x.\nSELECT x FROM cats", "no such table: cats", id="unknown table"),
        pytest.param("stats/new.sql", "-- One x.\nSELECT :year", "year", id="undeclared parameter"),
        pytest.param("stats/new.sql", "-- One x.\nSELECT 1; SELECT 2", "one statement at a time", id="two statements"),
        pytest.param("stats/new.sql", "SELECT 1", "must begin with a comment", id="no heading"),
        pytest.param("stats/new-{y}.sql", "-- One x.\nSELECT 1", "must declare {y} in its heading", id="path parameter"),
        pytest.param("stats/new.sql", "-- One x.\n-- :y number\nSELECT :y", "expected -- :name type", id="declaration"),
        pytest.param("stats/new.sql", "-- One x.\n-- :y integer = x\nSELECT :y", "is not an integer: x", id="default"),
        pytest.param("stats/new.sql", "-- One x.\n-- :format text\nSELECT :format", "cannot be called format", id="taken name"),
        pytest.param("stats/new.sql", "-- One x.\nDELETE FROM jobs", "a report only reads", id="report that writes"),
        pytest.param("stats/new.sql", "-- One x.\nINSERT INTO jobs VALUES (1, 'a') RETURNING id", "a report only reads", id="report that writes and gives rows"),
        pytest.param("tables/jobs/stored.sql", "SELECT job, id FROM jobs WHERE id IN (SELECT value FROM json_each(:ids))", "gives job, id: expected id, job", id="order of stored"),
        pytest.param("tables/jobs/page.sql", "SELECT job, id FROM jobs WHERE id >= :first LIMIT :rows", "gives job, id: expected id, job", id="order of page"),
        pytest.param("tables/hired_employees/references.sql", "SELECT 'job' AS \"column\", value AS id FROM json_each(:job_id)", "names job: expected id, name", id="reference of another column"),
        pytest.param("tables/hired_employees/references.sql", "SELECT 'job_id' AS \"column\", value AS id FROM json_each(:job)", "job", id="reference with another parameter"),
        pytest.param("ledger/update.sql", "UPDATE uploads SET cats = 1", "no such column: cats", id="ledger"),
        pytest.param("ledger/new.sql", "SELECT 1", "new.sql is not one of", id="unknown name"),
        pytest.param("tables/jobs/stored.sql", "SELECT nope FROM jobs", "no such column: nope", id="stored"),
        pytest.param("tables/jobs/insert.sql", "INSERT INTO jobs VALUES (?, ?, ?)", "3 values", id="insert"),
        pytest.param("tables/jobs/inset.sql", "SELECT 1", "inset.sql is not one of create", id="misspelt name"),
        pytest.param("tables/jobs/create.sql", "CREATE TABLE IF NOT EXISTS job (id INTEGER)", "creates no table jobs", id="other table"),
        pytest.param("tables/jobs/create.sql", "CREATE TABLE jobs (id INTEGER, job TEXT)", "its integer PRIMARY KEY", id="no key"),
        pytest.param("tables/jobs/create.sql", "CREATE TABLE jobs (id INTEGER PRIMARY KEY, job BLOB)", "job is of type blob, which is not one of", id="type"),
    ],
)  # fmt: skip
def test_broken_file_stops_the_start_by_name(
    copy: Path, serve: Callable[..., Served], file: str, text: str, sentence: str
) -> None:
    (copy / "sql/sqlite" / file).write_text(text)

    served = serve(folder=copy)

    assert served.process.wait(20) != 0
    printed = served.stop()
    assert sentence in printed
    assert f"{file.rpartition('/')[0]}" in printed
    assert "Traceback" not in printed


def test_missing_file_stops_the_start_by_name(copy: Path, serve: Callable[..., Served]) -> None:
    (copy / "sql/sqlite/tables/jobs/stored.sql").unlink()

    served = serve(folder=copy)

    assert served.process.wait(20) != 0
    assert "sql/sqlite/tables/jobs has no stored.sql" in served.stop()
