"""All batches in one transaction, or none of them."""

from contextlib import closing
from functools import partial
from itertools import starmap
from typing import NamedTuple

from rows.batches.ahead import Ahead
from rows.batches.batch import store
from rows.batches.upload import Upload
from rows.fault import Stop
from rows.reading.batch import Read
from rows.say.account import Account
from rows.say.batch import Batch
from rows.say.rejects import Reject
from rows.say.runs import BatchIds
from rows.say.spool import JsonSpool

OUT_OF_TIME = Stop(
    "out_of_time",
    "no time was left to store all of the file in one transaction: send it without atomic and dry_run, or in parts",
)


def store_whole(upload: Upload, empty: Account) -> Account:
    """Store the file, or roll it back; what goes into the ledger waits until that is decided. Returns the account."""
    with JsonSpool(upload.file.spools) as rejects, JsonSpool(upload.file.spools) as ids:
        kept = Kept(rejects, ids)
        try:
            account = upload.once(empty, partial(_store_all, upload, empty, kept), durable=True)
            upload.watch.landed(account.table, account.counts, account.codes)
            return account
        except _RolledBack as rolled_back:
            account = rolled_back.account
        return upload.once(empty, partial(_end, upload, account, kept, None), durable=True)


class Kept(NamedTuple):
    """What goes into the ledger at the end: refused rows, and the ids of each batch."""

    rejects: JsonSpool
    ids: JsonSpool


class _RolledBack(Exception):
    """Ends the transaction of a whole file that is not to be stored; .account says what would have been."""

    def __init__(self, account: Account):
        super().__init__("rolled back")
        self.account = account


def _store_all(upload: Upload, empty: Account, kept: Kept) -> Account:
    """Store the file and end the upload in the ledger; raises _RolledBack where it is not to be stored."""
    account = upload.new_account(empty.upload_id, empty.attempt)
    kept.rejects.clear()
    kept.ids.clear()
    with closing(upload.read()) as reading:
        batches = Ahead(reading)
        for read in batches:
            if upload.is_late:
                account.stop = OUT_OF_TIME
                break
            account.add(_store_batch(upload, account, kept, read, batches))
            if account.is_over(upload.options):
                break
    upload.hint(account)
    if upload.options.dry_run or account.ending(upload.options).reason:
        raise _RolledBack(account)
    return _end(upload, account, kept, upload.table.name)


def _store_batch(upload: Upload, account: Account, kept: Kept, read: Read, batches: Ahead[Read]) -> Batch:
    """Store a batch, and keep what the ledger will have of it. Returns it as the account holds it."""
    with upload.file.turn.given_back():
        stored = store(upload, account.upload_id, read, partial(upload.look_ahead, batches))
        batch = account.kept(stored, upload.options)
        kept.rejects.write(batch.rejects)
        kept.ids.write(filter(None, [batch.ids(account.counts.read)]))
        return batch.shown(upload.form.layout, account.room)


def _end(upload: Upload, account: Account, kept: Kept, table_name: str | None) -> Account:
    """Write the whole upload into the ledger, and return its account; table_name is None where it was rolled back."""
    with upload.file.turn.given_back():
        upload.update(account, account.counts, starmap(Reject, kept.rejects.read(upload.file.turn)))
    with upload.file.turn.given_back():
        for values in kept.ids.read(upload.file.turn):
            upload.keep(account.upload_id, BatchIds(*values), table_name)
    upload.finish(account)
    return account
