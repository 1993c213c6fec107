"""Hints: what a file says about the next try, given where following it loads the file, and never as a guess."""

from typing import Any

import pytest
from conftest import start_client
from web_client import Client

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # no database reads the file

JUNE = "2021-06-05T00:00:00Z"
MAY = "2021-05-06T00:00:00Z"


def hires(*moments: str) -> str:
    return "".join(f"{number},Ana,{moment},1,2\n" for number, moment in enumerate(moments, 1))


def stored(*moments: str) -> list[list[str]]:
    return [[str(number), "Ana", moment, "1", "2"] for number, moment in enumerate(moments, 1)]


def hint(sentence: str, **options: str) -> dict[str, Any]:
    return {"sentence": sentence, "options": options}


CP1252 = hint("1 record is not valid UTF-8, but can be read as cp1252: compare the letters", encoding="cp1252")
DMY = "{} written as day, month, year, such as '{}'"
MDY = "{} written as month, day, year, such as '{}'"

FOLLOWED = [
    pytest.param("jobs", {}, b"7,Dev\n8,Caf\xe9\n", CP1252, [["7", "Dev"], ["8", "Café"]], id="cp1252"),
    pytest.param("jobs", {}, b"7,B\xe9b\xe9\n8,5 \x80\n", hint("2 records are not valid UTF-8, but all of them can be read as cp1252: compare the letters", encoding="cp1252"), [["7", "Bébé"], ["8", "5 €"]], id="cp1252 in all records"),
    pytest.param("jobs", {}, b"id,job,_pr\xe9nom\n7,Caf\xe9,x\n", hint("the file is not valid UTF-8, but can be read as cp1252: compare the letters", encoding="cp1252"), [["7", "Café"]], id="cp1252 in the header"),
    pytest.param("jobs", {}, "7,Dev\n8,Cook\n".encode("utf-16-le"), hint("the file reads as utf-16", encoding="utf-16"), [["7", "Dev"], ["8", "Cook"]], id="UTF-16"),
    pytest.param("jobs", {}, "7,0;Dev\n8,0;Cook\n", hint("2 of the first records read with ';'", delimiter=";", decimal="comma"), [["7", "Dev"], ["8", "Cook"]], id="delimiter and decimal comma"),
    pytest.param("jobs", {}, "7,0;Dev\n8,0;Cook\n", hint("2 of the first records read with ','", delimiter=","), [["7", "0;Dev"], ["8", "0;Cook"]], id="the other delimiter"),
    pytest.param("hired_employees", {}, "7;Ana;;1,0;2,00\n", hint("2 refused integers are written with a decimal comma, such as '1,0'", decimal="comma"), [["7", "Ana", "", "1", "2"]], id="decimal comma"),
    pytest.param("hired_employees", {}, hires("27.07.2021", "5.6.2021"), hint(DMY.format("2 refused timestamps are", "27.07.2021"), dates="dmy"), stored("2021-07-27T00:00:00Z", JUNE), id="day first"),
    pytest.param("hired_employees", {}, hires("07/27/2021 4:02 PM", "5/6/2021"), hint(MDY.format("2 refused timestamps are", "07/27/2021 4:02 PM"), dates="mdy"), stored("2021-07-27T16:02:00Z", MAY), id="month first"),
    pytest.param("hired_employees", {}, hires("05/06/2021"), hint(DMY.format("1 refused timestamp is", "05/06/2021"), dates="dmy"), stored(JUNE), id="day first where both fit"),
    pytest.param("hired_employees", {}, hires("05/06/2021"), hint(MDY.format("1 refused timestamp is", "05/06/2021"), dates="mdy"), stored(MAY), id="month first where both fit"),
    pytest.param("hired_employees", {}, hires("2021-06-05", "27.07.2021"), hint(DMY.format("1 refused timestamp is", "27.07.2021"), dates="dmy"), stored(JUNE, "2021-07-27T00:00:00Z"), id="day first beside ISO"),
    pytest.param("hired_employees", {}, hires("20210605"), hint("1 refused timestamp is written as year, month, day, such as '20210605'", dates="ymd"), stored(JUNE), id="year first"),
    pytest.param("hired_employees", {}, hires("1627401728", "-162740172.5"), hint("2 refused timestamps are written as seconds since 1970, such as '1627401728'", dates="unix"), stored("2021-07-27T16:02:08Z", "1964-11-04T10:23:47.5Z"), id="seconds since 1970"),
    pytest.param("hired_employees", {}, hires("1627401728250"), hint("1 refused timestamp is written as milliseconds since 1970, such as '1627401728250'", dates="unix_ms"), stored("2021-07-27T16:02:08.25Z"), id="milliseconds since 1970"),
    pytest.param("hired_employees", {}, "7,Ana,NULL,1,NA\n", hint("an empty field may be written as NULL, NA: in 2 refused fields", nulls="\\N,NULL,NA"), [["7", "Ana", "", "1", ""]], id="words in typed columns"),
    pytest.param("hired_employees", {}, "7,NULL,,,\n8,Ana,NULL,,\n", hint("an empty field may be written as NULL: in 1 refused field and 1 text that was stored. DELETE /uploads/1 takes the upload back", nulls="\\N,NULL"), [["7", "NULL", "", "", ""], ["8", "Ana", "", "", ""]], id="word in a typed column and a text"),
    pytest.param("hired_employees", {"nulls": "-"}, "7,Ana,-,1,nan\n", hint("an empty field may be written as nan: in 1 refused field", nulls="-,nan"), [["7", "Ana", "", "1", ""]], id="word beside those that are said"),
    pytest.param("jobs", {}, "7,Dev,\n8,Cook,\n", hint("most records have one extra field at the end", columns="id,job,-"), [["7", "Dev"], ["8", "Cook"]], id="field at the end"),
    pytest.param("jobs", {}, "job,id\nDev,7,,\nCook,8,,x\n", hint("most records have 2 extra fields at the end", columns="job,id,-,-"), [["7", "Dev"], ["8", "Cook"]], id="fields at the end behind a header"),
    pytest.param("jobs", {}, "job,id\na,Dev,7\nb,Cook,8\n", hint("most records have one extra field at the beginning", columns="-,job,id"), [["7", "Dev"], ["8", "Cook"]], id="field at the beginning"),
    pytest.param("jobs", {}, "id,job,colour\n7,Dev,red\n", hint("the header fits, apart from names that are no columns", extra="ignore"), [["7", "Dev"]], id="names that are no columns"),
    pytest.param("jobs", {}, "Jobs\n\nid,job\n7,Dev\n", hint("the header may be on line 3", header="3"), [["7", "Dev"]], id="header further down"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "query", "file", "given", "rows"), FOLLOWED)
