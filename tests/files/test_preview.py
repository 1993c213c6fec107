"""POST /preview and /preview/{table}: the start of a file in, how it would be read out, and nothing stored."""

import gzip
import hashlib
import io
import zipfile
from typing import Any

import pytest
from conftest import start_client
from hypothesis import given, settings
from hypothesis.strategies import lists, sampled_from
from web_client import Client

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # no database reads the file

MIB = 1024 * 1024

BY_NAME = [{"name": "id", "column": "id"}, {"name": "job", "column": "job"}]
BY_POSITION = [{"name": None, "column": "id"}, {"name": None, "column": "job"}]


@pytest.fixture(autouse=True)
def nothing_is_stored(client: Client) -> Any:
    """Hold every preview to it, by a row and an upload that are there before and alone behind it."""
    client.upload("jobs", "1,Dev\n")
    yield
    assert client.rows("jobs") == [["1", "Dev"]]
    assert client.rows("departments") == client.rows("hired_employees") == []
    assert [upload["upload_id"] for upload in client.get("/uploads")] == [1]


def preview(client: Client, target: str, file: str | bytes, status: int = 200, **headers: str) -> dict[str, Any]:
    """Send a file as a form, and return the answer."""
    content = file.encode() if isinstance(file, str) else file
    files = [("file", "jobs.csv", content)]
    return client.app.post(f"/preview{target}", upload_files=files, headers=headers, status=status).json


def row(line: int, *fields: str, **values: object) -> dict[str, Any]:
    return {"line": line, "fields": list(fields), "values": values, "fault": None}


def unread(line: int, *fields: str) -> dict[str, Any]:
    return {"line": line, "fields": list(fields), "values": None, "fault": None}


def fault(line: int, *fields: str, column: str | None, code: str, reason: str) -> dict[str, Any]:
    found = {"column": column, "code": code, "reason": reason}
    return {"line": line, "fields": list(fields), "values": None, "fault": found}


def test_rows_are_shown_with_their_values_or_their_faults(client: Client) -> None:
    answer = preview(client, "/jobs", 'job,id\n Clerk ,1\nCook,x\n"A, b",3.0\n4\n')

    assert answer == {
        "table": "jobs",
        "tables": ["jobs"],
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True},
        "columns": [{"name": "job", "column": "job"}, {"name": "id", "column": "id"}],
        "rows": [
            row(2, " Clerk ", "1", id=1, job="Clerk"),
            fault(3, "Cook", "x", column="id", code="not_an_integer", reason="id is not an integer: 'x'"),
            row(4, "A, b", "3.0", id=3, job="A, b"),
            fault(5, "4", column=None, code="wrong_field_count", reason="the record has 1 field where 2 are expected"),
        ],
        "hints": [],
    }


def test_options_are_those_of_an_upload(client: Client) -> None:
    target = "/hired_employees?columns=id,-,datetime&delimiter=%3B&dates=dmy&nulls=-&encoding=cp1252&header=2"

    answer = preview(client, target, "Jobs\nNo;Näme;Start\n7;Ana;27.07.2021\n8;Eva;-\n".encode("cp1252"))

    empty = {"name": None, "department_id": None, "job_id": None}
    assert answer == {
        "table": "hired_employees",
        "tables": [],
        "dialect": {"delimiter": ";", "encoding": "cp1252", "header": 2, "header_record": "No;Näme;Start"},
        "columns": [
            {"name": "No", "column": "id"},
            {"name": "Näme", "column": None},
            {"name": "Start", "column": "datetime"},
        ],
        "rows": [
            row(3, "7", "Ana", "27.07.2021", id=7, datetime="2021-07-27T00:00:00Z", **empty),
            row(4, "8", "Eva", "-", id=8, datetime=None, **empty),
        ],
        "hints": [],
    }


@pytest.mark.parametrize(
    ("file", "table", "tables"),
    [
        pytest.param("id,job\n7,Dev\n", "jobs", ["jobs"], id="a header of one table"),
        pytest.param("7,Dev\n8,Cook\n", "departments", ["departments", "jobs"], id="rows of two tables"),
        pytest.param("7,Ana,2021-07-27,1,2\n", "hired_employees", ["hired_employees"], id="rows of one table"),
        pytest.param("7,Dev\n8,Ana,2021-07-27,1,2\n9,Eva,,,\n", "hired_employees", ["hired_employees", "departments", "jobs"], id="that which takes most first"),
    ],
)  # fmt: skip
def test_table_that_a_file_fits_best_is_found(client: Client, file: str, table: str, tables: list[str]) -> None:
    answer = preview(client, "", file)

    assert (answer["table"], answer["tables"]) == (table, tables)
    assert answer == preview(client, f"/{table}", file)


