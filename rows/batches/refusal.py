"""A file that is refused as a whole, in the ledger."""

from typing import Any

from rows.batches.upload import end, start
from rows.bytes.file import File
from rows.database import Database
from rows.fault import FileRefused
from rows.once.claim import Claim, begin
from rows.options import Options
from rows.say.account import Account, Ending
from rows.say.entry import kept_dialect


def record_refusal(
    file: File,
    table_name: str,
    options: Options,
    refusal: FileRefused,
    connection: Any,
    database: Database,
    claim: Claim | None,
) -> Account:
    """Write a file that is refused as a whole into the ledger, and return its account, which has ended.

    Raises SourceTaken.
    """
    dialect = refusal.dialect and kept_dialect(refusal.dialect, [])

    def start_refused() -> Account:
        upload_id = start(database.ledger, connection, file, table_name, options, dialect)
        return Account(upload_id, table_name, refusal.dialect, options.dry_run)

    def record() -> Account:
        account = begin(database, connection, claim, start_refused, None)
        if not account.ended:
            account.hints = refusal.hints
            # What another attempt has stored of it stays, where other limits took its beginning.
            account.ended = Ending("stopped" if account.counts.read else "refused", str(refusal), refusal.code)
            end(database.ledger, connection, account, account.ended)
        return account

    return database.transact(connection, record, durable=True)