def test_file_is_loaded_where_its_hint_is_followed(
    client: Client, table: str, query: dict[str, str], file: str | bytes, given: dict, rows: list[list[str]]
) -> None:
    answer = client.upload(table, file, status=None, **query)

    followed = client.upload(table, file, status=None, **query | given["options"])

    assert given in answer["hints"]
    assert ("code" in followed, followed["rejected"], followed["hints"]) == (False, 0, [])
    assert client.rows(table) == rows


@pytest.mark.parametrize(
    ("table", "file", "hints"),
    [
        pytest.param("jobs", b"7,Dev\n8,Caf\xe9\n", [CP1252], id="cp1252 where all else is ASCII"),
        pytest.param("jobs", b"7,Zo\xc3\xab\n8,Caf\xe9\n", [], id="cp1252 beside a sound record of UTF-8"),
        pytest.param("jobs", b"7,Dev\n" + b"8,Caf\xe9\n" + b"9,x\n" * 3000 + b"10,Zo\xc3\xab\n", [], id="cp1252 far before a sound record of UTF-8"),
        pytest.param("jobs", b"\xef\xbb\xbf7,Dev\n8,Caf\xe9\n", [], id="cp1252 behind a byte order mark"),
        pytest.param("jobs", b"7,Dev\n8,Caf\x81\n9,Caf\xe9\n", [], id="bytes that are none in cp1252 either"),
        pytest.param("hired_employees", hires("5.6.2021"), [hint(DMY.format("1 refused timestamp is", "5.6.2021"), dates="dmy"), hint(MDY.format("1 refused timestamp is", "5.6.2021"), dates="mdy")], id="both orders where both fit"),
        pytest.param("hired_employees", hires("5.6.2021", "6.27.2021"), [hint(MDY.format("2 refused timestamps are", "5.6.2021"), dates="mdy")], id="the order that fits all"),
        pytest.param("hired_employees", hires("27.6.2021", "6.27.2021"), [hint(DMY.format("1 refused timestamp is", "27.6.2021"), dates="dmy"), hint(MDY.format("1 refused timestamp is", "6.27.2021"), dates="mdy")], id="both orders where each fits one"),
        pytest.param("hired_employees", hires("5.6.21"), [], id="year of two digits"),
        pytest.param("hired_employees", hires("yesterday"), [], id="no date at all"),
        pytest.param("hired_employees", hires("16274017", "5"), [], id="numbers that are no seconds of these years"),
        pytest.param("hired_employees", "7,Ana,,NUL,none\n", [], id="words that nobody writes for an empty field"),
        pytest.param("hired_employees", "7,NULL,,,\n8,Ana,,,\n", [], id="one text that may be a name"),
        pytest.param("hired_employees", "7,\\N,\\N,\\N,\\N\n", [], id="word that stands for an empty field already"),
        pytest.param("hired_employees", "NA,Ana,,,\n", [], id="word where no field may be empty"),
        pytest.param("hired_employees", "".join(f"{n},Ana,,,NA\n" for n in range(100)), [hint("an empty field may be written as NA: in 100 refused fields", nulls="\\N,NA")], id="as many refused as are shown"),
        pytest.param("hired_employees", "".join(f"{n},Ana,,,NA\n" for n in range(101)), [hint("an empty field may be written as NA: in 100 refused fields of the first 100 refused rows", nulls="\\N,NA")], id="more refused than are shown"),
        pytest.param("hired_employees", hires(*["27.07.2021"] * 101), [hint(DMY.format("100 refused timestamps of the first 100 refused rows are", "27.07.2021"), dates="dmy")], id="more dates refused than are shown"),
        pytest.param("jobs", b"7,Jos\xe9\n" * 101, [hint("100 records of the first 100 refused rows are not valid UTF-8, but all of them can be read as cp1252: compare the letters", encoding="cp1252")], id="more undecodable than are shown"),
        pytest.param("jobs", "7,Dev,\n8,Cook,x,\n", [], id="fields too many in other numbers"),
        pytest.param("jobs", "7,Dev\n8,Cook,x\n", [], id="field too many in one record alone"),
        pytest.param("jobs", "7\n8\n", [], id="fields too few"),
        pytest.param("hired_employees", "7,Ana,x,1,2,\n", [], id="field too many, and another fault"),
        pytest.param("hired_employees", "7,Sales\n8,Legal\n", [hint("the file fits the table departments"), hint("the file fits the table jobs")], id="rows of other tables"),
        pytest.param("jobs", "id,department\n7,Sales\n", [hint("the file fits the table departments")], id="header of another table"),
        pytest.param("jobs", "7,Dev\n8,Cook\n9,Ana,2021-07-27,1,2\n", [], id="one row of another table"),
        pytest.param("jobs", "7,Dev\n8,Cook\n", [], id="sound file that fits another table as well"),
    ],
)  # fmt: skip
def test_hint_is_given_where_it_is_sure(
    client: Client, table: str, file: str | bytes, hints: list[dict[str, Any]]
) -> None:
    assert client.upload(table, file, status=None)["hints"] == hints


