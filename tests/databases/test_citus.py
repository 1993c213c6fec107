"""Tables spread over machines by Citus: counts are true and no row is lost, whatever is killed or cut off, and when."""

import random
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from citus import Citus
from conftest import close_clients, start_client
from faults_table import LONG
from project import PROJECT
from proxy import Proxy
from served import Served
from waits import until
from web_client import check_account

from sql.errors import StartRefused
from sql.postgresql.connect import CHANGED

pytestmark = [pytest.mark.cluster, pytest.mark.xdist_group("citus")]

ROWS = 20_000
KILLS, CUTS, ENDS = (20, 5, 3) if LONG else (1, 1, 1)
"""How often each node is killed, and each kind of loss at a COMMIT and at the end of a batch on a worker is tried."""

FILES = {
    "new ids": [range(ROWS)],
    "ids again": [range(ROWS), range(5, ROWS, 10)],
}
"""The ids of a file, in order."""

LOST_FILES = FILES if LONG else ["ids again"]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Citus]:
    cluster = Citus()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def url(cluster: Citus) -> Iterator[str]:
    """An empty database, and in the end all nodes up again."""
    url = cluster.create()
    yield url
    close_clients()
    bring_back(cluster)
    cluster.drop(url)


@pytest.fixture
def settings(url: str) -> dict[str, str]:
    return {"DATABASE_URL": url}


def bring_back(cluster: Citus) -> None:
    """Start the nodes that are dead, and wait until what was prepared there has ended."""
    for proxy in cluster.proxies:
        proxy.calm()
    cluster.rejoin(*[node for node in cluster.nodes if not node.is_up])
    cluster.wait_until_recovered()


def hires(ids: list[range]) -> bytes:
    return "".join(f"{i},Name {i},2021-02-03T04:05:06Z,1,1\n" for part in ids for i in part).encode()


def stored(cluster: Citus, url: str) -> list[int]:
    return [i for (i,) in cluster.execute(url, "SELECT id FROM hired_employees ORDER BY id")]


def wait_for(cluster: Citus, url: str, records: int) -> None:
    """Wait until so many records of the latest upload are read."""
    until(lambda: cluster.execute(url, 'SELECT coalesce(max("read"), 0) FROM uploads')[0][0] >= records)


def check_all(cluster: Citus, url: str, served: Served, body: bytes, status: int, answer: dict[str, Any]) -> None:
    """Check that an upload's account is what is stored, and that sending the file again completes it."""
    bring_back(cluster)
    served.wait()
    assert status in (200, 503)
    there = stored(cluster, url)
    assert len(there) == len(set(there))
    if "read" in answer:
        check_account(answer, len(there))
        ledger = cluster.execute(url, 'SELECT "read", inserted, skipped FROM uploads ORDER BY upload_id DESC LIMIT 1')
        assert ledger == [(answer["read"], answer["inserted"], answer["skipped"])]
    else:  # it had not begun
        assert (status, there) == (503, [])
    again, completed = served.upload("hired_employees", body)
    assert (again, completed["read"], completed["rejected"]) == (200, body.count(b"\n"), 0)
    assert answer.get("inserted", 0) + completed["inserted"] == ROWS
    assert stored(cluster, url) == [*range(ROWS)]


@pytest.mark.parametrize("time", range(KILLS))
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("victim", ["worker", "coordinator"])
def test_node_that_is_killed_in_mid_upload_costs_no_row_and_no_true_count(
    cluster: Citus, url: str, serve: Callable[..., Served], victim: str, file: str, time: int
) -> None:
    served = serve().wait()
    body = hires(FILES[file])
    node = cluster.workers[time % 2] if victim == "worker" else cluster.coordinator

    with ThreadPoolExecutor() as pool:
        upload = pool.submit(served.upload, "hired_employees", body)
        wait_for(cluster, url, random.Random(f"{victim} {file} {time}").randrange(1, ROWS))
        node.kill()
        cluster.rejoin(node)
        status, answer = upload.result()

    check_all(cluster, url, served, body, status, answer)


