"""on_conflict: what becomes of a row whose id is stored with other content."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import start_client
from web_client import Client

JOBS = "1,Clerk\n2,Agent\n3,Cook\n"


def counts(answer: dict) -> tuple[int, ...]:
    return tuple(answer[name] for name in ("read", "inserted", "updated", "skipped", "rejected"))


def test_row_with_other_content_is_skipped_by_default(client: Client) -> None:
    client.upload("jobs", JOBS)
    answer = client.upload("jobs?on_conflict=skip", "1,Clerk\n2,other\n4,Nurse\n")

    assert counts(answer) == (3, 1, 0, 2, 0)
    assert (answer["skipped_duplicates"], answer["conflicts"]) == ([1, 2], [2])
    assert client.rows("jobs") == [["1", "Clerk"], ["2", "Agent"], ["3", "Cook"], ["4", "Nurse"]]


def test_row_with_other_content_updates_the_stored_one(client: Client) -> None:
    client.upload("jobs", JOBS)
    answer = client.upload("jobs?on_conflict=update", "1,Clerk\n2,other\n4,Nurse\n4,Doctor\n4,Doctor\n2,third\n")

    assert counts(answer) == (6, 1, 3, 2, 0)
    assert (answer["skipped_duplicates"], answer["conflicts"]) == ([1, 4], [])
    assert client.rows("jobs") == [["1", "Clerk"], ["2", "third"], ["3", "Cook"], ["4", "Doctor"]]
    assert client.app.get(answer["ids_url"]).text.split() == [
        *("id,outcome", "4,inserted", "2,updated", "4,updated", "2,updated", "1,skipped", "4,skipped"),
    ]
    assert client.get("/tables/jobs/4")["uploads"] == [
        {"upload_id": 2, "outcome": "inserted"},
        {"upload_id": 2, "outcome": "updated"},
    ]
    assert client.get("/uploads/2")["updated"] == 3


def test_row_with_other_content_is_refused_with_both_values(client: Client) -> None:
    client.upload("hired_employees", "1,Ada,2021-01-01,2,3\n2,Bob,,,\n")
    answer = client.upload(
        "hired_employees?on_conflict=refuse",
        "1,Ada,2021-01-01,2,3\n1,Ada,2021-01-02,2,4\n2,Bob,,1,\n3,Cy,,,\n3,Di,,,\n",
    )

    assert counts(answer) == (5, 1, 0, 1, 3)
    assert [(reject["line"], reject["column"], reject["code"], reject["reason"]) for reject in answer["rejects"]] == [
        (
            2,
            "datetime",
            "conflict",
            "datetime is '2021-01-02T00:00:00Z', and '2021-01-01T00:00:00Z' is stored under the id 1",
        ),
        (3, "department_id", "conflict", "department_id is '1', and empty is stored under the id 2"),
        (5, "name", "conflict", "name is 'Di', and 'Cy' is stored under the id 3"),
    ]
    again = client.upload("hired_employees?on_conflict=refuse", client.app.get(answer["rejects_url"]).body, status=422)
    assert [reject["code"] for reject in again["rejects"]] == ["conflict"] * 3


@pytest.mark.parametrize("batch_rows", ["1", "2", "1000"])
def test_each_record_of_a_file_applies_in_its_order(settings: dict[str, str], batch_rows: str) -> None:
    client = start_client(settings | {"BATCH_ROWS": batch_rows})
    answer = client.upload("jobs?on_conflict=update", "1,a\n1,b\n1,a\n1,a\n2,x\n1,c\n")

    assert counts(answer) == (6, 2, 3, 1, 0)
    assert client.rows("jobs") == [["1", "c"], ["2", "x"]]


@pytest.mark.parametrize(
    ("way", "outcome"), [("skip", (2, 0, 0, 2, 0)), ("update", (2, 0, 1, 1, 0)), ("refuse", (2, 0, 0, 1, 1))]
)
def test_columns_that_the_file_does_not_have_are_neither_compared_nor_changed(
    client: Client, way: str, outcome: tuple[int, ...]
) -> None:
    client.upload("hired_employees", "1,Ada,2021-01-01T10:00:00.5Z,2,3\n2,Bob,2021-01-01,2,3\n")
    answer = client.upload(f"hired_employees?on_conflict={way}", "name,id\nAda,1\nBo,2\n")

    assert counts(answer) == outcome
    assert client.rows("hired_employees") == [
        ["1", "Ada", "2021-01-01T10:00:00.5Z", "2", "3"],
        ["2", "Bo" if way == "update" else "Bob", "2021-01-01T00:00:00Z", "2", "3"],
    ]


@pytest.mark.parametrize("query", ["dry_run=true", "atomic=true"])
def test_update_that_is_rolled_back_changes_nothing(client: Client, query: str) -> None:
    client.upload("jobs", JOBS)
    answer = client.upload_to(f"jobs?on_conflict=update&{query}", "1,other\n1,third\nx,y\n5,n\n", status=None)

    assert counts(answer) == (4, 1, 2, 0, 1)
    assert client.rows("jobs") == [["1", "Clerk"], ["2", "Agent"], ["3", "Cook"]]


def test_atomic_update_is_stored_whole(client: Client) -> None:
    client.upload("jobs", JOBS)
    answer = client.upload("jobs?on_conflict=update&atomic=true", "1,other\n1,third\n5,n\n")

    assert counts(answer) == (3, 1, 2, 0, 0)
    assert client.rows("jobs") == [["1", "third"], ["2", "Agent"], ["3", "Cook"], ["5", "n"]]


def test_any_value_can_be_updated(client: Client) -> None:
    client.upload("hired_employees", f"{2**63 - 1},a,2021-01-01,1,1\n{-(2**63)},b,,,\n")
    text = 'it\'\'s \\ ""q"" 💾 %s %(x)s :rows ? [1] null'
    file = f'{2**63 - 1},"{text}",1000-01-01T00:00:00.000001Z,{2**63 - 1},{-(2**63)}\n{-(2**63)},null,9999-12-31T23:59:59.999999Z,,0\n'
    answer = client.upload("hired_employees?on_conflict=update", file)

    assert counts(answer) == (2, 0, 2, 0, 0)
    assert client.rows("hired_employees") == [
        [str(-(2**63)), "null", "9999-12-31T23:59:59.999999Z", "", "0"],
        [str(2**63 - 1), text.replace('""', '"'), "1000-01-01T00:00:00.000001Z", str(2**63 - 1), str(-(2**63))],
    ]


def test_rows_that_were_replaced_are_kept_as_they_stood(client: Client) -> None:
    client.upload(
        "hired_employees", '1,Ada,2021-01-01T10:00:00.5Z,2,3\n2,"Bob, ""B""",,,\n3,💾,2021-01-01,,\n4,Di,,,\n'
    )
    before = client.rows("hired_employees")
    client.upload("hired_employees?on_conflict=update", "3,x,,,\n1,y,,,\n3,z,,,\n4,Di,,,\n2,,,,\n5,new,,,\n")

    replaced = client.app.get("/uploads/2/replaced.csv")

    assert replaced.content_type == "text/csv"
    assert replaced.text.splitlines() == [
        "id,name,datetime,department_id,job_id",
        "3,💾,2021-01-01T00:00:00Z,,",
        "1,Ada,2021-01-01T10:00:00.5Z,2,3",
        '2,"Bob, ""B""",,,',
    ]
    client.upload("hired_employees?on_conflict=update", replaced.body)
    assert client.rows("hired_employees")[:4] == before