@pytest.mark.parametrize(
    ("words", "others", "hints"),
    [
        pytest.param(2, 198, [hint("an empty field may be written as NULL: in 2 texts that were stored. DELETE /uploads/1 takes the upload back", nulls="\\N,NULL")], id="as often as a null"),
        pytest.param(2, 199, [], id="less often"),
        pytest.param(1, 1, [], id="once"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("batch_rows", ["7", "1000"])
def test_word_that_was_stored_as_a_text_is_named_where_it_is_frequent(
    settings: dict[str, str], words: int, others: int, hints: list[dict[str, Any]], batch_rows: str
) -> None:
    client = start_client(settings | {"BATCH_ROWS": batch_rows})
    names = ["NULL"] * words + ["Ana"] * others
    file = "".join(f"{number},{name},,,\n" for number, name in enumerate(names, 1))

    assert client.upload("hired_employees", file)["hints"] == hints
    for query in ("", "?dry_run=true"):  # now all are skipped, and there is nothing to take back
        again = client.upload_to(f"hired_employees{query}", file)["hints"]
        assert again == [one | {"sentence": one["sentence"].partition(". DELETE")[0]} for one in hints]


def test_word_for_an_empty_field_is_no_hint_where_strict_refuses_that(client: Client) -> None:
    assert client.upload("hired_employees", "7,Ana,2021-07-27,1,NA\n", status=422, strict="true")["hints"] == []


def test_hints_of_the_table_that_a_file_fits_are_followed_by_sending_it_there(client: Client) -> None:
    file = "id,department\n7,Sales\n8,Legal\n"

    answer = client.upload("jobs", file, status=422)

    assert answer["hints"] == [hint("the file fits the table departments")]
    assert client.upload("departments", file)["inserted"] == 2


def test_hints_are_five_at_most(client: Client) -> None:
    file = b"7;Ana;5.6.2021;1,0;NA\n8;Jos\xe9;;;\n"

    answer = client.upload("hired_employees", file, status=422)

    assert [given["options"] for given in answer["hints"]] == [
        {"encoding": "cp1252"},
        {"decimal": "comma"},
        {"dates": "dmy"},
        {"dates": "mdy"},
        {"nulls": "\\N,NA"},
    ]


def test_hints_are_those_of_a_dry_run_and_an_atomic_load_too(client: Client) -> None:
    file = hires("27.07.2021", "2021-07-27")
    given = [hint(DMY.format("1 refused timestamp is", "27.07.2021"), dates="dmy")]

    assert client.upload("hired_employees", file, dry_run="true")["hints"] == given
    assert client.upload("hired_employees", file, status=422, atomic="true")["hints"] == given
    assert client.upload("hired_employees", file)["hints"] == given
    assert [upload["hints"] for upload in client.get("/uploads")] == [given] * 3


def test_dates_that_are_iso_are_so_called_where_others_were_said(client: Client) -> None:
    answer = client.upload("hired_employees", hires("2021-07-27"), status=422, dates="unix")

    assert [given["options"] for given in answer["hints"]] == [{"dates": "iso"}]


@pytest.mark.parametrize(
    ("table", "file", "columns"),
    [
        pytest.param("jobs", "id,job,colour\n7,Dev\n8,Cook\n", "id,job", id="names that are no columns, and no fields for them"),
        pytest.param("jobs", "id,job,ID\n7,Dev\n8,Cook\n", "id,job", id="doubled name, and no field for it"),
        pytest.param("hired_employees", "Hires of 2021\n\n7;Ana;2021-07-27;1;2\n8;Eva;;;\n", "id,name,datetime,department_id,job_id", id="title above rows"),
    ],
)  # fmt: skip
def test_option_that_would_take_no_row_is_not_advised(client: Client, table: str, file: str, columns: str) -> None:
    answer = client.upload(table, file, status=422)

    assert [given["options"] for given in answer["hints"]] == []
    assert "extra=" not in answer["detail"]
    assert f"columns= gives the column of each of the {columns.count(',') + 1} fields" in answer["detail"]
    assert client.upload(table, file, columns=columns)["inserted"] == 2
