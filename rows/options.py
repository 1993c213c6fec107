"""What a caller may choose for one upload, and the limits under which it runs."""

from dataclasses import dataclass
from typing import Literal

CHOICES = ("strict", "atomic", "dry_run", "delimiter", "encoding", "header")

Header = bool | Literal["skip"]


@dataclass(frozen=True)
class Options:
    """The choices and limits of one upload.

    strict: refuse rows with an empty field, or an id that its other table does not have.
    atomic: store the whole file or, where any row is refused, nothing.
    dry_run: do the very same work and roll it back.
    delimiter, encoding: how the file is written; None is to be found out.
    header: whether the first record names the columns; skip passes over it; None is to be found out.
    batch_rows: the most records in one transaction.
    record_chars_max: the most characters in one record.
    rejects_max: the load stops after the batch that refuses more records than this.
    """

    strict: bool = False
    atomic: bool = False
    dry_run: bool = False
    delimiter: str | None = None
    encoding: str | None = None
    header: Header | None = None
    batch_rows: int = 1000
    record_chars_max: int = 1024 * 1024
    rejects_max: int = 10_000

    def chosen(self) -> dict[str, object]:
        """Return the choices that differ from the defaults, without the limits."""
        choices = {name: getattr(self, name) for name in CHOICES}
        return {name: choice for name, choice in choices.items() if choice != getattr(Options, name)}
