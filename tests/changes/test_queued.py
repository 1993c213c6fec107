"""A file that a queue delivers until its load has ended: each delivery goes on where the one before was, whatever ended it."""

import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import faults_table
import pytest
from conftest import OPENED
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from servers.server import Server
from web_client import Client

from rows.batches.early import OutOfTime
from rows.bytes.file import spool
from rows.bytes.spool import Spools
from rows.fault import FileRefused
from rows.load import LoadRefused, LoadStopped, load, refuse
from rows.once.claim import BeingTakenBack, Source
from rows.options import Options
from rows.say.account import Account

FILE = b"".join(b"x%d,no\n" % i if i % 7 == 3 else b"%d,Job\n" % (i - 9 if i % 5 == 4 else i) for i in range(1, 41))
"""Some records are refused, and some have an id that came before."""

COUNTS = ("read", "inserted", "updated", "skipped", "rejected", "conflicts")


def deliver(
    content: bytes = FILE,
    batches: float = math.inf,
    source: str = "s3://files/a?versionId=1",
    table: str = "jobs",
    **choices: Any,
) -> Account:
    """Load a file as a queue delivers it, with time for so many batches, and return its account."""
    database, options = OPENED[-1], replace(Options(), batch_rows=3, **choices)
    looks = count(1)
    with Spools(2**20).open() as stream:
        file = spool([content], stream, None, 2**20)
        return load(
            file, database.tables[table], options, database, Source(source, lambda: batches - next(looks) + 0.5)
        )


def deliver_until_done(content: bytes, times: Iterator[int], **choices: Any) -> int:
    """Deliver a file with time for so many batches each, and return how many deliveries that took."""
    for number, batches in enumerate(times, 1):
        with suppress(LoadStopped):
            deliver(content, batches, **choices)
            return number
    raise AssertionError("it does not end")


def of(client: Client, number: int) -> tuple[Any, ...]:
    """Return all that the ledger has of an upload's rows."""
    upload = client.get(f"/uploads/{number}")
    ids = sorted(client.app.get(f"/uploads/{number}/ids.csv").text.splitlines())
    return {name: upload[name] for name in COUNTS}, ids, client.app.get(f"/uploads/{number}/rejects.csv").text


@pytest.fixture
def queued(settings: dict[str, str], client: Client) -> Client:
    """A client of the database into which files are delivered."""
    return client


def test_delivery_without_time_leaves_the_upload_running_and_the_next_goes_on_at_once(queued: Client) -> None:
    queued.upload("jobs", FILE, dry_run="true")

    with pytest.raises(LoadStopped) as stopped:
        deliver(batches=4)
    left = queued.get("/uploads/2")
    account = deliver()

    assert isinstance(stopped.value.__cause__, OutOfTime)
    assert (left["status"], left["read"], left["reason"]) == ("running", 12, None)
    assert (account.upload_id, account.attempt, account.counts.read) == (2, 2, 40)
    assert of(queued, 2) == of(queued, 1)
    assert queued.get("/uploads/2")["status"] == "finished"


def test_delivery_after_the_end_does_nothing(queued: Client) -> None:
    deliver()
    before = queued.get("/uploads")

    account = deliver(batches=0)

    assert account.ended is not None
    assert account.counts.read == 40
    assert queued.get("/uploads") == before


def test_delivery_takes_over_from_one_that_is_still_at_it(queued: Client) -> None:
    with pytest.raises(LoadStopped):
        deliver(batches=1)

    account = deliver()

    assert account.attempt == 2
    assert [upload["read"] for upload in queued.get("/uploads")] == [40]


def test_delivery_of_what_was_taken_back_stores_nothing(queued: Client) -> None:
    deliver()
    queued.app.delete("/uploads/1")

    with pytest.raises(BeingTakenBack):
        deliver()

    assert queued.rows("jobs") == []
    assert [upload["status"] for upload in queued.get("/uploads")] == ["undone"]


