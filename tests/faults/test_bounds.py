"""What an upload may make an answer and the ledger hold, whatever it sends."""

import gzip

import pytest
from conftest import start_client
from web_client import Client

LONG = "x" * 3000
SHOWN = f"{'x' * 60}..."
on_sqlite = pytest.mark.parametrize("server", ["sqlite"], indirect=True)
"""What a file says is read alike on every database."""


@on_sqlite
@pytest.mark.parametrize(
    ("url", "detail"),
    [
        (f"/upload/{LONG}", f"{SHOWN} is not one of departments, hired_employees, jobs"),
        (f"/upload/jobs?{LONG}=1", f"the parameter {SHOWN} is not one of "),
        (f"/upload/jobs?dates={LONG}", f"the parameter dates is '{SHOWN}', which is not one of iso, "),
        (f"/upload/jobs?columns={LONG}", f"the parameter columns has '{SHOWN}', which is not one of id, job, "),
        (f"/upload/jobs?nulls={LONG},,", "the parameter nulls is '" + SHOWN + "': expected words"),
        (f"/upload/jobs?timezone={LONG}", f"the parameter timezone is '{SHOWN}', which is not a name"),
        (f"/upload/jobs?encoding={LONG}", f"the parameter encoding is '{SHOWN}', which is not one of"),
        (f"/{LONG}", f"nothing is at /{SHOWN[1:]}: "),
    ],
    ids=["table", "parameter", "choice", "column", "words", "timezone", "encoding", "path"],
)
def test_answer_quotes_the_beginning_of_a_long_name(client: Client, url: str, detail: str) -> None:
    answer = client.app.post(url, b"1,a\n", {"Content-Type": "text/csv"}, status="4*").json

    assert answer["detail"].startswith(detail)
    assert len(answer["detail"]) < 400


@on_sqlite
@pytest.mark.proves(
    "an answer quotes the first ten, each in part", "headers of many names and long ones", "the cut of names"
)
def test_answer_quotes_the_beginning_of_a_header_that_does_not_fit(client: Client) -> None:
    names = ["id", "job", LONG, *(f"name {number}" for number in range(30))]

    answer = client.upload("jobs", ",".join(names) + "\n" + "1,a\n", status=422)

    others = ", ".join(f"'name {number}'" for number in range(9))
    assert answer["detail"].startswith(
        f"the header on line 1 does not fit: '{SHOWN}', {others} and 21 more is not a column. "
    )
    assert client.get("/uploads/1")["reason"] == answer["detail"]


@on_sqlite
@pytest.mark.parametrize(("zeros", "hints"), [(57, 1), (58, 0)])
def test_no_hint_quotes_a_value_that_is_longer_than_a_sentence_may(client: Client, zeros: int, hints: int) -> None:
    answer = client.upload("jobs", f"{'0' * zeros},00;a\n2;b\n")

    assert [hint["options"] for hint in answer["hints"]] == [{"decimal": "comma"}] * hints


def too_long(line: int, chars: int) -> str:
    return (
        f"the header on line {line} has more than {chars} characters (HEADER_CHARS_MAX): shorten its names, or take "
        "it out and say columns="
    )


@pytest.mark.proves(
    "422, and nothing of it in the ledger", "a header of a mebibyte in 4 kB of gzip", "the limit on headers"
)
def test_header_of_a_mebibyte_is_refused_and_not_kept(client: Client) -> None:
    header = "id,job,_" + "\U0001f600" * (2**20 - 8)

    answer = client.post("jobs", gzip.compress(f"{header}\n1,a\n".encode()), 422, Content_Type="text/csv")

    assert (answer["code"], answer["detail"]) == ("header_too_long", too_long(1, 65536))
    assert (answer["read"], answer["hints"]) == (0, [])
    upload = client.get("/uploads/1")
    assert (upload["status"], upload["reason"]) == ("refused", answer["detail"])
    assert upload["dialect"] == {"delimiter": ",", "encoding": "utf-8", "columns": []}


