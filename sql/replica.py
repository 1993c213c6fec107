"""A copy of the database that is only read: reports come from it where REPORTS_DATABASE_URL says so."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sql.database import Database
from sql.errors import DatabaseUnavailable, StartRefused, StatementRefused
from sql.prepare import prepare_report
from sql.stats import Report
from sql.tables import Table

LATEST_UPLOADS = 100
"""So many uploads are compared with the database that they came from."""


class Replica(Database):
    """A copy of a database, which its server keeps up to date. No table of it takes uploads."""

    def lag_seconds(self, original: Database) -> int | None:
        """Return for how long it has been missing something of the latest uploads, None where it does not tell.

        It does not where it cannot be reached, nor where it has the ledger of an earlier release.
        """
        try:
            copies = {upload["upload_id"]: upload for upload in self.uploads(LATEST_UPLOADS)}
        except (DatabaseUnavailable, StatementRefused):
            return None
        missing_since = []
        for upload in original.uploads(LATEST_UPLOADS):
            copy = copies.get(upload["upload_id"])
            if copy is None:
                missing_since.append(upload["started_at"])
            elif _state(copy) != _state(upload):
                missing_since.append(copy["updated_at"])
        if not missing_since:
            return 0
        return max(0, int((datetime.now(UTC) - datetime.fromisoformat(min(missing_since))).total_seconds()))

    @cached_property
    def _prepared(self) -> tuple[dict[str, Table], dict[str, Report]]:
        """Prepare the reports. What the original takes and its copy does not has not come here yet."""
        with self._pool.connection() as connection:
            try:
                for report in self._reports.values():
                    prepare_report(connection, report)
            except StartRefused as error:
                raise DatabaseUnavailable("the database of the reports has not all tables yet") from error
        return {}, self._reports


def _state(upload: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what changes with each batch of an upload, and at its end."""
    return upload["read"], upload["updated_at"], upload["finished_at"]