@pytest.mark.parametrize("time", range(ENDS))
@pytest.mark.parametrize("file", LOST_FILES)
@pytest.mark.parametrize("is_killed", [False, True], ids=["cut", "killed"])
@pytest.mark.parametrize("is_carried_out", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("words", ["PREPARE TRANSACTION", "COMMIT PREPARED"])
def test_worker_that_is_lost_at_the_end_of_a_batch_costs_no_row_and_no_true_count(
    cluster: Citus,
    url: str,
    serve: Callable[..., Served],
    words: str,
    is_carried_out: bool,
    is_killed: bool,
    file: str,
    time: int,
) -> None:
    served = serve().wait()
    body = hires(FILES[file])
    place = random.Random(f"{words} {is_carried_out} {file} {time}").randrange(1, ROWS // 1000)
    worker, proxy = cluster.workers[time % 2], cluster.proxies[time % 2]

    with ThreadPoolExecutor() as pool:
        proxy.cut(place, words.encode(), answered=is_carried_out)
        upload = pool.submit(served.upload, "hired_employees", body)
        proxy.wait()
        if is_killed:
            worker.kill()
            cluster.rejoin(worker)
        status, answer = upload.result()

    check_all(cluster, url, served, body, status, answer)


@pytest.mark.parametrize("time", range(CUTS))
@pytest.mark.parametrize("file", LOST_FILES)
@pytest.mark.parametrize("is_killed", [False, True], ids=["cut", "killed"])
@pytest.mark.parametrize("is_carried_out", [False, True], ids=["before", "after"])
def test_coordinator_that_is_lost_at_commit_costs_no_row_and_no_true_count(
    cluster: Citus, url: str, serve: Callable[..., Served], is_carried_out: bool, is_killed: bool, file: str, time: int
) -> None:
    proxy = Proxy(url).start()
    served = serve(DATABASE_URL=proxy.url).wait()
    body = hires(FILES[file])
    place = random.Random(f"{is_carried_out} {file} {time}").randrange(1, 5)  # the driver sends a name from then on

    with ThreadPoolExecutor() as pool:
        proxy.cut(place, b"COMMIT", answered=is_carried_out)
        upload = pool.submit(served.upload, "hired_employees", body)
        proxy.wait()
        if is_killed:
            cluster.coordinator.kill()
            cluster.rejoin(cluster.coordinator)
        status, answer = upload.result()

    check_all(cluster, url, served, body, status, answer)
    proxy.stop()


def test_every_batch_is_prepared_on_the_workers_that_it_is_copied_to(
    cluster: Citus, url: str, serve: Callable[..., Served]
) -> None:
    served = serve().wait()
    told_before = len(cluster.statements())

    for ids in ([range(3000)], [range(1500, 4500)], [range(0, 6000, 2)], [range(6000)]):
        served.upload("hired_employees", hires(ids))
    served.upload("hired_employees?atomic=true", hires([range(5000, 9000)]))

    ends = list(ends_of_copies(cluster.statements()[told_before:]))
    assert len(ends) > 9
    assert {*ends} == {"PREPARE TRANSACTION"}


def ends_of_copies(statements: list[tuple[str, str]]) -> Iterator[str]:
    """Yield how each transaction that has copied rows into a shard ended."""
    has_copied: set[str] = set()
    for process, statement in statements:
        if statement.startswith("COPY ") and "hired_employees_" in statement:
            has_copied.add(process)
        elif process in has_copied and statement.startswith(("PREPARE TRANSACTION", "COMMIT")):
            has_copied.discard(process)
            yield "PREPARE TRANSACTION" if statement.startswith("PREPARE") else "COMMIT"
        elif statement.startswith(("BEGIN", "ROLLBACK;")):
            has_copied.discard(process)


def test_clients_that_send_overlapping_files_store_each_id_once(
    cluster: Citus, url: str, serve: Callable[..., Served]
) -> None:
    served = serve().wait()
    starts = [0, 0, 1500, 3000, 4500, 0, 2500, 500]

    def upload(start: int) -> tuple[int, dict[str, Any]]:
        ids = range(start, start + 5000)
        return served.upload("hired_employees", hires([ids if start % 1000 else ids[::-1]]))

    with ThreadPoolExecutor(len(starts)) as pool:
        answers = list(pool.map(upload, starts))
    answers += [upload(start) for start, (status, _) in zip(starts, answers, strict=True) if status != 200]

    assert {status for status, _ in answers[: len(starts)]} <= {200, 503}
    assert {status for status, _ in answers[len(starts) :]} <= {200}
    for _, answer in answers:
        check_account(answer, answer["inserted"])
    assert sum(answer["inserted"] for _, answer in answers) == 9500
    assert stored(cluster, url) == [*range(9500)]


def test_row_that_the_table_refuses_is_lost_only_where_its_id_is_not_stored(
    cluster: Citus, url: str, settings: dict[str, str]
) -> None:
    client = start_client(settings)
    cluster.execute(url, "ALTER TABLE hired_employees ADD CONSTRAINT named CHECK (name <> 'bad')")
    client.upload("hired_employees", "1,good,,,\n")

    answer = client.upload("hired_employees", "1,bad,,,\n2,good,,,\n")
    lost = client.upload("hired_employees", "3,bad,,,\n", status=422)

    assert (answer["inserted"], answer["skipped"], answer["conflicts"]) == (1, 1, [1])
    assert lost["code"] == "rows_lost"


def test_upload_is_taken_back_whole_once_its_last_batch_is_there(
    cluster: Citus, url: str, serve: Callable[..., Served]
) -> None:
    served = serve(BUSY_TIMEOUT="60").wait()
    cluster.set_recovery(-1)
    sleep(3)  # it may be about to do it once more
    proxy = cluster.proxies[0]
    proxy.cut(1, b"COMMIT PREPARED")
    _, answer = served.upload("hired_employees", hires([range(2000)]))
    proxy.wait()
    seen = len(stored(cluster, url))

    with ThreadPoolExecutor() as pool:
        undo = pool.submit(served.delete, f"/uploads/{answer['upload_id']}")
        until(lambda: served.get(f"/uploads/{answer['upload_id']}")["status"] == "undoing")
        sleep(1)
        meanwhile = served.get(f"/uploads/{answer['upload_id']}")["status"]
        cluster.set_recovery(1000)
        status, undone = undo.result()

    assert seen < answer["inserted"] == 2000
    assert (meanwhile, status, undone["removed"]) == ("undoing", 200, 2000)
    assert stored(cluster, url) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("SELECT create_distributed_table('uploads', 'upload_id')", "the table uploads is distributed: expected it on the coordinator alone"),
        ("SELECT undistribute_table('jobs'); SELECT create_distributed_table('jobs', NULL, colocate_with => 'none')", "the table jobs is not distributed by its key: expected it by id, or as a reference table"),
    ],
)  # fmt: skip
def test_table_that_is_spread_in_another_way_stops_the_start(
    cluster: Citus, url: str, settings: dict[str, str], change: str, sentence: str
) -> None:
    start_client(settings)
    cluster.execute(url, *change.split(";"))

    with pytest.raises(StartRefused) as refused:
        start_client(settings)

    assert str(refused.value) == f"the database is not set up for uploads: {sentence}"


