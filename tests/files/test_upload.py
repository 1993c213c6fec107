"""POST /upload/{table}: what is stored, skipped and refused, and what the answer says of it."""

import pytest
from conftest import start_client
from web_client import Client

ACCOUNT = {
    "upload_id": 1,
    "table": "departments",
    "dry_run": False,
    "dialect": {"delimiter": ",", "encoding": "utf-8", "header": False},
    "read": 0,
    "inserted": 0,
    "updated": 0,
    "skipped": 0,
    "rejected": 0,
    "skipped_duplicates": [],
    "conflicts": [],
    "rejects": [],
    "ids_url": "/uploads/1/ids.csv",
    "rejects_url": "/uploads/1/rejects.csv",
    "hints": [],
}
WITH_HEADER = {"dialect": ACCOUNT["dialect"] | {"header": True}}


def test_every_row_of_a_sound_file_is_stored(client: Client) -> None:
    answer = client.upload("departments", "1,Sales\n2,Legal\n")

    assert answer == ACCOUNT | {"read": 2, "inserted": 2}
    assert client.rows("departments") == [["1", "Sales"], ["2", "Legal"]]


def test_bare_csv_is_loaded_like_a_form(client: Client) -> None:
    answer = client.post("departments", b"1,Sales\n", Content_Type="text/csv; charset=utf-8")

    assert answer == ACCOUNT | {"read": 1, "inserted": 1}


@pytest.mark.parametrize("kind", [None, "text/csv"])
def test_csv_that_is_put_is_loaded_also_without_a_type(client: Client, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}

    answer = client.app.request("/upload/departments", method="PUT", body=b"1,Sales\n", headers=headers)

    assert answer.json == ACCOUNT | {"read": 1, "inserted": 1}


def test_media_type_is_known_in_any_case(client: Client) -> None:
    assert client.post("departments", b"1,Sales\n", Content_Type="TEXT/CSV")["inserted"] == 1


def test_row_with_a_stored_id_is_reported_as_skipped(client: Client) -> None:
    client.upload("departments", "7,Sales\n12,Legal\n")

    answer = client.upload("departments", "12,Law\n7,Sales\n9,New\n")

    assert answer == ACCOUNT | {
        "upload_id": 2,
        "ids_url": "/uploads/2/ids.csv",
        "rejects_url": "/uploads/2/rejects.csv",
        "read": 3,
        "inserted": 1,
        "updated": 0,
        "skipped": 2,
        "skipped_duplicates": [12, 7],
        "conflicts": [12],
    }
    assert client.rows("departments") == [["7", "Sales"], ["9", "New"], ["12", "Legal"]]


@pytest.mark.parametrize("batch_rows", ["1", "2", "1000"])
def test_id_that_comes_again_in_the_file_is_skipped_in_any_batch(settings: dict[str, str], batch_rows: str) -> None:
    client = start_client(settings | {"BATCH_ROWS": batch_rows})

    answer = client.upload("departments", "1,Sales\n1,Sales\n1,Legal\n2,Law\n1,Sales\n")

    assert answer == ACCOUNT | {
        "read": 5,
        "inserted": 2,
        "updated": 0,
        "skipped": 3,
        "skipped_duplicates": [1, 1, 1],
        "conflicts": [1],
    }
    assert client.rows("departments") == [["1", "Sales"], ["2", "Law"]]


def test_refused_first_row_of_an_id_does_not_count_as_stored(client: Client) -> None:
    answer = client.upload("departments", "1,\n1,Sales\n")

    assert (answer["inserted"], answer["skipped"], answer["rejected"]) == (1, 0, 1)


def test_row_that_breaks_a_rule_is_rejected_even_if_its_id_is_stored(client: Client) -> None:
    client.upload("departments", "1,Sales\n")

    answer = client.upload("departments", "1,\n2,Legal\n")

    assert (answer["skipped"], answer["rejected"]) == (0, 1)


def test_file_is_longer_than_a_batch(client: Client) -> None:
    file = "".join(f"{i},Name {i}\n" for i in range(1, 3501))

    first = client.upload("departments", file)
    second = client.upload("departments", file)

    assert (first["read"], first["inserted"], first["skipped"]) == (3500, 3500, 0)
    assert (second["inserted"], second["skipped_duplicates"]) == (0, list(range(1, 3501)))


def test_only_the_first_hundred_rejects_are_in_the_answer(client: Client) -> None:
    answer = client.upload("departments", "1,Sales\n" + "x,y\n" * 150)

    assert answer["rejected"] == 150
    assert [reject["line"] for reject in answer["rejects"]] == list(range(2, 102))


