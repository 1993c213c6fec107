"""Refused rows that are sent again: refused for the same reasons as they are, stored as corrected where they are corrected.

EXAMPLES in the environment tries that many files a test, other ones each time; without it they are always the same.
"""

import csv
import io
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
from exports import libreoffice
from hypothesis import assume, event, given
from hypothesis import strategies as st
from made_up_files import DELIMITERS, NO_TEXT, ZONES, Sent, damaged, line_ends, mostly, spellings, values, written
from reader import TABLES
from reader.files import REJECTS, normalise
from servers.server import Server
from test_properties import any_files, service
from web_client import Client

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # test_rejects.py tries the others

UNLIMITED = str(2**20)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac-roman", "iso-8859-15"]
OF_THE_SERVICE = ["_line", "_record", "_note", "_", "_column", "_delimiter", f"_{'n' * 1100}"]
"""Names that are passed over in a file: a file of refused rows has some of them as well, and one is too long for it."""

MOMENT = "2021-07-27T16:02:08Z"
MOMENTS = {
    "iso": ["2021-07-27T16:02:08Z", "2021-07-27 18:02:08+02:00"],
    "dmy": ["27.7.2021 4:02:08 PM UTC", "27/07/2021 16:02:08Z", "2021-07-27T16:02:08Z"],
    "mdy": ["7/27/2021 16:02:08 UTC", "2021-07-27 16:02:08 UTC"],
    "ymd": ["2021/7/27 16:02:08Z", "20210727 16:02:08Z"],
    "unix": ["1627401728", "1627401728.0"],
    "unix_ms": ["1627401728000"],
}
"""The ways to write MOMENT."""


@dataclass(frozen=True)
class Again:
    """A file to be sent, the options about its values, which have to be given again, and those about its form."""

    sent: Sent
    of_values: dict[str, str]
    of_form: dict[str, str]


of_values = st.fixed_dictionaries(
    {},
    optional={
        "strict": st.just("true"),
        "nulls": st.sampled_from(["NULL,NA", "", "Ana,-"]),
        "decimal": st.just("comma"),
        "dates": st.sampled_from(["dmy", "mdy", "ymd", "unix", "unix_ms"]),
        "timezone": st.sampled_from(ZONES),
        "escape": st.just("backslash"),
    },
)


@st.composite
def forms(draw: st.DrawFn, table: str) -> tuple[list[tuple[str, str | None]], dict[str, str], bool]:
    """What the fields are, each with its name and its column or None, the options that say so, and whether the names stand there."""
    columns = [column.name for column in TABLES[table].columns]
    kind = draw(st.sampled_from(["none", "names", "names", "columns", "columns", "extra"]))
    if kind == "none":
        return [(name, name) for name in columns], draw(st.sampled_from([{}, {"header": "false"}])), False
    chosen = [column.name for column in TABLES[table].columns if column.required or draw(st.integers(0, 3))]
    layout: list[tuple[str, str | None]] = [(draw(spellings(name)), name) for name in draw(st.permutations(chosen))]
    for name in draw(st.lists(st.sampled_from(OF_THE_SERVICE), max_size=2)):
        layout.insert(draw(st.integers(0, len(layout))), (name, None))
    if kind == "names":
        return layout, draw(st.sampled_from([{}, {"header": "true"}, {"extra": "ignore"}])), True
    for name in draw(st.lists(st.sampled_from(["Salary", "Nr", "", "x y"]), min_size=1, max_size=2, unique=True)):
        layout.insert(draw(st.integers(0, len(layout))), (name, None))
    if kind == "extra":
        return layout, {"extra": "ignore"}, True
    if draw(st.booleans()):
        layout = [(f"Field {place}", name) for place, (_, name) in enumerate(layout)]
    has_names = draw(st.booleans())
    header = draw(st.sampled_from([{}, {"header": "skip"}] if has_names else [{}, {"header": "false"}]))
    return layout, {"columns": ",".join(name or "-" for _, name in layout), **header}, has_names


