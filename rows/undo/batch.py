"""One batch of an upload taken back, in the transaction that is open."""

import json
from collections.abc import Mapping
from typing import Any

from rows.say.runs import ids_of
from rows.table import Table
from rows.undo.database import Database
from rows.undo.history import Change, take_out
from rows.undo.progress import Progress


def take_back_batch(
    database: Database, connection: Any, upload_id: int, table: Table, batch: Mapping[str, Any], progress: Progress
) -> Progress:
    """Take a batch's changes out of the histories of its rows, and return how far that is."""
    inserted, updated = [*ids_of(batch["inserted"])], [*ids_of(batch["updated"])]
    # First the rows are locked: what others do to them is known from then on, and does not change.
    standing = database.stored(connection, table, sorted({*inserted, *updated}), lock=True)
    updates = [Change(*row) for row in database.undo.changes(connection, upload_id, len(updated))] if updated else []
    firsts = database.undo.first_changes(connection, upload_id, table.name, inserted)
    taken = take_out([*(Change(0, key, None, *firsts.get(key, (None, None))) for key in inserted), *updates])
    gone = [key for key, content in taken.rows.items() if content is None and key in standing]
    restored = [tuple(json.loads(content)) for key, content in taken.rows.items() if content and key in standing]
    database.change(connection, table, sorted(gone), sorted(restored))
    last = updates[-1].number if updates else 0
    database.undo.take(connection, upload_id, batch["read_before"], last, taken.before)
    return progress.plus(len(gone), len(restored), taken.kept)
