"""GET /metrics: what is counted of uploads is what their accounts say, and how things stand is asked at the moment."""

import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from conftest import start_client
from metrics import read, rows
from ports import free_port
from required import skip
from servers.server import Server
from web_client import Client

ONLY_SQLITE = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
TOKEN, READ_TOKEN = "a-token-of-this-test", "another-that-reads-only"


def metrics(client: Client) -> str:
    return client.app.get("/metrics").text


def test_records_are_counted_as_the_accounts_say(settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "2"})

    client.upload("jobs", "1,a\n2,b\nx,c\n1,a\n3,\n")
    client.upload("jobs", "1,z\n2,b\n", on_conflict="update")
    client.upload("hired_employees", "1,Ada,2021-01-01,1,1\n2,Bob,nope,1,1\n")
    client.upload("departments", "1,a\n2,b\n3,c\n", atomic="true")

    found = metrics(client)
    assert rows(found) == {
        "jobs": {"inserted": 2, "updated": 1, "skipped": 2, "rejected": 2},
        "hired_employees": {"inserted": 1, "rejected": 1},
        "departments": {"inserted": 3},
    }
    assert read(found, "loadbay_rejects_total") == {
        ("not_an_integer", "jobs"): 1,
        ("missing_value", "jobs"): 1,
        ("not_a_timestamp", "hired_employees"): 1,
    }
    assert read(found, "loadbay_uploads_total") == {
        ("finished", "jobs"): 2,
        ("finished", "hired_employees"): 1,
        ("finished", "departments"): 1,
    }
    assert read(found, "loadbay_upload_bytes_total") == {("jobs",): 27, ("hired_employees",): 36, ("departments",): 12}
    assert read(found, "loadbay_batch_seconds_count") == {("jobs",): 4, ("hired_employees",): 1}


def test_counters_begin_at_nothing_where_prometheus_first_looks(settings: dict[str, str]) -> None:
    lines = metrics(start_client(settings)).splitlines()

    assert 'loadbay_rows_total{outcome="rejected",table="jobs"} 0.0' in lines
    assert 'loadbay_uploads_total{status="stopped",table="hired_employees"} 0.0' in lines
    assert 'loadbay_problems_total{code="disk_full"} 0.0' in lines
    assert 'loadbay_wait_seconds_total{on="database"} 0.0' in lines


def test_what_is_rolled_back_is_no_record_that_was_loaded(settings: dict[str, str]) -> None:
    client = start_client(settings)

    client.upload("jobs", "1,a\nx,b\n", dry_run="true")
    client.upload("jobs", "1,a\nx,b\n", 422, atomic="true")
    client.upload("jobs", "id,cat\n1,a\n", 422)

    assert rows(metrics(client)) == {}
    assert read(metrics(client), "loadbay_uploads_total") == {("finished", "jobs"): 1, ("refused", "jobs"): 2}


def test_every_refused_record_is_counted_and_not_only_those_shown(settings: dict[str, str]) -> None:
    client = start_client(settings)

    client.upload("jobs", "1,a\n" + "x,b\n" * 2500, max_rejects=9999)

    assert read(metrics(client), "loadbay_rejects_total") == {("not_an_integer", "jobs"): 2500}


def test_answer_that_is_told_again_is_counted_once(settings: dict[str, str]) -> None:
    client = start_client(settings)

    for _ in range(3):
        headers = {"Content-Type": "text/csv", "Idempotency-Key": "jobs-1"}
        client.app.post("/upload/jobs", b"1,a\n", headers)

    assert rows(metrics(client)) == {"jobs": {"inserted": 1}}
    assert read(metrics(client), "loadbay_uploads_total") == {("finished", "jobs"): 1}


def test_state_is_told(settings: dict[str, str]) -> None:
    client = start_client(settings | {"WEB_CONCURRENCY": "3", "UPLOADS_MAX": "5"})
    before = metrics(client)
    client.upload("jobs", "1,a\n")

    found = metrics(client)

    assert read(found, "loadbay_database_up") == {(): 1}
    assert read(found, "loadbay_places")["uploads",] == 15
    assert read(found, "loadbay_places_in_use") == {("uploads",): 0, ("exports",): 0, ("reports",): 0}
    assert read(found, "loadbay_database_bytes")["database",] > 0
    assert read(before, "loadbay_last_finished_upload_seconds") == {}
    assert 0 <= read(found, "loadbay_last_finished_upload_seconds")[()] < 3600
    assert read(found, "loadbay_oldest_running_upload_seconds") == {}


@ONLY_SQLITE
def test_log_beside_the_file_of_sqlite_is_measured(settings: dict[str, str], server: Server) -> None:
    client = start_client(settings)
    file = settings["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(server.connect(settings["DATABASE_URL"])) as connection:  # the last one to close it removes the log
        connection.execute("SELECT count(*) FROM jobs").fetchall()
        client.upload("jobs", "".join(f"{i},job {i}\n" for i in range(3000)))

        found = read(metrics(client), "loadbay_database_bytes")

        assert found == {("database",): found["database",], ("wal",): Path(f"{file}-wal").stat().st_size}
        assert found["wal",] > 0


def test_lag_of_the_copy_is_told(settings: dict[str, str]) -> None:
    client = start_client(settings | {"REPORTS_DATABASE_URL": settings["DATABASE_URL"]})
    client.upload("jobs", "1,a\n")

    assert read(metrics(client), "loadbay_reports_lag_seconds") == {(): 0}


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
@ONLY_SQLITE
def test_database_that_is_away_is_told_and_no_error(settings: dict[str, str], scheme: str) -> None:
    url = f"{scheme}://user@127.0.0.1:{free_port()}/none"
    client = start_client(settings | {"DATABASE_URL": url, "BUSY_TIMEOUT": "1"})

    found = metrics(client)

    assert read(found, "loadbay_database_up") == {(): 0}
    assert read(found, "loadbay_database_bytes") == {}
    assert read(found, "loadbay_info") == {("1.0.0",): 1}


@ONLY_SQLITE
def test_metrics_need_a_token_where_one_is_set(settings: dict[str, str]) -> None:
    client = start_client(settings | {"API_TOKEN": TOKEN, "API_READ_TOKEN": READ_TOKEN})
    refused = client.app.get("/metrics", status=401).json

    client.app.authorization = ("Bearer", READ_TOKEN)

    assert refused["code"] == "no_token"
    assert read(metrics(client), "loadbay_database_up") == {(): 1}


@ONLY_SQLITE
def test_names_are_by_the_rules_of_prometheus(settings: dict[str, str]) -> None:
    if not shutil.which("promtool"):
        skip("no promtool: apt-get install prometheus")
    client = start_client(settings)
    client.upload("jobs", "1,a\nx,b\n")

    checked = subprocess.run(["promtool", "check", "metrics"], input=metrics(client), capture_output=True, text=True)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
