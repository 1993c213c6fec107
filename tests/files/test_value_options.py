"""dates, timezone, decimal, nulls: what a caller may say of how values are written, and what is refused then."""

import pytest
from conftest import start_client
from web_client import Client

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # no database reads the file

GIVEN = [
    ({"dates": "dmy"}, 2, [
        ("27.07.2021", "2021-07-27T00:00:00Z"),
        ("1/2/2021", "2021-02-01T00:00:00Z"),
        ("01-02-2021 07:05:06", "2021-02-01T07:05:06Z"),
        ("1.2.2021 7:05", "2021-02-01T07:05:00Z"),
        ("1.2.2021 12:00 am", "2021-02-01T00:00:00Z"),
        ("1.2.2021 12:00PM", "2021-02-01T12:00:00Z"),
        ("1.2.2021 7:05:06.1234560", "2021-02-01T07:05:06.123456Z"),
        ("1.2.2021 7:05 PM UTC", "2021-02-01T19:05:00Z"),
        ("1.2.2021 7:05+02:00", "2021-02-01T05:05:00Z"),
        ("2021-02-01", "2021-02-01T00:00:00Z"),
        ("2021-02-01T07:00:00+02:00", "2021-02-01T05:00:00Z"),
        ("", ""),
    ]),
    ({"dates": "mdy"}, 2, [
        ("07/27/2021 4:02 PM", "2021-07-27T16:02:00Z"),
        ("1/2/2021", "2021-01-02T00:00:00Z"),
        ("2021-01-02", "2021-01-02T00:00:00Z"),
    ]),
    ({"dates": "ymd"}, 2, [
        ("2021/7/5", "2021-07-05T00:00:00Z"),
        ("2021.07.05 7:05", "2021-07-05T07:05:00Z"),
        ("2021-7-5", "2021-07-05T00:00:00Z"),
        ("20210705", "2021-07-05T00:00:00Z"),
        ("20210705 07:05:06", "2021-07-05T07:05:06Z"),
        ("2021-07-05T07:05Z", "2021-07-05T07:05:00Z"),
    ]),
    ({"dates": "unix"}, 2, [
        ("0", "1970-01-01T00:00:00Z"),
        ("+1627401728", "2021-07-27T16:02:08Z"),
        ("-1", "1969-12-31T23:59:59Z"),
        ("1.5", "1970-01-01T00:00:01.5Z"),
        ("-0.5", "1969-12-31T23:59:59.5Z"),
        ("1.000001000", "1970-01-01T00:00:01.000001Z"),
        ("253402300799", "9999-12-31T23:59:59Z"),
        ("-30610224000", "1000-01-01T00:00:00Z"),
    ]),
    ({"dates": "unix_ms"}, 2, [
        ("1627401728250", "2021-07-27T16:02:08.25Z"),
        ("-1", "1969-12-31T23:59:59.999Z"),
        ("1.5", "1970-01-01T00:00:00.0015Z"),
        ("1.500000", "1970-01-01T00:00:00.0015Z"),
    ]),
    ({"timezone": "Europe/Berlin"}, 2, [
        ("2021-07-27 10:00:00", "2021-07-27T08:00:00Z"),
        ("2021-01-27T10:00", "2021-01-27T09:00:00Z"),
        ("2021-07-27", "2021-07-27T00:00:00Z"),
        ("2021-07-27T10:00:00Z", "2021-07-27T10:00:00Z"),
        ("2021-07-27 10:00:00 UTC", "2021-07-27T10:00:00Z"),
        ("2021-07-27T10:00:00-01:00", "2021-07-27T11:00:00Z"),
        ("2021-10-31 01:59:59", "2021-10-30T23:59:59Z"),
        ("2021-10-31 03:00:00", "2021-10-31T02:00:00Z"),
    ]),
    ({"timezone": "Europe/Berlin", "dates": "dmy"}, 2, [
        ("27.7.2021 10:00", "2021-07-27T08:00:00Z"),
        ("27.7.2021", "2021-07-27T00:00:00Z"),
    ]),
    ({"timezone": "Europe/Berlin", "dates": "unix"}, 2, [("0", "1970-01-01T00:00:00Z")]),
    ({"timezone": "UTC"}, 2, [("2021-07-27 10:00:00", "2021-07-27T10:00:00Z")]),
    ({"decimal": "comma"}, 3, [('"96,0"', "96"), ('"-7,00"', "-7"), ("96", "96")]),
    ({"nulls": "NULL,n/a"}, 3, [("NULL", ""), (" n/a ", ""), ('"NULL"', ""), ("", "")]),
    ({"nulls": "NULL,n/a"}, 1, [("NULL", ""), ("n/a", ""), ("Null", "Null"), (r"\N", r"\N"), ("NULL n/a", "NULL n/a")]),
    ({"nulls": "0"}, 3, [("0", ""), ("00", "0")]),
    ({"nulls": ""}, 1, [(r"\N", r"\N"), ("", "")]),
]  # fmt: skip
"""Options, the place of a column, and what is sent and stored there."""

