"""Who is told what becomes of uploads, as soon as it is so: for counting, not for the account."""

from collections.abc import Mapping
from typing import Protocol

from rows.say.batch import Counts


class Watch(Protocol):
    """What is told. None of it may raise."""

    def landed(self, table: str, counts: Counts, codes: Mapping[str, int], seconds: float | None = None) -> None:
        """Say what became of records that are committed now: counts of them, and of refused ones by code.

        seconds are those of their batch; None where a whole file was one transaction.
        """

    def ended(self, table: str, status: str, sent_bytes: int) -> None:
        """Say how an upload, or an attempt at it, has ended: finished, refused or stopped."""


class Nobody:
    """Takes no notice."""

    def landed(self, table: str, counts: Counts, codes: Mapping[str, int], seconds: float | None = None) -> None:
        pass

    def ended(self, table: str, status: str, sent_bytes: int) -> None:
        pass
