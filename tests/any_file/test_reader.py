"""What the independent reader makes of files, text in and rows out: test_files.py holds the service to it."""

import pytest
from reader import DEPARTMENTS, HIRES, Outcome, Refusal, Row, read
from reader.records import records
from reader.values import Fault, stored

LATIN = "801,José,2021-07-27,1,2\n".encode("latin-1")


def hires(content: str | bytes, record_chars_max: int = 2**20, **options: str) -> Outcome:
    """Read a file of hires."""
    sent = content.encode() if isinstance(content, str) else content
    return read(sent, HIRES, options, record_chars_max, {"department_id": {1, 2}, "job_id": {1, 2}})


def values(outcome: Outcome) -> list[str]:
    """Return each row on a line: the line it starts on, and its values."""
    return [f"{row.line}: {'|'.join(row.values)}" for row in outcome.rows]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\nc,d", [(1, ["a", "b"]), (2, ["c", "d"])]),
        ("a\r\nb\rc\n\rd", [(1, ["a"]), (2, ["b"]), (3, ["c"]), (4, [""]), (5, ["d"])]),
        ('"a","b ""c"""\n', [(1, ["a", 'b "c"'])]),
        ('"a\r\nb\n",c\rd', [(1, ["a\r\nb\n", "c"]), (4, ["d"])]),
        ('"",""', [(1, ["", ""])]),
        ("a,\n,", [(1, ["a", ""]), (2, ["", ""])]),
        ('a"b,c\nd', [(1, None), (2, ["d"])]),
        ('"a"b,c\nd', [(1, None), (2, ["d"])]),
        ('"a\nb",c"\nd', [(1, None), (2, None), (3, ["d"])]),
        ('a,"b\nc,d', [(1, None), (2, ["c", "d"])]),
        ('a, "b"', [(1, None)]),
        ('"a" ,b', [(1, None)]),
        ("a\u2028b\x0bc\x85d\x0ce", [(1, ["a\u2028b\x0bc\x85d\x0ce"])]),
        ('"', [(1, None)]),
        ('""""', [(1, ['"'])]),
        ('"""', [(1, None)]),
        ("", []),
    ],
)
def test_records_are_those_of_rfc_4180(text: str, expected: list[tuple[int, list[str] | None]]) -> None:
    assert [(record.line, record.fields) for record in records(text, ",")] == expected


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("+007", {}, "7"),
        ("-0", {}, "0"),
        ("96.0", {}, "96"),
        ("96.00", {}, "96"),
        ("96.000", {}, "not_an_integer"),
        ("96.", {}, "not_an_integer"),
        (".0", {}, "not_an_integer"),
        ("+", {}, "not_an_integer"),
        ("--1", {}, "not_an_integer"),
        ("1_000", {}, "not_an_integer"),
        ("１２", {}, "not_an_integer"),
        ("1e3", {}, "not_an_integer"),
        ("12.5", {}, "not_an_integer"),
        ("96,0", {}, "not_an_integer"),
        ("96,0", {"decimal": "comma"}, "96"),
        ("96.0", {"decimal": "comma"}, "not_an_integer"),
        ("9223372036854775807", {}, "9223372036854775807"),
        ("9223372036854775808", {}, "out_of_range"),
        ("-9223372036854775808", {}, "-9223372036854775808"),
        ("0" * 5000 + "1", {}, "1"),
        ("1" * 5000, {}, "out_of_range"),
    ],
)
def test_integer_is_stored_or_refused(text: str, options: dict[str, str], expected: str) -> None:
    assert shown(text, "integer", options) == expected


