"""GET /uploads/{id}/rejects.csv: the refused rows in full, to be corrected and sent again."""

import codecs
import csv
import io

from conftest import start_client
from web_client import Client


def rejects(client: Client, answer: dict) -> list[dict[str, str]]:
    """Return the refused rows of an upload by the names of their columns."""
    response = client.app.get(answer["rejects_url"])
    assert response.content_type == "text/csv"
    assert response.body.startswith(codecs.BOM_UTF8)
    return list(
        csv.DictReader(
            io.StringIO(response.body.decode("utf-8-sig"), newline=""), delimiter=answer["dialect"]["delimiter"]
        )
    )


def test_fields_are_given_back_as_they_were_sent(client: Client) -> None:
    answer = client.upload("hired_employees", '1,"Roe, ""A""\r\n ",27/07/2021, 2 ,96.0\n2,Eva,,,\n')

    assert client.app.get("/uploads/1/rejects.csv").body == (
        b"\xef\xbb\xbfid,name,datetime,department_id,job_id,_line,_column,_code,_reason,_delimiter,_record\r\n"
        b'1,"Roe, ""A""\r\n ",27/07/2021, 2 ,96.0,1,datetime,not_a_timestamp,'
        b"datetime is not an ISO 8601 timestamp such as 2021-07-27T16:02:08Z: '27/07/2021',,\r\n"
    )
    assert answer["inserted"] == 1


def test_record_that_cannot_be_split_is_given_back_as_text(client: Client) -> None:
    answer = client.upload("departments", b'1,a,b\n2,5" pipe\n3,caf\xe9\n4,back\\slash\\xE9,\n5,e\n')

    kept = ("id", "_line", "_code", "_delimiter", "_record")
    assert [tuple(row[name] for name in kept) for row in rejects(client, answer)] == [
        ("", "1", "wrong_field_count", ",", "1,a,b"),
        ("", "2", "bad_quoting", ",", '2,5" pipe'),
        ("", "3", "undecodable", ",", "3,caf\\xE9"),
        ("", "4", "wrong_field_count", ",", "4,back\\\\slash\\\\xE9,"),
    ]


def test_file_of_refused_rows_is_refused_again_for_the_same_reasons(client: Client) -> None:
    sent = b'1,a,b\n2,5" pipe\n3,caf\xe9\n4,back\\slash\\xE9,\nx,y\n6,\n7,a\0b\n8,ok\n'
    first = client.upload("departments", sent)

    again = client.upload("departments", client.app.get(first["rejects_url"]).body, status=422)

    def reasons(answer: dict) -> list[tuple[str, ...]]:
        return [
            tuple(row[name] for name in ("_column", "_code", "_reason", "_record")) for row in rejects(client, answer)
        ]

    assert reasons(again) == reasons(first)
    assert len(reasons(first)) == 7


def test_corrected_rows_upload_as_they_are(client: Client) -> None:
    first = client.upload("departments", b"9,Ops\nx,Sales\n2,Le,gal\n3,caf\xe9\n")
    file = client.app.get(first["rejects_url"]).body.decode()

    corrected = (
        file.replace("x,Sales", "1,Sales").replace('"2,Le,gal"', '"2,""Le,gal"""').replace("caf\\xE9", "café \\\\o/")
    )
    answer = client.upload("departments", corrected)

    assert (answer["inserted"], answer["rejected"]) == (3, 0)
    assert client.rows("departments") == [["1", "Sales"], ["2", "Le,gal"], ["3", "café \\o/"], ["9", "Ops"]]


def test_rows_of_another_encoding_are_corrected_and_sent_with_the_same_options(client: Client) -> None:
    first = client.upload("departments", "2,Ana\nx,Zoë\n".encode("cp1252"), encoding="cp1252")
    file = client.app.get(first["rejects_url"]).body

    answer = client.upload("departments", file.replace(b"x,", b"1,", 1), encoding="cp1252")

    assert (answer["inserted"], answer["dialect"]["encoding"]) == (1, "utf-8")
    assert client.rows("departments") == [["1", "Zoë"], ["2", "Ana"]]


def test_kept_record_is_passed_over_where_the_row_has_columns_of_its_own(client: Client) -> None:
    header = "id,department,_line,_column,_code,_reason,_delimiter,_record\n"

    answer = client.upload("departments", header + '1,Sales,,,,,,"2,Legal"\n,,,,,,,"3,Law"\n')

    assert answer["inserted"] == 2
    assert client.rows("departments") == [["1", "Sales"], ["3", "Law"]]


def test_refused_rows_keep_the_columns_and_delimiter_of_their_file(client: Client) -> None:
    file = "job_id;_note;ID\n7;first;x\n8;9\n;second;2\n"

    first = client.upload("hired_employees", file)

    assert client.app.get(first["rejects_url"]).text.splitlines() == [
        "\ufeffjob_id;_note;ID;_line;_column;_code;_reason;_delimiter;_record",
        "7;first;x;2;id;not_an_integer;id is not an integer: 'x';;",
        ';;;3;;wrong_field_count;the record has 2 fields where 3 are expected;";";"8;9"',
    ]
    again = client.upload("hired_employees", client.app.get(first["rejects_url"]).body, status=422)
    assert [reject["reason"] for reject in again["rejects"]] == [reject["reason"] for reject in first["rejects"]]
    corrected = client.app.get(again["rejects_url"]).text.replace("7;first;x", "7;first;1").replace('"8;9"', '"8;;9"')
    assert client.upload("hired_employees", corrected)["inserted"] == 2
    assert client.rows("hired_employees") == [["1", "", "", "", "7"], ["2", "", "", "", ""], ["9", "", "", "", "8"]]


def test_all_refused_rows_are_there_not_just_the_first_hundred(settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "7"})

    answer = client.upload("departments", "1,a\n" + "x,y\n" * 333)

    assert [row["_line"] for row in rejects(client, answer)] == [str(line) for line in range(2, 335)]


def test_refused_rows_of_a_stopped_upload_are_there(settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "10", "MAX_REJECTS": "5"})

    answer = client.upload("departments", "1,a\n" + "x,y\n" * 30, status=422)

    assert [row["_line"] for row in rejects(client, answer)] == [str(line) for line in range(2, 11)]


def test_upload_without_refused_rows_has_a_file_with_a_header_alone(client: Client) -> None:
    answer = client.upload("departments", "1,a\n")

    assert client.app.get(answer["rejects_url"]).text == (
        "\ufeffid,department,_line,_column,_code,_reason,_delimiter,_record\r\n"
    )


def test_unknown_upload_has_no_refused_rows(client: Client) -> None:
    assert (
        client.get("/uploads/3/rejects.csv", status=404)["detail"]
        == "3 is not the number of an upload: there is none yet"
    )


def test_answer_shows_the_beginning_of_a_long_record_and_the_file_all_of_it(client: Client) -> None:
    answer = client.upload("departments", "1,a\n2," + "x" * 5000 + ",\n")

    assert answer["rejects"][0]["record"] == "2," + "x" * 998 + "..."
    assert rejects(client, answer)[0]["_record"] == "2," + "x" * 5000 + ","


def test_row_of_refused_rows_that_lost_a_field_is_refused(client: Client) -> None:
    first = client.upload("departments", "1,b\nx,a\n")
    file = client.app.get(first["rejects_url"]).text

    again = client.upload("departments", file.replace("x,a,", "2,a,,"), status=422)

    assert again["rejects"][0]["reason"] == "the record has 9 fields where 8 are expected"
