"""A file into a table, and an account of every record: the whole story of an upload, which every entry calls."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from rows.account import Account, first_of_each_id, settle
from rows.check import Column, Row, check
from rows.dialect import find_dialect, read_file
from rows.file import File
from rows.options import Options


class LoadRefused(Exception):
    """The file as a whole was refused; .account says why and what is stored."""

    def __init__(self, account: Account, sentence: str):
        super().__init__(sentence)
        self.account = account


class LoadStopped(Exception):
    """An error ended the load early, the one in __cause__; .account says what is stored."""

    def __init__(self, account: Account):
        super().__init__("the load ended early")
        self.account = account


def load(file: File, table: "Table", options: Options, database: "Database") -> Account:
    """Store the file's rows in the table, in batches of one transaction each, and return the account.

    Raises HeaderRefused before anything is begun; LoadRefused where no row was stored or was there already, and after
    the batch that passes options.rejects_max; LoadStopped, with the account so far, for whatever else goes wrong.
    """
    dialect, layout = find_dialect(file, table.columns, options)
    ledger = database.ledger
    with database.connection() as connection:
        with connection.transaction():
            account = Account(ledger.start(connection, **_entry(file, table, options)), table.name, dialect)
        try:
            for records in read_file(file, dialect, options):
                checked = check(records, table.columns, layout)
                firsts = first_of_each_id(checked.rows)
                with connection.transaction():
                    batch = settle(checked, firsts, connection.store(table, firsts))
                    ledger.update(connection, account.upload_id, account.counts.plus(batch.counts)._asdict())
                account.add(batch)
                if account.counts.rejected > options.rejects_max:
                    break
            status, reason = account.ending(options.rejects_max)
            with connection.transaction(durable=True):
                ledger.finish(connection, account.upload_id, status, reason)
        except Exception as error:
            # Whatever it was, the caller is told what is stored; the cause decides what else the answer says.
            raise LoadStopped(account) from error
    if reason:
        raise LoadRefused(account, reason)
    return account


def _entry(file: File, table: "Table", options: Options) -> dict[str, Any]:
    """Return what the ledger says of an upload from its start."""
    return {
        "table_name": table.name,
        "file_name": file.name,
        "sha256": file.sha256,
        "bytes": file.sent_bytes,
        "options": options.chosen(),
    }


class Table(Protocol):
    """What a load needs to know of a table."""

    @property
    def name(self) -> str: ...
    @property
    def columns(self) -> Sequence[Column]: ...


class Connection(Protocol):
    """What a load needs of a connection."""

    def transaction(self, durable: bool = False) -> AbstractContextManager[None]:
        """Hold a transaction for the block; a durable one is on disk when it ends, with all before it."""

    def store(self, table: Any, rows: Mapping[int, Row]) -> Mapping[int, Row]:
        """Insert the rows by id, and return those that were stored under these ids before."""


class Database(Protocol):
    """What a load needs of a database."""

    ledger: Any

    def connection(self) -> AbstractContextManager[Any]: ...