def shown(text: str, kind: str, options: dict[str, str]) -> str:
    try:
        return stored(text, kind, options)
    except Fault as fault:
        return str(fault)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-07-27", "2021-07-27T00:00:00Z"),
        ("2021-07-27T16:02", "2021-07-27T16:02:00Z"),
        ("2021-07-27 16:02:08,5", "2021-07-27T16:02:08.5Z"),
        ("2021-07-27T16:02:08.123456000Z", "2021-07-27T16:02:08.123456Z"),
        ("2021-07-27T16:02:08.000000", "2021-07-27T16:02:08Z"),
        ("2021-07-27T16:02:08.1234567", "not_a_timestamp"),
        ("2021-07-27T16:02:08.0000000000", "not_a_timestamp"),
        ("2021-07-27T16:02:08.", "not_a_timestamp"),
        ("2021-07-27T16:02:08+02", "2021-07-27T14:02:08Z"),
        ("2021-07-27T16:02:08-0230", "2021-07-27T18:32:08Z"),
        ("2021-07-27T16:02+23:59", "2021-07-26T16:03:00Z"),
        ("2021-07-27T16:02+24:00", "not_a_timestamp"),
        ("2021-07-27T16:02+02:60", "not_a_timestamp"),
        ("2021-07-27T16:02+02:", "not_a_timestamp"),
        ("2021-07-27 16:02 UTC", "2021-07-27T16:02:00Z"),
        ("2021-07-27 16:02UTC", "2021-07-27T16:02:00Z"),
        ("2021-07-27 16:02  Z", "not_a_timestamp"),
        ("2021-07-27Z", "not_a_timestamp"),
        ("2021-07-27T9:02", "not_a_timestamp"),
        ("2021-07-27T16", "not_a_timestamp"),
        ("2021-07-27T", "not_a_timestamp"),
        ("2021-07-27T24:00", "not_a_timestamp"),
        ("2021-07-27T23:59:60", "not_a_timestamp"),
        ("2021-07-27t16:02", "not_a_timestamp"),
        ("20210727", "not_a_timestamp"),
        ("2021-W30-2", "not_a_timestamp"),
        ("2021-02-29", "not_a_timestamp"),
        ("２021-07-27", "not_a_timestamp"),
        ("1000-01-01", "1000-01-01T00:00:00Z"),
        ("0999-12-31T23:30-01:00", "1000-01-01T00:30:00Z"),
        ("1000-01-01T00:30+01:00", "out_of_range"),
        ("9999-12-31T23:30-01:00", "out_of_range"),
        ("0000-02-29", "out_of_range"),
        ("0000-02-30", "not_a_timestamp"),
    ],
)
def test_iso_time_is_stored_in_utc_or_refused_in_every_order_of_dates(text: str, expected: str) -> None:
    assert shown(text, "timestamp", {}) == expected
    assert {shown(text, "timestamp", {"dates": dates}) for dates in ("dmy", "mdy")} == {expected}


@pytest.mark.parametrize(
    ("text", "dates", "expected"),
    [
        ("27.7.2021", "dmy", "2021-07-27T00:00:00Z"),
        ("7/27/2021", "mdy", "2021-07-27T00:00:00Z"),
        ("7/27/2021", "dmy", "not_a_timestamp"),
        ("2021/7/27", "ymd", "2021-07-27T00:00:00Z"),
        ("20210727", "ymd", "2021-07-27T00:00:00Z"),
        ("20210727 9:05", "ymd", "2021-07-27T09:05:00Z"),
        ("2021-07-27T16:02:08Z", "ymd", "2021-07-27T16:02:08Z"),
        ("2021-07-27 9:05", "ymd", "2021-07-27T09:05:00Z"),
        ("2021-07-27T9:05", "ymd", "not_a_timestamp"),
        ("27.7/2021", "dmy", "not_a_timestamp"),
        ("27.7.21", "dmy", "not_a_timestamp"),
        ("027.7.2021", "dmy", "not_a_timestamp"),
        ("30-02-2021", "dmy", "not_a_timestamp"),
        ("1.1.0000", "dmy", "out_of_range"),
        ("27.07.2021 16:02:08,5", "dmy", "2021-07-27T16:02:08.5Z"),
        ("27.07.2021 16:02.5", "dmy", "not_a_timestamp"),
        ("27.07.2021T16:02", "dmy", "not_a_timestamp"),
        ("27.07.2021  16:02", "dmy", "not_a_timestamp"),
        ("7/27/2021 4:02 PM", "mdy", "2021-07-27T16:02:00Z"),
        ("7/27/2021 4:02:08.5pm", "mdy", "2021-07-27T16:02:08.5Z"),
        ("7/27/2021 12:02 am", "mdy", "2021-07-27T00:02:00Z"),
        ("7/27/2021 12:02 PM UTC", "mdy", "2021-07-27T12:02:00Z"),
        ("7/27/2021 12:02PM+02:00", "mdy", "2021-07-27T10:02:00Z"),
        ("7/27/2021 13:02 PM", "mdy", "not_a_timestamp"),
        ("7/27/2021 0:02 AM", "mdy", "not_a_timestamp"),
        ("1627401728", "unix", "2021-07-27T16:02:08Z"),
        ("-1.500000000", "unix", "1969-12-31T23:59:58.5Z"),
        ("1.1234567", "unix", "not_a_timestamp"),
        ("1627401728123", "unix_ms", "2021-07-27T16:02:08.123Z"),
        ("1627401728123.4560", "unix_ms", "2021-07-27T16:02:08.123456Z"),
        ("1627401728123.4567", "unix_ms", "not_a_timestamp"),
        ("1.", "unix", "not_a_timestamp"),
        ("1,5", "unix", "not_a_timestamp"),
        ("1627401728123", "unix", "out_of_range"),
        ("9" * 400, "unix", "out_of_range"),
        ("2021-07-27", "unix", "not_a_timestamp"),
    ],
)
def test_date_is_read_in_the_order_that_was_named_and_in_no_other(text: str, dates: str, expected: str) -> None:
    assert shown(text, "timestamp", {"dates": dates}) == expected


