"""One connection to a coordinator of Citus: what it does otherwise than one to PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg

from sql.citus.errors import meant
from sql.errors import LockTaken
from sql.files.statements import Result, Statement
from sql.files.tables import Table
from sql.postgresql.connection import Connection
from sql.postgresql.copy_rows import copy_rows_alone

SESSION = b"""
SET citus.multi_shard_modify_mode = 'sequential';
SET citus.propagate_set_commands = 'local'
"""
"""What a connection is told first: to change one shard after the other, so that two uploads do not meet in a circle,
and to pass what is SET LOCAL on to the workers.
"""

PENDING = b"""
SELECT count(*)
FROM run_command_on_all_nodes($$SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()$$)
WHERE NOT success
   OR result <> '0'
"""
"""On how many nodes a transaction is prepared and not ended, as a COMMIT leaves it there that loses a worker."""

SETTINGS = ("lock_timeout = {lock_wait_ms}", "citus.max_adaptive_executor_pool_size = 1")
"""What a transaction is told, each alone, since its text goes on to the workers: to wait for locks there as here, and
to use one connection to each worker, so that one PREPARE there is all of it.
"""


class CitusConnection(Connection):
    """One connection of one thread.

    In a transaction whose first statement on a shard is a SELECT, a COPY is not marked as a change: the worker is not
    asked to PREPARE, and may fail to commit what the coordinator counts. Before a COPY behind any SELECT, enlist.sql
    makes a change on each shard that changes no row.
    """

    variant = "citus"

    _has_read = False

    def _set_session(self) -> None:
        with self._named_errors():
            self._connection.execute(SESSION)

    def _begin(self, durable: bool) -> None:
        """Begin a transaction, each of them durable.

        Where a coordinator forgets a commit in a crash, its workers keep what it does not know of.
        """
        self._has_read = False
        self._connection.execute("BEGIN")
        for setting in SETTINGS:
            self._connection.execute(f"SET LOCAL {setting.format(lock_wait_ms=self._place.lock_wait_ms)}".encode())

    def _meant(self, error: psycopg.Error) -> psycopg.Error:
        return meant(error)

    def settle(self) -> None:
        """Raise LockTaken while what is committed may not be visible yet on a worker, or one does not say."""
        with self._named_errors():
            found = self._connection.execute(PENDING).fetchone()
        if found != (0,):
            raise LockTaken("the database has not ended an earlier transaction on each of its machines")

    def select(self, statement: Statement, parameters: Mapping[str, Any]) -> Result:
        self._has_read = True
        return super().select(statement, parameters)

    def insert_rows(self, table: Table, rows: Sequence[tuple[Any, ...]], meanwhile: Callable[[], None]) -> int:
        if self._has_read and "enlist" in table.statements:  # else it is on the coordinator alone
            self.execute(table.statements["enlist"], {})
        return super().insert_rows(table, rows, meanwhile)

    def _copy(self, table: Table, text: str, meanwhile: Callable[[], None]) -> int:
        """Run it with each statement in a query of its own, as Citus passes them on."""
        return copy_rows_alone(self._connection, table, text, meanwhile)
