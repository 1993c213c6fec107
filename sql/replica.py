"""A copy of the database that is only read: reports come from it where REPORTS_DATABASE_URL says so."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

from sql.database import Database
from sql.errors import DatabaseUnavailable, StartRefused, StatementRefused
from sql.files.stats import Report
from sql.files.tables import Table

LATEST_UPLOADS = 100
"""So many uploads are compared with the database that they came from."""


class Replica(Database):
    """A copy of a database, which its server keeps up to date. No table of it takes uploads."""

    def lag_seconds(self, original: Database) -> int | None:
        """Return for how long it has been missing something of the latest uploads, None where it does not tell.

        It does not where it cannot be reached, nor where it has the ledger of an earlier release.
        """
        try:
            copies = _latest(self)
        except (DatabaseUnavailable, StatementRefused):
            return None
        missing_since = []
        for key, noted in _latest(original).items():
            copy = copies.get(key)
            if copy is None:
                missing_since.append(noted.since)
            elif copy.state != noted.state:
                missing_since.append(copy.until)
        if not missing_since:
            return 0
        return max(0, int((datetime.now(UTC) - datetime.fromisoformat(min(missing_since))).total_seconds()))

    @cached_property
    def _prepared(self) -> tuple[dict[str, Table], dict[str, Report]]:
        """Prepare the reports. What the original takes and its copy does not has not come here yet."""
        with self._pool.connection() as connection:
            try:
                return {}, self._schema.prepare_reports(connection)
            except StartRefused as error:
                raise DatabaseUnavailable("the database of the reports has not all tables yet") from error


class _Noted(NamedTuple):
    """What changes with each batch of an upload, or of its taking back; since when it is there, and as it is."""

    state: tuple[Any, ...]
    since: str
    until: str


def _latest(database: Database) -> dict[tuple[str, int], _Noted]:
    """Return what is noted of the latest uploads, and of those that were taken back last."""
    uploads = database.uploads(LATEST_UPLOADS)
    with database.connection() as connection:
        undone = database.undo.latest(connection, LATEST_UPLOADS)
    return {("upload", one["upload_id"]): _as_noted(one) for one in uploads} | {
        ("undone", one["upload_id"]): _Noted(tuple(one.values()), one["updated_at"], one["updated_at"])
        for one in undone
    }


def _as_noted(upload: Mapping[str, Any]) -> _Noted:
    state = (upload["read"], upload["updated_at"], upload["finished_at"])
    return _Noted(state, upload["started_at"], upload["updated_at"])
