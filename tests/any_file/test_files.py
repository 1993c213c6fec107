"""Any file at all becomes what the rules say: the service is compared with the reader that was written from them alone.

EXAMPLES in the environment tries that many files a test, other ones each time; without it they are always the same.
"""

import codecs
import csv
import io
from collections import Counter
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import Phase, event, find, given, settings
from hypothesis import strategies as st
from made_up_files import DELIMITERS, NO_TEXT, Sent, damaged, files, long_records, pieces, small_texts, sound_files
from reader import TABLES, Outcome, Refusal, read
from reader.records import lines
from servers.server import Server
from test_properties import any_files, service
from web_client import Client

KNOWN = {"department_id": {1, 2}, "job_id": {1, 2}}
"""The ids that the service of a test has."""

SHOWN = 1000
"""The characters of a record that an answer shows."""

OF_VALUES = ("strict", "nulls", "decimal", "dates", "timezone")
"""The options that apply to a file of refused rows too."""


on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
"""How a file is read does not depend on the database: two of the tests are enough to try the others."""


def expected_of(sent: Sent, record_chars_max: int = 2**20) -> Outcome:
    """Return what the rules say of a file, and count its kind among the events."""
    expected = read(sent.content, TABLES[sent.table], sent.options, record_chars_max, KNOWN)
    for kind in kinds(expected):
        event(kind)
    return expected


def kinds(outcome: Outcome) -> set[str]:
    """Return what is to be said of an outcome, in words."""
    if outcome.refused:
        return {f"refused: {outcome.refused}"}
    header = "a line" if type(outcome.header) is int else outcome.header
    told = {f"header: {header}", *(f"code: {refusal.code}" for refusal in outcome.refusals)}
    parts = {
        "stored": outcome.rows,
        "stopped": outcome.stopped,
        "header_record": outcome.header_record,
        "some of each": outcome.rows and outcome.refusals,
    }
    return told | {name for name, is_there in parts.items() if is_there}


def send(client: Client, sent: Sent, **more: str) -> tuple[int, dict[str, Any]]:
    """Send a file, and return the status and the answer."""
    answer = client.app.post(
        f"/upload/{sent.table}?{urlencode(sent.options | more)}",
        upload_files=[("file", "some.csv", sent.content)],
        expect_errors=True,
    )
    return answer.status_int, answer.json


def stored(client: Client, table: str) -> dict[str, tuple[str, ...]]:
    """Return the rows of a table by id."""
    return {row[0]: tuple(row) for row in client.rows(table)}


def check_file(client: Client, sent: Sent, expected: Outcome, atomic: bool = False) -> dict[str, Any]:
    """Send a file, hold what becomes of it to what has to, and return the answer."""
    before = stored(client, sent.table)

    status, answer = send(client, sent, **({"atomic": "true"} if atomic else {}))

    taken_back = atomic and (expected.refusals or expected.stopped)
    rows = {} if taken_back else {row.values[0]: row.values for row in reversed(expected.rows)}
    assert stored(client, sent.table) == rows | before
    assert answer.get("read", 0) == len(expected.records)
    if expected.refused:
        assert status == (400 if expected.refused == "option" else 422)
        return answer
    assert status == (200 if expected.rows and not expected.stopped and not taken_back else 422)
    if expected.records:
        check_dialect(answer["dialect"], expected, sent)
        assert answer["inserted"] + answer["skipped"] == len(expected.rows)
        assert refusals(answer) == expected.refusals
    return answer


def check_dialect(dialect: dict[str, Any], expected: Outcome, sent: Sent) -> None:
    """Hold a dialect to what it has to be; what header says beside columns= is left open."""
    assert dialect["delimiter"] == expected.delimiter
    assert codecs.lookup(dialect["encoding"]).name == codecs.lookup(expected.encoding).name
    assert bool(dialect.get("header_record")) == bool(expected.header_record)
    if expected.header_record and not set(expected.header_record) & {NO_TEXT, "\\"}:  # those are shown in another way
        assert dialect["header_record"][:SHOWN] == expected.header_record[:SHOWN]
    if "columns" not in sent.options:
        assert dialect["header"] == expected.header
        assert type(dialect["header"]) is type(expected.header)


def refusals(answer: dict[str, Any]) -> list[Refusal]:
    return [Refusal(reject["line"], reject["column"], reject["code"]) for reject in answer["rejects"]]


@any_files
@given(files(with_options=False))
def test_file_sent_without_options_becomes_what_the_rules_say(server: Server, sent: Sent) -> None:
    expected = expected_of(sent)
    with service(server, BATCH_ROWS="3") as client:
        check_file(client, sent, expected)


@any_files
@given(files(), st.booleans())
def test_file_sent_with_options_becomes_what_the_rules_say(server: Server, sent: Sent, atomic: bool) -> None:
    expected = expected_of(sent)
    with service(server, BATCH_ROWS="3") as client:
        check_file(client, sent, expected, atomic)


@on_sqlite
@any_files
@given(
    small_texts | pieces,
    st.sampled_from(sorted(TABLES)),
    st.sampled_from([{}, {"header": "false"}, {"extra": "ignore"}]),
)
def test_any_text_becomes_what_the_rules_say(server: Server, text: str, table: str, options: dict[str, str]) -> None:
    sent = Sent(table, [text], [""], options=options)
    expected = expected_of(sent)
    with service(server, BATCH_ROWS="2") as client:
        check_file(client, sent, expected)