@pytest.mark.parametrize("way", ["atomic", "dry_run"])
def test_whole_file_without_time_is_stopped_for_good(queued: Client, way: str) -> None:
    answers = []
    for batches in (4, math.inf):
        with pytest.raises(LoadRefused) as refused:
            deliver(batches=batches, **{way: True})
        answers.append((refused.value.code, refused.value.account.counts.read))

    [upload] = queued.get("/uploads")

    assert answers == [("out_of_time", 12)] * 2
    assert (upload["status"], upload["code"]) == ("stopped", "out_of_time")
    assert queued.rows("jobs") == []


def test_refusal_of_what_could_not_be_received_is_in_the_ledger_once(queued: Client) -> None:
    source, numbers = Source("s3://files/a?versionId=1", lambda: 1.0), []
    for _ in range(2):
        with Spools(2**20).open() as stream:
            file = replace(spool([], stream, "a.csv", 2**20), sent_bytes=7, sha256="")
            refusal = FileRefused("archive_damaged", "it ends early")
            numbers.append(refuse(file, "cats", Options(), refusal, OPENED[-1], source).upload_id)

    [upload] = queued.get("/uploads")

    assert numbers == [1, 1]
    assert [upload[name] for name in ("table", "status", "code", "reason", "file_name", "bytes", "sha256", "source")] == [
        "cats", "refused", "archive_damaged", "it ends early", "a.csv", 7, None, source.name
    ]  # fmt: skip
    assert queued.app.get("/uploads/1/rejects.csv").status_int == 200
    assert queued.app.get("/uploads/1/ids.csv").text == "id,outcome\r\n"
    assert queued.get("/uploads/1/replaced.csv", status=404)["code"] == "unknown_table"


def test_uploads_of_an_object_are_found_by_its_name_whatever_their_version(queued: Client) -> None:
    sources = [
        "s3://files/a?versionId=1",
        "s3://files/a?versionId=2",
        "s3://files/ab?versionId=1",
        "s3://files/A?versionId=1",
    ]
    for number, source in enumerate(sources):
        deliver(b"%d,Job\n" % number, source=source)
    queued.app.post(
        "/upload/jobs", "7,Job\n", {"Content-Type": "text/csv", "Idempotency-Key": "s3://files/a?versionId=3"}
    )

    def found(query: str) -> list[int]:
        return [upload["upload_id"] for upload in queued.get(f"/uploads?{query}")]

    assert found("source=s3://files/a") == [2, 1]
    assert found("source=s3://files/a&limit=1") == [2]
    assert found("source=s3://files/a&before=2") == [1]
    assert found("source=s3://files/a&status=running") == []
    assert found("source=s3://files/a?versionId=1") == [1]
    assert found("source=s3://files/") == []
    assert found("source=key:s3://files/a") == []
    assert found("source=key:s3://files/a?versionId=3") == [5]


@tried(
    max_examples=300 if faults_table.LONG else 30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(
    records=st.lists(st.sampled_from(["1,a", "2,b", "3,c", "4,d", "x,no", "1,z", "5,"]), min_size=1, max_size=30),
    times=st.lists(st.integers(1, 3), min_size=30, max_size=30),
    on_conflict=st.sampled_from(["skip", "update", "refuse"]),
)
def test_any_file_delivered_in_any_number_of_pieces_is_what_it_is_in_one(
    queued: Client, server: Server, settings: dict[str, str], records: list[str], times: list[int], on_conflict: str
) -> None:
    content = "\n".join([*records, "9,last", ""]).encode()
    server.empty(settings["DATABASE_URL"])
    deliver(content, on_conflict=on_conflict, header=False)
    whole, rows = of(queued, 1), queued.rows("jobs")
    server.empty(settings["DATABASE_URL"])

    deliver_until_done(content, iter(times), on_conflict=on_conflict, header=False)

    assert of(queued, 1) == whole
    assert queued.rows("jobs") == rows