@st.composite
def files_with_refused_rows(draw: st.DrawFn) -> Again:
    """A file in which many rows are refused, for their values, their form or their length, or as a header further down."""
    table = draw(st.sampled_from(["hired_employees"] * 3 + ["departments", "jobs"]))
    columns = {column.name: column for column in TABLES[table].columns}
    about_values = draw(of_values)
    layout, about_form, has_names = draw(forms(table))
    delimiter = draw(st.sampled_from(DELIMITERS))
    quotes_all = draw(st.integers(0, 4)) == 0
    names = written([name for name, _ in layout], delimiter, quotes_all)
    parts = [names] if has_names else []
    for _ in range(draw(st.integers(1, 8))):
        fields = [
            draw(values(columns[name].kind, name == "id", about_values) if name else st.sampled_from(["", "x", '"']))
            for _, name in layout
        ]
        part = draw(damaged(written(fields, delimiter, quotes_all), delimiter, rarely=2))
        parts.append(draw(st.sampled_from([part] * 9 + [names, f"{part}{delimiter}", "x" * 60, f"1{delimiter}"])))
    encoding = draw(st.sampled_from(ENCODINGS))
    if encoding not in ("utf-8", "utf-8-sig", "utf-16"):
        about_form["encoding"] = encoding
    if draw(st.booleans()):
        about_form["delimiter"] = {"\t": "tab"}.get(delimiter, delimiter)
    sent = Sent(table, parts, draw(line_ends(len(parts))), encoding, about_values | about_form)
    return Again(sent, about_values, about_form)


@st.composite
def other_forms(draw: st.DrawFn, table: str) -> dict[str, str]:
    """Options about the form of a file that is written otherwise."""
    columns = [column.name for column in TABLES[table].columns]
    return draw(
        st.fixed_dictionaries(
            {},
            optional={
                "encoding": st.sampled_from(["cp1252", "utf-16", "mac-roman"]),
                "delimiter": st.sampled_from([",", ";", "tab", "|"]),
                "header": st.sampled_from(["true", "false", "skip", "2", "9"]),
                "columns": st.sampled_from([",".join(columns), ",".join(["-", *reversed(columns)])]),
                "extra": st.sampled_from(["ignore", "refuse"]),
            },
        )
    )


limits = mostly(st.just(UNLIMITED), st.integers(30, 90).map(str), 2)


def send(client: Client, table: str, content: bytes, options: dict[str, str]) -> dict[str, Any]:
    return client.upload_to(f"{table}?{urlencode(options)}", content, None)


def rejects_file(client: Client, answer: dict[str, Any]) -> bytes:
    return client.app.get(answer["rejects_url"]).body


def rows_of(file: bytes, delimiter: str) -> list[list[str]]:
    """Return the header and the rows of a file of refused rows."""
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))


def refused(client: Client, answer: dict[str, Any]) -> list[list[str]]:
    """Return header and rows of what an upload refused, but for the lines on which the rows stood."""
    rows = rows_of(rejects_file(client, answer), answer["dialect"]["delimiter"])
    return [but_line(row) for row in rows]


def but_line(row: list[str]) -> list[str]:
    return [*row[: -len(REJECTS)], *row[1 - len(REJECTS) :]]


def sent_with_refusals(client: Client, file: Again) -> dict[str, Any]:
    """Send a file, go on only where rows of it are refused, and count of which kind."""
    answer = send(client, file.sent.table, file.sent.content, file.sent.options)
    assume(answer.get("rejected"))
    for reject in answer["rejects"]:
        event(reject["code"])
    return answer


@any_files
@given(files_with_refused_rows(), limits, st.data())
def test_refused_rows_are_the_same_however_often_they_are_sent_again(
    server: Server, file: Again, record_chars_max: str, data: st.DataObject
) -> None:
    table = file.sent.table
    with service(server, BATCH_ROWS="3", RECORD_CHARS_MAX=record_chars_max) as client:
        answer = sent_with_refusals(client, file)
        first, rejects = refused(client, answer), rejects_file(client, answer)

        for form in ({}, file.of_form, data.draw(other_forms(table))):
            again = send(client, table, rejects, file.of_values | form)
            assert (again["inserted"], again["skipped"]) == (0, 0)
            assert refused(client, again) == first

        third = send(client, table, rejects_file(client, again), file.of_values)
        assert refused(client, third) == first
        assert third["dialect"] == again["dialect"]


