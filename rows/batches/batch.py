"""One batch of records into its table, in the transaction that is open."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter

from rows.batches.upload import Upload
from rows.records.records import Records
from rows.say.account import Batch, Counts, Noticed
from rows.say.rejects import Reject, rejects_of
from rows.table import Row
from rows.values.check import NULL_WORDS, Checked, refuse_unknown
from rows.values.texts import is_escaped


def store(upload: Upload, records: Records, checked: Checked, meanwhile: Callable[[], None]) -> Batch:
    """Store a batch, and return what became of it."""
    if upload.options.strict:
        unknown = upload.database.unknown(upload.connection, upload.table, checked.rows)
        checked = refuse_unknown(checked, upload.table.columns, unknown)
    firsts = first_of_each_id(checked.rows)
    stored = upload.database.store(upload.connection, upload.table, firsts, meanwhile)
    batch = settle(checked.rows, firsts, stored, rejects_of(records, checked.faults, upload.form.layout))
    return batch._replace(noticed=notice(records, checked), stop=checked.stop)


def first_of_each_id(rows: Sequence[Row]) -> dict[int, Row]:
    """Return the first row of each id."""
    firsts = dict(zip(map(itemgetter(0), rows), rows, strict=True))
    if len(firsts) < len(rows):
        for row in reversed(rows):
            firsts[row[0]] = row
    return firsts


def settle(rows: list[Row], firsts: Mapping[int, Row], stored: Mapping[int, Row], rejects: list[Reject]) -> Batch:
    """Return what became of a batch: of its first rows of each id those in stored were there, as they stand there.

    A row is skipped where its id was stored or came earlier in the file, and a conflict where it differs.
    """
    inserted: list[int] = []
    skipped: list[int] = []
    conflicts: list[int] = []
    if [*stored.values()] == rows:  # a file that was sent before: all there, and as it stands here
        skipped = [*stored]
    elif not stored and len(firsts) == len(rows):
        inserted = [*firsts]
    else:
        standing = {**firsts, **stored}
        passed_over = [row for row in rows if standing[row[0]] is not row]
        skipped = [row[0] for row in passed_over]
        conflicts = [row[0] for row in passed_over if standing[row[0]] != row]
        inserted = [row[0] for row in rows if standing[row[0]] is row]
    counts = Counts(
        read=len(rows) + len(rejects),
        inserted=len(inserted),
        skipped=len(skipped),
        rejected=len(rejects),
        conflicts=len(conflicts),
    )
    return Batch(counts, inserted, skipped, conflicts, rejects)


def notice(records: Records, checked: Checked) -> Noticed:
    """Return what hints need to know of a batch's sound rows."""
    texts = [row[place] for place in checked.wordy for row in checked.rows if row[place] is not None]
    words = Counter(text for text in texts if text in NULL_WORDS)
    escaped = sum(map(is_escaped, texts)) if "\\" in records.text else 0
    is_ascii = records.text.isascii() or all(records.raws[index].isascii() for index in checked.indexes)
    return Noticed(words, escaped, not is_ascii)
