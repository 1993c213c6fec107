"""A batch of rows into a table, by COPY."""

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.generators import copy_to, execute, fetch_many
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import WAIT_W

from sql.files.tables import Table
from sql.postgresql.connect import Opened
from sql.postgresql.values import as_csv

PIECE_BYTES = 32 * 1024
"""Rows are handed to the driver in pieces: of a larger one it makes a copy each time that the server is slow."""

ROLL_BACK = "ROLLBACK TO SAVEPOINT batch; RELEASE SAVEPOINT batch"


def text_of(table: Table, rows: Sequence[tuple[Any, ...]]) -> str:
    """Return rows as COPY takes them.

    They go in order of their ids, so that two uploads of the same ids wait for each other and not in a circle.
    """
    return as_csv(sorted(rows))


def copy_rows(connection: Opened, before: str, table: Table, text: str, meanwhile: Callable[[], None]) -> int:
    """Run what comes before, insert rows, all or none of them, and return their number.

    All of it is one query, to wait for the server but twice; the driver's own COPY takes no more than the COPY. Calls
    meanwhile while the server is at it.
    """
    query = f"{before}SAVEPOINT batch;\n{table.statements['insert'].text};\nRELEASE SAVEPOINT batch"
    try:
        return connection.wait(_copy(connection.pgconn, query, text, meanwhile))
    except psycopg.Error:
        if connection.info.transaction_status == TransactionStatus.INERROR:
            connection.execute(ROLL_BACK)
        raise


def copy_rows_alone(connection: Opened, table: Table, text: str, meanwhile: Callable[[], None]) -> int:
    """Do the same with each statement in a query of its own."""
    with connection.transaction():  # a savepoint
        return connection.wait(_copy(connection.pgconn, table.statements["insert"].text, text, meanwhile))


def _copy(pgconn: PGconn, query: str, text: str, meanwhile: Callable[[], None]) -> PQGen[int]:
    """Send a query with a COPY in it, and the data, and return the number of rows that were copied."""
    data = text.encode()
    pgconn.send_query(query.encode())
    *_, copying = _done((yield from execute(pgconn)))
    if copying.status != ExecStatus.COPY_IN:
        raise psycopg.ProgrammingError("it is not a COPY FROM STDIN")
    for start in range(0, len(data), PIECE_BYTES):
        yield from copy_to(pgconn, data[start : start + PIECE_BYTES], flush=False)
    while not pgconn.put_copy_end():
        yield WAIT_W
    while pgconn.flush():
        yield WAIT_W
    meanwhile()
    copied, *_ = _done((yield from fetch_many(pgconn)))
    return copied.command_tuples or 0


def _done(results: list[PGresult]) -> list[PGresult]:
    """Return the results of a query. Raises the server's error where one of them is that."""
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(result)
    return results
