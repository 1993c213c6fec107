"""DELETE /uploads/{id}/rejects: what the ledger keeps of people of an upload is deleted for good."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from conftest import GATEWAY
from falcon import HTTPError
from servers.server import Server
from web_client import Client

JOBS = "1,Clerk\n2,Agent\n3,Cook\n"
REFUSED = "1,a\nx,y\n"
"""A file of which a row is refused."""


@pytest.fixture
def url(settings: dict[str, str]) -> str:
    return settings["DATABASE_URL"]


def delete(client: Client, upload_id: int | str, status: int = 200) -> Any:
    return client.app.delete(f"/uploads/{upload_id}/rejects", status=status).json


def upload_secrets(client: Client) -> dict[str, Any]:
    """Upload rows of which one updates another, and two are refused; return the upload as the ledger has it."""
    answer = client.upload("jobs?on_conflict=update&columns=id,job", "1,Secret\nSecret,a\n2,Agent\n3,c,Secret\n")
    return client.get(f"/uploads/{answer['upload_id']}")


def kept(server: Server, url: str) -> list[tuple[str, int]]:
    """Return the uploads of which the ledger has refused and replaced rows, with their numbers."""
    return [
        row
        for table, content in (("rejects", "record"), ("replaced", "content"))
        for row in server.execute(
            url,
            f"SELECT '{table}', upload_id, count(*) FROM {table} WHERE length({content}) > 0 "
            "GROUP BY upload_id ORDER BY upload_id",
        )
    ]


def make_older(server: Server, url: str, days: int, where: str, column: str = "finished_at") -> None:
    """Let uploads have ended, or gone on last, so many days ago."""
    moment = (datetime.now(UTC) - timedelta(days=days, seconds=30)).strftime("%Y-%m-%dT%H:%M:%S")
    time = f"{moment}Z" if server.name == "sqlite" else moment
    server.execute(url, f"UPDATE uploads SET {column} = '{time}' WHERE {where}")


def test_deleted_rows_are_gone_and_the_upload_says_so(client: Client, server: Server, url: str) -> None:
    client.upload("jobs", JOBS + "x,y\n")
    before = upload_secrets(client)
    ids = client.app.get("/uploads/2/ids.csv").text

    answer = delete(client, 2)

    assert answer == {"upload_id": 2, "rejects": 2, "replaced": 1, "erased_at": answer["erased_at"]}
    assert kept(server, url) == [("rejects", 1, 1)]
    assert client.get("/uploads/2") == before | {
        "file_name": None,
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": False},
        "hints": [],
        "erased_at": answer["erased_at"],
    }
    for name in ("rejects", "replaced"):
        problem = client.get(f"/uploads/2/{name}.csv", status=410)
        assert (problem["code"], problem["detail"]) == (
            "rows_erased",
            f"the refused and replaced rows of upload 2 were deleted at {answer['erased_at']}, on request or after "
            "LEDGER_DAYS: its counts and ids.csv are kept",
        )
    assert client.app.get("/uploads/2/ids.csv").text == ids
    assert "x,y" in client.app.get("/uploads/1/rejects.csv").text
    assert client.get("/uploads/1")["erased_at"] is None


def test_nothing_that_the_entry_quotes_of_the_file_is_left(client: Client) -> None:
    client.upload("jobs", "id;Secret name;job\nSecret;1;a\n", extra="ignore", status=422)
    client.upload("jobs", "Secret id;Secret name\n1;a\n", columns="id,job", delimiter=";")
    client.upload("jobs", "id;job;Secret\n1;a;b\n", status=422)
    before = client.get("/uploads")
    assert all("Secret" in json.dumps(upload) for upload in before)
    client.upload("jobs", b"2,a\n3,caf\xe9\n")
    assert client.get("/uploads/4")["hints"] != []

    for number in (1, 2, 3, 4):
        delete(client, number)

    uploads = client.get("/uploads")
    assert all("Secret" not in json.dumps(upload) for upload in uploads)
    assert [(upload["reason"], upload["hints"]) for upload in uploads] == [(None, [])] * 4
    assert [upload["status"] for upload in uploads[1:]] == ["refused", "finished", "refused"]


def test_deletion_may_be_asked_for_again(client: Client) -> None:
    client.upload("jobs", REFUSED)
    first = delete(client, 1)

    assert delete(client, 1) == first | {"rejects": 0}


def test_rows_of_what_is_no_upload_are_not_found(client: Client) -> None:
    assert delete(client, 1, status=404)["code"] == "unknown_upload"
    assert delete(client, "x", status=404)["detail"] == "x is not the number of an upload: there is none yet"
    assert client.app.get("/uploads/1/rejects", status=405).headers["Allow"] == "DELETE, OPTIONS"


@pytest.mark.parametrize("status", ["running", "undoing"])
def test_rows_of_an_upload_that_goes_on_are_not_deleted(client: Client, server: Server, url: str, status: str) -> None:
    client.upload("jobs", REFUSED)
    server.execute(url, f"UPDATE uploads SET status = '{status}'")
    make_older(server, url, -1, "upload_id = 1", "updated_at")

    problem = delete(client, 1, status=409)

    assert (problem["code"], problem["detail"]) == (
        "still_goes_on",
        f"upload 1 is {status}: its rows can be deleted once that has ended",
    )
    assert "x,y" in client.app.get("/uploads/1/rejects.csv").text


def test_upload_that_was_interrupted_is_stopped_by_it(client: Client, server: Server, url: str) -> None:
    client.upload("jobs", REFUSED)
    server.execute(url, "UPDATE uploads SET status = 'running', finished_at = NULL")
    make_older(server, url, 1, "upload_id = 1", "updated_at")

    answer = delete(client, 1)

    upload = client.get("/uploads/1")
    assert (upload["status"], upload["finished_at"]) == ("stopped", answer["erased_at"])


MANY = "".join(f"{i},other\n" for i in range(1, 1502)) + "x,y\n" * 1501


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("event", "row", "left"),
    [
        ("DELETE ON rejects", "line = 1502 + 1000", [("rejects", 2, 501), ("replaced", 2, 1501)]),
        ("UPDATE ON replaced", "id = 500", [("replaced", 2, 1002)]),
    ],
)
def test_no_transaction_deletes_more_than_a_thousand_rows(
    client: Client, server: Server, url: str, event: str, row: str, left: list[tuple[Any, ...]]
) -> None:
    client.upload("jobs", MANY.replace("other", "a").replace("x,y\n", ""))
    client.upload("jobs?on_conflict=update", MANY)
    server.execute(url, f"CREATE TRIGGER fails BEFORE {event} WHEN OLD.{row} BEGIN SELECT RAISE(ABORT, 'not now'); END")

    client.app.delete("/uploads/2/rejects", status=500, expect_errors=True)

    assert kept(server, url) == left
    assert client.get("/uploads/2/rejects.csv", status=410)["code"] == "rows_erased"
    server.execute(url, "DROP TRIGGER fails")
    answer = delete(client, 2)
    assert [("rejects", answer["rejects"]), ("replaced", answer["replaced"])][-len(left) :] == [
        (name, number) for name, _, number in left
    ]
    assert kept(server, url) == []


def test_many_rows_are_deleted_at_once(client: Client, server: Server, url: str) -> None:
    client.upload("jobs", MANY.replace("other", "a").replace("x,y\n", ""))
    client.upload("jobs?on_conflict=update", MANY)

    answer = delete(client, 2)

    assert (answer["rejects"], answer["replaced"]) == (1501, 1501)
    assert kept(server, url) == []


@pytest.mark.skipif(GATEWAY is not None, reason="API Gateway is given an answer when it is whole")
@pytest.mark.parametrize("name", ["rejects", "replaced"])
def test_file_whose_rows_are_deleted_while_it_is_sent_breaks_off(client: Client, name: str) -> None:
    client.upload("jobs", MANY.replace("other", "a").replace("x,y\n", ""))
    client.upload("jobs?on_conflict=update", MANY)
    environ: dict[str, Any] = {"PATH_INFO": f"/uploads/2/{name}.csv", "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    pieces = iter(client.app.app(environ, lambda status, headers, error=None: None))
    next(pieces)

    delete(client, 2)

    with pytest.raises(HTTPError, match="410"):
        list(pieces)
