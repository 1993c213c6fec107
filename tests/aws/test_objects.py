"""Lambda load: what becomes of an object that comes into the bucket, and of the message about it."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from events import EVENTS, message_of
from functions import aws, start
from runtime import Function
from s3 import BUCKET, Aws
from servers.server import Server
from web_client import Client

pytestmark = [pytest.mark.aws, pytest.mark.parametrize("server", ["postgresql", "mysql"], indirect=True)]

LOAD = "aws.load.handler"
DONE: dict[str, Any] = {"batchItemFailures": []}
AGAIN = {"batchItemFailures": [{"itemIdentifier": "059f36b4-87a3-44ab-83d2-661975830a7d"}]}
COUNTS = ("read", "inserted", "updated", "skipped", "rejected")

Start = Callable[..., Function]


def tags(aws: Aws, event: dict[str, Any]) -> dict[str, str]:
    """Return the tags of the object that an event is about."""
    found = json.loads(event["Records"][0]["body"])["Records"][0]["s3"]["object"]
    key = found["key"].replace("+", " ").replace("%2B", "+")
    answer = aws.s3.get_object_tagging(Bucket=BUCKET, Key=key, VersionId=found["versionId"])
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


def test_object_is_loaded_as_its_metadata_says(aws: Aws, start: Start, client: Client) -> None:
    event = aws.put(
        "incoming/jobs/2026/old jobs+1.csv",
        b"1;Cook\n2;-\n1;Clerk\nx;c\n",
        delimiter=";",
        nulls="%C3%A9,-",
        max_rejects="3",
    )

    answer = start(LOAD).invoke(event)
    [upload] = client.get("/uploads")

    assert answer == DONE
    assert [upload[name] for name in COUNTS] == [4, 1, 0, 1, 2]
    assert (upload["status"], upload["table"], upload["file_name"]) == ("finished", "jobs", "2026/old jobs+1.csv")
    assert upload["options"] == {"delimiter": ";", "nulls": ["é", "-"], "max_rejects": 3}
    assert upload["source"].startswith(f"s3://{BUCKET}/incoming/jobs/2026/old jobs+1.csv?versionId=")
    assert client.rows("jobs") == [["1", "Cook"]]
    assert tags(aws, event) == {"loadbay-status": "finished", "loadbay-upload": str(upload["upload_id"])}


def test_gzip_is_unpacked_and_its_sha256_is_that_of_the_object(aws: Aws, start: Start, client: Client) -> None:
    content = gzip.compress(b"1,Cook\n")

    answer = start(LOAD).invoke(aws.put("incoming/jobs/jobs.csv.gz", content))
    [upload] = client.get("/uploads")

    assert answer == DONE
    assert (upload["inserted"], upload["bytes"]) == (1, len(content))
    assert client.get(f"/uploads?sha256={upload['sha256']}") == [upload]


REFUSED = [
    pytest.param("jobs", b"id,cat\n1,a\n", {}, "header_mismatch", "refused", id="header"),
    pytest.param("jobs", b"", {}, "no_records", "refused", id="empty"),
    pytest.param("jobs", b"<html><body>no such page</body></html>", {}, "not_csv", "refused", id="kind"),
    pytest.param("jobs", gzip.compress(b"1,a\n" * 99)[:-9], {}, "archive_damaged", "refused", id="gzip"),
    pytest.param("jobs", b"1,a\n" * 9999, {}, "file_too_large", "refused", id="too large"),
    pytest.param("jobs", gzip.compress(b"1,a\n" * 9999), {}, "file_too_large", "refused", id="too large once unpacked"),
    pytest.param("cats", b"1,a\n", {}, "unknown_table", "refused", id="table"),
    pytest.param("c" * 200, b"1,a\n", {}, "unknown_table", "refused", id="long name of a table"),
    pytest.param("jobs", b"1,a\n", {"strict": "yes"}, "bad_parameter", "refused", id="value of an option"),
    pytest.param("jobs", b"1,a\n", {"stict": "true"}, "bad_parameter", "refused", id="option"),
    pytest.param("jobs", b"1,a,b\n2,c,d\n", {}, "no_record_fits", "refused", id="no record fits"),
    pytest.param("jobs", b"1,a\nx,a\n", {"atomic": "true"}, "atomic_refused", "refused", id="atomic"),
    pytest.param(
        "jobs", b"1,a\nx,a\ny,b\n", {"max_rejects": "1"}, "too_many_rejects", "stopped", id="too many refused"
    ),
]


@pytest.mark.parametrize(("table", "content", "options", "code", "status"), REFUSED)
def test_object_that_is_refused_is_in_the_ledger_and_its_message_is_done(
    aws: Aws, start: Start, client: Client, table: str, content: bytes, options: dict[str, str], code: str, status: str
) -> None:
    event = aws.put(f"incoming/{table}/it.csv", content, **options)
    load = start(LOAD, MAX_UPLOAD_BYTES="20000")

    answers = [load.invoke(event)]
    first = tags(aws, event)
    answers.append(load.invoke(event))
    [upload] = client.get("/uploads")

    assert answers == [DONE, DONE]
    assert first == tags(aws, event)
    assert (upload["status"], upload["code"], upload["table"][:4]) == (status, code, table[:4])
    assert upload["source"].startswith(f"s3://{BUCKET}/incoming/")
    assert tags(aws, event) == {"loadbay-status": status, "loadbay-upload": str(upload["upload_id"])}
    assert upload["reason"] not in load.printed()


def test_rule_of_the_table_itself_ends_the_load(
    aws: Aws, start: Start, client: Client, server: Server, settings: dict[str, str]
) -> None:
    server.execute(settings["DATABASE_URL"], "ALTER TABLE jobs ADD CONSTRAINT no_cooks CHECK (job <> 'Cook')")
    load = start(LOAD, BATCH_ROWS="1")

    answer = load.invoke(aws.put("incoming/jobs/it.csv", b"1,Clerk\n2,Cook\n3,Agent\n"))
    [upload] = client.get("/uploads")

    assert answer == DONE
    assert (upload["status"], upload["code"], upload["inserted"]) == ("stopped", "rows_lost", 1)


def test_message_of_no_object_is_done(start: Start, client: Client) -> None:
    answer = start(LOAD).invoke(message_of((EVENTS / "s3-test.json").read_text()))

    assert answer == DONE
    assert client.get("/uploads") == []


def test_folder_that_the_console_makes_is_passed_over(aws: Aws, start: Start, client: Client) -> None:
    assert start(LOAD).invoke(aws.put("incoming/jobs/", b"")) == DONE
    assert client.get("/uploads") == []


def test_object_that_is_gone_is_done_and_leaves_nothing(aws: Aws, start: Start, client: Client) -> None:
    event = aws.put("incoming/jobs/gone.csv", b"1,Cook\n")
    version = json.loads(event["Records"][0]["body"])["Records"][0]["s3"]["object"]["versionId"]
    aws.s3.delete_object(Bucket=BUCKET, Key="incoming/jobs/gone.csv", VersionId=version)
    load = start(LOAD)

    answer = load.invoke(event)

    assert answer == DONE
    assert client.get("/uploads") == []
    assert load.logged()[-1]["code"] == "Gone"


def test_version_that_was_overwritten_is_loaded_as_it_was(aws: Aws, start: Start, client: Client) -> None:
    events = [aws.put("incoming/jobs/it.csv", b"1,Cook\n"), aws.put("incoming/jobs/it.csv", b"2,Clerk\n")]
    load = start(LOAD)

    answers = [load.invoke(event) for event in (*events, *events)]
    found = client.get(f"/uploads?source=s3://{BUCKET}/incoming/jobs/it.csv")

    assert answers == [DONE] * 4
    assert client.rows("jobs") == [["1", "Cook"], ["2", "Clerk"]]
    assert [upload["upload_id"] for upload in found] == [2, 1]
    assert client.get(f"/uploads?source={found[1]['source']}") == [found[1]]
    assert client.get(f"/uploads?source=s3://{BUCKET}/incoming/jobs/it.csv&limit=1") == found[:1]
    assert client.get(f"/uploads?source=s3://{BUCKET}/incoming/jobs/it") == []


def test_upload_that_was_taken_back_is_not_loaded_by_a_late_delivery(aws: Aws, start: Start, client: Client) -> None:
    event, load = aws.put("incoming/jobs/it.csv", b"1,Cook\n"), start(LOAD)
    load.invoke(event)
    client.app.delete("/uploads/1")

    answer = load.invoke(event)

    assert answer == DONE
    assert [upload["status"] for upload in client.get("/uploads")] == ["undone"]
    assert client.rows("jobs") == []


def test_message_that_nobody_understands_is_delivered_again(start: Start) -> None:
    assert start(LOAD).invoke(message_of("Willkommen")) == AGAIN


QUOTING = {
    "postgresql": (
        "CREATE FUNCTION quote_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'SELEC ' || NEW.job; END $$",
        "CREATE TRIGGER quote_it BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION quote_it()",
    ),
    "mysql": (
        "CREATE TRIGGER quote_it BEFORE INSERT ON jobs FOR EACH ROW "
        "BEGIN DECLARE said TEXT DEFAULT NEW.job; SIGNAL SQLSTATE '42000' SET MYSQL_ERRNO = 1064, MESSAGE_TEXT = said; END",
    ),
}
"""What makes a database raise an error, which quotes the row."""


def test_error_that_quotes_a_row_is_logged_without_its_words(
    aws: Aws, start: Start, client: Client, server: Server, settings: dict[str, str]
) -> None:
    load = start(LOAD)
    load.invoke(aws.put("incoming/jobs/it.csv", b"7,Clerk\n"))  # the start stores a row, which it rolls back
    server.execute(settings["DATABASE_URL"], *QUOTING[server.name])

    answer = load.invoke(aws.put("incoming/jobs/it.csv", b"1,Willkommen\n"))

    assert answer == AGAIN
    assert load.logged()[-1]["errors"]
    assert "Willkommen" not in load.printed()


def test_ledger_days_deletes_after_a_load(
    aws: Aws, start: Start, client: Client, server: Server, settings: dict[str, str]
) -> None:
    load = start(LOAD, LEDGER_DAYS="1")
    load.invoke(aws.put("incoming/jobs/it.csv", b"1,a\nx,b\n"))
    long_ago = "finished_at = '2026-01-01T00:00:00', updated_at = '2026-01-01T00:00:00'"
    server.execute(settings["DATABASE_URL"], f"UPDATE uploads SET {long_ago}")

    answer = load.invoke(aws.put("incoming/jobs/it.csv", b"2,a\nx,b\n"))
    second, first = client.get("/uploads")

    assert answer == DONE
    assert (first["erased_at"] is None, second["erased_at"]) == (False, None)


def test_wrong_secret_is_refused_by_s3_and_the_message_comes_again(aws: Aws, start: Start) -> None:
    load = start(LOAD, AWS_SECRET_ACCESS_KEY="wrong")

    assert load.invoke(aws.put("incoming/jobs/it.csv", b"1,Cook\n")) == AGAIN
