"""All batches in one transaction, or none of them."""

from functools import partial

from rows.batches.ahead import Ahead
from rows.batches.batch import store
from rows.batches.upload import Upload
from rows.say.account import Account
from rows.say.rejects import RejectSpool


def store_whole(upload: Upload, empty: Account) -> Account:
    """Store the file, or roll it back; what goes into the ledger waits until that is decided. Returns the account."""
    with RejectSpool(upload.file.spools) as rejects:
        try:
            return upload.once(empty, partial(_store_all, upload, empty, rejects), durable=True)
        except _RolledBack as rolled_back:
            account = rolled_back.account
        return upload.once(empty, partial(_end, upload, account, rejects), durable=True)


class _RolledBack(Exception):
    """Ends the transaction of a whole file that is not to be stored; .account says what would have been."""

    def __init__(self, account: Account):
        super().__init__("rolled back")
        self.account = account


def _store_all(upload: Upload, empty: Account, rejects: RejectSpool) -> Account:
    """Store the file and end the upload in the ledger; raises _RolledBack where it is not to be stored."""
    account = upload.new_account(empty.upload_id)
    rejects.clear()
    batches = Ahead(upload.read())
    for records, checked in batches:
        batch = account.kept(store(upload, records, checked, batches.fetch), upload.options)
        rejects.write(batch.rejects)
        account.keep_ids(batch)
        account.add(batch)
        if account.is_over(upload.options):
            break
    upload.hint(account)
    if upload.options.dry_run or account.ending(upload.options).reason:
        raise _RolledBack(account)
    return _end(upload, account, rejects)


def _end(upload: Upload, account: Account, rejects: RejectSpool) -> Account:
    """Write the whole upload into the ledger, and return its account."""
    upload.record(account.upload_id, account.counts, rejects.read())
    upload.finish(account)
    return account
