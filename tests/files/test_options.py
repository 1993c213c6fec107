"""strict, atomic, dry_run, delimiter, encoding: what a caller may choose for one upload."""

import gzip
import io
import os
import zipfile

import pytest
from conftest import start_client
from web_client import Client

HIRE = "{},Ana,2021-07-27T16:02:08Z,{},{}\n"


@pytest.fixture
def client(client: Client) -> Client:
    client.upload("departments", "1,Sales\n2,Legal\n")
    client.upload("jobs", "1,Clerk\n")
    return client


def codes(answer: dict) -> list[tuple[int, str, str]]:
    return [(reject["line"], reject["column"], reject["code"]) for reject in answer["rejects"]]


def test_strict_refuses_empty_fields_and_unknown_references(client: Client) -> None:
    file = "1,,,,\n" + HIRE.format(2, 9, 1) + HIRE.format(3, 1, 9) + HIRE.format(4, 1, 1) + HIRE.format(5, "", 1)

    answer = client.upload("hired_employees", file, strict="true")

    assert codes(answer) == [
        (1, "name", "missing_value"),
        (2, "department_id", "unknown_reference"),
        (3, "job_id", "unknown_reference"),
        (5, "department_id", "missing_value"),
    ]
    assert answer["rejects"][1]["reason"] == "department_id is 9, an id that is not stored"
    assert [row[0] for row in client.rows("hired_employees")] == ["4"]


def test_row_with_several_faults_is_refused_for_the_first_rule_it_breaks(client: Client) -> None:
    answer = client.upload(
        "hired_employees", HIRE.format(1, 9, "x") + HIRE.format(2, 9, 9) + HIRE.format(3, 1, 1), strict="true"
    )

    assert codes(answer) == [(1, "job_id", "not_an_integer"), (2, "department_id", "unknown_reference")]


def test_strict_upload_of_a_table_without_references_checks_empty_fields(client: Client) -> None:
    assert client.upload("departments", "3,Law\n", strict="true")["inserted"] == 1


def test_refused_row_of_a_strict_upload_does_not_count_as_the_first_of_its_id(client: Client) -> None:
    answer = client.upload("hired_employees", HIRE.format(1, 9, 1) + HIRE.format(1, 1, 1), strict="true")

    assert (answer["inserted"], answer["skipped"], answer["rejected"]) == (1, 0, 1)


@pytest.mark.parametrize("strict", ["true", "false"])
def test_upload_that_is_not_strict_takes_what_a_strict_one_refuses(client: Client, strict: str) -> None:
    answer = client.upload(
        "hired_employees", "1,,,,\n" + HIRE.format(2, 9, 9), 422 if strict == "true" else 200, strict=strict
    )

    assert answer["rejected"] == (2 if strict == "true" else 0)


def test_atomic_upload_without_a_refused_row_is_stored(settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "2"})
    file = "".join(f"{i},a\n" for i in [1, 2, 3, 1, 4, 3, 5])

    answer = client.upload("departments", file, atomic="true")

    assert (answer["inserted"], answer["skipped_duplicates"]) == (5, [1, 3])
    upload = client.get("/uploads/1")
    assert (upload["status"], upload["inserted"], upload["options"]) == ("finished", 5, {"atomic": True})


def test_atomic_upload_with_a_refused_row_stores_nothing_but_its_account(settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "2"})

    answer = client.upload("departments", "1,a\n2,b\n3,c\n1,a\n5,\n6,f\n", status=422, atomic="true")

    assert (answer["read"], answer["inserted"], answer["skipped"], answer["rejected"]) == (6, 4, 1, 1)
    assert answer["detail"] == "of 6 records 1 did not fit, the first in line 5: department is empty"
    upload = client.get("/uploads/1")
    assert (upload["status"], upload["reason"], upload["rejected"]) == ("refused", answer["detail"], 1)
    assert client.app.get("/uploads/1/rejects.csv").text.splitlines()[1:] == [
        "5,,5,department,missing_value,department is empty,,"
    ]


def test_atomic_upload_with_too_many_refused_rows_stops_and_stores_nothing(settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "2", "MAX_REJECTS": "1"})

    answer = client.upload("departments", "1,a\n2,b\nx,\ny,\n3,c\n", status=422, atomic="true")

    assert (answer["read"], answer["rejected"]) == (4, 2)
    assert client.get("/uploads/1")["status"] == "stopped"


@pytest.mark.parametrize("atomic", ["true", "false"])
@pytest.mark.parametrize("strict", ["true", "false"])
@pytest.mark.parametrize("refused", [True, False])
def test_dry_run_answers_as_the_real_one_and_stores_nothing(
    settings: dict[str, str], atomic: str, strict: str, refused: bool
) -> None:
    client = start_client(settings | {"BATCH_ROWS": "2"})
    file = "".join(f"{i},a\n" for i in [1, 2, 3, 1, 4, 3, 5]) + ("6,\n" if refused else "")

    dry = client.upload("departments", file, status=None, atomic=atomic, strict=strict, dry_run="true")
    assert client.rows("departments") == []
    real = client.upload("departments", file, status=None, atomic=atomic, strict=strict)

    urls = {"ids_url": "/uploads/1/ids.csv", "rejects_url": "/uploads/1/rejects.csv"}
    assert dry == {**real, "dry_run": True, "upload_id": 1, **urls}
    assert (real["dry_run"], real["rejects_url"]) == (False, "/uploads/2/rejects.csv")
    first, second = client.get("/uploads/1"), client.get("/uploads/2")
    for name in ("status", "reason", "read", "inserted", "skipped", "rejected", "conflicts"):
        assert first[name] == second[name]
    assert client.app.get("/uploads/1/rejects.csv").body == client.app.get("/uploads/2/rejects.csv").body


