"""Nodes that die: an upload goes on or says how far it came, and what is stored is the same on every node."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from clusters import CLUSTERS, Cluster, Node
from served import Served
from waits import PATIENCE, until
from web_client import HEALTHY, check_account

from sql import mysql, postgresql
from sql.files.statements import Statement

pytestmark = pytest.mark.cluster

on_each = pytest.mark.parametrize("cluster", CLUSTERS, indirect=True)
on_galera = pytest.mark.parametrize("cluster", ["mysql"], indirect=True)
on_replicated = pytest.mark.parametrize("cluster", ["postgresql"], indirect=True)

ROWS = 50_000
KILLS = 20
TABLES = {
    "jobs": "id",
    "uploads": "upload_id",
    "rejects": "upload_id, line",
    "batches": "upload_id, read_before",
    "replaced": "number",
    "undone": "upload_id",
}


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    cluster = CLUSTERS[request.param]()
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def url(cluster: Cluster) -> Iterator[str]:
    """An empty database, and in the end all nodes up again."""
    url = cluster.create()
    yield url
    bring_back(cluster)
    cluster.drop(url)


@pytest.fixture
def settings(cluster: Cluster, url: str) -> dict[str, str]:
    return {"DATABASE_URL": cluster.url_for_service(url)}


def bring_back(cluster: Cluster) -> None:
    """Let the nodes that are dead rejoin."""
    dead = [node for node in cluster.nodes if not node.is_up]
    for node in dead:
        cluster.fail_over(node)
    cluster.rejoin(*dead)


def rows_of(cluster: Cluster, url: str, node: Node, table: str) -> list[Any]:
    return cluster.execute(cluster.url_of(url, node), f"SELECT * FROM {table} ORDER BY {TABLES[table]}")


def agreed(cluster: Cluster, url: str) -> dict[str, list[Any]]:
    """Return the rows of each table, once all nodes have the same; fails where one is down or they do not agree.

    A node may have the last rows a moment after the one that they were written to.
    """
    assert len(cluster.live) == len(cluster.nodes)
    deadline = time.monotonic() + PATIENCE
    while True:
        found = [{table: rows_of(cluster, url, node, table) for table in TABLES} for node in cluster.nodes]
        if all(rows == found[0] for rows in found):
            return found[0]
        assert time.monotonic() < deadline, [{table: len(rows[table]) for table in TABLES} for rows in found]
        time.sleep(0.1)


def wait_for(cluster: Cluster, url: str, records: int, node: Node | None = None) -> None:
    """Wait until a node, or the one that the service writes to, has read so many records of the latest upload."""
    there = cluster.url_of(url, node) if node else url
    with closing(cluster.connect(there)) as connection:
        cursor = connection.cursor()
        found = 0
        while found < records:
            cursor.execute('SELECT coalesce(max("read"), 0) FROM uploads')
            found = cursor.fetchone()[0]


def jobs(*ranges: range) -> bytes:
    return "".join(f"{i},Job {i}\n" for ids in ranges for i in ids).encode()


@on_each
@pytest.mark.parametrize("kill", range(KILLS))
def test_node_that_is_killed_in_mid_upload_costs_no_row_and_no_true_count(
    cluster: Cluster, url: str, serve: Callable[..., Served], kill: int
) -> None:
    served = serve().wait()
    body = jobs(range(ROWS), range(5, ROWS, 10)).replace(b"77,", b"77x,")
    stored = [(i, f"Job {i}") for i in range(ROWS) if i % 100 != 77]
    others = [node for node in cluster.nodes if node is not cluster.written]
    node = cluster.written if kill % 4 else others[-1]

    with ThreadPoolExecutor() as pool:
        upload = pool.submit(served.upload, "jobs", body)
        wait_for(cluster, url, random.Random(kill).randrange(ROWS))
        is_under_way = not upload.done()
        node.kill()
        cluster.fail_over(node)
        cluster.rejoin(node)
        status, answer = upload.result()

    print(f"{node.folder.name} killed, under way {is_under_way}: {status}, {answer['inserted']} inserted")
    check_account(answer, len(agreed(cluster, url)["jobs"]))
    again, completed = served.upload("jobs", body)
    if status == 200:
        assert (answer["inserted"], answer["skipped"], answer["rejected"]) == (len(stored), ROWS // 10, ROWS // 100)
    else:
        assert status == 503
    assert (again, completed["read"], completed["rejected"]) == (200, ROWS + ROWS // 10, ROWS // 100)
    assert answer["inserted"] + completed["inserted"] == len(stored)
    assert agreed(cluster, url)["jobs"] == stored


@on_each
@pytest.mark.parametrize("kill", range(2))
def test_node_that_is_killed_while_an_upload_is_taken_back_leaves_no_row_of_it_and_no_other_out(
    cluster: Cluster, url: str, serve: Callable[..., Served], kill: int
) -> None:
    served = serve(UNDO_SECONDS="60").wait()
    first = served.upload("jobs", jobs(range(ROWS)))[1]["upload_id"]
    second = served.upload("jobs?on_conflict=update", b"7,other\n31007,other\n99999,more\n")[1]["upload_id"]
    others = [node for node in cluster.nodes if node is not cluster.written]
    node = cluster.written if kill else others[-1]

    with ThreadPoolExecutor() as pool:
        delete = pool.submit(served.delete, f"/uploads/{first}")
        wait_until_removed(cluster, url, random.Random(kill).randrange(1, ROWS))
        is_under_way = not delete.done()
        node.kill()
        cluster.fail_over(node)
        cluster.rejoin(node)
        status, _ = delete.result()
    answer = take_back(served, first)

    print(f"{node.folder.name} killed, under way {is_under_way}: {status}, then {answer}")
    assert status in (200, 202, 503)
    # Where the database fell back, the batches that it lost come last.
    assert (answer["removed"], answer["kept"], sorted(answer["kept_ids"])) == (ROWS - 2, 2, [7, 31007])
    assert agreed(cluster, url)["jobs"] == [(7, "other"), (31007, "other"), (99999, "more")]
    assert take_back(served, second)["removed"] == 3
    assert agreed(cluster, url)["jobs"] == []


def take_back(served: Served, number: int) -> dict[str, Any]:
    """Take an upload back, asked for again where the database was away for a moment."""
    status, answer = until(lambda: (found := served.delete(f"/uploads/{number}"))[0] not in (202, 503) and found)
    assert status == 200
    return answer


def wait_until_removed(cluster: Cluster, url: str, rows: int) -> None:
    """Wait until the node that the service writes to has deleted so many rows of an upload."""
    with closing(cluster.connect(url)) as connection:
        cursor = connection.cursor()
        found = 0
        while found < rows:
            cursor.execute("SELECT coalesce(max(removed), 0) FROM undone")
            found = cursor.fetchone()[0]


@on_each
@pytest.mark.parametrize("attempt", range(3))
def test_clients_that_send_overlapping_files_to_all_nodes_store_each_id_once(
    cluster: Cluster, url: str, serve: Callable[..., Served], settings: dict[str, str], attempt: int
) -> None:
    spread = settings["DATABASE_URL"] + ("&" if "?" in settings["DATABASE_URL"] else "?") + "load_balance_hosts=random"
    served = serve(DATABASE_URL=spread).wait()
    starts = [0, 0, 1500, 3000, 4500, 0, 2500, 500]

    def upload(start: int) -> tuple[int, dict[str, Any]]:
        ids = range(start, start + 5000)
        return served.upload("jobs", jobs(ids if start % 1000 else ids[::-1]))

    with ThreadPoolExecutor(len(starts)) as pool:
        answers = list(pool.map(upload, starts))
    answers += [upload(start) for start, (status, _) in zip(starts, answers, strict=True) if status != 200]

    assert {status for status, _ in answers[: len(starts)]} <= {200, 503}
    assert {status for status, _ in answers[len(starts) :]} <= {200}
    for _, answer in answers:
        check_account(answer, answer["inserted"])
    assert sum(answer["inserted"] for _, answer in answers) == 9500
    assert agreed(cluster, url)["jobs"] == [(i, f"Job {i}") for i in range(9500)]


@on_each
def test_cluster_that_takes_no_writes_is_a_503_and_works_when_it_does_again(
    cluster: Cluster, url: str, serve: Callable[..., Served]
) -> None:
    served = serve(BUSY_TIMEOUT="2").wait()
    served.upload("jobs", b"1,a\n")

    cluster.end_writes()
    refused = served.upload("jobs", b"2,b\n")
    bring_back(cluster)
    served.wait()
    answer = served.upload("jobs", b"2,b\n")

    assert refused == (
        503,
        {
            "title": "Service Unavailable",
            "status": 503,
            "code": "database_unavailable",
            "detail": "the database cannot be reached",
        },
    )
    assert (answer[0], answer[1]["inserted"]) == (200, 1)
    assert agreed(cluster, url)["jobs"][-1] == (2, "b")


@on_each
@pytest.mark.parametrize(("order", "nodes_reached"), [("disable", 1), ("random", 3)])
def test_connections_go_to_the_first_node_or_to_all(cluster: Cluster, url: str, order: str, nodes_reached: int) -> None:
    place = cluster.url_of(url, *cluster.nodes) + ("&" if "?" in url else "?") + f"load_balance_hosts={order}"
    module = {"mysql": mysql, "postgresql": postgresql}[cluster.name]
    port = Statement("port", {"mysql": "SELECT @@port", "postgresql": "SHOW port"}[cluster.name], (), Path())
    pool = module.open_pool(place, 5, 0)

    reached: Counter[int] = Counter()
    for _ in range(40):
        with pool.connection() as connection:
            reached[int(connection.select(port, {}).rows[0][0])] += 1

    expected = cluster.nodes[: min(nodes_reached, len(cluster.nodes))]
    assert sorted(reached) == sorted(node.port for node in expected)


@on_replicated
def test_batches_that_a_promoted_standby_does_not_have_are_stored_again(
    cluster: Cluster, url: str, serve: Callable[..., Served]
) -> None:
    served = serve(BATCH_ROWS="100").wait()
    standby = next(node for node in cluster.nodes if node is not cluster.primary)
    ids = range(20_000)

    with ExitStack() as held, ThreadPoolExecutor() as pool:
        held.enter_context(cluster.hold_at(url, 5000))
        with cluster.hold_at(url, 1000):
            upload = pool.submit(served.upload, "jobs", jobs(ids))
            wait_for(cluster, url, 1000, standby)
            there = cluster.url_of(url, standby)
            cluster.execute(there, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
            until(lambda: cluster.execute(there, "SELECT count(*) FROM pg_stat_wal_receiver") == [(0,)])
            left = len(rows_of(cluster, url, standby, "jobs"))
        wait_for(cluster, url, 5000)
        killed = cluster.primary
        killed.kill()
        cluster.fail_over(killed)
        cluster.rejoin(killed)
        status, answer = upload.result()

    assert left == 1000
    assert (status, answer["read"], answer["inserted"]) == (200, len(ids), len(ids))
    assert agreed(cluster, url)["jobs"] == [(i, f"Job {i}") for i in ids]


@on_replicated
def test_reports_come_from_the_standby_and_health_says_how_far_it_lags(
    cluster: Cluster, url: str, serve: Callable[..., Served]
) -> None:
    standby = next(node for node in cluster.nodes if node is not cluster.primary)
    there = cluster.url_of(url, standby)
    served = serve(REPORTS_DATABASE_URL=there).wait()
    served.upload("departments", b"1,Sales\n")
    served.upload("jobs", b"1,Clerk\n")

    def hires() -> Any:
        return served.get("/stats/hires-per-quarter-2021")

    def lag(least: int, most: int) -> int | None:
        deadline = time.monotonic() + PATIENCE
        while not least <= (seconds := served.get("/health")["reports_lag_seconds"]) <= most:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return seconds

    lag(0, 0)
    cluster.execute(there, "SELECT pg_wal_replay_pause()")
    served.upload("hired_employees", b"1,Ana,2021-02-03T00:00:00Z,1,1\n")
    assert hires() == []
    lag(2, PATIENCE)
    cluster.execute(there, "SELECT pg_wal_replay_resume()")
    lag(0, 0)
    assert hires() == [{"department": "Sales", "job": "Clerk", "Q1": 1, "Q2": 0, "Q3": 0, "Q4": 0}]

    standby.kill()
    assert served.get("/health") == HEALTHY | {"reports_lag_seconds": None}
    either = serve(REPORTS_DATABASE_URL=f"{cluster.url_for_service(url).rpartition('=')[0]}=prefer-standby").wait()
    assert either.get("/stats/hires-per-quarter-2021")[0]["Q1"] == 1
    assert either.get("/health") == HEALTHY | {"reports_lag_seconds": 0}


@on_replicated
def test_reports_go_on_while_the_primary_is_away(cluster: Cluster, url: str, serve: Callable[..., Served]) -> None:
    standby = next(node for node in cluster.nodes if node is not cluster.primary)
    served = serve(REPORTS_DATABASE_URL=cluster.url_of(url, standby), BUSY_TIMEOUT="2").wait()
    served.get("/stats/data-quality")

    cluster.end_writes()

    assert len(served.get("/stats/data-quality")) == 6
    assert served.upload("jobs", b"1,a\n")[0] == 503
