"""Uploads that are taken back while others write, by several at once, and by a service or a server that dies of it."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import faults_table
import pytest
from conftest import start_client
from proxy import Proxy
from served import Served
from servers import SERVERS
from servers.server import UNDO, Server
from servers.throwaway import Throwaway
from waits import PATIENCE, until

BATCHES = 40
FILE = b"".join(b"%d,Job\n" % i for i in range(1, BATCHES + 1))
"""Each of its rows is a batch."""

LONG_FILE = b"".join(b"%d,Job\n" % i for i in range(1, 30_001))

Serve = Callable[..., Served]


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that keeps its data on disk, as servers do by default: it is killed here."""
    server = SERVERS[request.param]()
    server.durable = True
    server.start()
    yield server
    server.stop()


on_servers = pytest.mark.parametrize("server", ["postgresql", "mysql"], indirect=True)


def stored(served: Served) -> list[int]:
    return [int(line.split(b",")[0]) for line in served.read("/tables/jobs.csv").split()[1:]]


@pytest.mark.proves(
    "the upload is a 409 with a true account, and all that it stored is gone",
    "DELETE of an upload that is running",
    "the ledger's update only of a running upload",
)
def test_upload_that_is_running_ends_and_is_taken_back(serve: Serve, server: Server, settings: dict[str, str]) -> None:
    served = serve(*server.arguments, BATCH_ROWS="1").wait()
    with ThreadPoolExecutor() as pool:
        with server.hold_at(settings["DATABASE_URL"], 3):
            upload = pool.submit(served.upload, "jobs", LONG_FILE)
            until(lambda: stored(served) == [1, 2])
            delete = pool.submit(served.delete, "/uploads/1")
            if server.name != "sqlite":  # there the upload has the only write lock
                until(lambda: served.get("/uploads/1")["status"] in ("undoing", "undone"))
        status, account = upload.result()
        answer = delete.result()

    assert (status, account["code"]) == (409, "overtaken")
    assert answer[0] == 200
    assert answer[1]["removed"] == account["inserted"] == account["read"]
    assert stored(served) == []
    assert served.get("/uploads/1")["status"] == "undone"


def test_taking_back_that_takes_long_says_how_far_it_is_and_goes_on(
    serve: Serve, server: Server, settings: dict[str, str]
) -> None:
    served = serve(*server.arguments, BATCH_ROWS="1", UNDO_SECONDS="4").wait()
    served.upload("jobs", FILE)
    with ThreadPoolExecutor() as pool:
        with server.hold_at(settings["DATABASE_URL"], 7, UNDO):
            delete = pool.submit(served.delete, "/uploads/1")
            until(lambda: delete.done() or len(stored(served)) == BATCHES - 6)
            time.sleep(4)  # until its time is over, whatever else happens
        status, far = delete.result()
    left = len(stored(served))
    listed = served.get("/uploads/1")["status"]
    again = served.delete("/uploads/1")

    assert (status, far["status"], far["removed"], left) == (202, "undoing", 7, BATCHES - 7)
    assert listed == "undoing"
    assert (again[0], again[1]["status"], again[1]["removed"]) == (200, "undone", BATCHES)
    assert stored(served) == []


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_taking_back_whose_beginning_the_database_lost_begins_again(server: Server, settings: dict[str, str]) -> None:
    client = start_client(settings | {"BATCH_ROWS": "1"})
    client.upload("jobs", FILE)
    server.execute(
        settings["DATABASE_URL"],
        "CREATE TRIGGER falls_back AFTER UPDATE ON undone WHEN NEW.removed = 30 "
        "BEGIN DELETE FROM undone; UPDATE uploads SET status = 'finished'; END",
    )

    answer = client.app.delete("/uploads/1").json

    assert (answer["status"], answer["removed"]) == ("undone", BATCHES - 30)
    assert client.get("/uploads/1")["status"] == "undone"
    assert client.rows("jobs") == []


@contextmanager
def held_undo(served: Served, server: Server, url: str, number: int) -> Iterator[None]:
    """The taking back of the upload 1, which waits in some batch for as long as the block lasts."""
    with ThreadPoolExecutor() as pool, server.hold_at(url, number, UNDO):
        pool.submit(_ask, served)
        until(lambda: len(server.execute(url, "SELECT id FROM jobs WHERE job = 'Job'")) == BATCHES - 1 - number)
        yield