REFUSED = [
    ({"dates": "dmy"}, 2, [
        ("07/27/2021", "not_a_timestamp"),
        ("31.2.2021", "not_a_timestamp"),
        ("1.2/2021", "not_a_timestamp"),
        ("1.2.21", "not_a_timestamp"),
        ("1.2.2021  7:05", "not_a_timestamp"),
        ("1.2.2021T7:05", "not_a_timestamp"),
        ("1.2.2021 24:00", "not_a_timestamp"),
        ("1.2.2021 13:00 PM", "not_a_timestamp"),
        ("1.2.2021 0:30 AM", "not_a_timestamp"),
        ("1.2.2021 7:05:06.1234567", "not_a_timestamp"),
        ("1.2.2021 7:05+02:80", "not_a_timestamp"),
        ("1.2.2021 UTC", "not_a_timestamp"),
        ("20210201", "not_a_timestamp"),
        ("1.2.0000", "out_of_range"),
        ("1.2.0999", "out_of_range"),
    ]),
    ({"dates": "mdy"}, 2, [("27/07/2021", "not_a_timestamp"), ("2/29/2021", "not_a_timestamp")]),
    ({"dates": "ymd"}, 2, [("27/07/2021", "not_a_timestamp"), ("20210705 070506", "not_a_timestamp"), ("2021075", "not_a_timestamp")]),
    ({"dates": "iso"}, 2, [("27.07.2021", "not_a_timestamp"), ("20210727", "not_a_timestamp")]),
    ({"dates": "unix"}, 2, [
        ("2021-07-27", "not_a_timestamp"),
        ("1e3", "not_a_timestamp"),
        ("1.0000001", "not_a_timestamp"),
        (".5", "not_a_timestamp"),
        ("１", "not_a_timestamp"),
        ("253402300800", "out_of_range"),
        ("-30610224001", "out_of_range"),
        ("9" * 5000, "out_of_range"),
    ]),
    ({"dates": "unix_ms"}, 2, [("1.5555", "not_a_timestamp"), ("253402300800000", "out_of_range")]),
    ({"timezone": "Europe/Berlin"}, 2, [
        ("2021-03-28 02:30:00", "ambiguous_time"),
        ("2021-10-31 02:30:00", "ambiguous_time"),
        ("1000-01-01 00:00:00", "out_of_range"),
    ]),
    ({"timezone": "Europe/Berlin", "dates": "dmy"}, 2, [("28.3.2021 2:30", "ambiguous_time"), ("2021-10-31 02:30", "ambiguous_time")]),
    ({"decimal": "comma"}, 3, [("96.0", "not_an_integer"), ('"96,5"', "not_an_integer"), ('"96,000"', "not_an_integer"), ('"1.096,0"', "not_an_integer")]),
    ({"nulls": "NULL"}, 3, [(r"\N", "not_an_integer"), ("null", "not_an_integer"), ("NULL NULL", "not_an_integer")]),
    ({"nulls": "NULL"}, 0, [("NULL", "missing_value")]),
    ({"nulls": "NULL", "strict": "true"}, 1, [("NULL", "missing_value")]),
]  # fmt: skip
"""The same for what is refused, and its code."""


def cases(listed: list[tuple[dict[str, str], int, list[tuple[str, str]]]]) -> list[object]:
    return [
        pytest.param(query, place, sent, outcome, id=f"{' '.join(map('='.join, query.items()))} {sent[:30]!r}")
        for query, place, outcomes in listed
        for sent, outcome in outcomes
    ]


@pytest.fixture
def client(client: Client) -> Client:
    client.upload("departments", "2,Sales\n")
    client.upload("jobs", "3,Clerk\n")
    return client


