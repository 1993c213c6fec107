"""A file into a table, and an account of every record: the whole story of an upload, which every entry calls."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

from rows.account import Account, Batch, Counts, first_of_each_id, settle
from rows.ahead import Ahead
from rows.check import Checked, Column, Layout, Row, check, refuse_unknown
from rows.dialect import Dialect, find_dialect, read_file
from rows.file import File
from rows.kept import RejectSpool, rejects_of
from rows.options import Options
from rows.records import Records
from rows.reject import Reject

Done = TypeVar("Done")

FALL_BACKS_MAX = 3
"""An upload goes back this many times to where its database fell back to."""


class LoadRefused(Exception):
    """The file as a whole was refused; .account says why and what is stored."""

    def __init__(self, account: Account, sentence: str):
        super().__init__(sentence)
        self.account = account


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


class LoadStopped(Exception):
    """An error ended the load early, the one in __cause__; .account says what is stored."""

    def __init__(self, account: Account):
        super().__init__("the load ended early")
        self.account = account


def load(file: File, table: "Table", options: Options, database: "Database") -> Account:
    """Store the file's rows in the table, in batches of one transaction each, and return the account.

    An atomic load or a dry run holds one transaction for the whole file. Raises HeaderRefused or EncodingRefused
    before anything is begun; LoadRefused where no row was stored or was there already, after the batch that passes
    options.rejects_max, and where an atomic load refuses a row; LoadStopped, with the account so far, for whatever
    else goes wrong.
    """
    dialect, layout = find_dialect(file, table.columns, options)
    with database.connection() as connection:
        work = _Load(file, table, options, dialect, layout, connection, database)
        account = Account(work.start(), table.name, dialect, options.dry_run)
        try:
            if options.atomic or options.dry_run:
                account = work.as_whole(account)
            else:
                work.by_batches(account)
        except Exception as error:
            # Whatever it was, the caller is told what is stored; the cause decides what else the answer says.
            try:
                if isinstance(error, BatchesLost):
                    account.fall_back(error.counts or Counts())
                if isinstance(error, (BatchesLost, *database.recorded_errors)):
                    work.stop(account.upload_id, str(error))
            finally:
                raise LoadStopped(account) from error
    _, reason = account.ending(options)
    if reason:
        raise LoadRefused(account, reason)
    return account


class _RolledBack(Exception):
    """Ends the transaction of a whole file that is not to be stored; .account says what would have been."""

    def __init__(self, account: Account):
        super().__init__("rolled back")
        self.account = account


class _Load(NamedTuple):
    """A file on its way into a table."""

    file: File
    table: "Table"
    options: Options
    dialect: Dialect
    layout: Layout
    connection: Any
    database: "Database"

    def start(self) -> int:
        """Begin the upload in the ledger, and return its number, which no crash gives to another upload."""
        entry = _entry(self.file, self.table, self.dialect, self.layout, self.options)
        return self.database.transact(
            self.connection, partial(self.ledger.start, self.connection, **entry), durable=True
        )

    def by_batches(self, account: Account) -> None:
        """Store each batch in a transaction of its own, again those that the database confirmed and then lost."""
        for _ in range(FALL_BACKS_MAX):
            try:
                return self.rest_by_batches(account)
            except BatchesLost as lost:
                if lost.counts is None:
                    raise
                account.fall_back(lost.counts)
        return self.rest_by_batches(account)

    def rest_by_batches(self, account: Account) -> None:
        """Store the batches behind those that the account has, each together with the ledger."""
        stored = account.counts.read
        batches = Ahead(self.read())
        for records, checked in batches:
            stored -= len(checked.rows) + len(checked.faults)
            if stored >= 0:
                continue
            account.add(self.once(account, partial(self.batch, account, records, checked, batches.fetch)))
            if account.is_over(self.options):
                break
        self.once(account, partial(self.finish, account), durable=True)

    def as_whole(self, empty: Account) -> Account:
        """Store all batches in one transaction, or none; what goes into the ledger waits until that is decided."""
        with RejectSpool() as rejects:
            try:
                return self.once(empty, partial(self.whole, empty, rejects), durable=True)
            except _RolledBack as rolled_back:
                account = rolled_back.account
            return self.once(empty, partial(self.end, account, rejects), durable=True)

    def once(self, account: Account, work: Callable[[], Done], durable: bool = False) -> Done:
        """Return what the work does in a transaction that builds on what the account has."""
        return self.database.transact(self.connection, work, durable, partial(self.has_landed, account))

    def has_landed(self, account: Account) -> bool:
        """Whether the ledger has read on from the account. Raises BatchesLost where it is behind."""
        found = self.ledger.counts(self.connection, account.upload_id)
        counts = Counts(**found) if found else None
        if counts is None or counts.read < account.counts.read:
            raise BatchesLost(account.counts.read, counts)
        return counts.read > account.counts.read

    def batch(self, account: Account, records: Records, checked: Checked, meanwhile: Callable[[], None]) -> Batch:
        """Store a batch and bring the ledger up to date."""
        batch = self.store(records, checked, meanwhile)
        self.record(account.upload_id, account.counts.plus(batch.counts), batch.rejects)
        return batch

    def whole(self, empty: Account, rejects: RejectSpool) -> Account:
        """Store the file and end the upload in the ledger; raises _RolledBack where it is not to be stored."""
        account = Account(empty.upload_id, empty.table, empty.dialect, empty.dry_run)
        rejects.clear()
        batches = Ahead(self.read())
        for records, checked in batches:
            batch = self.store(records, checked, batches.fetch)
            rejects.write(batch.rejects)
            account.add(batch)
            if account.is_over(self.options):
                break
        if self.options.dry_run or account.ending(self.options)[1]:
            raise _RolledBack(account)
        return self.end(account, rejects)

    @property
    def ledger(self) -> "Ledger":
        return self.database.ledger

    def read(self) -> Iterator[tuple[Records, Checked]]:
        """Yield the file's records in batches, and what the rules of the columns say of them."""
        for records in read_file(self.file, self.dialect, self.layout, self.options):
            yield records, check(records, self.table.columns, self.layout, self.options.strict)

    def store(self, records: Records, checked: Checked, meanwhile: Callable[[], None]) -> Batch:
        """Store a batch in the transaction that is open, and return what became of it."""
        if self.options.strict:
            unknown = self.database.unknown(self.connection, self.table, checked.rows)
            checked = refuse_unknown(checked, self.table.columns, unknown)
        firsts = first_of_each_id(checked.rows)
        stored = self.database.store(self.connection, self.table, firsts, meanwhile)
        return settle(checked.rows, firsts, stored, rejects_of(records, checked.faults, self.layout))

    def record(self, upload_id: int, counts: Counts, rejects: Iterable[Reject]) -> None:
        """Bring the ledger up to date."""
        self.ledger.update(self.connection, upload_id, counts._asdict(), rejects)

    def finish(self, account: Account) -> None:
        """End the upload in the ledger."""
        self.ledger.finish(self.connection, account.upload_id, *account.ending(self.options))

    def end(self, account: Account, rejects: RejectSpool) -> Account:
        """Write the whole upload into the ledger, and return its account."""
        self.record(account.upload_id, account.counts, rejects.read())
        self.finish(account)
        return account

    def stop(self, upload_id: int, reason: str) -> None:
        """End an upload in the ledger that an error ended early."""
        finish = partial(self.ledger.finish, self.connection, upload_id, "stopped", reason)
        self.database.transact(self.connection, finish, durable=True)