@pytest.mark.parametrize(
    ("text", "timezone", "expected"),
    [
        ("2021-07-27 16:02", "America/Lima", "2021-07-27T21:02:00Z"),
        ("2021-07-27", "America/Lima", "2021-07-27T00:00:00Z"),
        ("2021-07-27 16:02Z", "America/Lima", "2021-07-27T16:02:00Z"),
        ("2021-07-27 16:02 UTC", "America/Lima", "2021-07-27T16:02:00Z"),
        ("27.7.2021 16:02", "Europe/Berlin", "2021-07-27T14:02:00Z"),
        ("2021-03-28 01:59:59.999999", "Europe/Berlin", "2021-03-28T00:59:59.999999Z"),
        ("2021-03-28 02:00", "Europe/Berlin", "ambiguous_time"),
        ("2021-03-28 02:59:59", "Europe/Berlin", "ambiguous_time"),
        ("2021-03-28 03:00", "Europe/Berlin", "2021-03-28T01:00:00Z"),
        ("2021-10-31 02:30", "Europe/Berlin", "ambiguous_time"),
        ("2021-10-31 02:30+01:00", "Europe/Berlin", "2021-10-31T01:30:00Z"),
        ("2021-10-31 03:00", "Europe/Berlin", "2021-10-31T02:00:00Z"),
        ("2011-12-30 12:00", "Pacific/Apia", "ambiguous_time"),
        ("9999-12-31 23:30", "America/Lima", "out_of_range"),
    ],
)
def test_time_without_an_offset_is_in_the_timezone_unless_its_clocks_never_or_twice_showed_it(
    text: str, timezone: str, expected: str
) -> None:
    assert shown(text, "timestamp", {"dates": "dmy", "timezone": timezone}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("NA", "NA"), ("x" * 1000, "x" * 1000), ("x" * 1001, "too_long"), ("a\0", "nul_character"), ("a\r\nb", "a\r\nb")],
)
def test_text_has_at_most_a_thousand_characters_and_no_nul(text: str, expected: str) -> None:
    assert shown(text, "text", {}) == expected


def test_each_record_is_stored_or_refused_on_its_own() -> None:
    outcome = hires(
        '1,"Roe, ""A""", 2021-07-27T16:02:08+02:00 ,\t96.0,\n'
        "\n ,\t,\n"
        "2,Bo,,abc,1\n"
        "3,Bo\n"
        ",Bo,,,\n"
        '4,B"o,,,\n'
        '5,"two\nlines",,,\n'
        "6,\0,,,\n"
        "7,\\N,\\N,\\N,\\N\n"
        "\\N,\\N,\\N,\\N,\\N\n"
    )

    assert outcome == Outcome(
        delimiter=",",
        encoding="utf-8",
        records=[
            Row(1, ("1", 'Roe, "A"', "2021-07-27T14:02:08Z", "96", "")),
            Refusal(4, "department_id", "not_an_integer"),
            Refusal(5, None, "wrong_field_count"),
            Refusal(6, "id", "missing_value"),
            Refusal(7, None, "bad_quoting"),
            Row(8, ("5", "two\nlines", "", "", "")),
            Refusal(10, "name", "nul_character"),
            Row(11, ("7", "", "", "", "")),
            Refusal(12, "id", "missing_value"),
        ],
    )


