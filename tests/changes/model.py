"""What tables hold after uploads and their taking back, said again in the plainest way: the history of each row."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

Record = tuple[int, str | None]
"""An id with its content, None where the row is refused."""


class Sent(NamedTuple):
    """An upload that stored something or not: how, and the ids that it skipped."""

    number: int
    skipped: list[int]


class Model:
    """The changes of each row, oldest first: who made it, and what stood from then on."""

    def __init__(self) -> None:
        self.changes: dict[int, list[tuple[int, str]]] = {}
        self.sent: dict[int, Sent] = {}
        self.undone: set[int] = set()

    def upload(self, number: int, records: Iterable[Record], on_conflict: str = "skip") -> dict[str, int]:
        """Apply an upload record by record, and return its counts."""
        counts = dict.fromkeys(("read", "inserted", "updated", "skipped", "rejected"), 0)
        skipped: list[int] = []
        for key, content in records:
            outcome = self._apply(number, key, content, on_conflict)
            counts["read"] += 1
            counts[outcome] += 1
            if outcome == "skipped":
                skipped.append(key)
        self.sent[number] = Sent(number, skipped)
        return counts

    def take_back(self, number: int) -> dict[str, object]:
        """Take an upload's changes out of all histories, and return what the answer has of it."""
        dealt = {key: changes[-1][0] == number for key, changes in self.changes.items() if number in dict(changes)}
        before = self.rows
        for key in dealt:
            self.changes[key] = [change for change in self.changes[key] if change[0] != number]
        self.undone.add(number)
        kept = [key for key, is_latest in dealt.items() if not is_latest]
        gone = [key for key in before if key not in self.rows]
        return {
            "removed": len(gone),
            "restored": len(dealt) - len(gone) - len(kept),
            "kept": len(kept),
            "kept_ids": sorted(kept),
            "skipped_by": self._skipped_by(number) if gone else [],
        }

    @property
    def rows(self) -> dict[int, str]:
        """The rows that stand."""
        return {key: changes[-1][1] for key, changes in self.changes.items() if changes}

    def uploads_of(self, key: int) -> set[int]:
        """The uploads that a row came from."""
        return {number for number, _ in self.changes.get(key, [])}

    def _apply(self, number: int, key: int, content: str | None, on_conflict: str) -> str:
        if content is None:
            return "rejected"
        changes = self.changes.setdefault(key, [])
        if not changes:
            changes.append((number, content))
            return "inserted"
        if changes[-1][1] == content:
            return "skipped"
        if on_conflict == "update":
            changes.append((number, content))
            return "updated"
        return "skipped" if on_conflict == "skip" else "rejected"

    def _skipped_by(self, number: int) -> list[dict[str, int]]:
        later = [sent for sent in self.sent.values() if sent.number > number and sent.number not in self.undone]
        gone: Callable[[Sent], int] = lambda sent: sum(key not in self.rows for key in sent.skipped)  # noqa: E731
        return [{"upload_id": sent.number, "skipped": gone(sent)} for sent in later if gone(sent)]
