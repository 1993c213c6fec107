"""What a caller may choose for one upload, and the limits under which it runs."""

from dataclasses import dataclass
from typing import Literal

Header = bool | Literal["skip"]


@dataclass(frozen=True)
class Options:
    """The choices and limits of one upload.

    header: whether the first record names the columns; skip passes over it; None is to be found out.
    batch_rows: the most records in one transaction.
    record_chars_max: the most characters in one record.
    rejects_max: the load stops after the batch that refuses more records than this.
    """

    header: Header | None = None
    batch_rows: int = 1000
    record_chars_max: int = 1024 * 1024
    rejects_max: int = 10_000

    def chosen(self) -> dict[str, object]:
        """Return the choices that were made, without the limits."""
        choices = {"header": self.header}
        return {name: choice for name, choice in choices.items() if choice is not None}
