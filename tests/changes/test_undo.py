"""DELETE /uploads/{id}: an upload taken back, whatever came after it, and what it would do."""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from conftest import start_client
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from model import Model, Record
from servers.server import Server
from web_client import Client

from sql.schema import LEDGER_TABLES

JOBS = "1,Clerk\n2,Agent\n3,Cook\n"


def take_back(client: Client, number: int, query: str = "", status: int = 200) -> dict[str, Any]:
    return client.app.delete(f"/uploads/{number}{query}", status=status).json


def undone(number: int, **told: Any) -> dict[str, Any]:
    """Return the answer for an upload that is taken back."""
    nothing = {"removed": 0, "restored": 0, "kept": 0, "kept_ids": [], "skipped_by": []}
    return {"upload_id": number, "dry_run": False, "status": "undone"} | nothing | told


def test_rows_of_an_upload_that_is_taken_back_are_gone(client: Client) -> None:
    client.upload("jobs", JOBS)
    client.upload("jobs", "3,Cook\n4,Nurse\n5,Pilot\n")

    assert take_back(client, 2) == undone(2, removed=2)
    assert client.rows("jobs") == [["1", "Clerk"], ["2", "Agent"], ["3", "Cook"]]
    assert client.get("/uploads/2")["status"] == "undone"
    assert client.get("/uploads/2")["inserted"] == 2
    assert client.app.get("/uploads/2/ids.csv").text.split()[1:] == ["4,inserted", "5,inserted", "3,skipped"]
    assert client.get("/tables/jobs/4", status=404)["code"] == "unknown_id"
    assert client.upload("jobs", "4,Nurse\n")["inserted"] == 1


def test_rows_that_were_updated_stand_as_before(client: Client) -> None:
    client.upload("hired_employees", '1,"Ada, ""A""",2021-01-01T10:00:00.5Z,2,3\n2,💾,,,\n')
    before = client.rows("hired_employees")
    client.upload("hired_employees?on_conflict=update", "id,name\n1,x\n2,y\n1,z\n3,new\n")

    assert take_back(client, 2) == undone(2, removed=1, restored=2)
    assert client.rows("hired_employees") == before
    assert client.app.get("/uploads/2/replaced.csv").text.split() == ["id,name,datetime,department_id,job_id"]


def test_row_that_a_later_upload_changed_is_kept_and_goes_with_that(client: Client) -> None:
    client.upload("jobs", JOBS)
    client.upload("jobs?on_conflict=update", "2,second\n")

    assert take_back(client, 1) == undone(1, removed=2, kept=1, kept_ids=[2])
    assert client.rows("jobs") == [["2", "second"]]
    assert client.get("/tables/jobs/2")["uploads"] == [{"upload_id": 2, "outcome": "updated"}]
    assert take_back(client, 2) == undone(2, removed=1)
    assert client.rows("jobs") == []


def test_later_uploads_that_skipped_what_is_gone_are_named(client: Client) -> None:
    client.upload("jobs", JOBS)
    client.upload("jobs", "2,Agent\n3,other\n4,Nurse\n4,Nurse\n")
    client.upload("departments", "1,Sales\n1,Sales\n")
    client.upload("jobs", "4,Nurse\n")

    assert take_back(client, 3)["skipped_by"] == []
    assert take_back(client, 1) == undone(1, removed=3, skipped_by=[{"upload_id": 2, "skipped": 2}])


def test_upload_that_is_taken_back_again_gets_the_same_answer(client: Client) -> None:
    client.upload("jobs", JOBS)
    client.upload("jobs", JOBS)
    first = take_back(client, 1)
    client.upload("jobs", JOBS)

    assert take_back(client, 1) == first
    assert len(client.rows("jobs")) == 3


def test_dry_run_says_what_would_be_done_and_does_nothing(client: Client) -> None:
    client.upload("jobs", JOBS)
    client.upload("jobs?on_conflict=update", "1,Clerk\n2,x\n4,y\n2,z\n")
    client.upload("jobs", "4,y\n")
    before = client.rows("jobs")

    tried = [take_back(client, number, "?dry_run=true") for number in (1, 2)]

    assert client.rows("jobs") == before
    assert [upload["status"] for upload in client.get("/uploads")] == ["finished"] * 3
    assert tried[1] == undone(2, removed=1, restored=1, skipped_by=[{"upload_id": 3, "skipped": 1}]) | {"dry_run": True}
    assert take_back(client, 1) == tried[0] | {"dry_run": False}


@pytest.mark.parametrize("query", ["dry_run=true", "atomic=true", "header=false"])
def test_what_stored_nothing_cannot_be_taken_back(client: Client, query: str) -> None:
    client.upload_to(f"jobs?{query}", "1,Clerk\nx\n" if query != "header=false" else "x\n", status=None)

    for asked in ("", "?dry_run=true"):
        assert take_back(client, 1, asked, status=409)["code"] == "nothing_to_take_back"
    assert client.get("/uploads/1")["status"] in ("finished", "refused")


def test_unknown_upload_and_bad_query_are_refused(client: Client) -> None:
    client.upload("jobs", JOBS)

    assert take_back(client, 2, status=404)["code"] == "unknown_upload"
    assert take_back(client, 1, "?dry_run=maybe", status=400)["detail"] == (
        "the parameter dry_run is 'maybe', which is not one of true, false"
    )
    assert take_back(client, 1, "?dryrun=true", status=400)["code"] == "bad_parameter"