def test_file_that_fits_no_table_is_shown_as_it_stands_there(client: Client) -> None:
    answer = preview(client, "", "No,Title,Grade\nx,Dev,5\n")

    assert answer == {
        "table": None,
        "tables": [],
        "dialect": {"delimiter": ",", "encoding": "utf-8"},
        "columns": [],
        "rows": [unread(1, "No", "Title", "Grade"), unread(2, "x", "Dev", "5")],
        "hints": [],
        "problem": {
            "code": "no_table_fits",
            "detail": "the file fits none of departments, hired_employees, jobs: "
            "name one, to see how it would be read into that",
        },
    }


def test_header_tells_the_table_of_a_file_whose_rows_do_not_read_yet(client: Client) -> None:
    file = "id,name,datetime,department_id,job_id\n" + "".join(f"{i},Ada,{i}/07/2021,1,2\n" for i in range(13, 20))

    answer = preview(client, "", file)

    assert (answer["table"], answer["tables"]) == ("hired_employees", [])
    assert [hint["options"] for hint in answer["hints"]] == [{"dates": "dmy"}]


def test_file_that_fits_no_table_gets_no_advice_that_is_of_one(client: Client) -> None:
    answer = preview(client, "", "".join(f"{i},Ada,{i}/07/2021,x,2\n" for i in range(13, 20)))

    assert answer["table"] is None
    assert [hint for hint in answer["hints"] if "columns" in hint["options"]] == []


def test_problem_of_a_header_is_told_beside_the_first_records(client: Client) -> None:
    file = "id,job,colour\n7,Dev,red\n"

    answer = preview(client, "/jobs", file)

    assert answer == {
        "table": "jobs",
        "tables": [],
        "dialect": {"delimiter": ",", "encoding": "utf-8"},
        "columns": [],
        "rows": [unread(1, "id", "job", "colour"), unread(2, "7", "Dev", "red")],
        "hints": [
            {"sentence": "the header fits, apart from names that are no columns", "options": {"extra": "ignore"}}
        ],
        "problem": {
            "code": "header_mismatch",
            "detail": "the header on line 1 does not fit: 'colour' is not a column. Expected, in any order: id, job",
            "ways": [
                "extra=ignore passes over what is no column",
                "columns= gives the column of each of the 3 fields in order, with commas, and - for one of none",
            ],
        },
    }


def test_problem_of_a_delimiter_is_told_with_both(client: Client) -> None:
    answer = preview(client, "/jobs", "7,0;Dev\n8,0;Clerk\n")

    assert (answer["dialect"], answer["columns"], answer["rows"]) == (None, [], [])
    assert answer["problem"]["code"] == "delimiter_not_found"
    assert [hint["options"] for hint in answer["hints"]] == [
        {"delimiter": ";", "decimal": "comma"},
        {"delimiter": ","},
    ]


@pytest.mark.parametrize("target", ["", "/jobs"])
def test_file_of_another_kind_is_named(client: Client, target: str) -> None:
    answer = preview(client, target, b"%PDF-1.7\n")

    assert answer == {
        "table": target.strip("/") or None,
        "tables": [],
        "dialect": None,
        "columns": [],
        "rows": [],
        "hints": [],
        "problem": {"code": "not_csv", "detail": "the file is a PDF, and no CSV: ask for the data as CSV"},
    }


def test_hints_are_those_of_an_upload(client: Client) -> None:
    answer = preview(client, "/hired_employees", "7,Ana,27.07.2021,1,2\n8,Eva,28.07.2021,1,NULL\n")

    assert answer["hints"] == [
        {"sentence": "2 refused timestamps are written as day, month, year, such as '27.07.2021'", "options": {"dates": "dmy"}},
        {"sentence": "an empty field may be written as NULL: in 1 refused field", "options": {"nulls": "\\N,NULL"}},
    ]  # fmt: skip


def test_header_further_down_is_shown_as_an_upload_would_refuse_it(client: Client) -> None:
    answer = preview(client, "/jobs", "id,job\n7,Dev\nid,job\n8,Cook\n")

    assert answer["rows"] == [
        row(2, "7", "Dev", id=7, job="Dev"),
        fault(3, "id,job", column=None, code="repeated_header", reason="the record is a header again"),
        row(4, "8", "Cook", id=8, job="Cook"),
    ]