def file_of(place: int, sent: str) -> str:
    """Return a file of two records, of which the first has a value in a place and the second none."""
    fields = ["1", "Ana", "", "2", "3"]
    fields[place] = sent
    return ",".join(fields) + "\n5,Eva,,2,3\n"


@pytest.mark.parametrize(("query", "place", "sent", "stored"), cases(GIVEN))
def test_value_is_read_in_the_way_that_is_said(
    client: Client, query: dict[str, str], place: int, sent: str, stored: str
) -> None:
    client.upload("hired_employees", file_of(place, sent), header="false", delimiter=",", **query)

    assert client.rows("hired_employees")[0][place] == stored


@pytest.mark.parametrize(("query", "place", "sent", "code"), cases(REFUSED))
def test_value_is_refused_that_is_written_in_another_way(
    client: Client, query: dict[str, str], place: int, sent: str, code: str
) -> None:
    moment = "0" if query.get("dates", "").startswith("unix") else "2021-07-27"
    file = file_of(place, sent).replace(",,", f",{moment},")

    answer = client.upload("hired_employees", file, header="false", delimiter=",", **query)

    names = ["id", "name", "datetime", "department_id", "job_id"]
    assert [(reject["column"], reject["code"]) for reject in answer["rejects"]] == [(names[place], code)]
    assert [row[0] for row in client.rows("hired_employees")] == ["5"]


def test_record_of_null_words_alone_is_counted_and_one_of_commas_alone_is_not(client: Client) -> None:
    answer = client.upload("hired_employees", "7,Ana,,,\nNULL,NULL,NULL,,\n,,,,\n", nulls="NULL")

    assert (answer["read"], answer["rejected"]) == (2, 1)
    assert [(reject["line"], reject["code"]) for reject in answer["rejects"]] == [(2, "missing_value")]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        pytest.param({"dates": "ydm"}, "the parameter dates is 'ydm', which is not one of iso, dmy, mdy, ymd, unix, unix_ms", id="dates"),
        pytest.param({"decimal": ","}, "the parameter decimal is ',', which is not one of point, comma", id="decimal"),
        pytest.param({"extra": "true"}, "the parameter extra is 'true', which is not one of refuse, ignore", id="extra"),
        pytest.param({"nulls": "NULL,,NA"}, "the parameter nulls is 'NULL,,NA': expected words with commas between them, as in NULL,NA, without quotes", id="nulls with none"),
        pytest.param({"nulls": '"NULL"'}, "the parameter nulls is '\"NULL\"': expected words with commas between them, as in NULL,NA, without quotes", id="nulls in quotes"),
        pytest.param({"nulls": ",".join("x" * 101)}, "the parameter nulls has 101 words: expected at most 100", id="nulls without end"),
        pytest.param({"max_rejects": "-1"}, "the parameter max_rejects is -1, expected 0 to 10000", id="max_rejects below"),
        pytest.param({"max_rejects": "10001"}, "the parameter max_rejects is 10001, expected 0 to 10000", id="max_rejects above"),
        *(
            pytest.param({"timezone": name}, f"the parameter timezone is {(name if len(name) < 60 else name[:60] + '...')!r}, which is not a name of the IANA time zone database, such as Europe/Berlin", id=f"timezone {name[:20]!r}")
            for name in ("Mars", "Europe", "europe/berlin", "Europe/Berlin/x", "../etc/passwd", "+02:00", "", "a\0b", "x" * 99)
        ),
    ],
)  # fmt: skip
def test_option_that_is_none_is_named(client: Client, query: dict[str, str], detail: str) -> None:
    answer = client.upload("jobs", "7,Dev\n", status=400, **query)

    assert (answer["code"], answer["detail"]) == ("bad_parameter", detail)


@pytest.mark.parametrize(("most", "read", "status"), [(0, 2, 422), (1, 4, 422), (2, 5, 200)])
def test_load_stops_behind_the_batch_with_more_refused_rows_than_are_said(
    settings: dict[str, str], most: int, read: int, status: int
) -> None:
    client = start_client(settings | {"BATCH_ROWS": "2"})

    answer = client.upload("jobs", "1,a\nx,b\n2,c\nx,d\n3,e\n", status=status, max_rejects=most)

    assert answer["read"] == read
    if status == 422:
        assert (answer["code"], answer["detail"]) == (
            "too_many_rejects",
            f"more than {most} records were refused (max_rejects), the first in line 2: id is not an integer: 'x'",
        )
        assert client.get("/uploads/1")["status"] == "stopped"
