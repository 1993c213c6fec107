"""LEDGER_DAYS: what the ledger keeps of people is deleted so many days after the upload has ended."""

from collections.abc import Callable

import pytest
from conftest import start_client
from served import Served
from servers.server import Server
from test_erase import REFUSED, kept, make_older
from web_client import Client


@pytest.fixture
def url(settings: dict[str, str]) -> str:
    return settings["DATABASE_URL"]


@pytest.fixture
def forgetful(settings: dict[str, str]) -> Client:
    """A client of a service that keeps what the ledger has of people for ten days."""
    return start_client(settings | {"LEDGER_DAYS": "10"})


def test_rows_are_deleted_so_many_days_after_the_upload_has_ended(forgetful: Client, server: Server, url: str) -> None:
    for _ in range(3):
        forgetful.upload("jobs", REFUSED)
    server.execute(url, "UPDATE uploads SET status = 'running', finished_at = NULL WHERE upload_id = 3")
    make_older(server, url, 10, "upload_id = 1")
    make_older(server, url, 9, "upload_id = 2")
    make_older(server, url, 10, "upload_id = 3", "updated_at")

    forgetful.upload("jobs", "1,a\n")

    assert kept(server, url) == [("rejects", 2, 1)]
    assert [upload["erased_at"] is None for upload in forgetful.get("/uploads")] == [True, False, True, False]
    assert [upload["status"] for upload in forgetful.get("/uploads")] == ["finished", "stopped", "finished", "finished"]
    assert forgetful.get("/uploads/1/rejects.csv", status=410)["code"] == "rows_erased"


@pytest.mark.parametrize(
    ("file", "query", "status"), [("x,y\n", "", 422), ("1,a\n", "?delimiter=x", 400), ("", "", 422)], ids=str
)
def test_upload_that_is_refused_has_what_is_due_deleted_too(
    forgetful: Client, server: Server, url: str, file: str, query: str, status: int
) -> None:
    forgetful.upload("jobs", REFUSED)
    make_older(server, url, 11, "upload_id = 1")

    forgetful.upload_to(f"jobs{query}", file, status=status)

    assert forgetful.get("/uploads/1")["erased_at"] is not None


def test_each_upload_has_a_few_transactions_of_what_is_due_deleted(forgetful: Client, server: Server, url: str) -> None:
    for _ in range(12):
        forgetful.upload("jobs", REFUSED)
    make_older(server, url, 11, "upload_id <= 12")

    forgetful.upload("jobs", "1,a\n")
    first = len(kept(server, url))
    forgetful.upload("jobs", "1,a\n")

    assert (first, len(kept(server, url))) == (2, 0)


def test_deletion_that_was_cut_off_goes_on(forgetful: Client, server: Server, url: str) -> None:
    forgetful.upload("jobs", REFUSED)
    server.execute(url, "UPDATE uploads SET erasure = 1, erased_at = started_at")

    forgetful.upload("jobs", "1,a\n")

    assert kept(server, url) == []
    assert server.execute(url, "SELECT erasure FROM uploads ORDER BY upload_id") == [(2,), (0,)]


def test_all_is_kept_unless_it_is_said_for_how_long(client: Client, server: Server, url: str) -> None:
    client.upload("jobs", REFUSED)
    make_older(server, url, 30_000, "upload_id = 1")

    client.upload("jobs", "1,a\n")

    assert "x,y" in client.app.get("/uploads/1/rejects.csv").text


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_answer_does_not_wait_for_what_is_deleted_nor_fail_with_it(
    serve: Callable[..., Served], server: Server, url: str
) -> None:
    before = serve(WEB_CONCURRENCY="1").wait()  # it deletes nothing: that would come behind the answer, at any time
    before.upload("jobs", REFUSED.encode())
    before.stop()
    make_older(server, url, 11, "upload_id = 1")
    server.execute(url, "CREATE TRIGGER fails BEFORE DELETE ON rejects BEGIN SELECT RAISE(ABORT, 'not now'); END")
    served = serve(LEDGER_DAYS="10", WEB_CONCURRENCY="1").wait()

    status, answer = served.upload("jobs", b"2,Clerk\n")

    assert (status, answer["inserted"]) == (200, 1)
    assert served.get("/uploads/1")["erased_at"] is None
    errors = [line for line in served.logged() if "errors" in line]
    assert [line["errors"][-1]["type"] for line in errors] == ["sql.errors.RowRefused"]
