"""How a connection is opened, and which extension of PostgreSQL it finds that wants statements of its own."""

from collections.abc import Mapping
from typing import Any

import psycopg

from sql.connections.retry import LOCK_WAITS
from sql.errors import DatabaseOutOfOrder
from sql.postgresql.errors import named
from sql.postgresql.values import LOADERS

SESSION = """
SET TIME ZONE 'UTC';
SET DateStyle = 'ISO';
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
SET cursor_tuple_fraction = 1;
SET lock_timeout = {lock_wait_ms}
"""
"""What a connection is told first. Only READ COMMITTED sees the ids that another upload stored a moment ago. A report's
cursor is read to its end.
"""

VARIANT = "SELECT extname FROM pg_extension WHERE extname = 'citus'"
"""The extension that the database has, of those with a folder in sql/."""


CHANGED = "the database was given an extension, or lost one, since the start: a restart reads the statements for it"

Opened = psycopg.Connection[tuple[Any, ...]]


class Place:
    """Where a database is, as libpq is told, and which variant of PostgreSQL it was when it was first reached."""

    def __init__(self, arguments: Mapping[str, Any], busy_timeout: float):
        self._arguments = arguments
        self._variant: str | None = None
        self.busy_timeout = busy_timeout

    def connect(self) -> tuple[Opened, str]:
        """Return a connection in autocommit, and the name of the folder in sql/ with what differs on it, "" for none.

        Raises DatabaseUnavailable and the like.
        """
        try:
            connection = psycopg.connect(**self._arguments, autocommit=True)
            connection.execute(SESSION.format(lock_wait_ms=self.lock_wait_ms).encode())
            variant = variant_of(connection)
        except psycopg.Error as error:
            raise named(error) from error
        for name, loader in LOADERS.items():
            connection.adapters.register_loader(name, loader)
        if self._variant is None:
            self._variant = variant
        if variant != self._variant:
            connection.close()
            raise DatabaseOutOfOrder(CHANGED)
        return connection, variant

    @property
    def lock_wait_ms(self) -> int:
        """How long a statement waits for a lock."""
        return max(1, int(self.busy_timeout * 1000 / LOCK_WAITS))


def variant_of(connection: Opened) -> str:
    """Return the extension of VARIANT that the database has, "" where it has none."""
    found = connection.execute(VARIANT).fetchone()
    return str(found[0]) if found else ""