@on_sqlite
@any_files
@given(long_records(), st.integers(40, 70))
def test_record_past_the_limit_is_refused_whole(server: Server, sent: Sent, record_chars_max: int) -> None:
    expected = expected_of(sent, record_chars_max)
    with service(server, BATCH_ROWS="3", RECORD_CHARS_MAX=str(record_chars_max)) as client:
        check_file(client, sent, expected)


@on_sqlite
@any_files
@given(sound_files(), st.data())
def test_damaged_record_changes_nothing_of_any_other(
    server: Server, made: tuple[Sent, str], data: st.DataObject
) -> None:
    sent, delimiter = made
    place = data.draw(st.integers(2, len(sent.parts) - 1))
    broken = sent.with_part(place, data.draw(damaged(sent.parts[place], delimiter)))
    expected = expected_of(broken)

    with service(server, BATCH_ROWS="3") as client:
        _, answer = send(client, sent)
        sound = stored(client, sent.table)
    with service(server, BATCH_ROWS="3") as client:
        check_file(client, broken, expected)
        others = stored(client, sent.table)

    assert answer["rejected"] == 0
    apart = expected_of(sent).rows[place - len(sent.parts)].values[0]
    assert without(others, apart) == without(sound, apart)


def without(rows: dict[str, tuple[str, ...]], key: str) -> dict[str, tuple[str, ...]]:
    return {name: row for name, row in rows.items() if name != key}


@any_files
@given(sound_files(), st.data())
def test_rules_themselves_let_no_damaged_record_change_another(made: tuple[Sent, str], data: st.DataObject) -> None:
    sent, delimiter = made
    place = data.draw(st.integers(2, len(sent.parts) - 1))
    broken = sent.with_part(place, data.draw(damaged(sent.parts[place], delimiter)))

    before, after = expected_of(sent), expected_of(broken)

    first = sum(len(lines(part)) for part in sent.parts[:place]) + 1
    last = first + len(lines(broken.parts[place]))
    grown = len(lines(broken.parts[place])) - len(lines(sent.parts[place]))
    others = [record for record in after.records if not first <= record.line < last]
    assert others == [
        record._replace(line=record.line + (grown if record.line > first else 0))
        for record in before.records
        if record.line != first
    ]


@on_sqlite
@any_files
@given(files(), st.sampled_from(DELIMITERS), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_refused_rows_are_refused_for_the_same_reasons_when_they_are_sent_again(
    server: Server, sent: Sent, delimiter: str, quoting: int
) -> None:
    expected = expected_of(sent)
    of_values = {name: value for name, value in sent.options.items() if name in OF_VALUES}
    with service(server, BATCH_ROWS="3") as client:
        answer = check_file(client, sent, expected)
        if not expected.refusals:
            return
        file = client.app.get(answer["rejects_url"]).body
        for content in (file, rewritten(file, expected.delimiter, delimiter, quoting)):
            again = Sent(sent.table, [content.decode()], [""], options=of_values)
            check_file(client, again, expected_of(again))
            _, answer = send(client, again, header="skip", delimiter="|", encoding="cp1252")
            reasons = [refusal[1:] for refusal in refusals(answer)]
            assert len(reasons) == len(expected.refusals)
            for reason, refusal in zip(reasons, expected.refusals, strict=True):
                assert reason == refusal[1:] or refusal.code == "repeated_header"


def rewritten(file: bytes, delimiter: str, other: str, quoting: int) -> bytes:
    """Return a file of refused rows as a spreadsheet saves it, with another delimiter."""
    rows = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=delimiter)
    saved = io.StringIO(newline="")
    csv.writer(saved, delimiter=other, quoting=quoting).writerows(rows)
    return saved.getvalue().encode("utf-8-sig")


EVERY_KIND = {
    *(f"refused: {kind}" for kind in ("option", "empty", "delimiter", "header", "header_line")),
    *(f"header: {header}" for header in (True, False, "skip", "a line")),
    *("stored", "stopped", "header_record", "some of each"),
    *("code: wrong_field_count", "code: missing_value", "code: not_an_integer", "code: out_of_range"),
    *("code: not_a_timestamp", "code: ambiguous_time", "code: too_long", "code: nul_character"),
    *("code: bad_quoting", "code: undecodable", "code: unknown_reference", "code: repeated_header"),
}


def test_made_up_files_are_of_every_kind_and_in_good_shares() -> None:
    seen: Counter[str] = Counter()
    search = settings(any_files, max_examples=5000, database=None, phases=[Phase.generate])

    def has_all(sent: Sent) -> bool:
        seen.update({"files", *kinds_of(sent)})
        return seen["files"] >= 300 and set(seen) >= EVERY_KIND

    find(files(), has_all, settings=search)

    assert set(seen) == EVERY_KIND | {"files"}
    assert seen["stored"] > seen["files"] / 4
    assert seen["some of each"] > seen["files"] / 8
    assert seen["refused: header"] < seen["files"] / 2


def kinds_of(sent: Sent) -> set[str]:
    return kinds(read(sent.content, TABLES[sent.table], sent.options, known=KNOWN))