@pytest.mark.parametrize(
    ("record", "codes"),
    [
        (b"2,\xff" + b"x" * 60, ["too_long"]),
        (b'2,\xff"', ["undecodable"]),
        (b'2,"\xff\n"x', ["undecodable", "bad_quoting"]),
        (b'2,"', ["bad_quoting"]),
        (b'2,"' + b"x" * 60, ["too_long"]),
        (b'2,"' + b"\r\n" * 40 + b'",,,', ["too_long"]),
        (b'2,"' + b"x" * 50 + b"\n" + b"x" * 10 + b'"y', ["bad_quoting", "bad_quoting"]),
        (b"2,\xff", ["undecodable"]),
        (b"2,x", ["wrong_field_count"]),
    ],
)
def test_faults_of_a_whole_record_have_an_order(record: bytes, codes: list[str]) -> None:
    outcome = hires(b"1,Ana,,,\n" + record + b"\n3,Ana,,,\n", record_chars_max=60)

    assert [refusal.code for refusal in outcome.refusals] == codes
    assert [row.values[0] for row in outcome.rows] == ["1", "3"]


@pytest.mark.parametrize(
    ("name", "code"),
    [("n" * 16, None), ("n" * 17, "too_long"), ('"' + "n" * 14 + '"', None), ('"' + "n" * 14 + '\n"', "too_long")],
)
def test_limit_of_a_record_counts_all_its_characters_but_the_line_end(name: str, code: str | None) -> None:
    outcome = hires(f"1,{name},,,\r\n", record_chars_max=21)

    assert [refusal.code for refusal in outcome.refusals] == ([code] if code else [])


@pytest.mark.parametrize(
    ("sent", "options", "expected"),
    [
        ("1,NA,NULL,,", {"nulls": "NULL,NA"}, ["1: 1||||"]),
        ("1,na,,,", {"nulls": "NULL,NA"}, ["1: 1|na|||"]),
        ("1,\\N,,,", {"nulls": "NULL"}, ["1: 1|\\N|||"]),
        ("1,\\N,,,", {"nulls": ""}, ["1: 1|\\N|||"]),
        ('1,Ana,,"96,0",1', {"decimal": "comma"}, ["1: 1|Ana||96|1"]),
        ("1,0;Ana;27.7.2021;96,00;1", {"decimal": "comma", "dates": "dmy"}, ["1: 1|Ana|2021-07-27T00:00:00Z|96|1"]),
        ("1,Ana,2021-07-27,1,2", {"strict": "true"}, ["1: 1|Ana|2021-07-27T00:00:00Z|1|2"]),
        ("Ana,x,1", {"columns": "name,-,id"}, ["1: 1|Ana|||"]),
    ],
)
def test_options_say_how_values_are_read(sent: str, options: dict[str, str], expected: list[str]) -> None:
    assert values(hires(sent, **options)) == expected


@pytest.mark.parametrize(
    ("sent", "column", "code"),
    [
        ("1,Ana,2021-07-27,1,", "job_id", "missing_value"),
        ("1,Ana,2021-07-27,7,x", "job_id", "not_an_integer"),
        ("1,Ana,2021-07-27,1,7", "job_id", "unknown_reference"),
        ("1,Ana,2021-07-27,7,8", "department_id", "unknown_reference"),
        ("id,name,department_id,job_id\n1,Ana,1,2", "datetime", "missing_value"),
    ],
)
def test_strict_file_has_no_empty_fields_and_no_unknown_references(sent: str, column: str, code: str) -> None:
    [refusal] = hires(sent, strict="true").refusals

    assert refusal[1:] == (column, code)


