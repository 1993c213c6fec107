"""What nobody sends by accident: values stay values, names are only looked up, and nothing is taken for an order."""

import csv
import io
import re

import pytest
from web_client import Client

VALUES = [
    "'; DROP TABLE jobs; --",
    '" OR ""="',
    "Robert'); DELETE FROM uploads WHERE ('1'='1",
    "\\'; SELECT 1; --",
    "%s %(id)s %% {0} :id ? $1 @x",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1+1",
    "-1-1",
    "NULL",
    "None",
    "\\N",
    "\\.",
    "\\x00",
    "<script>alert(1)</script>",
    "a\x01b\x07c\x1bd\x7fe",
    "two\nlines",
    "a\rb",
    "\u2028\u202eevil\ufeff",
    "\U0001f4a3 Zoé İstanbul ß",
    "x" * 1000,
]  # fmt: skip

TABLES = [
    "sqlite_master",
    "uploads",
    "rejects",
    "departments;--",
    "JOBS",
    "jobs'",
    '"jobs"',
    "..",
    "pg_catalog.pg_class",
]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.mark.proves(
    "they come out unchanged",
    "SQL fragments, control characters, spreadsheet formulas as values",
    "values as parameters",
)
def test_values_come_out_as_they_went_in(client: Client) -> None:
    file = "".join(f"{number},{quoted(value)}\n" for number, value in enumerate(VALUES, 1))

    answer = client.upload("jobs", file, nulls="")
    again = client.upload("jobs", file, nulls="")

    assert (answer["inserted"], again["skipped"], again["conflicts"]) == (len(VALUES), len(VALUES), [])
    assert client.rows("jobs") == [[str(number), value] for number, value in enumerate(VALUES, 1)]
    assert len(client.get("/uploads")) == 2


@pytest.mark.proves(
    "they come out of rejects.csv unchanged",
    "the same as values of refused rows",
    "the refused fields as JSON",
)
def test_refused_values_come_out_as_they_went_in(client: Client) -> None:
    file = "1,a\n" + "".join(f"x,{quoted(value)}\n" for value in VALUES)

    answer = client.upload("jobs", file)
    kept = list(csv.reader(io.StringIO(client.app.get(answer["rejects_url"]).text, newline="")))

    assert [reject["code"] for reject in answer["rejects"]] == ["not_an_integer"] * len(VALUES)
    assert [row[:2] for row in kept[1:]] == [["x", value] for value in VALUES]
    assert client.rows("jobs") == [["1", "a"]]


@pytest.mark.proves(
    "404 that names the tables",
    "tables called sqlite_master, uploads, departments;-- and the like",
    "the look-up of the table's name",
)
@pytest.mark.parametrize("table", TABLES)
def test_table_is_only_one_of_the_files(client: Client, table: str) -> None:
    answer = client.app.post(f"/upload/{table}", b"1,a\n", {"Content-Type": "text/csv"}, status=404)

    assert answer.json["detail"] == f"{table} is not one of departments, hired_employees, jobs"
    assert client.app.get(f"/tables/{table}.csv", status=404).json["status"] == 404


@pytest.mark.proves(
    "404 or 405",
    "paths with .., NUL, bytes that are no UTF-8",
    "the look-up of the table's name",
)
@pytest.mark.parametrize(
    "path", ["/upload/../x", "/upload/%2e%2e%2fx", "/upload/a%00b", "/stats/%ff", "/tables/%E2%80%A8.csv"]
)
def test_strange_path_is_not_found(client: Client, path: str) -> None:
    assert client.app.get(path, status="4*").json["status"] in (404, 405)


@pytest.mark.proves(
    "it is only written down, or 400",
    "file names with paths, quotes, control characters, 10,000 letters",
    "the limit on part headers",
)
@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "C:\\\\x.csv",
        "it's.csv",
        "a;b.csv",
        "=1+1.csv",
        "naïve \U0001f4a3.csv",
        'say \\"hi\\".csv',
        "a\x01\x1b[31mb\tc.csv",
        "x" * 10_000,
    ],
)
def test_file_name_is_only_written_down(client: Client, name: str) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + name.encode() + b'"\r\n\r\n1,a\r\n--b--\r\n'
    )

    answer = client.post("jobs", body, 400 if len(name) > 8000 else 200, Content_Type="multipart/form-data; boundary=b")

    if len(name) <= 8000:
        assert client.get(f"/uploads/{answer['upload_id']}")["file_name"] == re.sub(r"\\(.)", r"\1", name)
    else:
        assert client.get("/uploads") == []


@pytest.mark.proves(
    "400 that names the parameter",
    "NUL, lone surrogates and SQL in queries",
    "the check of each parameter",
)
@pytest.mark.parametrize(
    "query", ["strict=%00", "strict=true%ff", "delimiter=%ed%a0%80", "encoding=../x", "%00=1", "year=1;--"]
)
def test_strange_query_is_named(client: Client, query: str) -> None:
    answer = client.app.post(f"/upload/jobs?{query}", b"1,a\n", {"Content-Type": "text/csv"}, status=400)

    assert "parameter" in answer.json["detail"]
    assert client.rows("jobs") == []


@pytest.mark.proves(
    "400 that names the parameter",
    "the same in the parameters of reports",
    "the check of their types",
)
@pytest.mark.parametrize("year", ["2021;--", "2021'", "1e3", "２０２１", "%00", "9" * 5000, ""])
def test_strange_parameter_of_a_report_is_named(client: Client, year: str) -> None:
    answer = client.app.get("/stats/top-departments-hired", params={"year": year}, status=400)

    assert answer.json["detail"].startswith("the parameter year")