def _entry(file: File, table: "Table", dialect: Dialect, layout: Layout, options: Options) -> dict[str, Any]:
    """Return what the ledger says of an upload from its start."""
    return {
        "table_name": table.name,
        "file_name": file.name,
        "sha256": file.sha256,
        "bytes": file.sent_bytes,
        "options": options.chosen(),
        "dialect": {**dialect._asdict(), "columns": layout.names},
    }


class Table(Protocol):
    """What a load needs to know of a table."""

    @property
    def name(self) -> str: ...
    @property
    def columns(self) -> Sequence[Column]: ...


class Ledger(Protocol):
    """What a load needs of the ledger; each call runs in the connection's transaction."""

    def counts(self, connection: Any, upload_id: int) -> dict[str, int]:
        """Return an upload's counts, once nothing else can be writing them; none where it is gone."""

    def start(self, connection: Any, **upload: Any) -> int:
        """Begin an upload, and return its number."""

    def update(self, connection: Any, upload_id: int, counts: dict[str, int], rejects: Iterable[Reject]) -> None:
        """Bring an upload's counts up to date, and keep its refused rows."""

    def finish(self, connection: Any, upload_id: int, status: str, reason: str | None) -> None:
        """End an upload."""


class Database(Protocol):
    """What a load needs of a database."""

    @property
    def ledger(self) -> Any: ...
    @property
    def recorded_errors(self) -> tuple[type[Exception], ...]:
        """The errors that are recorded in the ledger as what ended an upload, if it can still be written."""

    def connection(self) -> AbstractContextManager[Any]: ...

    def transact(
        self, connection: Any, work: Callable[[], Done], durable: bool = False, has_landed: Callable[[], bool] = ...
    ) -> Done:
        """Return what the work does in a transaction, done again where a passing fault undid it, but never twice."""

    def store(
        self, connection: Any, table: Any, rows: Mapping[int, Row], meanwhile: Callable[[], None]
    ) -> Mapping[int, Row]:
        """Insert the rows by id, and return those that were stored under these ids before.

        Calls meanwhile while a server inserts, if it does.
        """

    def unknown(self, connection: Any, table: Any, rows: Sequence[Row]) -> set[tuple[str, int]]:
        """Return the references of the rows to ids that are not stored, each with its column's name."""