def _ask(served: Served) -> Any:
    try:
        return served.delete("/uploads/1")
    except OSError:  # it was killed
        return None


def prepare(served: Served) -> None:
    """Store the file, updates of a few of its rows, and rows that are not its own."""
    served.upload("jobs", FILE)
    served.upload("jobs?on_conflict=update", b"5,other\n20,other\n1000,more\n")


def check_undone(served: Served) -> None:
    """Take the upload 1 back to its end, and assert that each row was dealt with once."""
    status, answer = served.delete("/uploads/1")

    assert status == 200
    assert (answer["removed"], answer["kept"], answer["kept_ids"]) == (BATCHES - 2, 2, [5, 20])
    assert stored(served) == [5, 20, 1000]
    assert served.delete("/uploads/2")[1]["removed"] == 3
    assert stored(served) == []


@pytest.mark.proves(
    "sent again it completes, each row dealt with once", "SIGKILL of the service in the middle of a DELETE",
    "the mark of each batch that is taken back",
)  # fmt: skip
def test_taking_back_that_a_killed_service_left_goes_on(
    serve: Serve, server: Server, settings: dict[str, str], rounds: Callable[[int, int], range]
) -> None:
    url = settings["DATABASE_URL"]
    for _ in rounds(1, 25):
        served = serve(*server.arguments, BATCH_ROWS="1").wait()
        empty(server, url)
        prepare(served)
        first = server.execute(url, "SELECT min(upload_id) FROM uploads")[0][0]
        with held_undo(served, server, url, random.randint(1, BATCHES - 3)):
            served.kill()

        check_undone(serve(*server.arguments, BATCH_ROWS="1").wait())
        assert first == 1
        served.stop()


@on_servers
@pytest.mark.proves(
    "sent again it completes, each row dealt with once", "SIGKILL of the database server in the middle of a DELETE",
    "the mark of each batch that is taken back",
)  # fmt: skip
def test_taking_back_that_a_killed_server_left_goes_on(
    serve: Serve, server: Throwaway, settings: dict[str, str], rounds: Callable[[int, int], range]
) -> None:
    url = settings["DATABASE_URL"]
    served = serve(BATCH_ROWS="1", BUSY_TIMEOUT="1").wait()
    for _ in rounds(1, 25):
        empty(server, url)
        prepare(served)
        with held_undo(served, server, url, random.randint(1, BATCHES - 3)):
            server.kill()
        server.restart()
        served.wait()

        check_undone(served)


def empty(server: Server, url: str) -> None:
    """Empty the tables, so that the next upload has the number 1."""
    names = ("jobs", "uploads", "batches", "replaced", "undone")
    if server.name == "sqlite":
        server.execute(url, *(f"DELETE FROM {name}" for name in (*names, "sqlite_sequence")))
    else:
        restart = " RESTART IDENTITY" if server.name == "postgresql" else ""
        server.execute(url, *(f"TRUNCATE {name}{restart}" for name in names))


@on_servers
@pytest.mark.proves(
    "each row is dealt with once", "the connection to the database cut at every message of a DELETE in turn",
    "the mark of each batch that is taken back",
)  # fmt: skip
@pytest.mark.parametrize("answered", [False, True], ids=["lost", "landed"])
def test_cut_at_any_message_takes_each_row_back_once(server: Server, settings: dict[str, str], answered: bool) -> None:
    proxy = Proxy(settings["DATABASE_URL"])
    client = start_client({"DATABASE_URL": proxy.start().url, "BATCH_ROWS": "2"})
    step = 1 if faults_table.LONG else 6
    nth, has_cut = random.randrange(step) - step + 1, True
    while has_cut:
        nth += step
        client.upload("jobs", "1,a\n2,b\n3,c\n")
        first = client.get("/uploads?limit=1")[0]["upload_id"]
        client.upload("jobs?on_conflict=update", "2,x\n3,y\n4,d\n2,z\n")
        client.upload("jobs?on_conflict=update", "3,last\n")
        proxy.cut(nth, answered=answered)

        second = client.app.delete(f"/uploads/{first + 1}", expect_errors=True)
        has_cut = proxy.calm()
        if second.status_int == 503:  # before it began: then the client is asked to send it again
            second = client.app.delete(f"/uploads/{first + 1}")

        assert [second.json[name] for name in ("removed", "restored", "kept_ids")] == [1, 1, [3]]
        assert client.rows("jobs") == [["1", "a"], ["2", "b"], ["3", "last"]]
        assert client.app.delete(f"/uploads/{first}").json["kept_ids"] == [3]
        assert client.app.delete(f"/uploads/{first + 2}").json["removed"] == 1
    proxy.stop()

    assert nth > 10