@on_sqlite
@pytest.mark.parametrize(
    ("file", "options"),
    [
        pytest.param("id,job,_{}\n7,Dev,\n", {}, id="found"),
        pytest.param("id,job,_{}\n7,Dev,\n", {"header": "true"}, id="said"),
        pytest.param("id,job,{}\n7,Dev,\n", {"extra": "ignore"}, id="with names that are no column"),
        pytest.param("Jobs\nid,job,_{}\n7,Dev,\n", {"header": "2"}, id="on the line that is said"),
        pytest.param("Nr,Title{}\n7,Dev\n", {"columns": "id,job"}, id="passed over behind columns"),
        pytest.param("8,Title{}\n7,Dev\n", {"columns": "id,job", "header": "true"}, id="said behind columns"),
        pytest.param("Nr,Title{}\n7,Dev\n", {"header": "skip"}, id="passed over"),
        pytest.param("Nr,Title{}\n7,Dev\n", {}, id="may be one"),
        pytest.param("Nr,Title{}\n7,Dev\n", {"header": "true"}, id="said, and fits no table"),
        pytest.param('Nr,"Ti"tle{}\n7,Dev\n', {}, id="broken quotes"),
    ],
)
@pytest.mark.parametrize("more", [0, 1], ids=["at the limit", "beyond it"])
def test_header_past_the_limit_is_refused_by_its_own_code(
    settings: dict[str, str], file: str, options: dict[str, str], more: int
) -> None:
    client = start_client(settings | {"HEADER_CHARS_MAX": "100"})
    line = 2 if options.get("header") == "2" else 1
    header = file.splitlines()[line - 1].format("")
    sent = file.format("x" * (100 + more - len(header)))

    answer = client.upload("jobs", sent, status=None, **options)

    if more:
        assert (answer["code"], answer["detail"]) == ("header_too_long", too_long(line, 100))
        assert client.rows("jobs") == []
    else:
        assert answer.get("code") in (None, "header_mismatch")
        assert answer.get("code") or client.rows("jobs") == [["7", "Dev"]]


@on_sqlite
@pytest.mark.parametrize("options", [{"header": "false"}, {"columns": "id,-", "header": "false"}, {}], ids=str)
def test_row_may_be_longer_than_a_header(settings: dict[str, str], options: dict[str, str]) -> None:
    client = start_client(settings | {"HEADER_CHARS_MAX": "100"})

    answer = client.upload("hired_employees", f"7,{'x' * 500}\n", status=None, **options)

    assert answer["read"] == 1
    assert "HEADER_CHARS_MAX" not in str(answer)


@on_sqlite
@pytest.mark.parametrize("options", [{}, {"atomic": "true"}, {"dry_run": "true"}], ids=str)
def test_load_stops_at_a_header_past_the_limit_further_down(settings: dict[str, str], options: dict[str, str]) -> None:
    client = start_client(settings | {"HEADER_CHARS_MAX": "100"})
    again = f"id,job{'-' * 95}\n"

    answer = client.upload("jobs", f"id,job\n1,a\n{again}2,b\n", status=422, **options)

    assert (answer["code"], answer["read"], answer["inserted"]) == ("header_too_long", 1, 1)
    assert answer["detail"] == f"{too_long(3, 100)}; nothing was read from there on"
    assert client.rows("jobs") == ([] if options else [["1", "a"]])
    assert client.get("/uploads/1")["status"] == "stopped"
    shorter = client.upload("jobs", f"id,job\n1,a\n{again[1:]}2,b\n")
    assert [reject["code"] for reject in shorter["rejects"]] == ["not_an_integer"]


@on_sqlite
def test_no_hint_takes_a_header_past_the_limit(settings: dict[str, str]) -> None:
    client = start_client(settings | {"HEADER_CHARS_MAX": "100"})

    answer = client.upload("jobs", f"Jobs of 2021\nid,job,_{'x' * 100}\n1,a,\n", status=422)

    assert (answer["code"], answer["hints"]) == ("header_mismatch", [])


@on_sqlite
def test_rejects_file_may_have_a_header_that_is_written_at_more_length(settings: dict[str, str]) -> None:
    client = start_client(settings | {"HEADER_CHARS_MAX": "10"})
    first = client.upload("jobs", "id,_a,job,\nx,1,a,\n2,3,b,\n", extra="ignore")
    file = client.app.get(first["rejects_url"]).text

    quoted = "\n".join(f'"{line}"'.replace(",", '","') for line in file.replace("x,", "1,").splitlines())

    assert client.upload("jobs", quoted)["inserted"] == 1
    assert client.rows("jobs") == [["1", "a"], ["2", "b"]]


@on_sqlite
def test_header_of_a_rejects_file_has_a_limit_too(settings: dict[str, str]) -> None:
    client = start_client(settings | {"HEADER_CHARS_MAX": "10"})
    names = "_line,_column,_code,_reason,_delimiter,_record"
    limit = 4 * 10 + 65536

    answers = [
        client.upload("jobs", f"id,job,_{'x' * (chars - len(names) - 9)},{names}\n1,a,,,,,,,\n", status=None)
        for chars in (limit + 1, limit)
    ]

    assert (answers[0]["code"], answers[0]["detail"]) == ("header_too_long", too_long(1, limit))
    assert answers[1]["inserted"] == 1


@on_sqlite
def test_preview_says_that_a_header_is_too_long(settings: dict[str, str]) -> None:
    client = start_client(settings | {"HEADER_CHARS_MAX": "100"})
    file = f"id,job,_{'x' * 100}\n1,a,\n".encode()

    answer = client.app.post("/preview/jobs", file, {"Content-Type": "text/csv"}).json

    assert answer["problem"] == {"code": "header_too_long", "detail": too_long(1, 100)}