@pytest.mark.parametrize("name", ["insert", "enlist"])
def test_table_that_is_spread_wants_statements_of_its_own(
    cluster: Citus, settings: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / "sql"
    shutil.copytree(PROJECT / "sql", folder)
    (folder / f"citus/tables/jobs/{name}.sql").unlink()
    monkeypatch.setattr("sql.FOLDER", folder)

    with pytest.raises(StartRefused) as refused:
        start_client(settings)

    assert str(refused.value) == f"{folder}/citus/tables/jobs has no {name}.sql"


def test_id_that_another_transaction_holds_on_a_worker_is_a_503_until_it_lets_go(
    cluster: Citus, url: str, serve: Callable[..., Served]
) -> None:
    served = serve(BUSY_TIMEOUT="2").wait()

    with closing(cluster.connect(url)) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO hired_employees (id) VALUES (1)")
        held = served.upload("hired_employees", hires([range(3)]))

    assert (held[0], held[1]["detail"]) == (503, "the database is busy with another writer")
    assert served.upload("hired_employees", hires([range(3)]))[1]["inserted"] == 3


def test_worker_that_is_away_is_a_503_of_uploads_and_reports(
    cluster: Citus, url: str, serve: Callable[..., Served]
) -> None:
    served = serve(BUSY_TIMEOUT="2").wait()
    served.upload("hired_employees", hires([range(3000)]))
    cluster.workers[0].kill()

    status, answer = served.upload("hired_employees", hires([range(3000, 6000)]))
    report = served.status("/stats/hires-per-quarter-2021")

    assert (status, answer["code"]) == (503, "database_unavailable")
    assert report == 503
    bring_back(cluster)
    assert served.upload("hired_employees", hires([range(6000)]))[1]["inserted"] == 3000


def test_start_on_a_worker_is_refused(cluster: Citus, url: str) -> None:
    with pytest.raises(StartRefused) as refused:
        start_client({"DATABASE_URL": cluster.url_of(url, cluster.workers[0])})

    assert "this is a worker of Citus: expected its coordinator" in str(refused.value)


def test_tables_with_rows_are_distributed_in_place(cluster: Citus, serve: Callable[..., Served]) -> None:
    name = f"grown_{uuid4().hex}"
    for node in cluster.nodes:
        cluster.execute(cluster.url_of(cluster.url, node), f"CREATE DATABASE {name}")
    url = f"{cluster.url.rpartition('/')[0]}/{name}"
    running = serve(DATABASE_URL=url).wait()
    body = hires([range(3000)])
    running.upload("hired_employees", body)
    before = running.read("/tables/hired_employees.csv")

    cluster.spread(url)
    cluster.execute(url, *statements_of(GROWING))
    asked = running.upload("hired_employees", body)
    restarted = serve(DATABASE_URL=url).wait()
    status, answer = restarted.upload("hired_employees", body + b"5000,Name,2021-02-03,1,1\n")

    assert (asked[0], asked[1]["detail"]) == (503, CHANGED)
    assert (status, answer["inserted"], answer["skipped"]) == (200, 1, 3000)
    assert restarted.read("/tables/hired_employees.csv").startswith(before)
    assert cluster.execute(url, "SELECT count(*) FROM pg_dist_shard") == [(32 + 2,)]


GROWING = "From one PostgreSQL to Citus"


def statements_of(heading: str) -> list[str]:
    """Return the first statements of SQL that docs/clusters.md has behind some words."""
    text = (PROJECT / "docs/clusters.md").read_text().partition(heading)[2]
    return [line for line in text.split("```")[1].splitlines()[1:] if line]
