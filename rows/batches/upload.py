"""A file on its way into a table, and its line in the ledger."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from rows.batches.database import Database, Done, Ledger
from rows.bytes.file import File
from rows.dialect.below import refuse_headers
from rows.dialect.find import Form, read_file
from rows.fault import FileRefused, Hint
from rows.options import Options
from rows.records.records import Records
from rows.say.account import Account, Batch, Counts, Ending
from rows.say.entry import kept_dialect, kept_file_name, kept_hints, kept_names, kept_options, kept_reason
from rows.say.hints import hints_of_account
from rows.say.rejects import Reject
from rows.say.runs import BatchIds
from rows.table import Table
from rows.values.check import Checked, check
from rows.values.rules import rules_of


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


def start(
    ledger: Ledger, connection: Any, file: File, table: Table, options: Options, dialect: Mapping[str, Any] | None
) -> int:
    """Begin an upload in the ledger, in the transaction that is open, and return its number."""
    return ledger.start(
        connection,
        table_name=table.name,
        file_name=kept_file_name(file.name),
        sha256=file.sha256,
        bytes=file.sent_bytes,
        options=kept_options(options),
        dialect=dialect,
    )


def end(ledger: Ledger, connection: Any, upload_id: int, ending: Ending, hints: Sequence[Hint]) -> None:
    """End an upload in the ledger, in the transaction that is open."""
    ledger.finish(connection, upload_id, ending.status, kept_reason(ending.reason), kept_hints(hints))


def record_refusal(
    file: File, table: Table, options: Options, refusal: FileRefused, connection: Any, database: Database
) -> Account:
    """Write a file that is refused as a whole into the ledger, and return its account."""
    dialect = refusal.dialect and kept_dialect(refusal.dialect, [])

    def record() -> int:
        upload_id = start(database.ledger, connection, file, table, options, dialect)
        end(database.ledger, connection, upload_id, Ending("refused", str(refusal), refusal.code), refusal.hints)
        return upload_id

    upload_id = database.transact(connection, record, durable=True)
    return Account(upload_id, table.name, refusal.dialect, options.dry_run, hints=refusal.hints)


class Upload(NamedTuple):
    """A file, what is known of it, and the database that it goes into."""

    file: File
    table: Table
    options: Options
    form: Form
    connection: Any
    database: Database

    @property
    def ledger(self) -> Ledger:
        return self.database.ledger

    def start(self) -> int:
        """Begin the upload in the ledger, and return its number, which no crash gives to another upload."""
        return self.database.transact(self.connection, self._start, durable=True)

    def _start(self) -> int:
        names = kept_names(self.form.layout, self.table.columns)
        dialect = kept_dialect(self.form.dialect, names)
        return start(self.ledger, self.connection, self.file, self.table, self.options, dialect)

    def new_account(self, upload_id: int) -> Account:
        """Return the account of an upload of which nothing is stored yet."""
        return Account(upload_id, self.table.name, self.form.dialect, self.options.dry_run)

    def read(self) -> Iterator[tuple[Records, Checked]]:
        """Yield the file's records in batches, and what the rules of the columns say of them."""
        rules, columns = rules_of(self.options), self.table.columns
        is_first = self.form.dialect.header is False
        for records in read_file(self.file, self.form, self.options):
            checked = check(records, columns, self.form.layout, rules)
            yield records, refuse_headers(records, checked, self.form, columns, self.options, is_first)
            is_first = False

    def once(self, account: Account, work: Callable[[], Done], durable: bool = False) -> Done:
        """Return what the work does in a transaction that builds on what the account has."""
        return self.database.transact(self.connection, work, durable, partial(self._has_landed, account))

    def record(self, account: Account, batch: Batch) -> None:
        """Bring the ledger up to date with a batch that comes behind what the account has."""
        counts = account.counts.plus(batch.counts)
        self.update(account.upload_id, counts, batch.rejects)
        if ids := batch.ids(account.counts.read):
            self.keep(account.upload_id, ids, self.table.name)

    def update(self, upload_id: int, counts: Counts, rejects: Iterable[Reject]) -> None:
        """Bring the ledger's counts up to date, and keep refused rows."""
        self.ledger.update(self.connection, upload_id, counts._asdict(), rejects)

    def keep(self, upload_id: int, ids: BatchIds, table_name: str | None) -> None:
        """Keep what became of a batch's ids; table_name is None where its rows were rolled back."""
        self.ledger.keep(self.connection, upload_id, ids._asdict(), table_name)

    def finish(self, account: Account) -> None:
        """End the upload in the ledger."""
        end(self.ledger, self.connection, account.upload_id, account.ending(self.options), account.hints)

    def hint(self, account: Account) -> None:
        """Put into the account what it says about the next try."""
        tables = self.database.tables
        account.hints = hints_of_account(account, self.file, self.form, self.table, tables, self.options)

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