@pytest.mark.parametrize(
    ("given", "mark"), [("%2C", ","), (",", ","), ("%3B", ";"), ("%09", "\t"), ("tab", "\t"), ("%7C", "|"), ("|", "|")]
)
def test_delimiter_can_be_given(client: Client, given: str, mark: str) -> None:
    other = ";" if mark != ";" else ","

    answer = client.upload_to(f"jobs?delimiter={given}", f"7{mark}a{other}b\n")

    assert answer["dialect"]["delimiter"] == mark
    assert client.rows("jobs")[-1] == ["7", f"a{other}b"]


@pytest.mark.parametrize(
    ("file", "delimiter"),
    [
        pytest.param("7;a\n", ";", id="semicolon"),
        pytest.param("7\ta, b\n", "\t", id="tab with commas in a field"),
        pytest.param("7|a\n", "|", id="pipe"),
        pytest.param('7;"a;b"\n', ";", id="delimiter in quotes"),
        pytest.param("7,a;b\n", ",", id="comma first"),
        pytest.param("job;id\na;7\n", ";", id="header in another order"),
        pytest.param("_x\tid\tjob\n1\t7\ta\n", "\t", id="header with a name that is passed over"),
        pytest.param("8\n\n7;a\n", ";", id="record after others"),
    ],
)
def test_delimiter_is_found(client: Client, file: str, delimiter: str) -> None:
    answer = client.upload("jobs", file)

    assert answer["dialect"]["delimiter"] == delimiter
    assert [row[0] for row in client.rows("jobs")] == ["1", "7"]


def test_header_that_does_not_fit_is_named_whatever_its_delimiter(client: Client) -> None:
    answer = client.upload("jobs", "id;title\n7;a\n", status=422)

    assert answer["dialect"]["delimiter"] == ";"
    assert answer["detail"] == (
        "the header on line 1 does not fit: 'title' is not a column; 'job' is missing. "
        "Expected, in any order: id, job. "
        "columns= gives the column of each of the 2 fields in order, with commas, and - for one of none; "
        "header=skip passes over this record and reads the others by position; header=false takes it for a row."
    )


@pytest.mark.parametrize(
    ("given", "codec", "reported"),
    [
        ("utf-8", "utf-8", "utf-8"),
        ("UTF8", "utf-8", "utf-8"),
        ("utf-16", "utf-16-le", "utf-16"),
        ("latin-1", "cp1252", "cp1252"),
        ("iso-8859-1", "cp1252", "cp1252"),
        ("iso-8859-15", "iso-8859-15", "iso8859-15"),
        ("cp1250", "cp1250", "cp1250"),
        ("windows-1252", "cp1252", "cp1252"),
        ("mac-roman", "mac-roman", "mac-roman"),
    ],
)
def test_encoding_can_be_given(client: Client, given: str, codec: str, reported: str) -> None:
    answer = client.upload("jobs", "7,Zoë Müller\n".encode(codec), encoding=given)

    assert answer["dialect"]["encoding"] == reported
    assert client.rows("jobs")[-1] == ["7", "Zoë Müller"]


def test_latin_1_is_read_as_cp1252(client: Client) -> None:
    answer = client.upload("jobs", b"7,5 \x80 \x96 \x93Ost\x94\n8,\x81\n", encoding="latin-1")

    assert codes(answer) == [(2, None, "undecodable")]
    assert client.rows("jobs")[-1] == ["7", "5 € – “Ost”"]


@pytest.mark.parametrize(
    "name",
    ["unicode_escape", "utf-7", "utf-32", "utf-8-sig", "rot13", "idna", "cp437", "no such", "x" * 99, "a\0b", ""],
)
def test_other_encodings_are_not_taken(client: Client, name: str) -> None:
    answer = client.upload("jobs", "7,a\n", status=400, encoding=name)

    shown = name if len(name) <= 60 else f"{name[:60]}..."
    assert answer["detail"] == (
        f"the parameter encoding is {shown!r}, which is not one of utf-8, utf-16, latin-1, iso-8859-*, cp125*, mac-roman"
    )


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_byte_order_mark_counts_more_than_the_encoding_given(client: Client, codec: str) -> None:
    answer = client.upload("jobs", "7,Zoë\n".encode(codec), encoding="latin-1")

    assert answer["dialect"]["encoding"] == codec.removesuffix("-sig")
    assert client.rows("jobs")[-1] == ["7", "Zoë"]