def test_rows_behind_a_header_in_another_order_are_not_shown_as_sound(client: Client) -> None:
    answer = preview(client, "/jobs", "id,job\n7,Dev\njob,id\n8,9\n")

    assert [shown["line"] for shown in answer["rows"] if shown["values"]] == [2]


def test_refused_rows_are_shown_with_their_own_columns(client: Client) -> None:
    header = "\ufeffid,job,_line,_column,_code,_reason,_delimiter,_record\r\n"

    answer = preview(client, "/jobs", header + "7,Dev,1,id,not_an_integer,x,,\r\n,,2,,bad_quoting,y,;,8;Cook\r\n")

    assert answer["columns"] == BY_NAME
    assert answer["rows"] == [row(2, "7", "Dev", id=7, job="Dev"), row(3, "8", "Cook", id=8, job="Cook")]


def test_header_that_is_no_text_is_shown_with_its_bytes(client: Client) -> None:
    found = preview(client, "/jobs", "id;Größe\n1;a\n".encode("latin-1"))

    assert found["problem"]["code"] == "header_mismatch"
    assert [row["fields"] for row in found["rows"]] == [["id", r"Gr\xF6\xDFe"], ["1", "a"]]


@pytest.mark.parametrize(
    ("query", "title", "name"),
    [
        pytest.param("header=skip", b"Jobs of 2021", "Jobs of 2021", id="title"),
        pytest.param("columns=id,job", b"Jobs \xfcber alle", r"Jobs \xFCber alle", id="no text"),
    ],
)
def test_record_that_is_passed_over_may_have_fewer_fields(client: Client, query: str, title: bytes, name: str) -> None:
    found = preview(client, f"/jobs?{query}", title + b"\n5,Cook\n")

    assert found["columns"] == [{"name": name, "column": "id"}, {"name": None, "column": "job"}]
    assert found["rows"] == [row(2, "5", "Cook", id=5, job="Cook")]


PIECES = (
    b"id,job",
    b"id;job",
    b"1,a",
    b"2;b",
    b"\xf6",
    b"x\xf6,\xff",
    b'"',
    b"'",
    b",",
    b";",
    b"\\",
    b"\n",
    b"\r\n",
    b"\0",
    b"sep=\xf6",
)
WAYS = (
    "",
    "header=true",
    "header=skip",
    "header=2",
    "extra=ignore",
    "encoding=utf-16",
    "encoding=cp1252",
    "dates=unix",
    "columns=id,job",
)


def test_whatever_is_sent_is_shown(client: Client) -> None:
    @settings(max_examples=300, deadline=None)
    @given(pieces=lists(sampled_from(PIECES), max_size=8), way=sampled_from(WAYS), end=sampled_from((b"\n", b"")))
    def look(pieces: list[bytes], way: str, end: bytes) -> None:
        preview(client, f"/jobs?{way}", end.join(pieces))

    look()


def test_first_twenty_rows_are_shown(client: Client) -> None:
    answer = preview(client, "/jobs", "".join(f"{number},Job\n" for number in range(1, 200)))

    assert [shown["line"] for shown in answer["rows"]] == list(range(1, 21))
    assert answer["columns"] == BY_POSITION


NOISE = hashlib.shake_256(b"noise").digest(1_500_000).hex()
LONG = "id,_note,job\n" + "".join(f"{i},{NOISE[i * 5000 : i * 5000 + 5000]},Job {i}\n" for i in range(1, 300))
"""A file whose records are so long that the last one of its start is among those that are shown."""


def zipped(*names: str, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as writer:
        for name in names:
            writer.writestr(name, LONG)
    return archive.getvalue()


def streamed(*files: tuple[str, bytes]) -> bytes:
    """Return a zip as one is written that cannot go back: the size of a file stands behind it (APPNOTE 4.3.9)."""

    class Stream(io.RawIOBase):
        written = b""

        def write(self, content: Any) -> int:
            self.written += bytes(content)
            return len(content)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in files:
            writer.writestr(name, content)
    return stream.written


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(LONG.encode()[:72_000], id="as it is"),
        pytest.param(gzip.compress(LONG.encode())[:40_000], id="of a gzip"),
        pytest.param(zipped("jobs.csv")[:70_000], id="of a zip"),
        pytest.param(zipped("jobs.csv", method=zipfile.ZIP_STORED)[:70_000], id="of a zip that packs nothing"),
        pytest.param(zipped("jobs/jobs.csv", "__MACOSX/jobs.csv")[:70_000], id="of a zip of a Mac"),
    ],
)
def test_start_alone_is_read_as_far_as_it_goes_without_the_record_that_is_cut(client: Client, start: bytes) -> None:
    answer = preview(client, "/jobs", start)

    shown = [shown["values"] for shown in answer["rows"]]
    assert 10 <= len(shown) <= 20
    assert shown == [{"id": number, "job": f"Job {number}"} for number in range(1, len(shown) + 1)]
    assert (answer["tables"], answer["hints"]) == (["jobs"], [])


