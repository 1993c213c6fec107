"""An upload taken out of the history of each row that it changed: the whole story, which every entry calls."""

import time
from functools import partial
from typing import Any, NamedTuple

from rows.say.runs import ids_of
from rows.table import Table
from rows.undo.batch import take_back_batch
from rows.undo.database import Database
from rows.undo.progress import Progress


class NothingToTakeBack(Exception):
    """Nothing of the upload was stored."""

    def __init__(self) -> None:
        super().__init__("nothing of the upload was stored: it was refused as a whole, or a dry run")


def take_back(upload_id: int, table: Table, database: Database, seconds: float) -> Progress:
    """Take an upload back, in transactions of one batch each, and return how far that is after so many seconds.

    A load of it that is running ends at its next batch. Called again it goes on, whatever ended it before, also while
    another does the same. Raises NothingToTakeBack.
    """
    deadline = time.monotonic() + seconds
    with database.connection() as connection:
        work = _TakingBack(upload_id, table, connection, database)
        database.transact(connection, work.begin, durable=True)
        database.settle(connection)
        after: int | None = -1
        while after is not None and time.monotonic() < deadline:
            after = database.transact(connection, partial(work.take_batch, after))
        progress = database.transact(connection, work.progress)
        while after is None and not progress.is_done and time.monotonic() < deadline:
            progress = database.transact(connection, work.look, durable=True)
    return progress


def try_taking_back(upload_id: int, table: Table, database: Database) -> Progress:
    """Return what taking an upload back would come to: the very same work, in one transaction that is rolled back."""
    with database.connection() as connection:
        work = _TakingBack(upload_id, table, connection, database)
        database.settle(connection)
        try:
            database.transact(connection, work.try_all)
        except _RolledBack as rolled_back:
            return rolled_back.progress
    raise AssertionError("what is only tried is rolled back")


class _RolledBack(Exception):
    """Ends the transaction of what is only tried."""

    def __init__(self, progress: Progress):
        super().__init__("rolled back")
        self.progress = progress


class _TakingBack(NamedTuple):
    """An upload on its way out of a table. Each method runs in the transaction that is open."""

    upload_id: int
    table: Table
    connection: Any
    database: Database

    def begin(self) -> None:
        """Set the upload to be taken back, unless it is; from here on its own load stores nothing more."""
        if self.database.undo.begin(self.connection, self.upload_id):
            self.database.undo.start(self.connection, self.upload_id)
        elif not self.database.undo.progress(self.connection, self.upload_id):
            raise NothingToTakeBack

    def progress(self) -> Progress:
        """Return how far it is, once nobody else is at it; begun again where the database fell back to before that."""
        noted = self.database.undo.progress(self.connection, self.upload_id)
        if not noted:
            self.begin()
            noted = self.database.undo.progress(self.connection, self.upload_id)
        return Progress(**noted)

    def take_batch(self, after: int) -> int | None:
        """Take the next batch back, and return how many records came before it; None where all are taken back."""
        progress = self.progress()
        undo = self.database.undo
        # A database that fell back to an earlier state may have batches again that were passed.
        batch = undo.batch(self.connection, self.upload_id, after) or undo.batch(self.connection, self.upload_id, -1)
        if not batch:
            return None
        progress = take_back_batch(self.database, self.connection, self.upload_id, self.table, batch, progress)
        self.note(progress)
        return int(batch["read_before"])

    def look(self) -> Progress:
        """Look at the next batches of later uploads for rows that they skipped and that are gone; at last, end."""
        progress = self.progress()
        place = (progress.looked_upload_id, progress.looked_read_before)
        if progress.is_done:
            return progress
        batches = self.database.undo.skips(self.connection, self.table.name, *place)
        for batch in batches if progress.removed else []:
            ids = [*ids_of(batch["skipped"])]
            stored = self.database.stored(self.connection, self.table, [*set(ids)])
            progress = progress.skipped(batch["upload_id"], batch["read_before"], sum(key not in stored for key in ids))
        if not batches or not progress.removed:
            progress = progress._replace(is_done=True)
            self.database.undo.end(self.connection, self.upload_id)
        self.note(progress)
        return progress

    def note(self, progress: Progress) -> None:
        self.database.undo.note(self.connection, self.upload_id, progress._asdict())

    def try_all(self) -> None:
        """Do all of it, and raise _RolledBack with what it came to."""
        self.database.undo.start(self.connection, self.upload_id)
        after: int | None = -1
        while after is not None:
            after = self.take_batch(after)
        progress = self.progress()
        while not progress.is_done:
            progress = self.look()
        raise _RolledBack(progress)