def test_upload_that_replaced_nothing_has_no_replaced_rows(client: Client) -> None:
    client.upload("jobs", JOBS)
    client.upload("jobs?on_conflict=update&dry_run=true", "1,other\n")

    assert [client.app.get(f"/uploads/{number}/replaced.csv").text for number in (1, 2)] == ["id,job\r\n"] * 2
    assert client.get("/uploads/3/replaced.csv", status=404)["code"] == "unknown_upload"


def test_unknown_way_is_refused(client: Client) -> None:
    assert client.upload("jobs?on_conflict=replace", JOBS, status=400)["detail"] == (
        "the parameter on_conflict is 'replace', which is not one of skip, update, refuse"
    )


def test_each_replaced_row_is_what_stood_there_before_its_own_update(settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "200"})
    writers, ids = "abcd", range(1, 1001)
    client.upload("jobs", "".join(f"{i},first\n" for i in ids))

    def send(writer: str) -> None:
        # A client of its own: each looks at what grew, and nothing does.
        Client(client.app.app).upload("jobs?on_conflict=update", "".join(f"{i},{writer}\n" for i in ids))

    with ThreadPoolExecutor() as pool:
        list(pool.map(send, writers))

    replaced = [client.app.get(f"/uploads/{number}/replaced.csv").text.split()[1:] for number in range(2, 6)]
    left = [",".join(row) for row in client.rows("jobs")]
    written = [f"{i},{content}" for i in ids for content in ("first", *writers)]
    assert sorted([*left, *(line for lines in replaced for line in lines)]) == sorted(written)
