"""A file on its way into a table, and its line in the ledger."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from rows.batches.database import Database, Done, Ledger
from rows.bytes.file import File
from rows.dialect.find import Dialect, read_file
from rows.options import Options
from rows.records.layout import Layout
from rows.records.records import Records
from rows.say.account import Account, Counts
from rows.say.rejects import Reject
from rows.table import Table
from rows.values.check import Checked, check


class BatchesLost(Exception):
    """The database fell back to a state before batches that it had confirmed; .counts are those that it kept.

    They are None where it does not even know of the upload.
    """

    def __init__(self, confirmed: int, counts: Counts | None):
        super().__init__(
            f"the database fell back to an earlier state, with {counts.read if counts else 0} of the {confirmed} "
            "records that it had confirmed: send the file again to complete it"
        )
        self.counts = counts


class Upload(NamedTuple):
    """A file, what is known of it, and the database that it goes into."""

    file: File
    table: Table
    options: Options
    dialect: Dialect
    layout: Layout
    connection: Any
    database: Database

    @property
    def ledger(self) -> Ledger:
        return self.database.ledger

    def start(self) -> int:
        """Begin the upload in the ledger, and return its number, which no crash gives to another upload."""
        entry = {
            "table_name": self.table.name,
            "file_name": self.file.name,
            "sha256": self.file.sha256,
            "bytes": self.file.sent_bytes,
            "options": self.options.chosen(),
            "dialect": {**self.dialect._asdict(), "columns": self.layout.names},
        }
        return self.database.transact(
            self.connection, partial(self.ledger.start, self.connection, **entry), durable=True
        )

    def read(self) -> Iterator[tuple[Records, Checked]]:
        """Yield the file's records in batches, and what the rules of the columns say of them."""
        for records in read_file(self.file, self.dialect, self.layout, self.options):
            yield records, check(records, self.table.columns, self.layout, self.options.strict)

    def once(self, account: Account, work: Callable[[], Done], durable: bool = False) -> Done:
        """Return what the work does in a transaction that builds on what the account has."""
        return self.database.transact(self.connection, work, durable, partial(self._has_landed, account))

    def record(self, upload_id: int, counts: Counts, rejects: Iterable[Reject]) -> None:
        """Bring the ledger up to date."""
        self.ledger.update(self.connection, upload_id, counts._asdict(), rejects)

    def finish(self, account: Account) -> None:
        """End the upload in the ledger."""
        self.ledger.finish(self.connection, account.upload_id, *account.ending(self.options))

    def stop(self, upload_id: int, reason: str) -> None:
        """End an upload in the ledger that an error ended early."""
        finish = partial(self.ledger.finish, self.connection, upload_id, "stopped", reason)
        self.database.transact(self.connection, finish, durable=True)

    def _has_landed(self, account: Account) -> bool:
        """Whether the ledger has read on from the account. Raises BatchesLost where it is behind."""
        found = self.ledger.counts(self.connection, account.upload_id)
        counts = Counts(**found) if found else None
        if counts is None or counts.read < account.counts.read:
            raise BatchesLost(account.counts.read, counts)
        return counts.read > account.counts.read
