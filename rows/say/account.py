"""The account of an upload: what became of every record, as counts, ids and refused rows."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from rows.dialect.find import Dialect
from rows.fault import Hint, Stop
from rows.options import Options
from rows.say.batch import Batch, Counts, Noticed
from rows.say.rejects import Reject, kept_within

IDS_SHOWN = 10_000
"""The answer shows this many skipped ids, and this many conflicts."""

REJECTS_SHOWN = 100
"""The answer shows this many refused rows."""

SHOWN = ("line", "column", "code", "reason", "record")
"""What it shows of a refused row."""


class Ending(NamedTuple):
    """How an upload ends: finished, refused or stopped; in the latter two why, with a stable code."""

    status: str
    reason: str | None = None
    code: str = ""


@dataclass
class Account:
    """What became of an upload so far, with only the first ids and refused rows.

    dialect is None where the file was refused before it was known. Only the latest attempt goes on with the upload.
    stop says why the load ended early, where that lies in the file; ended how the upload ended, where it had before.
    codes are those of the refused rows that this attempt has seen; is_again says that it only tells once more.
    """

    upload_id: int
    table: str
    dialect: Dialect | None
    dry_run: bool = False
    attempt: int = 1
    counts: Counts = field(default_factory=Counts)
    skipped: list[int] = field(default_factory=list)
    conflicts: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    escaped: int = 0
    beyond_ascii: bool = False
    rejects_bytes: int = 0
    has_shortened: bool = False
    stop: Stop | None = None
    hints: list[Hint] = field(default_factory=list)
    ended: Ending | None = None
    is_again: bool = False

    def kept(self, batch: Batch, options: Options) -> Batch:
        """Return a batch with its refused rows as they are kept behind those that the account has."""
        rejects, whole_bytes, has_shortened = kept_within(batch.rejects, options.rejects_bytes_max - self.rejects_bytes)
        return batch._replace(rejects=rejects, rejects_bytes=whole_bytes, has_shortened=has_shortened)

    @property
    def room(self) -> int:
        """How many more refused rows it shows."""
        return REJECTS_SHOWN - len(self.rejects)

    def add(self, batch: Batch) -> None:
        """Take a batch into the account, as it is shown, once it is stored."""
        self.counts = self.counts.plus(batch.counts)
        self.skipped.extend(batch.skipped[: IDS_SHOWN - len(self.skipped)])
        self.conflicts.extend(batch.conflicts[: IDS_SHOWN - len(self.conflicts)])
        self.rejects.extend(batch.rejects[: self.room])
        self.codes.update(batch.codes)
        self.notice(batch.noticed)
        self.rejects_bytes += batch.rejects_bytes
        self.has_shortened |= batch.has_shortened
        self.stop = batch.stop

    def notice(self, noticed: Noticed) -> None:
        """Take in what was seen of sound rows."""
        self.words.update(noticed.words)
        self.escaped += noticed.escaped
        self.beyond_ascii |= noticed.beyond_ascii

    def fall_back(self, counts: Counts) -> None:
        """Take back what came after these counts.

        What refused records took stays counted: fewer may be kept whole then, and never too many.
        """
        self.counts = counts
        del self.skipped[counts.skipped :]
        del self.conflicts[counts.conflicts :]
        del self.rejects[counts.rejected :]

    def forget_noticed(self) -> None:
        """Take back what was seen of sound rows: the file is read from its beginning again."""
        self.words, self.escaped, self.beyond_ascii = Counter(), 0, False

    def is_over(self, options: Options) -> bool:
        """Whether the load ends here: at a header further down, or at too many refused records."""
        return self.stop is not None or self.counts.rejected > options.rejects_allowed

    def ending(self, options: Options) -> Ending:
        """Return how the upload ends, or has ended."""
        if self.ended:
            return self.ended
        if self.stop:
            return Ending("stopped", self.stop.sentence, self.stop.code)
        if self.is_over(options):
            setting = "MAX_REJECTS" if options.max_rejects is None else "max_rejects"
            sentence = f"more than {options.rejects_allowed} records were refused ({setting}), {self._first()}"
            return Ending("stopped", sentence, "too_many_rejects")
        if not self.counts.read:
            but = " but its header" if self.dialect and self.dialect.header else ""
            return Ending("refused", f"the file has no records{but}", "no_records")
        if self.counts.rejected == self.counts.read:
            sentence = f"no record of {self.counts.read} fits {self.table}, {self._first()}"
            return Ending("refused", sentence, "no_record_fits")
        if self.counts.rejected and options.atomic:
            sentence = f"of {self.counts.read} records {self.counts.rejected} did not fit, {self._first()}"
            return Ending("refused", sentence, "atomic_refused")
        return Ending("finished")

    def _first(self) -> str:
        return f"the first in line {self.rejects[0].line}: {self.rejects[0].reason}"

    def as_dict(self, mount: str) -> dict[str, object]:
        """Return the account with the keys of the answer, of a service whose URLs begin with `mount`."""
        return {
            "upload_id": self.upload_id,
            "table": self.table,
            "dry_run": self.dry_run,
            "dialect": self.dialect and self.dialect.shown(),
            "read": self.counts.read,
            "inserted": self.counts.inserted,
            "updated": self.counts.updated,
            "skipped": self.counts.skipped,
            "rejected": self.counts.rejected,
            "skipped_duplicates": self.skipped,
            "conflicts": self.conflicts,
            "ids_url": f"{mount}/uploads/{self.upload_id}/ids.csv",
            "rejects": [{name: getattr(reject, name) for name in SHOWN} for reject in self.rejects],
            "rejects_url": f"{mount}/uploads/{self.upload_id}/rejects.csv",
            "hints": [hint.as_dict() for hint in self.hints],
        }
