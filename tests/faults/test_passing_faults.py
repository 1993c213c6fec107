"""Faults that pass: a connection that is cut, a deadlock, a server that is away. The account stays exact."""

import csv
import io
import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from conftest import start_client
from proxy import Proxy
from servers.server import Server
from servers.throwaway import Throwaway
from waits import until
from web_client import HEALTHY, Client

pytestmark = pytest.mark.parametrize("server", ["postgresql", "mysql"], indirect=True)

BATCH_ROWS = 2
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def proxy(settings: dict[str, str]) -> Iterator[Proxy]:
    proxy = Proxy(settings["DATABASE_URL"])
    yield proxy
    proxy.stop()


def start(proxy: Proxy, **settings: str) -> Client:
    return start_client({"DATABASE_URL": proxy.url, "BATCH_ROWS": str(BATCH_ROWS), **settings})


def check_upload(client: Client, proxy: Proxy, first: int, query: str = "", has_key: bool = False) -> bool:
    """Send three batches in which an id comes twice and a row is refused, and return whether the proxy made a cut."""
    headers = {**CSV, "Idempotency-Key": f"{first}"} if has_key else CSV
    ids = [first, first + 1, first + 2, first + 1, first + 3]
    body = "".join(f"{i},Job\n" for i in ids).encode()
    if not query:
        body += b"x,Job\n"

    answer = client.app.post(f"/upload/jobs{query}", body, headers).json
    has_cut = proxy.calm()

    refused = 0 if query else 1
    counts = {"read": 5 + refused, "inserted": 4, "updated": 0, "skipped": 1, "rejected": refused}
    assert {name: answer[name] for name in counts} == counts
    assert answer["skipped_duplicates"] == [first + 1]
    upload = client.get(f"/uploads/{answer['upload_id']}")
    assert {name: upload[name] for name in counts} == counts
    assert upload["status"] == "finished"
    rejects = client.app.get(answer["rejects_url"]).text
    assert len(list(csv.reader(io.StringIO(rejects)))) == 1 + refused
    stored = [int(row[0]) for row in client.rows("jobs")]
    assert [i for i in stored if i >= first] == [first, first + 1, first + 2, first + 3]
    return has_cut


@pytest.mark.parametrize(
    ("answered", "until_word"), [(False, b""), (True, b""), (True, b"uploads")], ids=["lost", "landed", "late"]
)
@pytest.mark.parametrize(("query", "nth"), [("", 2), ("", 3), ("?atomic=true", 3)], ids=["start", "batch", "atomic"])
def test_cut_at_a_commit_stores_and_counts_each_row_once(
    proxy: Proxy, query: str, nth: int, answered: bool, until_word: bytes
) -> None:
    client = start(proxy.start())

    proxy.cut(nth, b"COMMIT", answered, until_word)

    assert check_upload(client, proxy, 1, query)


@pytest.mark.proves(
    "each row is stored and counted once",
    "the connection to the database cut at every message in turn, before or after it arrived",
    "the look into the ledger before a new try",
)
@pytest.mark.parametrize("answered", [False, True], ids=["lost", "landed"])
@pytest.mark.parametrize("query", ["", "?atomic=true"], ids=["batches", "atomic"])
@pytest.mark.parametrize("has_key", [False, True], ids=["without-a-key", "with-a-key"])
def test_cut_at_any_message_stores_and_counts_each_row_once(
    proxy: Proxy, query: str, answered: bool, has_key: bool
) -> None:
    client = start(proxy.start())
    client.get("/health")
    nth = 1
    proxy.cut(nth, answered=answered)

    while check_upload(client, proxy, nth * 10, query, has_key):
        nth += 1
        proxy.cut(nth, answered=answered)

    assert nth > 10


