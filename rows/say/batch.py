"""What became of one batch of records."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from rows.fault import Stop
from rows.records.layout import Layout
from rows.say.rejects import Reject, shown
from rows.say.runs import BatchIds, batch_ids


class Counts(NamedTuple):
    """Always read = inserted + updated + skipped + rejected; conflicts are among the skipped."""

    read: int = 0
    inserted: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: int = 0
    conflicts: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*map(sum, zip(self, other, strict=True)))


class Noticed(NamedTuple):
    """What was seen of sound rows beside their rules.

    words are those of NULL_WORDS that stand in texts, escaped is how many texts have escapes with a backslash;
    beyond_ascii says whether any row has a character beyond ASCII.
    """

    words: Mapping[str, int] = {}
    escaped: int = 0
    beyond_ascii: bool = False


class Batch(NamedTuple):
    """What became of one batch: inserted, updated, skipped and conflicting ids in file order, and its refused rows.

    rejects_bytes are those of the refused records that are kept whole, and has_shortened says that others are not. stop
    says why the load ends behind it, where it does.
    """

    counts: Counts
    inserted: list[int]
    updated: list[int]
    skipped: list[int]
    conflicts: list[int]
    rejects: list[Reject]
    noticed: Noticed = Noticed()
    rejects_bytes: int = 0
    has_shortened: bool = False
    stop: Stop | None = None
    codes: Mapping[str, int] = {}

    def shown(self, layout: Layout, most: int) -> "Batch":
        """Return it with the first of its refused rows as an account holds them, and how many of all have each code."""
        rejects = [shown(reject, layout) for reject in self.rejects[:most]]
        return self._replace(rejects=rejects, codes=Counter(reject.code for reject in self.rejects))

    def ids(self, read_before: int) -> BatchIds | None:
        """Return what the ledger keeps of the ids, none where there are none; so many records came before."""
        return batch_ids(read_before, self.inserted, self.updated, self.skipped, self.conflicts)
