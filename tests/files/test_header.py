"""Headers: which record is one, what its names say, and what happens to one further down."""

import pytest
from conftest import start_client
from web_client import Client

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # no database reads the file

HIRES = "id,name,datetime,department_id,job_id\n"
CROSSED = (
    "the header on line {} has the columns in another order than they are read in, so nothing was read from there "
    "on: send what follows as a file of its own, which begins with that header"
)


def refusals(answer: dict) -> list[tuple[int, str | None, str]]:
    return [(reject["line"], reject["column"], reject["code"]) for reject in answer["rejects"]]


@pytest.mark.parametrize(
    ("line", "file"),
    [
        pytest.param(1, "id,job\n7,Dev\n", id="first line"),
        pytest.param(2, "Jobs of 2021\nid,job\n7,Dev\n", id="title"),
        pytest.param(3, "sep=;\nJobs of 2021\njob;id\nDev;7\n", id="line for a spreadsheet and title"),
        pytest.param(2, "sep=;\njob;id\nDev;7\n", id="line for a spreadsheet"),
        pytest.param(5, "Jobs of 2021\n\n \n,\nid,job\n7,Dev\n", id="blank lines"),
        pytest.param(4, '"Jobs\n of\n2021"\nid,job\n7,Dev\n', id="quoted title of three lines"),
        pytest.param(2, 'Jobs "of" 2021\nid,job\n7,Dev\n', id="title with stray quotes"),
        pytest.param(2, b"B\xe9b\xe9s\nid,job\n7,Dev\n", id="title that is no UTF-8"),
        pytest.param(3, "Jobs of 2021\r\n\r\nid,job\r\n7,Dev\r\n", id="CRLF"),
        pytest.param(2, "id,job\njob,id\nDev,7\n", id="second header of two"),
        pytest.param(4, "1,Cook\n2,Clerk\n\njob,id\nDev,7\n", id="rows before it"),
    ],
)
def test_header_is_read_from_the_line_that_is_said(client: Client, line: int, file: str | bytes) -> None:
    answer = client.upload("jobs", file, header=line)

    assert (answer["dialect"]["header"], answer["read"]) == (line, 1)
    assert client.rows("jobs") == [["7", "Dev"]]


@pytest.mark.parametrize(
    ("line", "file"),
    [
        pytest.param(2, "Jobs\n\nid,job\n7,Dev\n", id="blank line"),
        pytest.param(2, "Jobs\n,\nid,job\n7,Dev\n", id="record without content"),
        pytest.param(5, "Jobs\n\nid,job\n7,Dev\n", id="line behind the last"),
        pytest.param(1_000_000_000, "id,job\n7,Dev\n", id="far beyond the end"),
        pytest.param(1, "\nid,job\n7,Dev\n", id="first line, which is blank"),
    ],
)
@pytest.mark.parametrize("columns", [None, "id,job"], ids=["by name", "by columns"])
def test_line_without_a_record_holds_no_header(client: Client, line: int, file: str, columns: str | None) -> None:
    query = {"columns": columns} if columns else {}

    answer = client.upload("jobs", file, status=422, header=line, **query)

    assert (answer["code"], answer["detail"]) == (
        "header_mismatch",
        f"header={line} is no line on which a record begins",
    )
    assert client.rows("jobs") == []


def test_line_inside_a_quoted_title_holds_no_header(client: Client) -> None:
    answer = client.upload("jobs", '"Jobs of\n2021"\nid,job\n7,Dev\n', status=422, header=2)

    assert answer["code"] == "header_mismatch"
    assert answer["hints"] == [{"sentence": "the header may be on line 3", "options": {"header": "3"}}]


def test_record_on_the_line_that_is_said_has_to_fit(client: Client) -> None:
    answer = client.upload("jobs", "Jobs\nid,job,colour\n7,Dev,red\n", status=422, header=2)

    assert answer["detail"].startswith("the header on line 2 does not fit: 'colour' is not a column.")
    assert answer["hints"] == [
        {"sentence": "the header fits, apart from names that are no columns", "options": {"extra": "ignore"}}
    ]
    assert client.upload("jobs", "Jobs\nid,job,colour\n7,Dev,red\n", header=2, extra="ignore")["inserted"] == 1


@pytest.mark.parametrize("sent", ["0", "-1", "1.5", "1000000001", "9" * 5000, "yes", "True"])
def test_header_that_is_neither_a_way_nor_a_line_is_named(client: Client, sent: str) -> None:
    shown = sent if len(sent) <= 60 else f"{sent[:60]}..."

    answer = client.upload("jobs", "id,job\n7,Dev\n", status=400, header=sent)

    assert (answer["code"], answer["detail"]) == (
        "bad_parameter",
        f"the parameter header is {shown!r}, which is not one of true, false, skip, or the number of a line from 1 on",
    )


