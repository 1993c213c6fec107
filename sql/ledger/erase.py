"""What the ledger keeps of people, deleted for good: refused and replaced rows, and what an upload's entry quotes."""

from functools import partial
from typing import Any, NamedTuple

from sql.database import Database
from sql.ledger.entries import without_names
from sql.ledger.uploads import Connection, Ledger

ROWS_AT_ONCE = 1000
"""So many rows are deleted in a transaction."""

TRANSACTIONS_AT_ONCE = 10
"""So many transactions delete what is due, then somebody else is to have the thread."""

GOES_ON = ("running", "undoing")


class StillGoesOn(Exception):
    """An upload, or its undoing, goes on and may need the rows that are to be deleted."""


class Erased(NamedTuple):
    """How many rows of an upload were deleted, and whether none is left."""

    rejects: int = 0
    replaced: int = 0
    is_all: bool = False


def erase(database: Database, upload_id: int) -> Erased:
    """Delete what the ledger keeps of people of an upload, in transactions of ROWS_AT_ONCE, and return how much it was.

    From the first of them on nothing of it is given out. Its counts, its file's sum and the ids of its rows stay. An
    upload that was interrupted is stopped. Raises StillGoesOn.
    """
    erased = Erased()
    with database.connection() as connection:
        while not erased.is_all:
            step = _erase_some(database, connection, upload_id)
            erased = Erased(erased.rejects + step.rejects, erased.replaced + step.replaced, step.is_all)
        connection.forget_deleted()
    return erased


def erase_due(database: Database, days: int) -> None:
    """Delete likewise what is kept of uploads that ended more than so many days ago, some transactions' worth of it.

    What erase was kept from, as by the end of its process, goes on too.
    """
    due = database.ledger.statements["due"]
    with database.connection() as connection:
        done = 0
        while done < TRANSACTIONS_AT_ONCE and (found := connection.select(due, {"days": days}).rows):
            _erase_some(database, connection, found[0][0])
            done += 1
        if done:
            connection.forget_deleted()


def _erase_some(database: Database, connection: Any, upload_id: int) -> Erased:
    """Delete as much as one transaction may."""
    return database.transact(connection, partial(_erase, database.ledger, connection, upload_id), durable=True)


def _erase(ledger: Ledger, connection: Connection, upload_id: int) -> Erased:
    upload = {"upload_id": upload_id}
    standing = connection.select(ledger.statements["standing"], upload).dicts()[0]
    if standing["status"] in GOES_ON:
        raise StillGoesOn(f"upload {upload_id} is {standing['status']}: its rows can be deleted once that has ended")
    if standing["erasure"] == 0:
        connection.execute(ledger.statements["erase"], upload | {"dialect": without_names(standing["dialect"])})
    rejects = _delete(ledger, connection, upload, "rejects", ROWS_AT_ONCE)
    replaced = _delete(ledger, connection, upload, "replaced", ROWS_AT_ONCE - rejects)
    is_all = rejects + replaced < ROWS_AT_ONCE
    if is_all:
        connection.execute(ledger.statements["erased"], upload)
    return Erased(rejects, replaced, is_all)


def _delete(ledger: Ledger, connection: Connection, upload: dict[str, Any], table: str, rows: int) -> int:
    """Delete the next rows of an upload, and return their number."""
    last, found = connection.select(ledger.statements[f"{table}_ahead"], upload | {"rows": rows}).rows[0]
    if found:
        connection.execute(ledger.statements[f"{table}_erase"], upload | {"last": last})
    return found