@pytest.mark.proves(
    "no answer but 200 and 409, every account true, and all taken back leaves nothing",
    "uploads, updates and DELETEs of the same ids by eight clients at once",
    "the locks of the rows",
)
def test_eight_clients_that_load_update_and_take_back_leave_what_their_changes_made(
    serve: Serve, settings: dict[str, str], rounds: Callable[[int, int], range]
) -> None:
    served = serve(BATCH_ROWS="20", BUSY_TIMEOUT=str(PATIENCE), UNDO_SECONDS=str(PATIENCE)).wait()
    sent: dict[int, dict[int, str]] = {}
    with ThreadPoolExecutor(8) as pool:
        for _ in rounds(1, 10):
            work: list[Future[list[int]]] = [pool.submit(write_and_take_back, served, seed, sent) for seed in range(8)]
            statuses = {status for done in work for status in done.result()}
            assert statuses <= {200, 409}
            check_origins(served, sent)

    for upload in served.get("/uploads?limit=1000"):
        assert upload["read"] == upload["inserted"] + upload["updated"] + upload["skipped"] + upload["rejected"]
    numbers = [upload["upload_id"] for upload in served.get("/uploads?limit=1000")]
    random.shuffle(numbers)
    assert {served.delete(f"/uploads/{number}")[0] for number in numbers} <= {200, 409}
    assert stored(served) == []


def write_and_take_back(served: Served, seed: int, sent: dict[int, dict[int, str]]) -> list[int]:
    """Send files of ids that others send too, take some of the uploads back, and return all statuses.

    sent gets what each upload says of each id.
    """
    choose = random.Random(seed)
    statuses = []
    for turn in range(6):
        ids = choose.sample(range(1, 121), 80)
        way = choose.choice(["skip", "update", "update", "refuse"])
        rows = {i: f"{choose.choice('abc')}{seed}{turn}" for i in ids}
        file = "".join(f"{i},{job}\n" for i, job in rows.items())
        status, account = served.upload(f"jobs?on_conflict={way}&header=false", file.encode())
        sent[account["upload_id"]] = rows
        statuses.append(200 if account.get("code") == "no_record_fits" else status)
        if choose.random() < 0.6:
            number = choose.randint(max(1, account["upload_id"] - 8), account["upload_id"])
            statuses.append(served.delete(f"/uploads/{number}")[0])
    return statuses


def check_origins(served: Served, sent: dict[int, dict[int, str]]) -> None:
    """Assert that each row stands as one of the uploads says that it came from, none of which is taken back."""
    stands = {upload["upload_id"] for upload in served.get("/uploads?limit=1000") if upload["status"] == "finished"}
    for key in stored(served):
        found = served.get(f"/tables/jobs/{key}")
        uploads = {upload["upload_id"] for upload in found["uploads"]}
        assert uploads <= stands
        assert found["row"]["job"] in [sent[number][key] for number in uploads]


def test_two_that_take_one_upload_back_share_the_work_and_the_answer(serve: Serve) -> None:
    served = serve(BATCH_ROWS="1", BUSY_TIMEOUT="60").wait()
    prepare(served)

    with ThreadPoolExecutor() as pool:
        answers = [done.result() for done in [pool.submit(served.delete, "/uploads/1") for _ in range(2)]]

    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][1]["removed"], answers[0][1]["kept_ids"]) == (200, BATCHES - 2, [5, 20])
    check_undone(served)
