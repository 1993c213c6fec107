"""Idempotency-Key: the same request is done once, and answered as often as it is sent."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import webtest
from conftest import start_client
from servers.server import Server
from web_client import Client

from rows.batches.upload import Upload

CSV = {"Content-Type": "text/csv"}


def send(
    client: Client, target: str, body: str | bytes, key: str = "one", status: int | str | None = 200
) -> webtest.TestResponse:
    """Send a file with a key, and return the whole answer; the status * takes any."""
    content = body.encode() if isinstance(body, str) else body
    return client.app.post(f"/upload/{target}", content, {**CSV, "Idempotency-Key": key}, status=status)


def zipped(content: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("jobs.csv", content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("target", "body", "status", "code"),
    [
        pytest.param("jobs", "1,a\n2,b\n", 200, None, id="finished"),
        pytest.param("jobs", "id,job\n7,Clerk\n7,Cook\n1,a\n1,b\n1,b\n", 200, None, id="skipped and in conflict"),
        pytest.param("jobs", "".join(f"{i},a\n{i},Köch,{'x' * 2000}\n" for i in range(150)), 200, None, id="refused rows"),
        pytest.param("jobs?nulls=NA", "1,a\n2,\n" + "3,\\x\n4,NULL\n5,NULL\n6,caf\xe9\n", 200, None, id="hints"),
        pytest.param("jobs", b"1,a\n2,caf\xe9\n3,\xff\n", 200, None, id="bytes that are no text"),
        pytest.param("jobs?on_conflict=update", "7,Cook\n8,new\n7,Agent\n7,Agent\n", 200, None, id="updated"),
        pytest.param("jobs?on_conflict=refuse", "7,Cook\n8,new\n", 200, None, id="conflict refused"),
        pytest.param("jobs?dry_run=true", "7,Clerk\n8,new\nx,y\n", 200, None, id="dry run"),
        pytest.param("jobs?atomic=true", "7,Clerk\n8,new\n", 200, None, id="atomic"),
        pytest.param("jobs?atomic=true", "7,Clerk\n8,new\nx,y\n", 422, "atomic_refused", id="atomic refused"),
        pytest.param("jobs?columns=id,job", "Nr;Näme\n1;a\n", 200, None, id="header passed over"),
        pytest.param("jobs", zipped("7,Clerk\n8,new\n"), 200, None, id="zip"),
        pytest.param("jobs", "id,cat\n1,a\n", 422, "header_mismatch", id="header refused"),
        pytest.param("jobs", "1,0;b\n2,0;d\n", 422, "delimiter_not_found", id="delimiter not found"),
        pytest.param("jobs", "", 422, "no_records", id="empty"),
        pytest.param("jobs", "id,job\n", 422, "no_records", id="header alone"),
        pytest.param("jobs", "1,a,b\n2,c,d\n", 422, "no_record_fits", id="no record fits"),
        pytest.param("jobs?max_rejects=2", "1,a\nx,b\n2,c\ny,d\nz,e\n3,f\n", 422, "too_many_rejects", id="too many refused"),
        pytest.param("jobs", "id,job\n1,a\njob,id\nb,2\n", 422, "header_crossed", id="header crossed"),
        pytest.param("jobs", "<html><body>no such page</body></html>", 422, "not_csv", id="another kind"),
    ],
)  # fmt: skip
def test_request_that_is_sent_again_gets_the_same_answer_and_does_nothing(
    settings: dict[str, str], target: str, body: str | bytes, status: int, code: str | None
) -> None:
    client = start_client(settings | {"BATCH_ROWS": "2"})
    client.upload("jobs", "7,Clerk\n")
    first = send(client, target, body, status=status)
    rows, uploads = client.rows("jobs"), client.get("/uploads")

    again = send(client, target, body, status=status)

    assert code is None or first.json["code"] == code
    assert again.json == first.json
    assert again.content_type == first.content_type
    assert client.rows("jobs") == rows
    assert client.get("/uploads") == uploads
    assert [upload["upload_id"] for upload in uploads] == [2, 1]


def test_more_ids_than_are_shown_are_the_first_again(client: Client) -> None:
    file = "".join(f"{i},a\n" for i in range(10_500))
    client.upload("jobs", file)
    first = send(client, "jobs", file.replace("a", "b"))

    assert send(client, "jobs", file.replace("a", "b")).json == first.json
    assert len(first.json["conflicts"]) == 10_000


def test_row_that_the_table_refuses_is_answered_again(client: Client, server: Server, settings: dict[str, str]) -> None:
    text = "VARCHAR(1000)" if server.name == "mysql" else "TEXT"
    rule = f"CREATE TABLE more (id BIGINT NOT NULL PRIMARY KEY, job {text} CHECK (job <> 'X'))"
    server.execute(settings["DATABASE_URL"], "DROP TABLE jobs", rule, "ALTER TABLE more RENAME TO jobs")

    answers = [send(client, "jobs", "1,a\n2,X\n", status=422).json for _ in range(2)]

    assert answers[0]["code"] == "rows_lost"
    assert answers[0] == answers[1]
    assert client.get("/uploads/1")["code"] == "rows_lost"


def problem(status: int, title: str, code: str, detail: str, **members: Any) -> dict[str, Any]:
    return {"title": title, "status": status, "code": code, "detail": detail, **members}


@pytest.mark.parametrize(
    ("target", "body"),
    [
        pytest.param("jobs", "1,b\n", id="file"),
        pytest.param("departments", "1,a\n", id="table"),
        pytest.param("jobs?header=false", "1,a\n", id="options"),
        pytest.param("jobs", "", id="refused file"),
    ],
)
def test_key_of_another_request_is_refused(client: Client, target: str, body: str) -> None:
    send(client, "jobs", "1,a\n")

    answer = send(client, target, body, status=422)

    sentence = "the upload 1 of this key has another file, table or options: choose another key: GET /uploads/1"
    assert answer.json == problem(422, "Unprocessable Entity", "key_reused", sentence, upload_id=1)
    assert len(client.get("/uploads")) == 1


def test_options_that_the_ledger_cuts_are_told_apart(client: Client) -> None:
    words = ",".join(f"word{i}" for i in range(90))
    send(client, f"jobs?nulls={words},a", "1,b\n")

    assert send(client, f"jobs?nulls={words},b", "1,b\n", status=422).json["code"] == "key_reused"
    assert send(client, f"jobs?nulls={words},a", "1,b\n").json["upload_id"] == 1


@pytest.mark.parametrize(
    "key",
    [
        *('""', '"', '"a', 'a b', '"a b"', "ä", "a\x7f", '"a"b"', '"a\\b"', '"a";b=1', '"a","b"', "a" * 256),
        '"' + "a" * 256 + '"',
    ],
)  # fmt: skip
def test_header_that_is_no_key_is_refused(client: Client, key: str) -> None:
    answer = send(client, "jobs", "1,a\n", key.encode().decode("latin-1"), status=400)

    sentence = "the header Idempotency-Key is no key: expected 1 to 255 visible ASCII characters, in double quotes or without them"
    assert answer.json == problem(400, "Bad Request", "bad_header", sentence)
    assert client.get("/uploads") == []


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("!", "!"),
        ("a" * 255, "a" * 255),
        ('"' + "a" * 255 + '"', "a" * 255),
        (r'"\"\\"', '"\\'),
        ('8e03978e-40d5-43e8-bc93-6894a57f9324', "8e03978e-40d5-43e8-bc93-6894a57f9324"),
    ],
)  # fmt: skip
def test_key_is_the_same_with_and_without_quotes(client: Client, sent: str, key: str) -> None:
    send(client, "jobs", "1,a\n", sent)
    quoted = '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'

    assert send(client, "jobs", "1,a\n", quoted).json["inserted"] == 1
    assert client.get("/uploads")[0]["source"] == f"key:{key}"


def test_request_without_a_key_is_done_each_time(client: Client) -> None:
    send(client, "jobs", "1,a\n")

    assert client.upload("jobs", "1,a\n")["upload_id"] == 2
    assert send(client, "jobs", "1,a\n", "two").json["skipped"] == 1


def test_upload_is_found_by_its_source(client: Client) -> None:
    for key in ("a&b", "A&b", "a"):
        send(client, "jobs", "1,a\n", key)

    def found(query: str) -> list[int]:
        return [upload["upload_id"] for upload in client.get(f"/uploads?{query}")]

    assert found("source=key:a%26b") == [1]
    assert found("source=key:A%26b") == [2]
    assert found("source=key:a&limit=5&before=4") == [3]
    assert found("source=key:a&before=3") == []
    assert found("source=key:b") == []
    assert found("source=a") == []
    assert client.get("/uploads/2")["source"] == "key:A&b"


def test_request_that_is_refused_before_its_file_is_received_claims_nothing(settings: dict[str, str]) -> None:
    client = start_client(settings | {"MAX_UPLOAD_BYTES": "10"})
    for target, body, status in (("jobs", b"1," + b"a" * 20, 413), ("jobs?x=1", b"1,a\n", 400), ("cats", b"", 404)):
        send(client, target, body, status=status)
    client.app.post("/upload/jobs", b"1,a", {"Content-Type": "text/plain", "Idempotency-Key": "one"}, status=415)

    assert send(client, "jobs", "1,b\n").json["upload_id"] == 1


def test_key_of_an_upload_that_is_taken_back_is_free(client: Client, server: Server, settings: dict[str, str]) -> None:
    send(client, "jobs", "1,a\n")
    server.execute(settings["DATABASE_URL"], "UPDATE uploads SET status = 'undoing'")
    meanwhile = send(client, "jobs", "1,a\n", status=409)
    server.execute(settings["DATABASE_URL"], "UPDATE uploads SET status = 'finished'")
    client.app.delete("/uploads/1")

    answer = send(client, "jobs", "2,b\n")

    sentence = "the upload 1 of this key is being taken back; then the key is free: GET /uploads/1"
    assert meanwhile.json == problem(409, "Conflict", "being_taken_back", sentence, upload_id=1)
    assert (answer.json["upload_id"], answer.json["inserted"]) == (2, 1)
    assert send(client, "jobs", "2,b\n").json == answer.json
    assert [upload["source"] for upload in client.get("/uploads")] == ["key:one", None]


def test_upload_that_is_running_is_left_alone_and_one_that_was_interrupted_goes_on(
    client: Client, server: Server, settings: dict[str, str]
) -> None:
    first = send(client, "jobs", "1,a\n").json
    server.execute(settings["DATABASE_URL"], "UPDATE uploads SET status = 'running', finished_at = NULL")

    meanwhile = send(client, "jobs", "1,a\n", status=409)
    server.execute(settings["DATABASE_URL"], "UPDATE uploads SET updated_at = '2026-01-01T00:00:00'")
    again = send(client, "jobs", "1,a\n")

    sentence = "the upload 1 of this key is still running: send it again once it has ended: GET /uploads/1"
    assert meanwhile.json == problem(409, "Conflict", "still_running", sentence, upload_id=1)
    assert again.json == first
    assert client.get("/uploads/1")["status"] == "finished"


@pytest.mark.parametrize(
    ("file", "query", "code"),
    [
        ("1,a\nx,b\ny,c\n2,d\n", "?max_rejects=1", "too_many_rejects"),
        ("id,job\n1,a\njob,id\nb,2\n", "", "header_crossed"),
        ("1,a\nx,b\n7,Cook\n1,a\n", "", None),
    ],
)
@pytest.mark.parametrize("batch_rows", ["1", "3", "1000"])
def test_upload_that_wanted_its_end_alone_gets_the_same_end(
    server: Server, settings: dict[str, str], file: str, query: str, code: str | None, batch_rows: str
) -> None:
    client = start_client(settings | {"BATCH_ROWS": "3"})
    client.upload("jobs", "7,Clerk\n")
    first = send(client, f"jobs{query}", file, status="*").json
    server.execute(
        settings["DATABASE_URL"],
        "UPDATE uploads SET status = 'running', code = NULL, reason = NULL, hints = NULL, "
        "updated_at = '2026-01-01T00:00:00' WHERE upload_id = 2",
    )

    again = send(start_client(settings | {"BATCH_ROWS": batch_rows}), f"jobs{query}", file, status="*").json

    assert first.get("code") == code
    assert again == first


LONG = "é" * 300_000
DAYS = "".join(f"2{i}/07/2021,{i},,Name,{i}\n" for i in range(1, 7))
WORDS = "".join(f"{word},,{i}\n" for i, word in enumerate(["a", "NULL", "b", "NULL", "\\t", "c"]))


@pytest.mark.parametrize(
    ("target", "file", "hints"),
    [
        pytest.param(
            "jobs?extra=ignore", f"job,note,id\na,{LONG},1\nb,{LONG},x\nc,,2\nd,{LONG},3\ne,{LONG},y\nf,,4\n", [], id="long records"
        ),
        pytest.param(
            "hired_employees?extra=ignore", f"datetime,job_id,note,name,id\n{DAYS}", ["dates"], id="refused fields in another order"
        ),
        pytest.param("jobs?extra=ignore", f"job,note,id\n{WORDS}", ["nulls", "escape"], id="words in sound rows"),
        pytest.param("jobs", "".join(f"{i},{'é' * 40 * i}\nx{i},{'é' * 40 * i}\n" for i in range(1, 8)), [], id="no room for refused rows"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("batches", [1, 2, 5])
def test_account_of_an_upload_that_goes_on_is_that_of_the_whole_file(
    server: Server,
    new_url: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    file: str,
    hints: list[str],
    batches: int,
) -> None:
    limits = {"REJECTS_BYTES_MAX": "4450" if "note" not in file else "4000000", "MAX_REJECTS": "100"}
    whole = send(start_client({"DATABASE_URL": new_url(), "BATCH_ROWS": "1", **limits}), target, file, status="*").json
    settings = {"DATABASE_URL": new_url(), **limits}
    with monkeypatch.context() as patch:
        patch.setattr(Upload, "record", dies_after(batches, Upload.record))
        with pytest.raises(Died):
            send(start_client(settings | {"BATCH_ROWS": "1"}), target, file)
    client = start_client(settings | {"BATCH_ROWS": "2"})
    left = client.get("/uploads/1")
    server.execute(settings["DATABASE_URL"], "UPDATE uploads SET updated_at = '2026-01-01T00:00:00'")

    again = send(client, target, file, status="*").json

    assert (left["status"], left["read"]) == ("running", batches)
    assert again == whole
    assert sorted(name for hint in whole["hints"] for name in hint["options"] or ()) == sorted(hints)
    assert send(client, target, file, status="*").json == whole


class Died(BaseException):
    """The process ended here."""


def dies_after(batches: int, record: Callable[..., None]) -> Callable[..., None]:
    """Return what records so many batches, and ends the process at the next."""
    left = iter(range(batches))

    def record_or_die(*arguments: Any) -> None:
        if next(left, None) is None:
            raise Died
        record(*arguments)

    return record_or_die


def test_upload_whose_refused_rows_were_deleted_is_not_answered_again(client: Client) -> None:
    send(client, "jobs", "1,a\nx,b\n")
    erased_at = client.app.delete("/uploads/1/rejects").json["erased_at"]

    answer = send(client, "jobs", "1,a\nx,b\n", status=410)

    sentence = (
        f"what the upload 1 of this key had to say of rows was deleted at {erased_at}, on request or after LEDGER_DAYS: "
        "its counts are kept: GET /uploads/1"
    )
    assert answer.json == problem(410, "Gone", "rows_erased", sentence, upload_id=1)
    assert send(client, "jobs", "1,a\n", status=422).json["code"] == "key_reused"
    assert len(client.get("/uploads")) == 1


def test_upload_that_had_no_room_goes_on_at_once(settings: dict[str, str]) -> None:
    file = "".join(f"{i},a\n{i},b,c\n" for i in range(500))
    small = start_client(settings | {"MAX_UPLOAD_BYTES": str(len(file)), "SPOOL_BYTES_MAX": str(2 * len(file))})
    stopped = send(small, "jobs?dry_run=true", file, status=503).json
    listed = small.get("/uploads/1")

    answer = send(start_client(settings), "jobs?dry_run=true", file).json

    assert (stopped["code"], listed["status"], listed["code"]) == ("spool_full", "stopped", None)
    assert listed["reason"] == stopped["detail"]
    assert [answer[name] for name in ("upload_id", "read", "inserted", "rejected")] == [1, 1000, 500, 500]
    assert start_client(settings).get("/uploads/1")["status"] == "finished"


def test_ledger_has_no_more_of_a_key_than_its_characters(
    client: Client, server: Server, settings: dict[str, str]
) -> None:
    send(client, "jobs", "1,a\n", "a" * 255)

    found = server.execute(settings["DATABASE_URL"], "SELECT source_sha256, source, upload_id FROM sources")

    source = "key:" + "a" * 255
    assert [tuple(row) for row in found] == [(hashlib.sha256(source.encode()).hexdigest(), source, 1)]