def test_file_of_which_no_row_fits_is_refused_with_its_account(client: Client) -> None:
    answer = client.upload("departments", "1,Marketing,2021\n2,Sales,2021\n", status=422)

    wrong = {"column": None, "code": "wrong_field_count", "reason": "the record has 3 fields where 2 are expected"}
    assert answer == ACCOUNT | {
        "title": "Unprocessable Entity",
        "status": 422,
        "code": "no_record_fits",
        "detail": "no record of 2 fits departments, the first in line 1: the record has 3 fields where 2 are expected",
        "read": 2,
        "rejected": 2,
        "rejects": [
            {"line": 1, **wrong, "record": "1,Marketing,2021"},
            {"line": 2, **wrong, "record": "2,Sales,2021"},
        ],
        "hints": [
            {"sentence": "most records have one extra field at the end", "options": {"columns": "id,department,-"}}
        ],
    }


@pytest.mark.parametrize(
    ("file", "detail"),
    [
        pytest.param("", "the file has no records", id="empty"),
        pytest.param("\n\n  \n,\n", "the file has no records", id="blank lines"),
        pytest.param("id,department\r\n", "the file has no records but its header", id="header only"),
    ],
)
def test_file_without_records_is_refused(client: Client, file: str, detail: str) -> None:
    answer = client.upload("departments", file, status=422)

    assert (answer["code"], answer["detail"]) == ("no_records", detail)


def test_load_stops_after_the_batch_with_too_many_refused_rows(settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "10", "MAX_REJECTS": "12"})

    answer = client.upload("departments", "1,Sales\n" + "x,y\n" * 50, status=422)

    assert (answer["read"], answer["inserted"], answer["rejected"]) == (20, 1, 19)
    assert answer["code"] == "too_many_rejects"
    assert answer["detail"] == (
        "more than 12 records were refused (MAX_REJECTS), the first in line 2: id is not an integer: 'x'"
    )
    assert client.get("/uploads/1")["status"] == "stopped"


def test_as_many_refused_rows_as_allowed_do_not_stop_the_load(settings: dict[str, str]) -> None:
    client = start_client(settings | {"MAX_REJECTS": "2"})

    assert client.upload("departments", "1,Sales\nx,y\nx,y\n")["rejected"] == 2


@pytest.mark.parametrize(
    ("file", "stored"),
    [
        pytest.param("ID,Department\n1,Sales\n", [["1", "Sales"]], id="any case"),
        pytest.param("department,id\nSales,1\n", [["1", "Sales"]], id="any order"),
        pytest.param(" id ,\tdepartment\n1,Sales\n", [["1", "Sales"]], id="blanks around"),
        pytest.param('"id","department"\n1,Sales\n', [["1", "Sales"]], id="quoted"),
        pytest.param("_line,id,department,_note\n9,1,Sales,x\n", [["1", "Sales"]], id="names with _ are passed over"),
        pytest.param("\n,\nid,department\n1,Sales\n", [["1", "Sales"]], id="after blank lines"),
    ],
)
def test_header_names_the_columns(client: Client, file: str, stored: list[list[str]]) -> None:
    answer = client.upload("departments", file)

    assert answer == ACCOUNT | WITH_HEADER | {"read": 1, "inserted": 1}
    assert client.rows("departments") == stored


def test_optional_columns_may_be_absent_from_a_header(client: Client) -> None:
    client.upload("hired_employees", "job_id,id\n5,1\n")

    assert client.rows("hired_employees") == [["1", "", "", "", "5"]]


BY_POSITION = "header=skip passes over this record and reads the others by position; header=false takes it for a row"
BY_COLUMNS = "columns= gives the column of each of the {} fields in order, with commas, and - for one of none"


@pytest.mark.parametrize(
    ("file", "problem", "ways"),
    [
        pytest.param("id,department,colour\n1,Sales,red\n", "'colour' is not a column", f"extra=ignore passes over what is no column; {BY_COLUMNS.format(3)}", id="unknown"),
        pytest.param("id,department,ID\n1,Sales,1\n", "'id' stands there twice", BY_COLUMNS.format(3), id="doubled"),
        pytest.param("department\n1,Sales\n", "'id' is missing", f"{BY_COLUMNS.format(2)}; {BY_POSITION}", id="missing"),
        pytest.param("key,department\n1,Sales\n", "'key' is not a column; 'id' is missing", f"{BY_COLUMNS.format(2)}; {BY_POSITION}", id="renamed"),
    ],
)  # fmt: skip
def test_header_that_does_not_fit_is_refused_by_name(client: Client, file: str, problem: str, ways: str) -> None:
    answer = client.upload("departments", file, status=422)

    detail = f"the header on line 1 does not fit: {problem}. Expected, in any order: id, department. {ways}."
    assert (answer["code"], answer["detail"]) == ("header_mismatch", detail)
    assert client.rows("departments") == []