@pytest.mark.parametrize(
    ("columns", "file", "stored"),
    [
        pytest.param("id,name,datetime,department_id,job_id", "7,Ana,2021-07-27,1,2\n", ["7", "Ana", "2021-07-27T00:00:00Z", "1", "2"], id="all"),
        pytest.param("job_id,name,id", "2,Ana,7\n", ["7", "Ana", "", "", "2"], id="in another order"),
        pytest.param("-,id,-,name,-", "x,7,y,Ana,z\n", ["7", "Ana", "", "", ""], id="with fields that are passed over"),
        pytest.param("id", "7\n", ["7", "", "", "", ""], id="only what is required"),
        pytest.param(" id , name ", "7,Ana\n", ["7", "Ana", "", "", ""], id="with blanks"),
    ],
)  # fmt: skip
def test_columns_give_the_fields_in_order(client: Client, columns: str, file: str, stored: list[str]) -> None:
    answer = client.upload("hired_employees", file, columns=columns)

    assert answer["dialect"] == {"delimiter": ",", "encoding": "utf-8", "header": False}
    assert client.rows("hired_employees") == [stored]


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        pytest.param("id,-", "is without job, which every row must have", id="without a required column"),
        pytest.param("id,job,id", "has id twice", id="doubled"),
        pytest.param("id,title", "has 'title', which is not one of id, job, nor - for a field of none", id="unknown"),
        pytest.param("ID,job", "has 'ID', which is not one of id, job, nor - for a field of none", id="in another case"),
        pytest.param("id,job,", "has '', which is not one of id, job, nor - for a field of none", id="empty at its end"),
        pytest.param("", "has '', which is not one of id, job, nor - for a field of none", id="empty"),
        pytest.param("id;job", "has 'id;job', which is not one of id, job, nor - for a field of none", id="semicolons"),
    ],
)  # fmt: skip
def test_columns_that_do_not_describe_a_row_are_named(client: Client, columns: str, problem: str) -> None:
    answer = client.upload("jobs", "7,Dev\n", status=400, columns=columns)

    assert (answer["code"], answer["detail"]) == ("bad_parameter", f"the parameter columns {problem}")


def test_record_of_another_number_of_fields_than_the_columns_is_refused(client: Client) -> None:
    answer = client.upload("jobs", "7,Dev,\n8,Clerk\n", columns="id,job,-")

    assert refusals(answer) == [(2, None, "wrong_field_count")]
    assert client.rows("jobs") == [["7", "Dev"]]


@pytest.mark.parametrize(
    ("first", "header", "found", "is_passed_over"),
    [
        pytest.param("No.,Title", None, True, True, id="names are passed over"),
        pytest.param("job,id", None, True, True, id="names of other columns are passed over"),
        pytest.param("No.,1", None, True, True, id="number in the place of a text"),
        pytest.param("6,Title", None, False, False, id="integer in its place makes a row"),
        pytest.param("1e3,Title", None, True, True, id="what reads in no way makes none"),
        pytest.param('6,"0""', None, False, False, id="integer makes a row, also where quotes are broken"),
        pytest.param("No.,Title", "true", True, True, id="true passes over names"),
        pytest.param("6,Title", "true", True, True, id="true passes over a row"),
        pytest.param("No.,Title", "skip", "skip", True, id="skip passes over names"),
        pytest.param("6,Title", "skip", "skip", True, id="skip passes over a row"),
        pytest.param("No.,Title", "1", 1, True, id="line passes over names"),
        pytest.param("6,Title", "1", 1, True, id="line passes over a row"),
        pytest.param("No.,Title", "false", False, False, id="false takes names for a row"),
        pytest.param("6,Title", "false", False, False, id="false takes a row for one"),
    ],
)
def test_first_record_behind_columns_is_passed_over_and_shown_or_a_row(
    client: Client, first: str, header: str | None, found: bool | int | str, is_passed_over: bool
) -> None:
    query = {"header": header} if header else {}

    answer = client.upload("jobs", f"{first}\n7,Dev\n", columns="id,job", **query)

    shown = {"header_record": first} if is_passed_over else {}
    assert answer["dialect"] == {"delimiter": ",", "encoding": "utf-8", "header": found} | shown
    assert answer["read"] == 2 - is_passed_over
    assert client.rows("jobs")[-1] == ["7", "Dev"]


