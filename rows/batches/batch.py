"""One batch of records into its table, in the transaction that is open."""

from collections import Counter
from collections.abc import Callable

from rows.batches.settle import Settled, compared, conflict_of, first_of_each_id, settle
from rows.batches.upload import Upload
from rows.reading.batch import Read
from rows.say.batch import Batch, Counts, Noticed
from rows.say.rejects import Reject, rejects_of
from rows.values.check import NULL_WORDS, Checked, refuse_unknown
from rows.values.texts import is_escaped


def store(upload: Upload, upload_id: int, read: Read, meanwhile: Callable[[], None]) -> Batch:
    """Store a batch, and return what became of it. Takes the turn at the end, where a large record is refused."""
    database, connection, table = upload.database, upload.connection, upload.table
    checked = read.checked
    if upload.options.strict:
        unknown = database.unknown(connection, table, checked.rows)
        checked = refuse_unknown(checked, table.columns, unknown)
    firsts, columns = first_of_each_id(checked.rows), compared(upload.form.layout)
    lock = upload.options.on_conflict == "update"
    stored = database.store(connection, table, firsts, meanwhile, lock)
    settled = settle(checked.rows, firsts, stored, upload.options.on_conflict, columns)
    if settled.replaced:
        database.replace(connection, upload_id, table, settled.replaced, settled.standing)
    conflicts = {
        checked.indexes[place]: conflict_of(checked.rows[place], there, table.columns, columns.places)
        for place, there in settled.conflicting.items()
    }
    faults = checked.faults | conflicts
    rejects = rejects_of(upload.records(read), faults, upload.form.layout) if faults else []
    return _as_batch(settled, rejects)._replace(noticed=notice(read, checked), stop=checked.stop)


def _as_batch(settled: Settled, rejects: list[Reject]) -> Batch:
    inserted, updated, skipped, conflicts = settled[:4]
    counts = Counts(
        read=len(inserted) + len(updated) + len(skipped) + len(rejects),
        inserted=len(inserted),
        updated=len(updated),
        skipped=len(skipped),
        rejected=len(rejects),
        conflicts=len(conflicts),
    )
    return Batch(counts, inserted, updated, skipped, conflicts, rejects)


def notice(read: Read, checked: Checked) -> Noticed:
    """Return what hints need to know of a batch's sound rows."""
    texts = [row[place] for place in checked.wordy for row in checked.rows if row[place] is not None]
    words = Counter(text for text in texts if text in NULL_WORDS)
    escaped = sum(map(is_escaped, texts)) if read.has_backslash else 0
    return Noticed(words, escaped, not read.beyond_ascii.isdisjoint(checked.indexes))
