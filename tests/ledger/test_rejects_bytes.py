"""Refused records are kept up to REJECTS_BYTES_MAX; of the others only the beginning, which is never stored as a row."""

import csv
import gzip
import io

import pytest
from conftest import start_client
from servers.server import Server
from web_client import Client

on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
"""What is kept of a record is the same on every database."""

BYTES_MAX = 200_000
SHORTENED = "; its record is kept without its end (REJECTS_BYTES_MAX)"


def not_complete(bytes_max: int) -> dict:
    return {
        "sentence": f"rejects.csv is not complete: the refused records have more than {bytes_max} bytes together "
        "(REJECTS_BYTES_MAX), so some are kept without their end, and have to be corrected in the file itself",
        "options": {},
    }


def rows(client: Client, answer: dict) -> list[list[str]]:
    """Return the rows of a file of refused rows."""
    text = client.app.get(answer["rejects_url"]).body.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


@pytest.mark.proves(
    "as many bytes of refused records are kept as REJECTS_BYTES_MAX says, and of the others the beginning",
    "a gzip of refused records that are a thousand times as large, seven times as large once more as JSON",
    "the count of the bytes",
)
@pytest.mark.parametrize("options", [{}, {"atomic": "true"}, {"dry_run": "true"}], ids=str)
def test_bytes_of_refused_records_are_bounded_and_each_row_is_accounted_for(
    server: Server, settings: dict[str, str], options: dict[str, str]
) -> None:
    client = start_client(settings | {"REJECTS_BYTES_MAX": str(BYTES_MAX), "BATCH_ROWS": "7"})
    record = "x," + "\x01" * 9998
    file = gzip.compress("\n".join(["1,a", *[record] * 50, "y,b"]).encode())

    answer = client.upload("jobs", file, status=None, **options)

    kept = server.execute(settings["DATABASE_URL"], "SELECT record, fields, reason FROM rejects ORDER BY line")
    sizes = [len(bytes(record)) + len(fields.encode()) for record, fields, _ in kept]
    whole = [size for size in sizes if size > 300]
    assert len(file) < 1000
    assert whole == [10_000 + len('["x", ""]') + 6 * 9998] * 2
    assert sum(whole) < BYTES_MAX
    assert (answer["read"], answer["rejected"], answer["hints"]) == (52, 51, [not_complete(BYTES_MAX)])
    assert client.get("/uploads/1")["hints"] == answer["hints"]
    reason = "id is not an integer: 'x'"
    assert [row[2:6] for row in rows(client, answer)] == [
        *([str(line), "id", "not_an_integer", reason] for line in (2, 3)),
        *([str(line), "id", "not_an_integer", reason + SHORTENED] for line in range(4, 52)),
        ["52", "id", "not_an_integer", "id is not an integer: 'y'"],
    ]
    assert rows(client, answer)[2][:2] + rows(client, answer)[2][6:] == ["", "", ",", record[:199] + "\\..."]
    assert [reject["record"] for reject in answer["rejects"][1:3]] == [record[:1000] + "...", record[:199] + "\\..."]
    assert rows(client, answer)[-1][:2] == ["y", "b"]


@on_sqlite
def test_record_that_just_has_room_is_kept_whole(settings: dict[str, str]) -> None:
    record = "x," + "a" * 300 + "é"
    size = len(record.encode()) + len('["x", ""]') + 302

    for more, whole in ((0, True), (-1, False)):
        client = start_client(settings | {"REJECTS_BYTES_MAX": str(2 * size + more)})
        answer = client.upload("jobs", f"1,a\n{record}\n{record}\n")

        assert [row[0] for row in rows(client, answer)] == ["x", "x" if whole else ""]
        assert answer["hints"] == ([] if whole else [not_complete(2 * size - 1)])


@on_sqlite
def test_short_records_are_kept_whole_and_say_nothing(settings: dict[str, str]) -> None:
    client = start_client(settings | {"REJECTS_BYTES_MAX": "0"})

    answer = client.upload("jobs", "1,a\nx,b\n2," + "c," * 99 + "\n" + "y," + "d" * 199 + "\n")

    assert [row[3:5] for row in rows(client, answer)] == [
        ["id", "not_an_integer"],
        ["", "wrong_field_count"],
        ["id", "not_an_integer"],
    ]
    assert [row[5].endswith(SHORTENED) for row in rows(client, answer)] == [False, False, True]
    assert answer["hints"] == [not_complete(0)]


def test_shortened_record_is_refused_however_often_it_is_sent_again(settings: dict[str, str]) -> None:
    client = start_client(settings | {"REJECTS_BYTES_MAX": "0"})
    name = "Sales" + "x" * 1500
    sent = client.upload("departments", f"1,Legal\n7,{name}\n8,back\\{name}\n".encode() + b"9,caf\xe9" + b"y" * 300)

    for _ in range(2):
        sent = client.upload("departments", client.app.get(sent["rejects_url"]).body, status=422)

        assert [reject["code"] for reject in sent["rejects"]] == ["record_shortened"] * 3
        assert {reject["reason"] for reject in sent["rejects"]} == {
            "the record was kept without its end (REJECTS_BYTES_MAX): correct it in the file that it came from"
        }
        assert [row[-1] for row in rows(client, sent)] == [
            f"7,{name[:197]}\\...",
            f"8,back\\\\{name[:192]}\\...",
            f"9,caf\\xE9{'y' * 193}\\...",
        ]
    assert client.rows("departments") == [["1", "Legal"]]


@on_sqlite
def test_shortened_record_is_stored_once_its_row_or_its_text_is_complete(settings: dict[str, str]) -> None:
    client = start_client(settings | {"REJECTS_BYTES_MAX": "0"})
    first = client.upload("departments", "1,Legal\n7," + "x" * 1500 + "\n8," + "y" * 1500 + "\n9," + "z" * 1500)
    names, seven, eight, nine = csv.reader(io.StringIO(client.app.get(first["rejects_url"]).body.decode("utf-8-sig")))
    corrected = io.StringIO()
    csv.writer(corrected).writerows(
        [names, ["7", "Sales", *seven[2:]], [*eight[:-1], "8,Law"], [*nine[:-1], nine[-1] + "z"]]
    )

    answer = client.upload("departments", corrected.getvalue())

    assert (answer["inserted"], [reject["code"] for reject in answer["rejects"]]) == (2, ["record_shortened"])
    assert client.rows("departments") == [["1", "Legal"], ["7", "Sales"], ["8", "Law"]]


@on_sqlite
def test_record_that_looks_as_if_it_were_shortened_is_refused_for_its_own_reason(client: Client) -> None:
    first = client.upload("departments", "1,a\n2,b\\...,c\n3,d\\\\...,e\n")

    again = client.upload("departments", client.app.get(first["rejects_url"]).body, status=422)

    assert [reject["code"] for reject in again["rejects"]] == ["wrong_field_count"] * 2
    assert [row[-1] for row in rows(client, again)] == ["2,b\\\\...,c", "3,d\\\\\\\\...,e"]


@on_sqlite
@pytest.mark.parametrize("bytes_max", ["0", "100000"], ids=["shortened", "shown in part"])
def test_encoding_is_told_by_the_beginnings_of_records(settings: dict[str, str], bytes_max: str) -> None:
    client = start_client(settings | {"REJECTS_BYTES_MAX": bytes_max})
    record = b"2," + b"x" * 997 + b"\xe9" + b"y" * 300  # of which an answer shows the backslash of its \xE9 as the last

    answer = client.upload("departments", b"1,a\n" + record + b"\n")

    assert {"encoding": "cp1252"} in [hint["options"] for hint in answer["hints"]]