@pytest.mark.parametrize("number", ["6,0", "6.00"])
def test_integer_in_any_of_its_forms_makes_a_row_behind_columns(client: Client, number: str) -> None:
    answer = client.upload("jobs", f"{number};Cook\n7;Dev\n", columns="id,job", delimiter=";")

    assert (answer["dialect"]["header"], answer["read"]) == (False, 2)


def test_date_in_any_of_its_orders_makes_a_row(client: Client) -> None:
    for date in ("27/07/2021", "07/27/2021 4:02 PM", "20210727", "1627401728", "2021-07-27"):
        answer = client.upload("hired_employees", f"x,Ana,{date},y,z\n7,Eva,,,\n")

        assert (answer["dialect"]["header"], answer["read"]) == (False, 2)
        assert refusals(answer) == [(1, "id", "not_an_integer")]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("No.,Title", id="other names"),
        pytest.param("id,Title", id="one name of a column"),
        pytest.param("x6,Cook", id="key that does not read"),
        pytest.param("Cook,6", id="row with its fields crossed"),
        pytest.param(",job", id="name of a column beside an empty key"),
        pytest.param("Jobs of 2021", id="title"),
        pytest.param('"id"x,job', id="names with broken quotes"),
        pytest.param(b"num\xe9ro,Title", id="names that are no UTF-8"),
        pytest.param("id;job", id="names behind another delimiter"),
    ],
)
def test_first_record_that_may_be_a_header_is_never_guessed_into_a_row(client: Client, first: str | bytes) -> None:
    file = (first.encode() if isinstance(first, str) else first) + b"\n7,Dev\n8,Clerk\n"

    answer = client.upload("jobs", file, status=422, delimiter=",")

    assert (answer["code"], answer["read"], client.rows("jobs")) == ("header_mismatch", 0, [])
    assert client.get("/uploads/1")["status"] == "refused"
    assert client.upload("jobs", file, header="skip", delimiter=",")["inserted"] == 2
    taken = client.upload("jobs", file, header="false", delimiter=",")
    assert (taken["skipped"], taken["rejected"]) == (2, 1)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        pytest.param(b"801,Jos\xe9", "undecodable", id="bytes that are no text"),
        pytest.param(b'801,5" pipe', "bad_quoting", id="broken quotes"),
        pytest.param(b"801", "wrong_field_count", id="one field"),
        pytest.param(b"Cook,801,x", "wrong_field_count", id="integer anywhere among too many fields"),
        pytest.param(b"801,", "missing_value", id="missing value"),
        pytest.param(b",Cook", "missing_value", id="missing key"),
        pytest.param(b"\\N,Cook", "missing_value", id="missing key by a null word"),
    ],
)
def test_first_record_that_cannot_be_a_header_is_refused_on_its_own(client: Client, first: bytes, code: str) -> None:
    answer = client.upload("jobs", first + b"\n7,Dev\n")

    assert [code for _, _, code in refusals(answer)] == [code]
    assert client.rows("jobs") == [["7", "Dev"]]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("ID,NAME,DATETIME,DEPARTMENT ID,JOB ID", id="in capitals with blanks"),
        pytest.param("Id,Name,Date-Time,department-id,job.id", id="with points and dashes"),
        pytest.param("id,name,datetime,DepartmentId,jobID", id="in camel case"),
        pytest.param("id,name,datetime,department\u00a0id,\u00a0job_id\u00a0", id="with no-break spaces"),
        pytest.param('"id","name","datetime","department_id"," job_id "', id="quoted"),
        pytest.param("#id,(name),[datetime],`department_id`,job_id:", id="with marks around"),
    ],
)
def test_names_are_compared_by_their_letters_and_digits(client: Client, header: str) -> None:
    answer = client.upload("hired_employees", f"{header}\n7,Ana,,1,2\n")

    assert answer["dialect"] == {"delimiter": ",", "encoding": "utf-8", "header": True}
    assert client.rows("hired_employees") == [["7", "Ana", "", "1", "2"]]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        pytest.param("id,job,h.id", "'h.id' is not a column", id="with a table's name"),
        pytest.param("id2,job", "'id2' is not a column; 'id' is missing", id="with a digit"),
        pytest.param("_id,job", "'id' is missing", id="with an underscore before it"),
        pytest.param("id,job,I-D", "'id' stands there twice", id="doubled in another form"),
        pytest.param("id,job,", "'' is not a column", id="empty"),
        pytest.param("id,job,--", "'--' is not a column", id="without letters"),
    ],
)
def test_names_of_other_letters_are_no_columns(client: Client, header: str, problem: str) -> None:
    width = header.count(",") + 1
    answer = client.upload("jobs", f"{header}\n{','.join(['7', 'Dev', 'x'][:width])}\n", status=422)

    assert answer["detail"].startswith(
        f"the header on line 1 does not fit: {problem}. Expected, in any order: id, job."
    )


