"""The account of an upload: what became of every record, as counts, ids and refused rows."""

from dataclasses import dataclass, field
from typing import NamedTuple

from rows.dialect.find import Dialect
from rows.options import Options
from rows.say.ids import Ids
from rows.say.rejects import Reject

REJECTS_SHOWN = 100
"""The answer shows this many refused rows."""

RECORD_SHOWN_CHARS = 1000
"""It shows this much of each one's record."""


class Counts(NamedTuple):
    """Always read = inserted + skipped + rejected; conflicts are among the skipped."""

    read: int = 0
    inserted: int = 0
    skipped: int = 0
    rejected: int = 0
    conflicts: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*map(sum, zip(self, other, strict=True)))


class Batch(NamedTuple):
    """What became of one batch: skipped ids and conflicting ids in file order, and its refused rows."""

    counts: Counts
    skipped: list[int]
    conflicts: list[int]
    rejects: list[Reject]


@dataclass
class Account:
    """What became of an upload so far, with only the first refused rows."""

    upload_id: int
    table: str
    dialect: Dialect
    dry_run: bool = False
    counts: Counts = field(default_factory=Counts)
    skipped: Ids = field(default_factory=Ids)
    conflicts: Ids = field(default_factory=Ids)
    rejects: list[Reject] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        """Take a batch into the account, once it is stored."""
        self.counts = self.counts.plus(batch.counts)
        self.skipped.extend(batch.skipped)
        self.conflicts.extend(batch.conflicts)
        for reject in batch.rejects[: REJECTS_SHOWN - len(self.rejects)]:
            self.rejects.append(reject._replace(record=_shortened(reject.record)))

    def fall_back(self, counts: Counts) -> None:
        """Take back the batches that came after these counts."""
        self.counts = counts
        self.skipped.truncate(counts.skipped)
        self.conflicts.truncate(counts.conflicts)
        del self.rejects[counts.rejected :]

    def is_over(self, options: Options) -> bool:
        """Whether more records were refused than an upload may have."""
        return self.counts.rejected > options.rejects_max

    def ending(self, options: Options) -> tuple[str, str | None]:
        """Return how the upload ends, and why where it is not finished: finished, refused or stopped."""
        if self.is_over(options):
            return "stopped", f"more than {options.rejects_max} records were refused (MAX_REJECTS), {self._first()}"
        if not self.counts.read:
            return "refused", "the file has no records" + (" but its header" if self.dialect.header else "")
        if self.counts.rejected == self.counts.read:
            return "refused", f"no record of {self.counts.read} fits {self.table}, {self._first()}"
        if self.counts.rejected and options.atomic:
            return "refused", f"of {self.counts.read} records {self.counts.rejected} did not fit, {self._first()}"
        return "finished", None

    def _first(self) -> str:
        return f"the first in line {self.rejects[0].line}: {self.rejects[0].reason}"

    def as_dict(self) -> dict[str, object]:
        """Return the account with the keys of the answer; the ids stay where they are."""
        return {
            "upload_id": self.upload_id,
            "table": self.table,
            "dry_run": self.dry_run,
            "dialect": self.dialect._asdict(),
            "read": self.counts.read,
            "inserted": self.counts.inserted,
            "skipped": self.counts.skipped,
            "rejected": self.counts.rejected,
            "skipped_duplicates": self.skipped,
            "conflicts": self.conflicts,
            "rejects": [
                {name: value for name, value in reject._asdict().items() if name not in ("fields", "delimiter")}
                for reject in self.rejects
            ],
            "rejects_url": f"/uploads/{self.upload_id}/rejects.csv",
        }


def _shortened(record: str) -> str:
    return record if len(record) <= RECORD_SHOWN_CHARS else f"{record[:RECORD_SHOWN_CHARS]}..."
