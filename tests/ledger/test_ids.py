"""What became of every id: /uploads/{id}/ids.csv, and of a row, from which uploads it came: /tables/{table}/{id}."""

from collections.abc import Callable

import pytest
from conftest import start_client
from hypothesis import given
from hypothesis import settings as tried
from hypothesis import strategies as st
from servers.server import Server
from test_ledger_schema import statements
from web_client import Client

from rows.say.runs import has_id, ids_of, runs_of

IDS = st.lists(st.one_of(st.integers(-9, 9), st.integers(-(2**63), 2**63 - 1)), max_size=30)


def test_every_id_has_its_outcome(client: Client) -> None:
    client.upload("jobs", "3,Clerk\n4,Agent\n")
    answer = client.upload("jobs", "1,a\n2,b\n3,Clerk\n4,other\nx,c\n7,d\n2,b\n2,e\n-1,f\n", status=200)

    assert answer["ids_url"] == "/uploads/2/ids.csv"
    assert client.app.get(answer["ids_url"]).text.split() == [
        *("id,outcome", "1,inserted", "2,inserted", "7,inserted", "-1,inserted"),
        *("3,skipped", "4,conflict", "2,conflict", "2,skipped"),
    ]


def test_ids_of_several_batches_are_in_file_order(settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "2"})
    answer = client.upload("jobs", "5,a\n4,b\n3,c\n5,a\n1,d\n2,e\n")

    assert client.app.get(answer["ids_url"]).text.split() == [
        *("id,outcome", "5,inserted", "4,inserted", "3,inserted", "5,skipped", "1,inserted", "2,inserted"),
    ]


@pytest.mark.parametrize("query", ["dry_run=true", "atomic=true"])
def test_ids_of_what_was_rolled_back_say_what_would_have_been(client: Client, query: str) -> None:
    client.upload("jobs", "1,Clerk\n")
    answer = client.upload_to(f"jobs?{query}", "1,Clerk\n2,Agent\nx,none\n", status=None)

    assert client.app.get(answer["ids_url"]).text.split() == ["id,outcome", "2,inserted", "1,skipped"]
    assert client.get("/tables/jobs/1")["uploads"] == [{"upload_id": 1, "outcome": "inserted"}]
    assert client.get("/tables/jobs/2", status=404)["code"] == "unknown_id"


def test_answer_shows_the_first_ids_and_the_file_has_all(client: Client) -> None:
    file = "".join(f"{i},a\n" for i in range(20_002, 0, -2))
    client.upload("jobs", file)
    again = client.upload("jobs", file.replace("a", "b"))

    assert (again["skipped"], len(again["skipped_duplicates"]), len(again["conflicts"])) == (10_001, 10_000, 10_000)
    assert client.app.get(again["ids_url"]).text.split()[-1] == "2,conflict"


def test_row_names_the_uploads_that_it_came_from(client: Client) -> None:
    client.upload("hired_employees", "1,Ada,2021-01-01,,3\n3,Bob,,1,\n")
    client.upload("hired_employees", "2,Cy,,,\n1,Ada,2021-01-01,,3\n")

    assert client.get("/tables/hired_employees/1") == {
        "row": {"id": 1, "name": "Ada", "datetime": "2021-01-01T00:00:00Z", "department_id": None, "job_id": 3},
        "uploads": [{"upload_id": 1, "outcome": "inserted"}],
    }
    assert client.get("/tables/hired_employees/2")["uploads"] == [{"upload_id": 2, "outcome": "inserted"}]


def test_row_that_no_upload_brought_has_none(client: Client, server: Server, settings: dict[str, str]) -> None:
    client.upload("jobs", "1,Clerk\n3,Clerk\n")
    server.execute(settings["DATABASE_URL"], "INSERT INTO jobs (id, job) VALUES (2, 'Agent')")

    assert client.get("/tables/jobs/2") == {"row": {"id": 2, "job": "Agent"}, "uploads": []}


@pytest.mark.parametrize("key", ["4", "x", "1.0", "01x", "-", "9223372036854775808", "9" * 40, "%F0%9F%98%80"])
def test_row_that_is_not_there_is_not_found(client: Client, key: str) -> None:
    client.upload("jobs", "1,Clerk\n")

    problem = client.get(f"/tables/jobs/{key}", status=404)

    assert problem["code"] == "unknown_id"
    assert problem["detail"].startswith("no row of jobs has the id ")


def test_row_of_no_table_is_not_found(client: Client) -> None:
    assert client.get("/tables/cats/1", status=404)["code"] == "unknown_table"


def test_upload_of_an_earlier_release_has_no_ids(server: Server, new_url: Callable[[], str]) -> None:
    url = new_url()
    server.execute(url, *statements(server, "*.sql"))
    client = start_client({"DATABASE_URL": url})

    problem = client.get("/uploads/1/ids.csv", status=409)

    assert (problem["code"], problem["detail"]) == (
        "no_ids",
        "the upload was made by an earlier release, which kept no ids",
    )
    assert client.app.get("/uploads/2/ids.csv").text == "id,outcome\r\n"


@tried(derandomize=True, deadline=None)
@given(IDS)
def test_runs_give_the_ids_back_in_their_order(ids: list[int]) -> None:
    runs = runs_of(ids)

    assert list(ids_of(runs)) == ids
    assert all(has_id(runs, key) == (key in ids) for key in {*ids, *range(-10, 11)})


def test_ids_in_order_are_one_run() -> None:
    assert runs_of([*range(-3, 1001)]) == "-3-1000"
    assert runs_of([1, 2, 3, 7, 7, 8, 5]) == "1-3,7,7-8,5"
    assert runs_of([]) == ""
