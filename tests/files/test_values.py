"""Values: what a field of each type may hold, how it is stored, and with which code it is refused otherwise."""

import csv
import io

import pytest
from web_client import Client

INTEGERS = [
    ("96", "96"),
    ("96.0", "96"),
    ("96.00", "96"),
    ("+7", "7"),
    ("-7", "-7"),
    ("-0", "0"),
    ("007", "7"),
    (" \t7\t ", "7"),
    ('" 7 "', "7"),
    ("9223372036854775807", "9223372036854775807"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("0" * 5000 + "5", "5"),
    ("", ""),
    ('""', ""),
    ("  ", ""),
    ("\\N", ""),
    (" \\N ", ""),
]

BAD_INTEGERS = [
    ("abc", "not_an_integer"),
    ("1_000", "not_an_integer"),
    ("１２", "not_an_integer"),
    ("1e3", "not_an_integer"),
    ("12.5", "not_an_integer"),
    ("12.000", "not_an_integer"),
    ("12.", "not_an_integer"),
    ('"96,0"', "not_an_integer"),
    (".0", "not_an_integer"),
    ("-", "not_an_integer"),
    ("+-1", "not_an_integer"),
    ("- 1", "not_an_integer"),
    ("\u00a07", "not_an_integer"),
    ("7\x0b", "not_an_integer"),
    ("²", "not_an_integer"),
    ("NULL", "not_an_integer"),
    ("7\x00", "not_an_integer"),
    ('"7\n"', "not_an_integer"),
    ('"1\n2"', "not_an_integer"),
    ("9223372036854775808", "out_of_range"),
    ("-9223372036854775809", "out_of_range"),
    ("9" * 5000, "out_of_range"),
]

TIMESTAMPS = [
    ("2021-07-27T16:02:08Z", "2021-07-27T16:02:08Z"),
    ("2021-07-27 16:02:08", "2021-07-27T16:02:08Z"),
    ("2021-07-27T16:02:08", "2021-07-27T16:02:08Z"),
    ("2021-07-27T16:02", "2021-07-27T16:02:00Z"),
    ("2021-07-27", "2021-07-27T00:00:00Z"),
    ("2021-07-27T16:02:08+02:00", "2021-07-27T14:02:08Z"),
    ("2021-07-27T16:02:08-0530", "2021-07-27T21:32:08Z"),
    ("2021-07-27 16:02:08 +0200", "2021-07-27T14:02:08Z"),
    ("2021-07-27 16:02:08 Z", "2021-07-27T16:02:08Z"),
    ("2022-01-01T00:30:00+01", "2021-12-31T23:30:00Z"),
    ("2021-07-27T16:02:08.5Z", "2021-07-27T16:02:08.5Z"),
    ("2021-07-27T16:02:08.120000Z", "2021-07-27T16:02:08.12Z"),
    ("2021-07-27T16:02:08.000", "2021-07-27T16:02:08Z"),
    ('"2021-07-27T16:02:08,123456"', "2021-07-27T16:02:08.123456Z"),
    ("2020-02-29T00:00:00Z", "2020-02-29T00:00:00Z"),
    ("2021-07-27T16:02:08.1234560Z", "2021-07-27T16:02:08.123456Z"),
    ("2021-07-27 16:02:08.0000000", "2021-07-27T16:02:08Z"),
    ("2021-07-27 16:02:08.120000000", "2021-07-27T16:02:08.12Z"),
    ("2021-07-27 16:02:08 UTC", "2021-07-27T16:02:08Z"),
    ("2021-07-27T16:02UTC", "2021-07-27T16:02:00Z"),
    ("2021-07-27T23:59:00+23:59", "2021-07-27T00:00:00Z"),
    ("2021-07-27T00:00:00-2359", "2021-07-27T23:59:00Z"),
    ("1000-01-01T00:00:00Z", "1000-01-01T00:00:00Z"),
    ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ("0999-12-31T23:30:00-01:00", "1000-01-01T00:30:00Z"),
    (" 2021-07-27 ", "2021-07-27T00:00:00Z"),
    ("", ""),
    ("\\N", ""),
]

BAD_TIMESTAMPS = [
    ("20210102", "not_a_timestamp"),
    ("2021-W01-1", "not_a_timestamp"),
    ("2021-02-29T00:00:00Z", "not_a_timestamp"),
    ("2021-13-01T00:00:00Z", "not_a_timestamp"),
    ("2021-07-27T24:00:00Z", "not_a_timestamp"),
    ("2021-07-27T23:60:00Z", "not_a_timestamp"),
    ("2021-07-27T23:59:60Z", "not_a_timestamp"),
    ("2021-07-27T16:02:08.1234567Z", "not_a_timestamp"),
    ("2021-07-27T16:02:08.000000001Z", "not_a_timestamp"),
    ("2021-07-27T16:02:08.1234560000Z", "not_a_timestamp"),
    ("2021-07-27T16:02:08.Z", "not_a_timestamp"),
    ("2021-07-27T16:02:08+24:00", "not_a_timestamp"),
    ("2021-07-27T16:02:08+02:80", "not_a_timestamp"),
    ("2021-07-27T16:02:08-0260", "not_a_timestamp"),
    ("2021-07-27T16:02:08+2", "not_a_timestamp"),
    ("2021-07-27 16:02:08 utc", "not_a_timestamp"),
    ("2021-07-27 16:02:08  UTC", "not_a_timestamp"),
    ("2021-07-27 16:02:08  Z", "not_a_timestamp"),
    ("2021-07-27 Z", "not_a_timestamp"),
    ("2021-07-27 16:02:08 GMT", "not_a_timestamp"),
    ("2021-07-27 UTC", "not_a_timestamp"),
    ("2021-07-27  16:02:08", "not_a_timestamp"),
    ("2021-07-27t16:02:08z", "not_a_timestamp"),
    ("2021-07-27T16:02:08+25:00", "not_a_timestamp"),
    ("2021-07-27T16", "not_a_timestamp"),
    ("２021-07-27", "not_a_timestamp"),
    ("27/07/2021", "not_a_timestamp"),
    ("1627401728", "not_a_timestamp"),
    ('"2021-07-27T16:02:08Z\n"', "not_a_timestamp"),
    ("0000-01-01", "out_of_range"),
    ("0999-12-31T23:59:59Z", "out_of_range"),
    ("1000-01-01T00:30:00+01:00", "out_of_range"),
    ("0001-01-01T00:00+01:00", "out_of_range"),
    ("9999-12-31T23:59:59-01:00", "out_of_range"),
]

TEXTS = [
    ("Ana", "Ana"),
    (" Ana\t", "Ana"),
    ('"  Ana  "', "Ana"),
    ("NULL", "NULL"),
    ("NA", "NA"),
    ("\u00a0Ana\u00a0", "\u00a0Ana\u00a0"),
    ("=1+1", "=1+1"),
    ("x" * 1000, "x" * 1000),
    (" " * 1000 + "x", "x"),
    ("\U0001f600" * 1000, "\U0001f600" * 1000),
    ("", ""),
    (" \t ", ""),
    ("\\N", ""),
    ('" \\N"', ""),
    ("\\n", "\\n"),
]

BAD_TEXTS = [
    ("x" * 1001, "too_long"),
    ("a\x00b", "nul_character"),
]


def good(column: int, cases: list[tuple[str, str]]) -> list[object]:
    return [pytest.param(column, sent, stored, id=f"{sent[:40]!r}") for sent, stored in cases]


@pytest.mark.parametrize(("column", "sent", "stored"), [*good(3, INTEGERS), *good(2, TIMESTAMPS), *good(1, TEXTS)])
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside another"])
def test_value_is_stored_in_its_one_form(client: Client, column: int, sent: str, stored: str, beside: bool) -> None:
    fields = ["1", "", "", "", ""]
    fields[column] = sent
    other = "2,n,odd,1,1\n2,n,2021-01-01T00:00:00+01:00,-1,+1\n" if beside else ""

    client.upload("hired_employees", ",".join(fields) + "\n" + other)

    assert client.rows("hired_employees")[0][column] == stored


def bad(column: int, cases: list[tuple[str, str]]) -> list[object]:
    return [pytest.param(column, sent, code, id=f"{sent[:40]!r}") for sent, code in cases]


@pytest.mark.parametrize(
    ("column", "sent", "code"), [*bad(3, BAD_INTEGERS), *bad(2, BAD_TIMESTAMPS), *bad(1, BAD_TEXTS)]
)
def test_value_that_its_type_does_not_hold_is_refused(client: Client, column: int, sent: str, code: str) -> None:
    fields = ["1", "Ana", "2021-01-01", "2", "3"]
    fields[column] = sent

    answer = client.upload("hired_employees", ",".join(fields) + "\n2,Eva,2021-01-01T00:00:00Z,2,3\n")

    names = ["id", "name", "datetime", "department_id", "job_id"]
    assert [(reject["column"], reject["code"]) for reject in answer["rejects"]] == [(names[column], code)]
    assert [row[0] for row in client.rows("hired_employees")] == ["2"]


def test_required_column_may_not_be_empty(client: Client) -> None:
    answer = client.upload("departments", "1,\n,Sales\n3, \n4,Legal\n")

    assert [(r["line"], r["column"], r["code"], r["reason"]) for r in answer["rejects"]] == [
        (1, "department", "missing_value", "department is empty"),
        (2, "id", "missing_value", "id is empty"),
        (3, "department", "missing_value", "department is empty"),
    ]


def test_incomplete_hire_is_stored_with_nulls(client: Client) -> None:
    client.upload("hired_employees", "1,,,,\n")

    assert client.rows("hired_employees") == [["1", "", "", "", ""]]


def test_record_is_refused_for_the_first_column_at_fault(client: Client) -> None:
    answer = client.upload("hired_employees", "2,,,,\nx,n,y,z,w\n1,n,y,z,w\n")

    assert [(r["column"], r["reason"]) for r in answer["rejects"]] == [
        ("id", "id is not an integer: 'x'"),
        ("datetime", "datetime is not an ISO 8601 timestamp such as 2021-07-27T16:02:08Z: 'y'"),
    ]


def test_reason_shows_the_beginning_of_a_long_value(client: Client) -> None:
    answer = client.upload("departments", "1,a\n" + "x" * 100 + ",b\n")

    assert answer["rejects"][0]["reason"] == f"id is not an integer: '{'x' * 60}...'"


def test_other_form_of_the_stored_values_is_no_conflict(client: Client) -> None:
    client.upload("hired_employees", "1,Ana,2021-07-27T16:02:08Z,2,96\n")

    answer = client.upload("hired_employees", '1.0," Ana ",2021-07-27 18:02:08.000+02:00,+2,96.0\n')

    assert (answer["skipped_duplicates"], answer["conflicts"]) == ([1], [])


def test_empty_field_against_a_stored_value_is_a_conflict(client: Client) -> None:
    client.upload("hired_employees", "1,Ana,,,\n")

    assert client.upload("hired_employees", "1,,,,\n")["conflicts"] == [1]


@pytest.mark.parametrize(
    "text",
    ["\\.", "a\n\\.\nb", "\\N\\N", "NULL", "'; DROP TABLE jobs; --", "%s", "%(id)s", "100%", "\\", "a\\", "'", '"', "a\x1a\x01\x7fb", "\u2028", "\U0001d11e", "{0}", "?", ":id", "$1"],
    ids=ascii,
)  # fmt: skip
def test_text_that_means_something_to_a_database_is_stored_as_it_is(client: Client, text: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([[1, text], [2, f"x{text}"]])

    client.upload("jobs", file.getvalue())

    assert client.rows("jobs") == [["1", text], ["2", f"x{text}"]]
    assert client.upload("jobs", file.getvalue())["conflicts"] == []


def test_word_that_stands_for_an_empty_field_is_a_text_where_none_is_to_stand_for_it(client: Client) -> None:
    answer = client.upload("jobs", "1,\\N\n2,a\n", nulls="")

    assert answer["rejected"] == 0
    assert client.rows("jobs") == [["1", "\\N"], ["2", "a"]]
