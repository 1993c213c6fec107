"""GET /uploads: the ledger of what was sent and what became of it."""

import hashlib
import re
from datetime import UTC, datetime, timedelta

from servers.server import Server
from web_client import Client

TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_upload_is_in_the_ledger(client: Client) -> None:
    file = b"id,department\n1,Sales\n1,Law\nx,y\n"
    client.upload("departments", file, header="true")

    upload = client.get("/uploads/1")

    times = {name: upload.pop(name) for name in ("started_at", "updated_at", "finished_at")}
    assert all(TIME.fullmatch(time) for time in times.values())
    assert upload == {
        "upload_id": 1,
        "table": "departments",
        "file_name": "departments.csv",
        "sha256": hashlib.sha256(file).hexdigest(),
        "bytes": len(file),
        "source": None,
        "options": {"header": True},
        "dialect": {"delimiter": ",", "encoding": "utf-8", "header": True, "columns": ["id", "department"]},
        "status": "finished",
        "reason": None,
        "code": None,
        "hints": [],
        "read": 3,
        "inserted": 1,
        "updated": 0,
        "skipped": 1,
        "rejected": 1,
        "conflicts": 1,
        "erased_at": None,
    }
    assert client.get("/uploads") == [upload | times]


def test_refused_upload_is_in_the_ledger_with_its_reason(client: Client) -> None:
    answer = client.upload("departments", "1,Sales,x\n", status=422)

    upload = client.get("/uploads/1")
    assert (upload["status"], upload["reason"], upload["rejected"]) == ("refused", answer["detail"], 1)
    assert upload["hints"] == answer["hints"]


def test_bare_csv_has_no_file_name(client: Client) -> None:
    client.post("jobs", b"1,a\n", Content_Type="text/csv")

    assert client.get("/uploads/1")["file_name"] is None


def test_ledger_is_read_in_pages_newest_first(client: Client) -> None:
    for i in range(5):
        client.upload("jobs", f"{i},a\n")

    def ids(url: str) -> list[int]:
        return [upload["upload_id"] for upload in client.get(url)]

    assert ids("/uploads") == [5, 4, 3, 2, 1]
    assert ids("/uploads?limit=2") == [5, 4]
    assert ids("/uploads?limit=2&before=4") == [3, 2]
    assert ids("/uploads?before=1") == []


def test_running_upload_without_a_batch_for_a_minute_is_interrupted(
    client: Client, server: Server, settings: dict[str, str]
) -> None:
    client.upload("jobs", "1,a\n")
    client.upload("jobs", "2,a\n")
    for upload_id, seconds in ((1, 61), (2, 50)):
        moment = (datetime.now(UTC) - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
        server.execute(
            settings["DATABASE_URL"],
            f"UPDATE uploads SET status = 'running', finished_at = NULL, updated_at = '{moment}' "
            f"WHERE upload_id = {upload_id}",
        )

    assert [upload["status"] for upload in client.get("/uploads")] == ["running", "interrupted"]


def test_unknown_upload_is_not_found_and_the_newest_is_named(client: Client) -> None:
    client.upload("jobs", "1,a\n")

    assert client.get("/uploads/2", status=404)["detail"] == "2 is not the number of an upload: the newest is 1"