@pytest.mark.parametrize(
    ("header", "row"),
    [
        pytest.param("colour,id,job", "red,7,Dev", id="another name"),
        pytest.param(",id,job", "0,7,Dev", id="empty name"),
        pytest.param("id,job,,", "7,Dev,,", id="two empty names"),
        pytest.param("x,id,x,job", "1,7,2,Dev", id="another name twice"),
    ],
)
def test_names_that_are_no_columns_are_passed_over_where_extra_says_so(client: Client, header: str, row: str) -> None:
    file = f"{header}\n{row}\n"

    refused = client.upload("jobs", file, status=422)
    taken = client.upload("jobs", file, extra="ignore")

    assert {
        "sentence": "the header fits, apart from names that are no columns",
        "options": {"extra": "ignore"},
    } in refused["hints"]
    assert (taken["dialect"]["header"], client.rows("jobs")) == (True, [["7", "Dev"]])


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        pytest.param("id,job,ID,x", "'id' stands there twice", id="doubled"),
        pytest.param("id,x,y,z", "'job' is missing", id="missing"),
    ],
)
def test_doubled_or_missing_name_is_refused_whatever_extra_says(client: Client, header: str, problem: str) -> None:
    answer = client.upload("jobs", f"{header}\n7,Dev,7,x\n", status=422, extra="ignore")

    assert answer["detail"].startswith(
        f"the header on line 1 does not fit: {problem}. Expected, in any order: id, job."
    )
    assert client.rows("jobs") == []


@pytest.mark.parametrize(
    ("query", "file", "line"),
    [
        pytest.param({}, "1,Dev\nID,Job\n2,Clerk\n", 2, id="by position"),
        pytest.param({}, "id,job\n1,Dev\nid,job\n2,Clerk\n", 3, id="by name"),
        pytest.param({}, "job,id\nDev,1\nJOB,ID\nClerk,2\n", 3, id="by name in its own order"),
        pytest.param({}, "id,_x,job\n1,a,Dev\nid,_y,job\n2,b,Clerk\n", 3, id="with another name that is passed over"),
        pytest.param({"header": "2"}, "Jobs\nid,job\n1,Dev\nid,job\n2,Clerk\n", 4, id="behind a line that is said"),
        pytest.param({"header": "skip"}, "No,Title\n1,Dev\nid,job\n2,Clerk\n", 3, id="behind one that is passed over"),
        pytest.param({"columns": "id,-,job"}, "1,a,Dev\nid,_x,job\n2,b,Clerk\n", 2, id="behind columns"),
        pytest.param({"columns": "id,-,job"}, "No,x,Title\n1,a,Dev\nNO.,X,title\n2,b,Clerk\n", 3, id="behind columns, as the one that was passed over"),
        pytest.param({"extra": "ignore"}, "id,job,x\n1,Dev,5\nid,job,x\n2,Clerk,6\n", 3, id="with names that are no columns"),
        pytest.param({"extra": "ignore"}, "id,job,x\n1,Dev,5\nid,job,y\n2,Clerk,6\n", 3, id="with other names that are no columns"),
    ],
)  # fmt: skip
def test_header_further_down_in_the_same_order_is_refused_alone(
    client: Client, query: dict[str, str], file: str, line: int
) -> None:
    answer = client.upload("jobs", file, **query)

    assert [(line, reject["column"], reject["code"], reject["reason"]) for reject in answer["rejects"]] == [
        (line, None, "repeated_header", "the record is a header again")
    ]
    assert client.rows("jobs") == [["1", "Dev"], ["2", "Clerk"]]


@pytest.mark.parametrize(
    ("query", "file"),
    [
        pytest.param({}, "id,name,_x,_y,job_id\n1,Ana,a,b,2\n" + HIRES + "2,Eva,,,3\n", id="columns that are not read"),
        pytest.param({"columns": "id,name,-,-,job_id"}, "1,Ana,a,b,2\n" + HIRES + "2,Eva,,,3\n", id="fields that are passed over"),
    ],
)  # fmt: skip
def test_header_further_down_may_name_what_is_not_read(client: Client, query: dict[str, str], file: str) -> None:
    answer = client.upload("hired_employees", file, **query)

    assert [code for _, _, code in refusals(answer)] == ["repeated_header"]
    assert client.rows("hired_employees") == [["1", "Ana", "", "", "2"], ["2", "Eva", "", "", "3"]]