def test_deadlock_is_tried_again(server: Throwaway, settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "1"})
    with closing(server.connect(settings["DATABASE_URL"])) as other:
        cursor = other.cursor()
        if server.name == "postgresql":
            cursor.execute("SET deadlock_timeout = '1h'")  # it is the upload that looks for one, and ends
        cursor.execute("BEGIN")
        # Much to undo, so that the server chooses the upload.
        cursor.execute(f"INSERT INTO jobs (id, job) VALUES (2, 'b'), {', '.join(f'({i}, 0)' for i in range(100, 300))}")
        answers: list[dict] = []
        upload = threading.Thread(target=lambda: answers.append(client.upload("jobs", "1,a\n2,b\n", atomic="true")))
        upload.start()
        server.wait_for_another(cursor)

        cursor.execute("INSERT INTO jobs (id, job) VALUES (1, 'a')")
        cursor.execute("ROLLBACK")
        upload.join()

    assert [(answer["inserted"], answer["skipped"]) for answer in answers] == [(2, 0)]


def test_other_writer_that_stores_the_same_ids_meanwhile_makes_them_skipped(
    server: Throwaway, settings: dict[str, str]
) -> None:
    client = start_client(settings)
    with closing(server.connect(settings["DATABASE_URL"])) as other:
        cursor = other.cursor()
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO jobs (id, job) VALUES (1, 'other'), (2, 'b')")
        answers: list[dict] = []
        upload = threading.Thread(
            target=lambda: answers.append(client.app.post("/upload/jobs", b"1,a\n2,b\n3,c\n", CSV).json)
        )
        upload.start()
        server.wait_for_another(cursor)
        cursor.execute("COMMIT")
        upload.join()

    assert [(answer["inserted"], answer["skipped_duplicates"], answer["conflicts"]) for answer in answers] == [
        (1, [1, 2], [1])
    ]


def test_kept_connection_that_has_ended_is_replaced(proxy: Proxy) -> None:
    client = start(proxy.start())
    client.get("/health")

    proxy.cut(1)

    assert client.get("/health") == HEALTHY
    assert proxy.calm()