def test_last_record_of_a_short_file_is_no_start(client: Client) -> None:
    answer = preview(client, "/jobs", "7,Dev\n8")

    assert [shown["line"] for shown in answer["rows"]] == [1, 2]


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(gzip.compress(b"7,Dev\n"), id="gzip"),
        pytest.param(zipped("jobs.csv"), id="zip"),
        pytest.param(streamed((".DS_Store", b"x" * 100), ("jobs.csv", b"7,Dev\n")), id="zip of a Mac"),
        pytest.param(gzip.compress(LONG.encode()), id="long gzip"),
    ],
)
def test_whole_archive_that_is_small_enough_is_read(client: Client, packed: bytes) -> None:
    answer = preview(client, "/jobs", packed[:MIB])

    assert "problem" not in answer
    assert answer["rows"]
    assert all(shown["values"] for shown in answer["rows"])


def test_workbook_is_named_by_its_start(client: Client) -> None:
    answer = preview(client, "/jobs", zipped("[Content_Types].xml", "xl/workbook.xml")[:70_000])

    assert answer["problem"]["code"] == "not_csv"


@pytest.mark.parametrize("kind", ["text/csv", "multipart/form-data; boundary=b"])
def test_start_of_more_than_a_mebibyte_is_too_large(client: Client, kind: str) -> None:
    answer = client.app.post("/preview/jobs", b"7,Dev\n" * 200_000, {"Content-Type": kind}, status=413)

    assert (answer.json["code"], answer.json["title"]) == ("file_too_large", "Content Too Large")
    assert "MAX_UPLOAD_BYTES" not in answer.json["detail"]  # no setting makes a preview take more


def test_start_that_unpacks_to_more_than_a_mebibyte_is_read_no_further(client: Client) -> None:
    answer = preview(client, "/jobs", gzip.compress(b"7,Dev\n" * 20_000_000))

    assert answer["rows"][0] == row(1, "7", "Dev", id=7, job="Dev")


def test_unknown_table_is_named(client: Client) -> None:
    answer = preview(client, "/cats", "7,Dev\n", status=404)

    assert (answer["code"], answer["detail"]) == (
        "unknown_table",
        "cats is not one of departments, hired_employees, jobs",
    )


@pytest.mark.parametrize(
    ("target", "detail"),
    [
        pytest.param("/jobs?x=1", "the parameter x is not one of atomic, columns, dates, decimal, delimiter, dry_run, encoding, escape, extra, header, max_rejects, nulls, on_conflict, strict, timezone", id="unknown"),
        pytest.param("/jobs?columns=id", "the parameter columns is without job, which every row must have", id="columns"),
        pytest.param("?columns=id,job", "the parameter columns is not one of atomic, dates, decimal, delimiter, dry_run, encoding, escape, extra, header, max_rejects, nulls, on_conflict, strict, timezone", id="columns of no table"),
    ],
)  # fmt: skip
def test_bad_option_is_named(client: Client, target: str, detail: str) -> None:
    answer = preview(client, target, "7,Dev\n", status=400)

    assert (answer["code"], answer["detail"]) == ("bad_parameter", detail)


@pytest.mark.parametrize("target", ["", "/jobs"])
def test_token_for_reading_may_look_and_no_token_may_not(settings: dict[str, str], target: str) -> None:
    guarded = start_client(settings | {"API_TOKEN": "correct-horse-battery", "API_READ_TOKEN": "staple-horse-battery"})

    looked = preview(guarded, target, "id,job\n7,Dev\n", Authorization="Bearer staple-horse-battery")
    wrote = preview(guarded, target, "id,job\n7,Dev\n", Authorization="Bearer correct-horse-battery")
    refused = preview(guarded, target, "id,job\n7,Dev\n", status=401)

    assert looked == wrote
    assert looked["rows"] == [row(2, "7", "Dev", id=7, job="Dev")]
    assert refused["code"] == "no_token"


def test_page_of_another_site_may_not_look(client: Client) -> None:
    answer = preview(client, "/jobs", "7,Dev\n", status=403, Origin="http://evil.example")

    assert answer["code"] == "foreign_page"