@pytest.mark.parametrize(
    ("content", "options", "encoding", "name"),
    [
        ("1,José,,,".encode(), {}, "utf-8", "José"),
        ("\ufeff1,José,,,".encode(), {"encoding": "cp1252"}, "utf-8", "José"),
        ("1,José,,,".encode("utf-16"), {}, "utf-16", "José"),
        ("\ufeff1,José,,,".encode("utf-16-be"), {"encoding": "latin-1"}, "utf-16", "José"),
        ("1,José €,,,".encode("cp1252"), {"encoding": "latin-1"}, "cp1252", "José €"),
        ("1,José €,,,".encode("cp1252"), {"encoding": "iso-8859-1"}, "cp1252", "José €"),
        ("1,José €,,,".encode("iso-8859-15"), {"encoding": "iso-8859-15"}, "iso-8859-15", "José €"),
        ("1,José,,,".encode("mac-roman"), {"encoding": "mac-roman"}, "mac-roman", "José"),
    ],
)
def test_mark_counts_more_than_the_encoding_that_was_named(
    content: bytes, options: dict[str, str], encoding: str, name: str
) -> None:
    outcome = hires(content, **options)

    assert (outcome.encoding, outcome.rows) == (encoding, [Row(1, ("1", name, "", "", ""))])


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (LATIN, {}),
        (b"801,\x81,,,\n", {"encoding": "cp1252"}),
        (b"801,\xed\xa0\x80,,,\n", {}),
        (b"801,\xc3,,,\n", {}),
        (b'801,\xc3",,,\n', {}),
        ("\ufeff801,".encode("utf-16-le") + b"\x00\xd8" + ",,,\n".encode("utf-16-le"), {}),
    ],
)
def test_bytes_that_are_no_text_refuse_their_record_alone(content: bytes, options: dict[str, str]) -> None:
    encoding = "utf-16-le" if content.startswith(b"\xff\xfe") else "utf-8"

    outcome = hires(content + "802,Ana,,,\n".encode(encoding), **options)

    assert outcome.records == [Refusal(1, None, "undecodable"), Row(2, ("802", "Ana", "", "", ""))]


@pytest.mark.parametrize(
    ("content", "options", "delimiter"),
    [
        ("1,Ana;x,,,", {}, ","),
        ("id;name,x\n1;2", {"extra": "ignore"}, ";"),
        ("name|id\n1,Ana,,,", {}, "|"),
        ("1;a,b,c,d,e\n2;x;;;\n3;x;;;\n", {}, ";"),
        ("1,0;2,3;;;\n2;2,3;;;\n", {}, ";"),
        ("a;b\nc|d", {"header": "false"}, ","),
        ("x;Name\nc|d", {"header": "skip"}, ";"),
        ("Hires\nid;name\nx;y", {"header": "skip"}, ";"),
        ("id\n1", {}, ","),
        ("sep=;\n1;Ana;;;", {}, ";"),
        ('"SEP=\t"\r\n1\tAna\t\t\t', {}, "\t"),
        ("sep=;\n1,Ana,,,", {"delimiter": ","}, ","),
        ("1\tAna\t\t\t", {"delimiter": "tab"}, "\t"),
        ("1|0,2,3,4,5\n" * 2 + "1|2|3|4|5\n" * 5, {}, "|"),
        ("Ana|x;1\nBo|y;2", {"columns": "name,id"}, ";"),
    ],
)
def test_delimiter_is_the_one_that_most_records_speak_for(
    content: str, options: dict[str, str], delimiter: str
) -> None:
    assert hires(content, **options).delimiter == delimiter


