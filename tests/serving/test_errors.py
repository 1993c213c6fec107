"""Errors: bad input gets a 4xx that names the thing, as application/problem+json."""

import pytest
from conftest import start_client
from servers.server import Server
from web_client import Client

CSV = {"Content_Type": "text/csv"}


def check_problem(client: Client, method: str, url: str, status: int, title: str, code: str, detail: str) -> None:
    answer = client.app.request(url, method=method, status=status, expect_errors=True)
    assert answer.content_type == "application/problem+json"
    assert answer.json == {"title": title, "status": status, "code": code, "detail": detail}


@pytest.mark.parametrize(
    ("url", "code", "detail"),
    [
        pytest.param("/nope", "not_found", "nothing is at /nope: GET / lists what there is", id="URL"),
        pytest.param("/stats/cats", "unknown_report", "cats is not one of data-quality, hires-per-quarter-{year}, mean-hires-per-department, top-departments-hired", id="report"),
        pytest.param("/tables/cats.csv", "unknown_table", "cats is not one of departments, hired_employees, jobs", id="table"),
        pytest.param("/tables/sqlite_master.csv", "unknown_table", "sqlite_master is not one of departments, hired_employees, jobs", id="catalog"),
        pytest.param("/uploads/7", "unknown_upload", "7 is not the number of an upload: there is none yet", id="upload"),
        pytest.param("/uploads/x", "unknown_upload", "x is not the number of an upload: there is none yet", id="no number"),
        pytest.param("/uploads/99999999999999999999", "unknown_upload", "99999999999999999999 is not the number of an upload: there is none yet", id="number beyond 64 bits"),
    ],
)  # fmt: skip
def test_unknown_thing_is_not_found_by_name(client: Client, url: str, code: str, detail: str) -> None:
    check_problem(client, "GET", url, 404, "Not Found", code, detail)


@pytest.mark.parametrize("table", ["cats", "uploads", "sqlite_master", "departments;--", "DEPARTMENTS"])
def test_upload_to_an_unknown_table_names_the_known_ones(client: Client, table: str) -> None:
    answer = client.upload(table, "1,a\n", status=404)

    assert answer["detail"] == f"{table} is not one of departments, hired_employees, jobs"


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        pytest.param("/stats/data-quality?yeer=1", "the parameter yeer is not one of format", id="unknown"),
        pytest.param("/tables?x=1", "the parameter x is unknown: this URL takes no parameters", id="none known"),
        pytest.param("/uploads?limit=0", "the parameter limit is 0, expected 1 to 1000", id="too small"),
        pytest.param("/uploads?before=x", "the parameter before is not an integer: 'x'", id="no integer"),
        pytest.param("/uploads?limit=1&limit=2", "the parameter limit was given 2 times, expected one", id="doubled"),
        pytest.param("/stats/hires-per-quarter-20x1", "the parameter year is not an integer: '20x1'", id="in the path"),
        pytest.param("/stats/hires-per-quarter-", "the parameter year is empty", id="empty in the path"),
        pytest.param("/stats/hires-per-quarter-2021?year=2020", "the parameter year is not one of format", id="already in the path"),
        pytest.param("/stats/top-departments-hired?year=", "the parameter year is empty", id="empty"),
        pytest.param("/stats/data-quality?format=xml", "the parameter format is 'xml', which is not one of json, csv", id="format"),
    ],
)  # fmt: skip
def test_bad_parameter_is_named(client: Client, url: str, detail: str) -> None:
    check_problem(client, "GET", url, 400, "Bad Request", "bad_parameter", detail)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        pytest.param({"strct": "true"}, "the parameter strct is not one of atomic, columns, dates, decimal, delimiter, dry_run, encoding, escape, extra, header, max_rejects, nulls, on_conflict, strict, timezone", id="unknown"),
        pytest.param({"header": "yes"}, "the parameter header is 'yes', which is not one of true, false, skip, or the number of a line from 1 on", id="value"),
        pytest.param({"strict": "1"}, "the parameter strict is '1', which is not one of true, false", id="flag"),
        pytest.param({"delimiter": ":"}, "the parameter delimiter is ':', which is not one of , ; tab |", id="delimiter"),
        pytest.param({"header": ""}, "the parameter header is '', which is not one of true, false, skip, or the number of a line from 1 on", id="empty"),
    ],
)  # fmt: skip
def test_bad_option_of_an_upload_is_named(client: Client, query: dict[str, str], detail: str) -> None:
    answer = client.upload("jobs", "1,a\n", status=400, **query)

    assert (answer["code"], answer["detail"]) == ("bad_parameter", detail)


