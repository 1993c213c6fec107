"""Processes that stand still between two batches."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pymysql
from servers.server import Server
from waits import until


@contextmanager
def stopped_between_batches(worker: int, server: Server, url: str) -> Iterator[None]:
    """Let a process stand still, from a moment without a transaction until the end of the block at the latest."""

    def stop() -> bool:
        os.kill(worker, signal.SIGSTOP)
        until(lambda: Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        if is_free(server, url):
            return True
        os.kill(worker, signal.SIGCONT)
        return False

    until(stop)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


LOCKS = {
    "sqlite": ("BEGIN IMMEDIATE", "ROLLBACK"),
    "postgresql": (),
    "mysql": ("SET SESSION lock_wait_timeout = 1", "LOCK TABLES jobs WRITE, uploads WRITE", "UNLOCK TABLES"),
}
"""What nobody can say while another has read or written in a transaction that has not ended."""

OPEN = (
    "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' "
    "AND xact_start IS NOT NULL"
)


def is_free(server: Server, url: str) -> bool:
    """Whether nobody holds what a batch writes."""
    if server.name == "postgresql":
        return bool(server.execute(url, OPEN) == [(0,)])
    with closing(server.connect(url)) as connection:
        if server.name == "sqlite":
            connection.execute("PRAGMA busy_timeout = 0")
        try:
            for statement in LOCKS[server.name]:
                connection.cursor().execute(statement)
        except (sqlite3.OperationalError, pymysql.OperationalError):
            return False
    return True
