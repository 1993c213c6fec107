"""What is deleted from SQLite's file is overwritten there, and goes from the write-ahead log beside it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from servers.server import Server
from web_client import Client

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)

SECRETS = ("SecretRefused", "SecretReplaced", "SecretName", "SecretHeader")
"""What a refused record, a replaced row, a file's name and its header say, which stands nowhere else."""

LOADED = "".join(f"{i},SecretReplaced{i}\n" for i in range(1, 2001))
FILE = "id,job,SecretHeader\n" + "".join(f"{i},a,\nSecretRefused{i},b,\n" for i in range(1, 2001))


@pytest.fixture
def path(settings: dict[str, str]) -> Path:
    return Path(settings["DATABASE_URL"].removeprefix("sqlite:///"))


@pytest.fixture
def reader(client: Client, server: Server, settings: dict[str, str]) -> Iterator[Any]:
    """A connection of another program, which keeps the write-ahead log there."""
    with closing(server.connect(settings["DATABASE_URL"])) as connection:
        connection.execute("SELECT * FROM uploads").fetchall()
        yield connection


def pieces(path: Path) -> dict[str, int]:
    """Return how often each secret that is there stands in a file."""
    content = path.read_bytes()
    return {secret: content.count(secret.encode()) for secret in SECRETS if secret.encode() in content}


def beside(path: Path) -> dict[str, int]:
    """Return how often each secret stands in the files that SQLite keeps beside the database's."""
    return pieces(path.with_name(f"{path.name}-wal")) | pieces(path.with_name(f"{path.name}-shm"))


def upload_secrets(client: Client) -> None:
    """Make an upload 2 with refused and replaced rows, and others that are not deleted."""
    client.upload("jobs", LOADED)
    query = "on_conflict=update&extra=ignore"
    client.app.post(f"/upload/jobs?{query}", upload_files=[("file", "SecretName.csv", FILE.encode())])
    client.upload("jobs", "3000,a\nx,y\n")


@pytest.mark.usefixtures("reader")
def test_what_was_deleted_is_overwritten_and_gone_from_the_log(client: Client, path: Path) -> None:
    upload_secrets(client)
    assert (pieces(path) | beside(path)).keys() == set(SECRETS)

    client.app.delete("/uploads/2/rejects")

    assert pieces(path) | beside(path) == {}
    assert "x,y" in client.app.get("/uploads/3/rejects.csv").text


def test_nothing_of_it_is_left_in_a_file_that_is_written_anew(client: Client, path: Path, reader: Any) -> None:
    upload_secrets(client)
    client.app.delete("/uploads/2/rejects")

    reader.execute("VACUUM")
    reader.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert pieces(path) | beside(path) == {}
    assert client.upload("jobs", "3001,a\n")["inserted"] == 1


def test_log_that_somebody_reads_from_is_rid_of_it_by_the_next_upload(client: Client, path: Path, reader: Any) -> None:
    """As long as anyone reads a state of before the deletion, the log has to keep it: that reader may come to a page of it.

    The deletion waits a moment for that, and then leaves it to the beginning or the end of a later upload of the same
    worker, by when nobody may read it any more. So the log is clean once an upload follows the last such reader. When the
    last connection to the database is closed, as by the end of the service, SQLite removes the log.
    """
    upload_secrets(client)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM uploads").fetchall()

    client.app.delete("/uploads/2/rejects")
    client.upload("jobs", "3001,a\n")
    held = beside(path)
    reader.execute("COMMIT")
    client.upload("jobs", "3002,a\n")

    assert held.keys() == set(SECRETS)
    assert pieces(path) | beside(path) == {}


SECRET = re.compile(rb"Secret[A-Z][a-z]+[0-9]{2}E[0-9]*")
"""What an upload sent: the kind, the upload's number, and the row's."""


def mixed_file(random: Random, number: int) -> bytes:
    """Return a file with refused rows, and rows that replace others and are as long as these."""
    padding = "é" * random.choice([0, 30, 600])
    refused = range(random.choice([1, 5, 60, 700, 2300]))
    changed = random.sample(range(1, 2001), random.choice([1, 80, 1200]))
    lines = [f"id,job,SecretHeader{number:02}E"]
    lines += [f"SecretRefused{number:02}E{row}{padding},b," for row in refused]
    lines += [f"{row},SecretRow{number:02}E{row:04}," for row in changed]
    return "\n".join(lines).encode()


PIECES_MAX = 10
"""So many of the thousands may be left in a page that uploads share: where the rows of one leave room there, SQLite may
move those of another, and does not overwrite where they stood.
"""


@pytest.mark.parametrize("seed", range(4))
def test_next_to_nothing_is_left_of_uploads_that_share_pages(client: Client, path: Path, seed: int) -> None:
    random = Random(seed)
    client.upload("jobs", "".join(f"{row},SecretRow00E{row:04}\n" for row in range(1, 2001)))
    for number in range(1, 9):
        file = ("file", f"SecretName{number:02}E.csv", mixed_file(random, number))
        client.app.post("/upload/jobs?on_conflict=update&extra=ignore", upload_files=[file])

    for upload_id in random.sample(range(2, 10), 6):
        client.app.delete(f"/uploads/{upload_id}/rejects")

    with closing(sqlite3.connect(path)) as connection:
        kept = set(SECRET.findall("\n".join(connection.iterdump()).encode()))
    assert len(set(SECRET.findall(path.read_bytes())) - kept) <= PIECES_MAX