@pytest.mark.proves(
    "503 with Retry-After, and fine after",
    "the database server away at the start",
    "the start without a database",
)
def test_server_that_is_away_is_a_503_and_works_when_it_comes_back(
    proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    client = start(proxy, BUSY_TIMEOUT="1")

    answer = client.app.get("/health", status=503)
    proxy.start()

    assert answer.headers["Retry-After"] == "5"
    assert answer.json["detail"] == "the database cannot be reached"
    assert "the database cannot be reached: requests get a 503 until it answers" in caplog.text
    assert client.get("/health") == HEALTHY
    assert client.upload("jobs", "1,a\n")["inserted"] == 1


def test_server_that_goes_in_mid_upload_is_a_503_with_the_counts_so_far(proxy: Proxy) -> None:
    client = start(proxy.start(), BUSY_TIMEOUT="1")
    client.get("/health")
    body = b"".join(b"%d,Job\n" % i for i in range(10))

    proxy.cut(3, b"COMMIT")
    proxy.stop()
    answer = client.app.post("/upload/jobs", body, CSV, status=503)
    proxy.start()
    again = client.app.post("/upload/jobs", body, CSV).json

    assert answer.headers["Retry-After"] == "5"
    assert (answer.json["read"], answer.json["inserted"]) == (2, 2)
    assert (again["inserted"], again["skipped"]) == (8, 2)


@pytest.mark.proves(
    "sent again with its key it goes on at once",
    "the database server away in mid-upload, so that the ledger cannot be written",
    "the note that is tried for a minute",
)
def test_upload_that_a_server_ended_goes_on_with_its_key_once_the_server_is_back(proxy: Proxy) -> None:
    client = start(proxy.start(), BUSY_TIMEOUT="1")
    client.get("/health")
    body = b"".join(b"%d,Job\n" % i for i in range(10))
    headers = {**CSV, "Idempotency-Key": "one"}

    proxy.cut(3, b"COMMIT")
    proxy.stop()
    stopped = client.app.post("/upload/jobs", body, headers, status=503).json
    proxy.start()
    until(lambda: client.get("/uploads/1")["status"] == "stopped")
    again = client.app.post("/upload/jobs", body, headers).json

    assert (stopped["code"], stopped["inserted"]) == ("database_unavailable", 2)
    assert [again[name] for name in ("upload_id", "read", "inserted", "skipped")] == [1, 10, 10, 0]
    assert client.get("/uploads/1")["reason"] is None


def test_conflict_that_is_gone_at_the_second_try_is_not_refused(
    proxy: Proxy, server: Server, settings: dict[str, str]
) -> None:
    client = start(proxy.start())
    client.upload("jobs", "1,old\n2,b\n")
    answers: list[dict] = []

    def send() -> None:
        answers.append(client.app.post("/upload/jobs?on_conflict=refuse", b"1,a\n2,b\n", CSV).json)

    proxy.cut(2, b"COMMIT")
    proxy.stop()
    upload = threading.Thread(target=send)
    upload.start()
    proxy.wait()
    server.execute(settings["DATABASE_URL"], "UPDATE jobs SET job = 'a' WHERE id = 1")
    proxy.start()
    upload.join()

    assert [answers[0][name] for name in ("read", "inserted", "updated", "skipped", "rejected")] == [2, 0, 0, 2, 0]


@pytest.mark.parametrize(
    ("left", "fall_backs_max", "status"),
    [(2, 3, 200), (2, 0, 503), (0, 3, 503)],
    ids=["a-part-is-left", "once-too-often", "nothing-is-left"],
)
def test_server_that_comes_back_without_batches_is_given_them_again_or_the_answer_says_what_is_left(
    proxy: Proxy,
    server: Server,
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    left: int,
    fall_backs_max: int,
    status: int,
) -> None:
    monkeypatch.setattr("rows.batches.one_by_one.FALL_BACKS_MAX", fall_backs_max)
    client = start(proxy.start())
    client.get("/health")
    body = b"1,a\n2,b\n1,c\n3,d\nx,e\n4,f\n"

    proxy.cut(4, b"COMMIT")
    proxy.stop()
    answers: list[dict] = []
    upload = threading.Thread(
        target=lambda: answers.append(client.app.post("/upload/jobs", body, CSV, status=status).json)
    )
    upload.start()
    proxy.wait()
    column = '"read"' if server.name == "mysql" else "read"
    server.execute(
        settings["DATABASE_URL"],
        f"DELETE FROM jobs WHERE id > {left}",
        f"DELETE FROM batches WHERE read_before >= {left}",
        f"UPDATE uploads SET {column} = 2, inserted = 2, skipped = 0, conflicts = 0" if left else "DELETE FROM uploads",
    )
    proxy.start()
    upload.join()

    names = ("read", "inserted", "skipped", "rejected", "skipped_duplicates", "conflicts")
    account = [answers[0][name] for name in names]
    stored = len(client.rows("jobs"))
    uploads = [(upload["status"], upload["read"]) for upload in client.get("/uploads")]
    again = client.app.post("/upload/jobs", body, CSV).json
    if status == 200:
        assert account == [6, 4, 1, 1, [1], [1]]
        assert (stored, uploads) == (4, [("finished", 6)])
    else:
        assert account == [left, left, 0, 0, [], []]
        assert (stored, uploads) == (left, [("stopped", left)] if left else [])
        assert answers[0]["detail"] == (
            f"the database fell back to an earlier state, with {left} of the 4 records that it had confirmed: "
            "send the file again to complete it"
        )
    assert (again["inserted"], again["skipped"], again["rejected"]) == (4 - stored, 1 + stored, 1)


def test_password_is_in_no_answer_and_no_log(settings: dict[str, str], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    parts = urlsplit(settings["DATABASE_URL"])
    netloc = f"nobody:correct-horse@{parts.hostname}:{parts.port}"

    client = start_client({"DATABASE_URL": parts._replace(netloc=netloc).geturl()})
    answer = client.app.get("/health", status=503)

    assert "nobody" in caplog.text
    assert "horse" not in caplog.text + answer.text
