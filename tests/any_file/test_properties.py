"""What holds for any file at all: nothing is lost, changed or invented, whatever is sent.

EXAMPLES in the environment tries that many files a test, other ones each time; without it they are always the same.
"""

import codecs
import csv
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain

import pytest
from conftest import close_clients, start_client
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from servers.server import Server
from web_client import Client, check_account

from rows.options import Options
from rows.values.rules import Rules, rules_of

any_files = settings(
    max_examples=int(os.environ.get("EXAMPLES", "15")),
    derandomize="EXAMPLES" not in os.environ,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

COLUMNS = ["id", "name", "datetime", "department_id", "job_id"]
HEADER_OF_REJECTS = ["_line", "_column", "_code", "_reason", "_delimiter", "_record"]

plain = st.sampled_from(
    ["", " ", "Ana", "O'Neil", "1", "2", "7.0", "-3", "x", "2021-07-27T16:02:08Z", "2021-02-30", "NULL", "\\N"]
)
odd = st.text(st.sampled_from('"",;\t| \n\r\\x09aé\u2028\x00\x85\ufeff\U0001f600'), max_size=6)
ids = st.integers(-3, 12).map(str) | st.sampled_from(["1.0", "1.00", " 2 ", "+3", "9223372036854775808", "", "\\N"])
numbers = ids | odd
names = plain | odd | st.text(max_size=5)
moments = (
    st.datetimes(datetime(990, 1, 1), datetime(9999, 12, 31)).map(lambda moment: moment.isoformat() + "Z")
    | st.sampled_from(
        [
            *("2021-07-27 16:02:08+02:00", "2021-07-27", "2021-07-27T16:02:08.500", "1999-12-31T23:59:59-01:00"),
            *(
                "2021-07-27 16:02:08.5000000",
                "2021-07-27 16:02:08.0000001",
                "2021-07-27 16:02:08 UTC",
                "2021-07-27T16:02+02:80",
            ),
        ]
    )
    | odd
)
rows = st.tuples(ids, names, moments, numbers, numbers).map(list)
ragged = st.lists(names, max_size=7)
records = st.lists(rows | rows | rows | ragged, max_size=12)
delimiters = st.sampled_from([",", ";", "\t", "|"])
line_ends = st.sampled_from(["\n", "\r\n", "\r"])
flags = st.sampled_from(["true", "false"])


@contextmanager
def service(server: Server, **settings: str) -> Iterator[Client]:
    """Give the block a service on a database without uploads: a new one, or one that was emptied."""
    url = server.emptied.pop() if server.emptied else server.create()
    client = start_client({"DATABASE_URL": url, **settings})
    client.upload("departments", "1,Sales\n2,Legal\n")
    client.upload("jobs", "1,Clerk\n2,Agent\n")
    yield client
    close_clients()
    server.empty(url)
    server.emptied.append(url)


def send(client: Client, file: bytes, **query: str) -> dict:
    """Send a file, and hold the answer to what every answer must be."""
    before = len(client.rows("hired_employees"))
    answer = client.app.post(
        f"/upload/hired_employees?{'&'.join(f'{name}={value}' for name, value in query.items())}",
        upload_files=[("file", "hires.csv", file)],
        expect_errors=True,
    )
    assert answer.status_int in (200, 422), answer.text
    kept = query.get("dry_run") != "true" and not (query.get("atomic") == "true" and answer.status_int == 422)
    grown = len(client.rows("hired_employees")) - before
    assert kept or grown == 0
    if kept:
        check_account(answer.json, grown)
    return answer.json


def check_any_file(client: Client, file: bytes, strict: str = "false", atomic: str = "false", **query: str) -> dict:
    """Send a file in every way that there is, and return the answer of the load that counts."""
    query["strict"] = strict

    dry = send(client, file, dry_run="true", atomic=atomic, **query)
    real = send(client, file, atomic=atomic, **query)
    assert {**dry, **same_but(real)} == {**real, "dry_run": "upload_id" in real and False} or "upload_id" not in real
    assert dry == {**real, **same_but(dry)}
    if atomic == "true":
        real = send(client, file, **query)
    if "upload_id" in real:
        again = send(client, file, **query)
        assert (again["inserted"], again["read"], again["rejected"]) == (0, real["read"], real["rejected"])
        assert refusals(client, dry) == refusals(client, real) == refusals(client, again)
        assert [row[1:] for row in refusals(client, resent(client, real, strict))] == [
            row[1:] for row in refusals(client, real)
        ]
    return real


def same_but(answer: dict) -> dict:
    return {name: answer[name] for name in ("upload_id", "ids_url", "rejects_url", "dry_run") if name in answer}


def resent(client: Client, answer: dict, strict: str) -> dict:
    """Upload the refused rows again as they are, and return the answer."""
    file = client.app.get(answer["rejects_url"]).body
    again = send(client, file, strict=strict)
    assert (again["inserted"], again["skipped"], again["rejected"]) == (0, 0, answer["rejected"])
    return again


def refusals(client: Client, answer: dict) -> list[list[str]]:
    """Return line, column, code, reason, delimiter and record of every refused row."""
    body = client.app.get(answer["rejects_url"]).body
    assert body.startswith(codecs.BOM_UTF8)
    delimiter = answer["dialect"]["delimiter"] if answer["dialect"] else ","
    table = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))
    assert table[0][-6:] == HEADER_OF_REJECTS
    assert len(table) - 1 == answer["rejected"]
    return [row[-6:] for row in table[1:]]


