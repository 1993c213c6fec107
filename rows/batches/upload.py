"""A file on its way into a table, and its line in the ledger."""

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from rows.batches.ahead import Ahead
from rows.batches.early import PASSING_ERRORS, BatchesLost, Overtaken
from rows.batches.settle import first_of_each_id
from rows.bytes.file import File
from rows.database import Database, Done, Ledger
from rows.dialect.find import Form, read_record_again
from rows.once.claim import Claim, begin
from rows.once.leave import leave
from rows.options import Options
from rows.reading.apart import ReadingEnded
from rows.reading.batch import Read
from rows.reading.read import read_file
from rows.records.records import Records
from rows.say.account import Account, Ending
from rows.say.batch import Batch, Counts
from rows.say.entry import kept_dialect, kept_file_name, kept_hints, kept_names, kept_options, kept_reason
from rows.say.hints import hints_of_account
from rows.say.rejects import Reject
from rows.say.runs import BatchIds
from rows.table import Table
from rows.watch import Watch

ENDED = ("finished", "refused", "stopped")
"""What the status of an upload is once its load has ended."""


def start(
    ledger: Ledger, connection: Any, file: File, table_name: str, options: Options, dialect: Mapping[str, Any] | None
) -> int:
    """Begin an upload in the ledger, in the transaction that is open, and return its number."""
    return ledger.start(
        connection,
        table_name=table_name,
        file_name=kept_file_name(file.name),
        sha256=file.sha256,
        bytes=file.sent_bytes,
        options=kept_options(options),
        dialect=dialect,
    )


def end(ledger: Ledger, connection: Any, account: Account, ending: Ending) -> None:
    """End an upload in the ledger, in the transaction that is open. Raises Overtaken."""
    said = (ending.status, kept_reason(ending.reason), kept_hints(account.hints), ending.code or None)
    if not ledger.finish(connection, account.upload_id, account.attempt, *said):
        raise Overtaken


class Upload(NamedTuple):
    """A file, what is known of it, and the database that it goes into."""

    file: File
    table: Table
    options: Options
    form: Form
    connection: Any
    database: Database
    watch: Watch
    claim: Claim | None = None

    @property
    def ledger(self) -> Ledger:
        return self.database.ledger

    def begin(self) -> Account:
        """Begin the upload in the ledger, and return its account, with a number that no crash gives to another upload.

        It may have ended before, or have records that another attempt has stored. Raises SourceTaken.
        """
        work = partial(begin, self.database, self.connection, self.claim, self._start, self.form.layout)
        account = self.database.transact(self.connection, work, durable=True)
        return account if account.ended else replace(account, dialect=self.form.dialect, hints=[])

    def _start(self) -> Account:
        names = kept_names(self.form.layout, self.table.columns)
        dialect = kept_dialect(self.form.dialect, names)
        return self.new_account(start(self.ledger, self.connection, self.file, self.table.name, self.options, dialect))

    def new_account(self, upload_id: int, attempt: int = 1) -> Account:
        """Return the account of an upload of which nothing is stored yet."""
        return Account(upload_id, self.table.name, self.form.dialect, self.options.dry_run, attempt)

    def read(self) -> Generator[Read]:
        """Yield the file's records in batches, with what the rules of the columns say of them."""
        return read_file(self.file, self.table.columns, self.form, self.options)

    def records(self, read: Read) -> Records:
        """Return the records of a batch; a large one is read again, in turn."""
        if read.records is not None:
            return read.records
        return read_record_again(self.file, self.form, self.options, read.place, read.line)

    def look_ahead(self, batches: Ahead[Read]) -> None:
        """Read the next batch, and get the database ready for it, while that stores the last."""
        read = batches.fetch()
        if read and read.checked.rows:
            rows = [*first_of_each_id(read.checked.rows).values()]
            self.database.get_ready(self.connection, self.table, rows)

    def once(self, account: Account, work: Callable[[], Done], durable: bool = False) -> Done:
        """Return what the work does in a transaction that builds on what the account has."""
        return self.database.transact(self.connection, work, durable, partial(self._has_landed, account))

    def record(self, account: Account, batch: Batch) -> None:
        """Bring the ledger up to date with a batch that comes behind what the account has."""
        self.update(account, account.counts.plus(batch.counts), batch.rejects)
        if ids := batch.ids(account.counts.read):
            self.keep(account.upload_id, ids, self.table.name)

    def update(self, account: Account, counts: Counts, rejects: Iterable[Reject]) -> None:
        """Bring the ledger's counts up to date, and keep refused rows. Raises Overtaken and BatchesLost."""
        place = (account.upload_id, account.attempt)
        if not self.ledger.update(self.connection, *place, counts._asdict(), rejects):
            self._has_landed(account)  # where the ledger does not even know of the upload, that is what is wrong
            raise Overtaken

    def keep(self, upload_id: int, ids: BatchIds, table_name: str | None) -> None:
        """Keep what became of a batch's ids; table_name is None where its rows were rolled back."""
        self.ledger.keep(self.connection, upload_id, ids._asdict(), table_name)

    def finish(self, account: Account) -> None:
        """End the upload in the ledger."""
        end(self.ledger, self.connection, account, account.ending(self.options))

    def hint(self, account: Account) -> None:
        """Put into the account what it says about the next try."""
        tables = self.database.tables
        with self.file.turn.given_back():
            account.hints = hints_of_account(account, self.file, self.form, self.table, tables, self.options)

    @property
    def is_late(self) -> bool:
        """Whether no time is left for another batch."""
        return self.claim is not None and self.claim.is_late

    def is_passing(self, error: Exception) -> bool:
        """Whether an error that ended the load may pass."""
        return isinstance(error, (*PASSING_ERRORS, *self.database.passing_errors))

    def stop(self, account: Account, error: Exception) -> None:
        """End an upload in the ledger that an error ended early, unless it is somebody else's by now."""
        recorded: dict[type[Exception], str | None] = {
            BatchesLost: None,
            ReadingEnded: None,
            **self.database.recorded_errors,
        }
        if self.claim and self.is_passing(error):
            if self.claim.is_queued:  # it stays running: the next delivery goes on with it
                return
            leave(self.database, account.upload_id, account.attempt, str(error))
        elif isinstance(error, tuple(recorded)):
            code = next(code for kind, code in recorded.items() if isinstance(error, kind))
            place = (account.upload_id, account.attempt)
            finish = partial(self.ledger.finish, self.connection, *place, "stopped", str(error), code=code)
            self.database.transact(self.connection, finish, durable=True)

    def _has_landed(self, account: Account) -> bool:
        """Whether the ledger has gone on from the account. Raises BatchesLost where it is behind, and Overtaken."""
        found = self.ledger.counts(self.connection, account.upload_id)
        if not found:
            raise BatchesLost(account.counts.read, None)
        attempt, status = found.pop("attempt"), found.pop("status")
        counts = Counts(**found)
        if attempt != account.attempt:
            raise Overtaken
        if counts.read < account.counts.read:
            raise BatchesLost(account.counts.read, counts)
        return counts.read > account.counts.read or status in ENDED
