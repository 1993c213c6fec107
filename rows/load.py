"""A file into a table, and an account of every record: the whole story of an upload, which every entry calls."""

from traceback import clear_frames

from rows.batches.early import BatchesLost
from rows.batches.one_by_one import store_one_by_one
from rows.batches.refusal import record_refusal
from rows.batches.upload import Upload
from rows.batches.whole import store_whole
from rows.bytes.file import File
from rows.bytes.zip import unzipped
from rows.database import Database
from rows.dialect.find import Form, find_form
from rows.fault import FileRefused
from rows.once.claim import Source, claim_of
from rows.options import Options
from rows.say.account import Account
from rows.say.batch import Counts
from rows.say.hints import hints_of_refusal
from rows.table import Table
from rows.watch import Nobody, Watch

NOBODY = Nobody()


class LoadRefused(Exception):
    """The file as a whole was refused, for what the code says; .account says what is stored."""

    def __init__(self, account: Account, code: str, sentence: str):
        super().__init__(sentence)
        self.account = account
        self.code = code


class LoadStopped(Exception):
    """An error ended the load early, the one in __cause__; .account says what is stored."""

    def __init__(self, account: Account):
        super().__init__("the load ended early")
        self.account = account


def load(
    file: File,
    table: Table,
    options: Options,
    database: Database,
    source: Source | None = None,
    watch: Watch = NOBODY,
) -> Account:
    """Store the file's rows in the table, in batches of one transaction each, and return the account.

    An atomic load or a dry run holds one transaction for the whole file. A source is loaded once only: the same again
    goes on where that was interrupted, or does nothing and returns, or raises, what was said first. Raises SourceTaken
    where another request is at it, or it stands for something else; LoadRefused for a file that is no CSV,
    or whose form does not fit; where no row was stored or was there already; after the batch that passes the refused
    rows allowed; and where an atomic load refuses a row. Raises LoadStopped, with the account so far, for whatever else
    goes wrong once it is begun. The watch is told of batches and of the end as they come.
    """
    claim = claim_of(source, file, table.name, options)
    with database.connection() as connection:
        try:
            with unzipped(file) as content:
                form = _find_form(content, table, options, database)
                account = _store(Upload(content, table, options, form, connection, database, watch, claim))
        except FileRefused as refusal:
            account = record_refusal(file, table.name, options, refusal, connection, database, claim)
    status, reason, code = account.ending(options)
    if not account.is_again:
        watch.ended(table.name, status, file.sent_bytes)
    if reason:
        raise LoadRefused(account, code, reason)
    return account


def refuse(
    file: File, table_name: str, options: Options, refusal: FileRefused, database: Database, source: Source
) -> Account:
    """Write a file that cannot even be received into the ledger, and return its account. Raises SourceTaken."""
    claim = claim_of(source, file, table_name, options)
    with database.connection() as connection:
        return record_refusal(file, table_name, options, refusal, connection, database, claim)


def _find_form(file: File, table: Table, options: Options, database: Database) -> Form:
    """Return the form of a file. Raises FileRefused, with all hints that there are."""
    with file.turn.given_back():
        try:
            return find_form(file, table.columns, options)
        except FileRefused as refusal:
            refusal.__traceback__ = None  # its frames have what was read
            refusal.hints = hints_of_refusal(refusal, file, table, database.tables, options)
            raise


def _store(upload: Upload) -> Account:
    """Store a file whose form is known."""
    account = upload.begin()
    if account.ended:
        return account
    try:
        if upload.options.atomic or upload.options.dry_run:
            return store_whole(upload, account)
        store_one_by_one(upload, account)
    except Exception as error:
        # Whatever it was, the caller is told what is stored; the cause decides what else the answer says.
        clear_frames(error.__traceback__)  # they have what was read
        try:
            account.fall_back((error.counts or Counts()) if isinstance(error, BatchesLost) else account.counts)
            upload.stop(account, error)
        finally:
            upload.watch.ended(account.table, "stopped", upload.file.sent_bytes)
            raise LoadStopped(account) from error
    return account