def normalised(fields: list[str]) -> list[str] | None:
    """Return a record as it must be stored, or None where it must not be; said in other ways than the service's."""
    if len(fields) != len(COLUMNS):
        return None
    trimmed = (re.sub(r"^[ \t]+|[ \t]+\Z", "", field) for field in fields)
    key, name, moment, department, job = ("" if field == r"\N" else field for field in trimmed)
    numbers = [stored_integer(text) for text in (key, department, job)]
    stored = stored_moment(moment)
    if None in numbers or stored is None or not key or len(name) > 1000 or "\0" in name:
        return None
    return [numbers[0], name, stored, *numbers[1:]]


def stored_integer(text: str) -> str | None:
    if not text:
        return ""
    if not re.match(r"[-+]?[0-9]+(\.00?)?\Z", text):
        return None
    value = int(text.split(".")[0])
    return str(value) if value.bit_length() < 64 or value == -(2**63) else None


def stored_moment(text: str) -> str | None:
    if not text:
        return ""
    shape = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,6}0{0,3})?)?(Z| ?UTC|[-+]\d\d(:?[0-5]\d)?)?)?\Z"
    if not re.match(shape, text, re.ASCII) or "24:" in text[10:14]:
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r" ?UTC\Z", "Z", text))
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    if moment.year < 1000:
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{moment.microsecond:06}".rstrip("0").rstrip(".") + "Z"


def written(rows: list[list[str]], delimiter: str, line_end: str, quoting: int) -> str:
    def field(text: str) -> str:
        is_special = quoting == csv.QUOTE_ALL or any(special in text for special in f'"\r\n{delimiter}')
        return '"' + text.replace('"', '""') + '"' if is_special else text

    return "".join(delimiter.join(map(field, row)) + line_end for row in rows)


@any_files
@given(records, delimiters, line_ends, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), flags, flags, st.booleans())
def test_any_records_are_stored_as_they_were_sent_or_refused(
    server: Server,
    records: list[list[str]],
    delimiter: str,
    line_end: str,
    quoting: int,
    strict: str,
    atomic: str,
    headed: bool,
) -> None:
    header = [COLUMNS] if headed else []
    file = written(header + records, delimiter, line_end, quoting)
    found = [record for record in records if any(field.strip(" \t") for field in record)]
    expected: dict[str, list[str]] = {}
    for row in filter(None, map(normalised, found)):
        if strict == "false" or (all(row) and row[3] in ("1", "2") and row[4] in ("1", "2")):
            expected.setdefault(row[0], row)

    with service(server, BATCH_ROWS="3") as client:
        answer = check_any_file(
            client,
            file.encode("utf-8", "surrogatepass"),
            strict,
            atomic,
            delimiter={"\t": "tab", ";": "%3B"}.get(delimiter, delimiter),
            header=str(headed).lower(),
        )

        assert answer["read"] == len(found)
        assert {row[0]: row for row in client.rows("hired_employees")} == expected