@any_files
@given(files_with_refused_rows(), st.integers(0, 2000).map(str))
def test_refused_rows_that_are_kept_in_part_are_never_stored(server: Server, file: Again, bytes_max: str) -> None:
    table = file.sent.table
    with service(server, BATCH_ROWS="3", REJECTS_BYTES_MAX=bytes_max) as client:
        answer = sent_with_refusals(client, file)
        before = client.rows(table)

        for _ in range(2):
            again = send(client, table, rejects_file(client, answer), file.of_values)
            assert again["rejected"] == again["read"] == answer["rejected"]
            assert client.rows(table) == before
            answer = again


@any_files
@given(files_with_refused_rows(), st.sampled_from(DELIMITERS), st.booleans(), st.booleans(), st.data())
def test_refused_rows_that_are_corrected_are_stored_and_the_others_refused_as_before(
    server: Server, file: Again, delimiter: str, quotes_all: bool, has_mark: bool, data: st.DataObject
) -> None:
    table = file.sent.table
    with service(server, BATCH_ROWS="3") as client:
        answer = sent_with_refusals(client, file)
        before = client.rows(table)
        names, *rows = rows_of(rejects_file(client, answer), answer["dialect"]["delimiter"])
        expected = {}
        for number, row in enumerate(rows):
            if data.draw(st.integers(0, 3)):
                row[:], stored = data.draw(corrections(names, row, file, 1000 + number))
                expected[stored[0]] = stored
        left = [was for was, row in zip(refused(client, answer)[1:], rows, strict=True) if but_line(row) == was]

        again = send(client, table, saved([names, *rows], delimiter, quotes_all, has_mark), file.of_values)

        assert sorted(row for row in client.rows(table) if row not in before) == sorted(expected.values())
        assert refused(client, again)[1:] == left


