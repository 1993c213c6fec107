"""How far the taking back of an upload has come."""

from collections.abc import Sequence
from typing import NamedTuple

KEPT_IDS_SHOWN = 100
"""The answer shows this many ids of rows that stay."""

SKIPPED_BY_SHOWN = 1000
"""It shows this many later uploads that skipped rows which are gone."""


class Progress(NamedTuple):
    """The rows that were deleted, that stand as they did before, and that stay since a later upload changed them.

    skipped_by has later uploads, each with how many records it skipped whose ids are gone, as far as they were looked
    for: up to the batch that looked_read_before records of looked_upload_id come before.
    """

    removed: int
    restored: int
    kept: int
    kept_ids: Sequence[int]
    skipped_by: Sequence[tuple[int, int]]
    looked_upload_id: int
    looked_read_before: int
    is_done: bool

    def plus(self, removed: int, restored: int, kept: Sequence[int]) -> "Progress":
        """Return the progress once these rows more are dealt with."""
        return self._replace(
            removed=self.removed + removed,
            restored=self.restored + restored,
            kept=self.kept + len(kept),
            kept_ids=[*self.kept_ids, *kept][:KEPT_IDS_SHOWN],
        )

    def skipped(self, upload_id: int, read_before: int, records: int) -> "Progress":
        """Return the progress once a batch was looked at, of whose records so many were skipped and are gone."""
        found = dict(self.skipped_by)
        if records:
            found[upload_id] = found.get(upload_id, 0) + records
        return self._replace(
            skipped_by=[*found.items()][:SKIPPED_BY_SHOWN],
            looked_upload_id=upload_id,
            looked_read_before=read_before,
        )

    def as_dict(self, upload_id: int, dry_run: bool) -> dict[str, object]:
        """Return the progress with the keys of the answer."""
        return {
            "upload_id": upload_id,
            "dry_run": dry_run,
            "status": "undone" if self.is_done else "undoing",
            "removed": self.removed,
            "restored": self.restored,
            "kept": self.kept,
            "kept_ids": self.kept_ids,
            "skipped_by": [{"upload_id": later, "skipped": records} for later, records in self.skipped_by],
        }