@pytest.mark.parametrize(
    ("query", "file", "line"),
    [
        pytest.param({}, "1,Dev\njob,id\n8,2\n", 2, id="by position"),
        pytest.param({}, "job,id\nDev,1\nid,job\n2,8\n", 3, id="by name"),
        pytest.param({}, "id,_x,job\n1,a,Dev\nid,job,_x\n2,Clerk,b\n", 3, id="beside a name that is passed over"),
        pytest.param({}, "id,job\n1,Dev\nid,_x,job\n2,b,Clerk\n", 3, id="of another number of fields"),
        pytest.param({"header": "2"}, "Jobs\nid,job\n1,Dev\njob,id\n8,2\n", 4, id="behind a line that is said"),
        pytest.param({"header": "skip"}, "No,Title\n1,Dev\njob,id\n8,2\n", 3, id="behind one that is passed over"),
        pytest.param({"columns": "id,-,job"}, "1,a,Dev\njob,_x,id\n8,b,2\n", 2, id="behind columns"),
        pytest.param({"columns": "id,-,job"}, "1,a,Dev\nid,job\n2,Clerk\n", 2, id="behind columns of another number"),
        pytest.param({"extra": "ignore"}, "id,job,x\n1,Dev,5\nx,id,job\n8,2,Clerk\n", 3, id="with names that are no columns"),
    ],
)  # fmt: skip
def test_load_stops_at_a_header_further_down_in_another_order(
    client: Client, query: dict[str, str], file: str, line: int
) -> None:
    answer = client.upload("jobs", file, status=422, **query)

    assert (answer["code"], answer["detail"]) == ("header_crossed", CROSSED.format(line))
    assert (answer["read"], answer["inserted"], answer["rejected"]) == (1, 1, 0)
    assert client.rows("jobs") == [["1", "Dev"]]
    upload = client.get("/uploads/1")
    assert (upload["status"], upload["reason"], upload["inserted"]) == ("stopped", answer["detail"], 1)


def test_first_record_that_is_to_be_no_header_is_refused_as_any_row(client: Client) -> None:
    answer = client.upload("jobs", "id,job\n7,Dev\n", header="false")

    assert refusals(answer) == [(1, "id", "not_an_integer")]
    assert client.rows("jobs") == [["7", "Dev"]]


def test_header_in_another_order_is_no_row_as_the_first_record_either(client: Client) -> None:
    answer = client.upload("jobs", "job,id\n8,2\n", status=422, header="false")

    assert (answer["code"], answer["detail"], answer["read"]) == ("header_crossed", CROSSED.format(1), 0)
    assert client.rows("jobs") == []


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        pytest.param({}, [["1", "Dev"], ["2", "Clerk"], ["3", "Cook"]], id="as ever"),
        pytest.param({"atomic": "true"}, [], id="atomic"),
        pytest.param({"dry_run": "true"}, [], id="dry run"),
        pytest.param({"dry_run": "true", "atomic": "true"}, [], id="atomic dry run"),
    ],
)
def test_rows_before_a_header_in_another_order_are_stored_as_the_account_says(
    settings: dict[str, str], query: dict[str, str], stored: list[list[str]]
) -> None:
    client = start_client(settings | {"BATCH_ROWS": "2"})

    answer = client.upload("jobs", "1,Dev\n2,Clerk\n3,Cook\nx,y\njob,id\n8,4\nz\n9,5\n", status=422, **query)

    assert (answer["code"], answer["detail"]) == ("header_crossed", CROSSED.format(5))
    assert (answer["read"], answer["inserted"], refusals(answer)) == (4, 3, [(4, "id", "not_an_integer")])
    assert client.rows("jobs") == stored
    assert client.get("/uploads/1")["status"] == "stopped"


def test_header_again_refuses_an_atomic_load(client: Client) -> None:
    answer = client.upload("jobs", "id,job\n1,Dev\nid,job\n2,Clerk\n", status=422, atomic="true")

    assert (answer["code"], answer["detail"]) == (
        "atomic_refused",
        "of 3 records 1 did not fit, the first in line 3: the record is a header again",
    )
    assert client.rows("jobs") == []


def test_refused_header_is_refused_again_as_such(client: Client) -> None:
    first = client.upload("jobs", "id,job\n1,Dev\nid,job\n")

    again = client.upload("jobs", client.app.get(first["rejects_url"]).body, status=422)

    assert [code for _, _, code in refusals(again)] == ["repeated_header"]


def test_row_that_holds_a_name_is_no_header(client: Client) -> None:
    assert client.upload("jobs", "1,id\n2,job\nid,Clerk\n")["inserted"] == 2