def test_file_that_is_refused_for_its_header_has_an_account_and_an_entry_in_the_ledger(client: Client) -> None:
    answer = client.upload("departments", "id,department,colour\n1,Sales,red\n", status=422)

    assert answer == ACCOUNT | {
        "title": "Unprocessable Entity",
        "status": 422,
        "code": "header_mismatch",
        "detail": "the header on line 1 does not fit: 'colour' is not a column. Expected, in any order: id, department. "
        f"extra=ignore passes over what is no column; {BY_COLUMNS.format(3)}.",
        "dialect": {"delimiter": ",", "encoding": "utf-8"},
        "hints": [
            {"sentence": "the header fits, apart from names that are no columns", "options": {"extra": "ignore"}}
        ],
    }
    upload = client.get("/uploads/1")
    assert (upload["status"], upload["reason"], upload["read"]) == ("refused", answer["detail"], 0)


def test_title_above_the_header_is_refused_with_the_line_of_the_header(client: Client) -> None:
    answer = client.upload("departments", "Departments of 2021;\n\ndepartment;id\nSales;1\n", status=422)

    assert answer["detail"] == (
        "line 1 may be a header or a title: it has neither a column's name nor a value that fits a column. "
        "Expected, in any order: id, department. "
        f"header=3 takes the header on line 3; {BY_COLUMNS.format(2)}."
    )


def test_load_stops_at_a_header_in_another_order_than_the_row_before_it(client: Client) -> None:
    answer = client.upload("departments", "7;Law\n\ndepartment;id\nSales;1\n", status=422)

    assert (answer["code"], answer["detail"], answer["inserted"]) == (
        "header_crossed",
        "the header on line 3 has the columns in another order than they are read in, so nothing was read from there "
        "on: send what follows as a file of its own, which begins with that header",
        1,
    )
    assert client.rows("departments") == [["7", "Law"]]


def test_note_for_a_spreadsheet_is_passed_over(client: Client) -> None:
    answer = client.upload("departments", "sep=;\ndepartment;id\nSales;1\n")

    assert answer["dialect"] == {"delimiter": ";", "encoding": "utf-8", "header": True}
    assert client.rows("departments") == [["1", "Sales"]]


@pytest.mark.parametrize(
    ("header", "inserted", "rejected"),
    [
        pytest.param("true", 1, 0, id="true"),
        pytest.param("false", 1, 1, id="false"),
        pytest.param("skip", 1, 0, id="skip"),
    ],
)
def test_header_can_be_given(client: Client, header: str, inserted: int, rejected: int) -> None:
    answer = client.upload("departments", "id,department\n1,Sales\n", header=header)

    assert (answer["inserted"], answer["rejected"]) == (inserted, rejected)


def test_header_that_cannot_be_read_is_refused_where_one_is_said_to_be_there(client: Client) -> None:
    answer = client.upload("departments", '"id,department\n1,Sales\n', status=422, header="true")

    assert answer["detail"] == (
        "line 1 may be a header, but it has a quote inside an unquoted field, text after a closing quote, "
        "or a quote that does not close. "
        f"Expected, in any order: id, department. {BY_COLUMNS.format(2)}; {BY_POSITION}."
    )


def test_first_record_with_an_integer_in_the_place_of_the_id_is_no_header(client: Client) -> None:
    assert client.upload("departments", "1,department\n")["inserted"] == 1


def test_renamed_header_of_a_real_export_is_refused_and_can_be_skipped(client: Client) -> None:
    file = "employee_id,employee_name,hire_date,department_id,job_id\n1,Ana,2021-01-01T00:00:00Z,1,1\n"

    refused = client.upload("hired_employees", file, status=422)
    skipped = client.upload("hired_employees", file, header="skip")

    assert refused["detail"] == (
        "the header on line 1 does not fit: 'employee_id', 'employee_name', 'hire_date' is not a column; "
        "'id' is missing. Expected, in any order: id, name, datetime, department_id, job_id. "
        f"{BY_COLUMNS.format(5)}; {BY_POSITION}."
    )
    assert skipped["dialect"]["header"] == "skip"
    assert client.rows("hired_employees") == [["1", "Ana", "2021-01-01T00:00:00Z", "1", "1"]]
