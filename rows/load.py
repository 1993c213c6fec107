"""A file into a table, and an account of every record: the whole story of an upload, which every entry calls."""

from rows.batches.database import Database
from rows.batches.one_by_one import store_one_by_one
from rows.batches.upload import BatchesLost, Upload
from rows.batches.whole import store_whole
from rows.bytes.file import File
from rows.dialect.find import find_dialect
from rows.options import Options
from rows.say.account import Account, Counts
from rows.table import Table


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


def load(file: File, table: Table, options: Options, database: Database) -> Account:
    """Store the file's rows in the table, in batches of one transaction each, and return the account.

    An atomic load or a dry run holds one transaction for the whole file. Raises HeaderRefused or EncodingRefused
    before anything is begun; LoadRefused where no row was stored or was there already, after the batch that passes
    options.rejects_max, and where an atomic load refuses a row; LoadStopped, with the account so far, for whatever
    else goes wrong.
    """
    dialect, layout = find_dialect(file, table.columns, options)
    with database.connection() as connection:
        upload = Upload(file, table, options, dialect, layout, connection, database)
        account = Account(upload.start(), table.name, dialect, options.dry_run)
        try:
            if options.atomic or options.dry_run:
                account = store_whole(upload, account)
            else:
                store_one_by_one(upload, account)
        except Exception as error:
            # Whatever it was, the caller is told what is stored; the cause decides what else the answer says.
            try:
                if isinstance(error, BatchesLost):
                    account.fall_back(error.counts or Counts())
                if isinstance(error, (BatchesLost, *database.recorded_errors)):
                    upload.stop(account.upload_id, str(error))
            finally:
                raise LoadStopped(account) from error
    _, reason = account.ending(options)
    if reason:
        raise LoadRefused(account, reason)
    return account