def test_report_that_was_remembered_is_made_anew(client: Client) -> None:
    client.upload("departments", "1,Sales\n")
    client.upload("jobs", "1,Clerk\n")
    client.upload("hired_employees", "1,Ada,2021-01-01,1,1\n")
    report = client.app.get("/stats/hires-per-quarter-2021")

    take_back(client, 3)

    assert len(report.json) == 1
    etag = {"If-None-Match": report.headers["ETag"]}
    assert client.app.get("/stats/hires-per-quarter-2021", headers=etag, status=200).json == []


def test_upload_whose_replaced_rows_were_deleted_keeps_its_updates(client: Client) -> None:
    client.upload("jobs", JOBS)
    client.upload("jobs?on_conflict=update", "2,second\n")
    client.upload("jobs?on_conflict=update", "2,third\n")
    client.app.delete("/uploads/2/rejects")

    assert take_back(client, 2, status=410)["code"] == "rows_erased"
    assert take_back(client, 1) == undone(1, removed=2, kept=1, kept_ids=[2])
    assert take_back(client, 3) == undone(3, restored=1)
    assert client.rows("jobs") == [["2", "second"]]
    assert take_back(client, 2, status=410)["code"] == "rows_erased"


CONTENTS = st.sampled_from(["a", "b", None])
RECORDS = st.lists(st.tuples(st.integers(1, 4), CONTENTS), min_size=1, max_size=8)
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["skip", "update", "refuse"]),
            st.sampled_from(["", "strict", "atomic", "dry_run", "interrupted"]),
            RECORDS,
        ),
        st.integers(1, 9),
        st.tuples(st.integers(1, 9), st.integers(1, 9)),
    ),
    min_size=2,
    max_size=9,
)


@pytest.mark.parametrize("batch_rows", [1, 3])
def test_tables_are_what_the_changes_that_remain_made_them(
    batch_rows: int, server: Server, settings: dict[str, str], rounds: Callable[[int, int], range]
) -> None:
    client = start_client(settings | {"BATCH_ROWS": str(batch_rows)})

    @given_settings(max_examples=len(rounds(12, 400)), deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS, st.randoms())
    def check(steps: list[Any], random: Any) -> None:
        server.execute(settings["DATABASE_URL"], *(f"DELETE FROM {name}" for name in ("jobs", *LEDGER_TABLES[:-1])))
        model, numbers = Model(), []
        for step in steps:
            match step:
                case (on_conflict, way, records):
                    numbers.append(check_upload(client, model, on_conflict, way, records))
                    if way == "interrupted":
                        server.execute(
                            settings["DATABASE_URL"],
                            "UPDATE uploads SET status = 'running', finished_at = NULL "
                            f"WHERE upload_id = {numbers[-1]} AND status = 'finished'",
                        )
                case (one, other):
                    check_two(client, model, [numbers[place - 1] for place in (one, other) if place <= len(numbers)])
                case place if place <= len(numbers):
                    check_taking_back(client, model, numbers[place - 1])
            check_rows(client, model)
        for number in random.sample(numbers, len(numbers)):
            check_taking_back(client, model, number)
        assert client.rows("jobs") == []

    check()


def check_upload(client: Client, model: Model, on_conflict: str, way: str, records: list[Record]) -> int:
    """Send records, let the model do the same, and return the upload's number. A row without content is refused."""
    tried = copy.deepcopy(model)
    counts = tried.upload(0, records, on_conflict)
    query = f"?header=false&on_conflict={on_conflict}" + (f"&{way}=true" if way not in ("", "interrupted") else "")

    answer = client.upload_to(f"jobs{query}", "".join(f"{key},{content or ''}\n" for key, content in records), None)

    assert {name: answer[name] for name in counts} == counts
    is_stored = (
        counts["rejected"] < counts["read"] and way != "dry_run" and not (way == "atomic" and counts["rejected"])
    )
    if is_stored:
        model.upload(answer["upload_id"], records, on_conflict)
    return answer["upload_id"]


def check_taking_back(client: Client, model: Model, number: int) -> None:
    """Take an upload back, and compare the answer with the model's."""
    answer = client.app.delete(f"/uploads/{number}", expect_errors=True).json
    if number not in model.sent:
        assert answer["code"] == "nothing_to_take_back"
    elif number not in model.undone:
        expected = model.take_back(number)
        found = answer | {"kept_ids": sorted(answer["kept_ids"])}
        assert {name: found[name] for name in expected} == expected


def check_two(client: Client, model: Model, numbers: list[int]) -> None:
    """Take uploads back at one moment: whichever comes first, the same rows are left."""
    with ThreadPoolExecutor() as pool:
        answers = pool.map(
            lambda number: Client(client.app.app).app.delete(f"/uploads/{number}", expect_errors=True), numbers
        )
        assert {answer.status_int for answer in answers} <= {200, 409}
    for number in numbers:
        if number in model.sent and number not in model.undone:
            model.take_back(number)


def check_rows(client: Client, model: Model) -> None:
    """Compare the rows, and from which uploads each came."""
    assert client.rows("jobs") == [[str(key), content] for key, content in sorted(model.rows.items())]
    for key in model.rows:
        uploads = client.get(f"/tables/jobs/{key}")["uploads"]
        assert {upload["upload_id"] for upload in uploads} == model.uploads_of(key)