@pytest.mark.parametrize(
    ("method", "url", "allowed"), [("GET", "/upload/jobs", "POST, PUT, OPTIONS"), ("DELETE", "/tables", "GET, OPTIONS")]
)
def test_other_method_is_told_the_allowed_ones(client: Client, method: str, url: str, allowed: str) -> None:
    detail = f"{method} is not allowed on {url}, but {allowed}"
    check_problem(client, method, url, 405, "Method Not Allowed", "method_not_allowed", detail)


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain", "nonsense"])
def test_body_that_is_neither_form_nor_csv_is_refused(client: Client, kind: str) -> None:
    answer = client.post("jobs", b"{}", status=415, Content_Type=kind)

    assert answer == {
        "title": "Unsupported Media Type",
        "status": 415,
        "code": "unsupported_media_type",
        "detail": f"the body is {kind}: expected multipart/form-data with the CSV in the part `file` "
        "(curl -F file=@hires.csv), or the bare CSV as text/csv",
    }


@pytest.mark.parametrize(("size", "status"), [(100, 200), (101, 413)])
def test_file_past_the_limit_stores_nothing(settings: dict[str, str], size: int, status: int) -> None:
    client = start_client(settings | {"MAX_UPLOAD_BYTES": "100"})
    file = b"1," + b"x" * (size - 2)

    answer = client.upload("jobs", file, status=status)
    bare = client.post("jobs", file.replace(b"1", b"2"), status=status, **CSV)

    if status == 413:
        assert answer == bare
        assert (answer["code"], answer["detail"]) == (
            "file_too_large",
            "the file is larger than 100 bytes (MAX_UPLOAD_BYTES)",
        )


def test_body_much_larger_than_the_limit_is_refused_by_its_length(settings: dict[str, str]) -> None:
    client = start_client(settings | {"MAX_UPLOAD_BYTES": "100"})

    answer = client.post("jobs", b"1," + b"x" * 100_000, status=413, **CSV)

    assert answer["code"] == "file_too_large"
    assert answer["detail"] == "the body of 100002 bytes is larger than 65636 bytes (MAX_UPLOAD_BYTES and 64 KiB)"


@pytest.mark.proves(
    "503 with Retry-After",
    "the database held by another process",
    "the error of a busy database",
)
def test_busy_database_says_when_to_try_again(server: Server, settings: dict[str, str]) -> None:
    client = start_client(settings | {"BUSY_TIMEOUT": "0"})
    with server.hold(settings["DATABASE_URL"]):
        answer = client.app.post("/upload/jobs", b"1,a\n", {"Content-Type": "text/csv"}, status=503)

    assert answer.headers["Retry-After"] == "5"
    assert [answer.json[name] for name in ("title", "status", "code", "detail")] == [
        "Service Unavailable",
        503,
        "database_busy",
        "the database is busy with another writer",
    ]
    assert client.upload("jobs", "1,a\n")["inserted"] == 1


def test_health_can_be_asked_without_its_body(client: Client) -> None:
    assert client.app.head("/health").status_int == 200


def test_bug_is_a_500_without_its_stack(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise KeyError("secret")

    monkeypatch.setattr("handlers.upload.load", fail)

    answer = client.app.post("/upload/jobs", b"1,a\n", {"Content-Type": "text/csv"}, status=500, expect_errors=True)

    assert answer.json == {
        "title": "Internal Server Error",
        "status": 500,
        "code": "failed",
        "detail": "the service failed; its log says how",
    }
