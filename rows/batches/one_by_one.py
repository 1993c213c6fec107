"""Each batch in a transaction of its own, together with the ledger."""

import time
from contextlib import closing
from functools import partial

from rows.batches.ahead import Ahead
from rows.batches.batch import notice, store
from rows.batches.early import BatchesLost, OutOfTime
from rows.batches.upload import Upload
from rows.reading.batch import Read
from rows.say.account import Account
from rows.say.batch import Batch

FALL_BACKS_MAX = 3
"""An upload goes back this many times to where its database fell back to."""


def store_one_by_one(upload: Upload, account: Account) -> None:
    """Store the file, and again those batches that the database confirmed and then lost."""
    for _ in range(FALL_BACKS_MAX):
        try:
            return _store_rest(upload, account)
        except BatchesLost as lost:
            if lost.counts is None:
                raise
            account.fall_back(lost.counts)
    return _store_rest(upload, account)


def _store_rest(upload: Upload, account: Account) -> None:
    """Store the records behind those that the account has, which may end in the middle of a batch."""
    account.forget_noticed()
    with closing(upload.read()) as reading:
        _store_batches(upload, account, Ahead(reading))
    upload.hint(account)
    upload.once(account, partial(upload.finish, account), durable=True)


def _store_batches(upload: Upload, account: Account, batches: Ahead[Read]) -> None:
    """Store the batches as far as the account does not have them."""
    left = account.counts.read
    for read in batches:
        known, new = read.checked.parted(left)
        if known.records:
            left -= known.records
            account.notice(notice(read, known))
        if new.records and not account.is_over(upload.options):
            if upload.is_late:
                raise OutOfTime
            rest = read._replace(checked=new)
            begun = time.monotonic()
            batch = upload.once(account, partial(_store_batch, upload, account, rest, batches))
            upload.watch.landed(account.table, batch.counts, batch.codes, time.monotonic() - begun)
            account.add(batch)
        elif not new.records:
            account.stop = new.stop
        if account.stop or (not left and account.is_over(upload.options)):
            break


def _store_batch(upload: Upload, account: Account, read: Read, batches: Ahead[Read]) -> Batch:
    """Store a batch and bring the ledger up to date. Returns it as the account holds it."""
    with upload.file.turn.given_back():
        stored = store(upload, account.upload_id, read, partial(upload.look_ahead, batches))
        batch = account.kept(stored, upload.options)
        upload.record(account, batch)
        return batch.shown(upload.form.layout, account.room)