@pytest.mark.parametrize(
    ("content", "options", "refused"),
    [
        ("1,2,3,4,5\n" * 2 + "1|2|3|4|5\n" * 3, {}, "delimiter"),
        ("1,Ana;;;;\n2,,,,", {"columns": "id,name"}, None),
        ("1,0;2\n1,0;3", {"columns": "id,name"}, "delimiter"),
        ("name,id,id\n1,2,3", {}, "header"),
        ("name,datetime\n1,2", {}, "header"),
        ("id,name,salary\n1,2,3", {}, "header"),
        ("id,name,\n1,2,3", {}, "header"),
        (",id,name\n1,2,3", {}, "header"),
        ("id,name,\n1,2,3", {"extra": "ignore"}, None),
        ("id,name,_x,_\n1,2,3,4", {}, None),
        ("id,_id\n1,2", {}, None),
        ("id,i-d\n1,2", {}, "header"),
        ('"id",na"me,,,\n1,2,3,4,5', {}, "header"),
        (b"id,na\xffme,,,\n1,2,3,4,5", {}, "header"),
        ("Nr,Nombre,Fecha,Dept,Job\n1,,,,", {}, "header"),
        ("Export of hires\n1,,,,", {}, "header"),
        (",Title,,,\n1,,,,", {}, None),
        (",Name,,,\n1,,,,", {}, "header"),
        ("x,Ana,27.7.2021,,\n1,,,,", {}, None),
        ('"x",Ana,,"1,0",\n1,,,,', {}, None),
        ("x,1\n1,,,,", {}, None),
        (LATIN, {}, None),
        ("x803,2021-01-01,5", {}, None),
        ("99999999999999999999,Ana,,,", {}, None),
        ("NULL,Ana,NULL,,\n1,,,,", {"nulls": "NULL"}, None),
        ("x,Ana,,,\n1,,,,", {"header": "false"}, None),
        ("x,Ana,,,\n1,,,,", {"header": "skip"}, None),
        ("1,Ana,,,\n1,,,,", {"header": "true"}, "header"),
        ("Hires,2021\n\nid,name\n1,Ana", {"header": "3"}, None),
        ("Hires,2021\n\nid,name\n1,Ana", {"header": "2"}, "header_line"),
        ("Hires,2021\n\nid,name\n1,Ana", {"header": "5"}, "header_line"),
        ("Hires,2021\n\nid,name\n1,Ana", {"header": "4"}, "header"),
        ('"Hires\n2021"\nid,name\n1,Ana', {"header": "2"}, "header_line"),
        ("x", {"columns": "name"}, "option"),
        ("x", {"columns": "id,id"}, "option"),
        ("x", {"columns": "id,salary"}, "option"),
        ("", {}, "empty"),
        ("\n,,\n", {}, "empty"),
        ("1,Ana".encode("utf-32"), {}, "encoding"),
    ],
)
def test_file_is_refused_as_a_whole_only_where_rows_would_be_guessed(
    content: str | bytes, options: dict[str, str], refused: str | None
) -> None:
    assert hires(content, **options).refused == refused


@pytest.mark.parametrize(
    ("content", "options", "header", "rows"),
    [
        ("NAME; Department ID;i-d\nAna;1;7", {}, True, ["2: 7|Ana||1|"]),
        ("id,name\n7,Ana", {"header": "true"}, True, ["2: 7|Ana|||"]),
        ("\n\nid,name\n7,Ana", {}, True, ["4: 7|Ana|||"]),
        ("7,Ana,,,", {}, False, ["1: 7|Ana|||"]),
        ("x\n7,Ana,,,", {"header": "skip"}, "skip", ["2: 7|Ana|||"]),
        ("Hires\n1,Bo,,,\nname,id\nAna,7", {"header": "3"}, 3, ["4: 7|Ana|||"]),
        ("x,y,z\n7,-,Ana", {"columns": "id,-,name"}, True, ["2: 7|Ana|||"]),
        ("7,-,Ana", {"columns": "id,-,name"}, False, ["1: 7|Ana|||"]),
        ("7,-,Ana\n8,-,Ana", {"columns": "id,-,name", "header": "skip"}, "skip", ["2: 8|Ana|||"]),
        ("x\n7,-,Ana\n8,-,Ana", {"columns": "id,-,name", "header": "2"}, 2, ["3: 8|Ana|||"]),
        ("x,y,z\n7,-,Ana", {"columns": "id,-,name", "header": "false"}, False, ["2: 7|Ana|||"]),
    ],
)
def test_header_is_found_or_read_as_it_was_told(
    content: str, options: dict[str, str], header: bool | str | int, rows: list[str]
) -> None:
    outcome = hires(content, **options)

    assert (outcome.header, values(outcome)) == (header, rows)


def test_first_record_that_is_passed_over_for_columns_is_shown() -> None:
    assert hires("Nr;x\n7;Ana", columns="id,name").header_record == "Nr;x"