@any_files
@given(records, delimiters, line_ends, st.booleans(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
def test_delimiter_header_and_mark_are_found(
    server: Server, records: list[list[str]], delimiter: str, line_end: str, headed: bool, encoding: str
) -> None:
    sure = ["100", "Ana Roe", "2021-07-27", "1", "2"]
    text = written([COLUMNS, sure, *records] if headed else [sure, *records], delimiter, line_end, csv.QUOTE_MINIMAL)
    content = text.encode(encoding, "ignore")
    assume(content.decode(encoding) == text)

    with service(server, BATCH_ROWS="3") as client:
        answer = check_any_file(client, content, **({"encoding": encoding} if encoding == "cp1252" else {}))

        assert (answer["dialect"]["delimiter"], answer["dialect"]["header"]) == (delimiter, headed)
        assert ["100", "Ana Roe", "2021-07-27T00:00:00Z", "1", "2"] in client.rows("hired_employees")


@any_files
@given(st.text(max_size=200) | odd, flags)
def test_any_text_is_accounted_for(server: Server, text: str, strict: str) -> None:
    with service(server, BATCH_ROWS="2") as client:
        check_any_file(client, text.encode("utf-8", "surrogatepass"), strict)


@any_files
@given(records, delimiters, line_ends, st.data())
def test_file_truncated_anywhere_is_accounted_for(
    server: Server, records: list[list[str]], delimiter: str, line_end: str, data: st.DataObject
) -> None:
    content = written(records, delimiter, line_end, csv.QUOTE_MINIMAL).encode("utf-8", "surrogatepass")
    end = data.draw(st.integers(0, len(content)))

    with service(server, BATCH_ROWS="2") as client:
        check_any_file(client, content[:end])


@any_files
@given(st.binary(max_size=300), st.sampled_from([None, "utf-8", "utf-16", "latin-1", "cp1252", "mac-roman"]))
def test_any_bytes_are_accounted_for(server: Server, content: bytes, encoding: str | None) -> None:
    assume(not content.startswith((b"\x1f\x8b", b"PK\x03\x04")))

    with service(server, BATCH_ROWS="2") as client:
        check_any_file(client, content, **({"encoding": encoding} if encoding else {}))


VALID = "".join(
    f'{i},"Ana ""A"" Roe, {i}",2021-07-27T16:02:08Z,1,2\r\n{i + 1},Zoé,,,\r\n' for i in range(1, 9, 2)
).encode()


@any_files
@given(
    st.lists(
        st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 2), st.sampled_from(b'",;\r\n\x00\xff\xc3 1')),
        max_size=5,
    ),
    flags,
)
def test_any_change_to_a_sound_file_is_accounted_for(
    server: Server, changes: list[tuple[int, int, int]], strict: str
) -> None:
    content = bytearray(VALID)
    for place, kind, byte in changes:
        place = min(place, len(content) - 1)
        content[place : place + (kind > 0)] = bytes([byte]) if kind < 2 else b""

    with service(server, BATCH_ROWS="3") as client:
        check_any_file(client, bytes(content), strict)


plain_rows = st.builds(
    lambda first, number, names, moments: [
        [str(first + i), names[i % len(names)], moments[i % len(moments)], str(i % 3), str(i % 2)]
        for i in range(number)
    ],
    st.integers(-3, 400),
    st.integers(0, 250),
    st.lists(st.sampled_from(["Ana", "Zoé", "", " Bo"]), min_size=1),
    st.lists(st.sampled_from(["2021-07-27T16:02:08Z", "", "2021-02-29T00:00:00Z"]), min_size=1),
)
"""Rows as most files have them, so many that the fast paths take them."""


@contextmanager
def no_fast_path() -> Iterator[None]:
    """Let the block read, check and store each record by itself."""

    def slow_rules(options: Options) -> Rules:
        rules = rules_of(options)
        types = {name: kind._replace(quick=lambda texts: None) for name, kind in rules.types.items()}
        return rules._replace(types=types)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rows.records.read.mask", lambda text, delimiter: None)
        patch.setattr("rows.records.records.mask", lambda text, delimiter: None)
        patch.setattr("rows.records.records.Records.are_all", lambda records, width: False)
        patch.setattr("rows.reading.batch.rules_of", slow_rules)
        patch.setattr("sql.sqlite.insert.ROWS_TOGETHER", 1)
        yield


@settings(any_files, max_examples=any_files.max_examples // 2)
@given(st.lists(plain_rows | records, max_size=4), line_ends, st.sampled_from(["3", "150", "1000"]), flags)
def test_fast_paths_change_no_answer(
    server: Server, parts: list[list[list[str]]], line_end: str, batch_rows: str, strict: str
) -> None:
    content = written([*chain.from_iterable(parts)], ",", line_end, csv.QUOTE_MINIMAL).encode("utf-8", "surrogatepass")

    def outcome() -> list[object]:
        with service(server, BATCH_ROWS=batch_rows) as client:
            answers = [send(client, content, strict=strict, header="false") for _ in range(2)]
            return [answers, [refusals(client, answer) for answer in answers], client.rows("hired_employees")]

    fast = outcome()
    with no_fast_path():
        assert outcome() == fast


STRAY = [b"1,Ana,2021-07-27,1,2", b'2,"Roe, ""B""",2021-07-27,1,2', b'3,"two\nlines",,,', b"4,Eva,,1,", b"5,Ida,,,2"]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # many files, and no database reads them
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_stray_quote_anywhere_stores_no_wrong_row(server: Server, line_end: bytes) -> None:
    content = line_end.join(STRAY)
    with service(server) as client:
        client.upload("hired_employees", content)
        sound = client.rows("hired_employees")
    for place in range(len(content) + 1):
        with service(server, BATCH_ROWS="2") as client:
            answer = send(client, content[:place] + b'"' + content[place:])

            stored = client.rows("hired_employees")
            assert [row for row in stored if row not in sound] == []
            assert len(stored) >= len(sound) - 1
            assert 1 <= answer["rejected"] <= 2
