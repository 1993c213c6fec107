"""Records: RFC 4180 to the letter, and a broken record costs no other one."""

import pytest
from conftest import start_client
from web_client import Client


@pytest.mark.parametrize(
    ("file", "stored"),
    [
        pytest.param("1,a\n2,b", [["1", "a"], ["2", "b"]], id="no newline at the end"),
        pytest.param("1,a\r\n2,b\r\n", [["1", "a"], ["2", "b"]], id="CRLF"),
        pytest.param("1,a\r2,b\r", [["1", "a"], ["2", "b"]], id="CR alone"),
        pytest.param("1,a\n2,b\r\n3,c\r4,d", [["1", "a"], ["2", "b"], ["3", "c"], ["4", "d"]], id="mixed line ends"),
        pytest.param("\ufeff1,a\n", [["1", "a"]], id="byte order mark"),
        pytest.param('1,"a, b"\n', [["1", "a, b"]], id="comma in quotes"),
        pytest.param('1,"say ""a"""\n', [["1", 'say "a"']], id="quotes in quotes"),
        pytest.param(
            '1,"a\nb"\n2,"c\r\nd"\n3,"e\rf"\n', [["1", "a\nb"], ["2", "c\r\nd"], ["3", "e\rf"]], id="newlines"
        ),
        pytest.param('"1","a"\r\n', [["1", "a"]], id="everything quoted"),
        pytest.param('1,"\n\n"\n2,b\n', [["1", "\n\n"], ["2", "b"]], id="nothing but newlines in quotes"),
        pytest.param("1,a\x0bb\x0cc\x1cd\x85e\u2028f\n", [["1", "a\x0bb\x0cc\x1cd\x85e\u2028f"]], id="other breaks"),
        pytest.param("1,\u2028a\r\n2,b\r\n", [["1", "\u2028a"], ["2", "b"]], id="other breaks and CRLF"),
        pytest.param("1,\ufeffa\n", [["1", "\ufeffa"]], id="byte order mark inside is text"),
        pytest.param(',\n\n1,a\n \t,\n"",\n', [["1", "a"]], id="records without content"),
        pytest.param("1,\U0001f600 é\n", [["1", "\U0001f600 é"]], id="beyond ASCII"),
    ],
)
def test_file_is_read_as_it_was_meant(client: Client, file: str, stored: list[list[str]]) -> None:
    answer = client.upload("departments", file)

    assert client.rows("departments") == stored
    assert answer["rejected"] == 0


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param('2,5" pipe', id="quote inside an unquoted field"),
        pytest.param('2,"a"b', id="text after a closing quote"),
        pytest.param('2, "a"', id="blank before an opening quote"),
        pytest.param('2,"a', id="quote that does not close"),
        pytest.param('2,"a""', id="escaped quote at the end"),
        pytest.param('"2,b', id="quote that does not close in the first field"),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "middle", "last"])
def test_broken_quoting_refuses_one_record_and_no_other(client: Client, broken: str, place: int) -> None:
    lines = ["1,a", "3,c"]
    lines.insert(place, broken)

    answer = client.upload("departments", "\n".join(lines))

    assert client.rows("departments") == [["1", "a"], ["3", "c"]]
    assert answer["rejects"] == [
        {
            "line": place + 1,
            "column": None,
            "code": "bad_quoting",
            "reason": "the record has a quote inside an unquoted field, text after a closing quote, "
            "or a quote that does not close",
            "record": broken,
        }
    ]


def test_record_of_one_field_is_counted_in_the_singular(client: Client) -> None:
    answer = client.upload("departments", "1,a\n2\n")

    assert answer["rejects"][0]["reason"] == "the record has 1 field where 2 are expected"


def test_record_after_one_that_spans_lines_has_its_physical_line(client: Client) -> None:
    answer = client.upload("departments", '1,"a\nb\r\nc"\n\nx,d\n')

    assert [reject["line"] for reject in answer["rejects"]] == [5]


def test_two_broken_records_that_could_close_each_other_are_both_refused(client: Client) -> None:
    answer = client.upload("departments", '1,"a\n2,b\n3,c"\n4,d\n')

    assert [reject["record"] for reject in answer["rejects"]] == []
    assert client.rows("departments") == [["1", "a\n2,b\n3,c"], ["4", "d"]]


@pytest.mark.parametrize("chars", [200_000, 65_536, 65_535, 65_534, 65_533])
def test_line_across_chunks_is_read_whole(settings: dict[str, str], chars: int) -> None:
    client = start_client(settings)
    first = "1," + "x" * (chars - 2)

    answer = client.upload("departments", f"{first}\r\n2,b\r\nx,c")

    assert [(r["line"], r["code"]) for r in answer["rejects"]] == [(1, "too_long"), (3, "not_an_integer")]
    assert client.rows("departments") == [["2", "b"]]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_record_past_the_limit_is_refused_and_the_next_one_is_read(settings: dict[str, str], end: str) -> None:
    client = start_client(settings | {"RECORD_CHARS_MAX": "100"})

    answer = client.upload("departments", end.join(["1," + "x" * 98, "2," + "y" * 300_000, "3,c"]))

    assert [reject["record"] for reject in answer["rejects"]] == ["2," + "y" * 99]
    assert answer["rejects"][0]["reason"] == "the record has more than 100 characters (RECORD_CHARS_MAX)"
    assert [row[0] for row in client.rows("departments")] == ["1", "3"]


def test_quote_that_does_not_close_within_the_limit_refuses_its_line_alone(settings: dict[str, str]) -> None:
    client = start_client(settings | {"RECORD_CHARS_MAX": "100"})

    answer = client.upload("departments", '1,"a\n' + "".join(f"{i},b\n" for i in range(2, 500)))

    assert [reject["line"] for reject in answer["rejects"]] == [1]
    assert answer["inserted"] == 498


def test_bytes_that_are_no_text_refuse_their_record_alone(client: Client) -> None:
    answer = client.upload("departments", b"1,a\n2,caf\xe9 \\\n3,c\n")

    assert answer["rejects"] == [
        {
            "line": 2,
            "column": None,
            "code": "undecodable",
            "reason": "the record has bytes that are not valid in the file's encoding",
            "record": "2,caf\\xE9 \\\\",
        }
    ]
    assert client.rows("departments") == [["1", "a"], ["3", "c"]]