@pytest.mark.parametrize(
    ("content", "options", "repeated", "stopped"),
    [
        ("id,name\n1,Ana\nID,Name\n2,Bo", {}, [3], None),
        ("id,name\n1,Ana\nname,id\n2,Bo", {}, [], 3),
        ("id,name\n1,Ana\nid,datetime\n2,Bo", {}, [], 3),
        ("id,name\n1,Ana\nid,_x\n2,Bo", {}, [], 3),
        ("id,name\n1,Ana\nid,name,job_id\n2,Bo", {}, [], 3),
        ("id,name\n1,Ana\nid,name,salary\n2,Bo", {}, [], None),
        ("id,name\n1,Ana\nid,salary\n2,Bo", {"extra": "ignore"}, [], 3),
        ("1,Ana,,,\nid,name,datetime,department_id,job_id\n2,Bo,,,", {}, [2], None),
        ("1,Ana,,,\nid,name,datetime,job_id,department_id\n2,Bo,,,", {}, [], 2),
        ("1,Ana,,,\nid,name\n2,Bo,,,", {}, [], 2),
        ("1,x,Ana\nid,datetime,name\n2,x,Bo", {"columns": "id,-,name"}, [2], None),
        ("1,x,Ana\nid,name,_\n2,x,Bo", {"columns": "id,-,name"}, [], 2),
        ("Nr,x\n1,Ana\nNR.,X\n2,Bo", {"columns": "id,name"}, [3], None),
        ("id,name\n1,Ana\n2,Bo", {"columns": "id,name", "header": "false"}, [], None),
        ("1,Ana,,,\n1,Ana,,,\n2,Bo,,,", {"header": "skip"}, [], None),
    ],
)
def test_header_further_down_is_refused_in_this_order_and_stops_the_load_in_another(
    content: str, options: dict[str, str], repeated: list[int], stopped: int | None
) -> None:
    outcome = hires(content, **options)

    refused = [refusal.line for refusal in outcome.refusals if refusal.code == "repeated_header"]
    assert (refused, outcome.stopped) == (repeated, stopped)


REJECTS = "\ufeffid,name,_,_line,_column,_code,_reason,_delimiter,_record\n"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("7,Ana,x,1,,,,;,", Row(2, ("7", "Ana", "", "", ""))),
        ("x,Ana,x,1,,,,;,", Refusal(2, "id", "not_an_integer")),
        (",,,1,,,,;,7;Ana;x", Row(2, ("7", "Ana", "", "", ""))),
        (",,,1,,,,;,7;Ana", Refusal(2, None, "wrong_field_count")),
        (r",,,1,,,,;,7;\xe9\\N;x", Refusal(2, None, "undecodable")),
        (r",,,1,,,,;,7;a\\xe9;x", Row(2, ("7", r"a\xe9", "", "", ""))),
        (',,,1,,,,;,"7;""Ana;x"', Refusal(2, None, "bad_quoting")),
        (',,,1,,,,",","7,""A,na"",x"', Row(2, ("7", "A,na", "", "", ""))),
        (",,,1,,,,tab,7\tAna\tx", Row(2, ("7", "Ana", "", "", ""))),
        ("id,name,_,1,,,,;,", Refusal(2, "id", "not_an_integer")),
        (",,,1,,repeated_header,,;,id;name;_", Refusal(2, None, "repeated_header")),
        (",,,1,,repeated_header,,;,7;name;_", Row(2, ("7", "name", "", "", ""))),
        (",,,1,,bad_quoting,,;,id;name;_", Refusal(2, "id", "not_an_integer")),
        ("7,Ana", Refusal(2, None, "wrong_field_count")),
    ],
)
def test_file_of_refused_rows_is_read_by_its_own_rules(row: str, expected: Row | Refusal) -> None:
    outcome = hires(REJECTS + row, delimiter=";", header="skip", encoding="cp1252", columns="id,name")

    assert (outcome.delimiter, outcome.header, outcome.encoding) == (",", True, "utf-8")
    assert outcome.records == [expected]


def test_table_of_text_alone_has_its_key_to_tell_a_header() -> None:
    assert read(b"id,title\n1,Sales", DEPARTMENTS, {}).refused == "header"
    assert read(b"id,department\n1,Sales", DEPARTMENTS, {}).rows == [Row(2, ("1", "Sales"))]