def saved(rows: list[list[str]], delimiter: str, quotes_all: bool, has_mark: bool) -> bytes:
    """Return a table as a spreadsheet saves it."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL).writerows(rows)
    return stream.getvalue().encode("utf-8-sig" if has_mark else "utf-8")


@st.composite
def corrections(
    draw: st.DrawFn, names: list[str], row: list[str], file: Again, key: int
) -> tuple[list[str], list[str]]:
    """A refused row as somebody corrects it, in its columns or in the text of a whole record, and what is stored of it."""
    own = names[: -len(REJECTS)]
    columns = {normalise(column.name): column for column in TABLES[file.sent.table].columns}
    stored = {column.name: "" for column in columns.values()}
    fields = []
    for name, was in zip(own, row, strict=False):
        column = None if name.strip(" \t").startswith("_") else columns.get(normalise(name))
        text = was
        if column:
            text = draw(corrected(column.kind, file.of_values)) if column.name != "id" else str(key)
            stored[column.name] = MOMENT if column.kind == "timestamp" else text
        fields.append(text)
    assume(file.of_values.get("strict") != "true" or all(stored.values()))
    assume(stored.get("department", "x") and stored.get("job", "x"))
    answered = row[-len(REJECTS) :]
    if row[-1] and draw(st.booleans()):
        between = "\t" if row[-2] == "tab" else row[-2]
        text = written(fields, between, draw(st.booleans())).replace("\\", "\\\\")
        return [*row[: -len(REJECTS)], *answered[:-1], text], [*stored.values()]
    return [*fields, *answered], [*stored.values()]


def corrected(kind: str, of_values: dict[str, str]) -> st.SearchStrategy[str]:
    if kind == "integer":
        return st.sampled_from(["1", "2"])
    if kind == "timestamp":
        return st.sampled_from(MOMENTS[of_values.get("dates", "iso")])
    words = of_values.get("nulls", "\\N").split(",")
    texts = st.sampled_from(
        ["Bo", 'Roe, "A" B', "a;b|c\td", "two\nlines", "\\x41", "back\\slash", "Zoé", "李", "'", '"']
    )
    return texts.filter(lambda text: text not in words and NO_TEXT not in text)


IN_SPREADSHEETS: dict[str, tuple[bytes, dict[str, str], dict[str, str]]] = {
    "no header": (
        b'1,Ana,2021-07-27,1,1\nx,Bo,,,\n2,"Roe, ""A""\r\nand more",27/07/2021, 2 ,96.0\n3,5" pipe,,,\n4,Jos\xe9,,,\n'
        b'5,"two\nlines",,\n6,"a;b|c",,,99999999999999999999\n,=1+1,,,\n7,back\\slash\\xE9,,\n8,"open,,,\n9,"a"b,,,\n'
        b"-10,001,soon,,\n+11,@Ana,0999-12-31,,\n12,'7,2021-02-30,,\n  13x,\t,,,\n1/2,3-4,12:30,0012,1e3\n"
        + b"14,"
        + b"n" * 1001
        + b",,,\n",
        {},
        {},
    ),
    "a header, semicolons, cp1252, names of the service": (
        '_record;JOB ID;id;_line;Name\nÀ;x;1;7;Zoé\n;2;x2;;"a\nb"\n€;2;3\n_record;JOB ID;id;_line;Name\n;1,5;4;;\\N\n'.encode(
            "cp1252"
        ),
        {},
        {"encoding": "cp1252"},
    ),
    "columns said, tabs, dates of their own": (
        b'Nr\tWer\tWas\tWann\tWo\n1\tAna\tx\t27.07.2021 02:30\t1\n2\tBo\tx\t28.03.2021 02:30\t1\n3\tC,D\t"x\t\t\nx4\t"Roe\t A"\t\t\t\n5\tE\t\t7/13/2021\t\n',
        {"dates": "dmy", "timezone": "Europe/Berlin"},
        {"columns": "id,name,-,datetime,job_id"},
    ),
    "a header, pipes, strict, words for nothing": (
        b"id|name|datetime|department_id|job_id|office\n1|Ana|2021-07-27|1|1|B\n2|NA|2021-07-27|1|1|B\n3|Ana|2021-07-27|9|1|B\n4|Ana|2021-07-27|1|NULL|\n5|A|\n",
        {"strict": "true", "nulls": "NA,NULL"},
        {"extra": "ignore"},
    ),
}
"""Files with refused rows of all kinds, the options about their values, and those about their form."""


def test_refused_rows_that_libreoffice_saved_are_refused_as_before_or_stored_as_corrected(
    server: Server, subtests: pytest.Subtests
) -> None:
    saves, cases = [], []
    with service(server) as client:
        for number, (name, (content, about_values, about_form)) in enumerate(IN_SPREADSHEETS.items(), 1):
            answer = send(client, "hired_employees", content, about_values | about_form)
            between = answer["dialect"]["delimiter"]
            names, *rows = rows_of(rejects_file(client, answer), between)
            corrected = [with_sound_values(names, row, 1000 * number) for row in rows]
            for delimiter, quotes, opened in product(",;\t", (True, False), (rows, corrected)):
                file = saved([names, *opened], between, quotes_all=False, has_mark=True)
                saves.append(libreoffice.Saved(file, [libreoffice.TEXT] * len(names), between, delimiter, quotes))
                cases.append((f"{name}, {delimiter!r}, {quotes}", names, opened, about_values))

        for content, (way, names, opened, about_values) in zip(libreoffice.save(saves), cases, strict=True):
            is_corrected = opened[0][-len(REJECTS)] == ""
            with subtests.test(f"{way}, {'corrected' if is_corrected else 'as they are'}"):
                again = send(client, "hired_employees", content, about_values)

                if is_corrected:
                    assert again["rejected"] == 0
                    stored = {row[0]: row for row in client.rows("hired_employees")}
                    expected = [sound_row(names, row) for row in opened]
                    assert [stored[row[0]] for row in expected] == expected
                else:
                    as_before = [[libreoffice.as_in_a_cell(text) for text in but_line(row)] for row in [names, *opened]]
                    assert refused(client, again) == as_before


SOUND = {"name": "Zoé; Ana, Roe\n2", "datetime": MOMENT, "departmentid": "1", "jobid": "2"}


def with_sound_values(names: list[str], row: list[str], first: int) -> list[str]:
    """Return a refused row with values that can be stored, and with nothing of why it was refused."""
    sound = SOUND | {"id": str(first + int(row[-len(REJECTS)]))}
    own = [
        sound.get(name.startswith("_") or normalise(name), text)
        for name, text in zip(names[: -len(REJECTS)], row, strict=False)
    ]
    return own + [""] * len(REJECTS)


def sound_row(names: list[str], row: list[str]) -> list[str]:
    """Return a corrected row as it is stored: columns that the file does not have are empty."""
    sent = {normalise(name): text for name, text in zip(names, row, strict=True) if not name.startswith("_")}
    return [sent.get(name, "") for name in ("id", *SOUND)]