@pytest.mark.parametrize("codec", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_refused_by_its_mark(client: Client, codec: str) -> None:
    answer = client.upload(
        "jobs", "\ufeff7,a\n".encode(codec) if codec != "utf-32" else "7,a\n".encode(codec), status=422
    )

    assert answer["detail"] == "the file begins with the byte order mark of utf-32: save it as utf-8 or utf-16"


def test_spreadsheet_is_refused_as_such(client: Client) -> None:
    workbook = io.BytesIO()
    with zipfile.ZipFile(workbook, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")

    answer = client.upload("jobs", workbook.getvalue(), status=422)

    assert (answer["code"], answer["detail"]) == (
        "not_csv",
        "the file is a workbook (.xlsx or .ods) or another document: save its sheet as CSV",
    )


def members(*texts: bytes) -> bytes:
    return b"".join(map(gzip.compress, texts))


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(members(b"7,a\n8,b\n"), id="one member"),
        pytest.param(members(b"7,a\n8", b",b\n"), id="two members"),
        pytest.param(members(b"7,a\n8,b\n") + b"\0" * 600, id="padded with zeros"),
        pytest.param(members(b"", b"7,a\n8,b\n", b""), id="empty members"),
    ],
)
def test_gzip_is_known_by_its_first_bytes(client: Client, file: bytes) -> None:
    answer = client.upload("jobs", file)

    assert answer["inserted"] == 2
    assert client.get(f"/uploads/{answer['upload_id']}")["bytes"] == len(file)


def test_large_gzip_is_unpacked_whole(client: Client) -> None:
    file = "".join(f"{i},{'x' * (i % 900)}y\n" for i in range(5000)).encode()

    answer = client.post("jobs", gzip.compress(file), Content_Type="text/csv", Content_Encoding="gzip")

    assert (answer["read"], answer["skipped_duplicates"]) == (5000, [1])
    assert ["4999", "x" * (4999 % 900) + "y"] in client.rows("jobs")


def test_form_may_be_gzip_as_a_whole(client: Client) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n7,a\r\n--b--\r\n'

    answer = client.post(
        "jobs", gzip.compress(body), Content_Type="multipart/form-data; boundary=b", Content_Encoding="gzip"
    )

    assert answer["inserted"] == 1


@pytest.mark.parametrize(
    ("file", "detail"),
    [
        pytest.param(members(b"7,a\n" * 1000)[:-1], "the gzip data ends early; nothing is stored", id="cut in its checksum"),
        pytest.param(members(b"7,a\n" * 1000)[:20], "the gzip data ends early; nothing is stored", id="cut in its middle"),
        pytest.param(b"\x1f\x8b", "the gzip data ends early; nothing is stored", id="two bytes"),
        pytest.param(b"\x1f\x8b1,a\n", "the gzip data is damaged; nothing is stored", id="no gzip"),
        pytest.param(members(b"7,a\n") + b"8,b\n", "the gzip data is damaged; nothing is stored", id="text behind it"),
        pytest.param(members(b"7,a\n")[:-6] + b"\xff" * 6, "the gzip data is damaged; nothing is stored", id="wrong checksum"),
    ],
)  # fmt: skip
def test_damaged_gzip_stores_nothing(client: Client, file: bytes, detail: str) -> None:
    assert client.upload("jobs", file, status=400)["detail"] == detail
    assert client.post("jobs", file, status=400, Content_Type="text/csv")["detail"] == detail
    assert len(client.get("/uploads")) == 2


def test_body_that_is_called_gzip_and_is_none_is_refused(client: Client) -> None:
    answer = client.post("jobs", b"7,a\n", status=400, Content_Type="text/csv", Content_Encoding="gzip")

    assert answer["detail"] == "the gzip data is damaged; nothing is stored"


def test_other_content_encoding_is_refused(client: Client) -> None:
    answer = client.post("jobs", b"7,a\n", status=415, Content_Type="text/csv", Content_Encoding="br")

    assert answer["detail"] == "the Content-Encoding is br: expected gzip or none"


def test_gzip_that_unpacks_to_too_much_stores_nothing(settings: dict[str, str]) -> None:
    client = start_client(settings | {"MAX_UPLOAD_BYTES": "1000000"})
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        for _ in range(64):
            file.write(b"\n" * 1_000_000)

    bomb = client.upload("jobs", packed.getvalue(), status=413)
    form = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + b"\n" * 64_000_000 + b"\r\n--b--\r\n"
    unpacked_form = client.post(
        "jobs", gzip.compress(form), status=413, Content_Type="multipart/form-data; boundary=b", Content_Encoding="gzip"
    )

    assert bomb["detail"] == "the file is larger than 1000000 bytes (MAX_UPLOAD_BYTES)"
    assert "MAX_UPLOAD_BYTES" in unpacked_form["detail"]


def test_incompressible_gzip_is_unpacked_whole(client: Client) -> None:
    file = b"7," + os.urandom(100_000).hex().encode() + b"\n8,b\n"

    answer = client.upload("jobs", gzip.compress(file))

    assert (answer["inserted"], codes(answer)) == (1, [(1, "job", "too_long")])
