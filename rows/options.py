"""What a caller may choose for one upload, and the limits under which it runs."""

from dataclasses import dataclass
from typing import Literal

CHOICES = (
    *("strict", "atomic", "dry_run", "on_conflict", "max_rejects"),
    *("delimiter", "encoding", "header", "columns", "extra"),
    *("nulls", "escape", "decimal", "dates", "timezone"),
)

Header = bool | int | Literal["skip"]

DELIMITERS = {",": ",", ";": ";", "tab": "\t", "|": "|"}
"""The delimiters that are read, by their names."""

PASSED_OVER = "-"
"""Stands in `columns` for a field that is passed over."""


@dataclass(frozen=True)
class Options:
    """The choices and limits of one upload.

    strict: refuse rows with an empty field, or an id that its other table does not have.
    atomic: store the whole file or, where any row is refused, nothing.
    dry_run: do the very same work and roll it back.
    on_conflict: a row whose id is stored with other content is skipped, updates what is stored, or is refused.
    max_rejects: the load stops after the batch that refuses more records than this; None leaves it to rejects_max.
    delimiter, encoding: how the file is written; None is to be found out.
    header: whether the first record names the columns, or the line that such a record stands on; skip passes over the
        first; None is to be found out.
    columns: the fields of a record in order, each a column's name or PASSED_OVER; None leaves that to the header.
    extra: whether names of a header that are no column are refused, or passed over.
    nulls: the words that stand for an empty field.
    escape: what begins an escape in a text, such as the tab that PostgreSQL's COPY writes as `\\t`.
    decimal: what stands before the zeros that an integer may have behind it.
    dates: in which order dates are written, if not as in ISO 8601.
    timezone: what times without an offset are in, a name of the IANA time zone database.
    batch_rows: the most records in one transaction.
    record_chars_max: the most characters in one record.
    header_chars_max: the most in one that is a header or may be one, no more than record_chars_max.
    rejects_max: the most that max_rejects can be.
    rejects_bytes_max: the most bytes of refused records that are kept whole.
    """

    strict: bool = False
    atomic: bool = False
    dry_run: bool = False
    on_conflict: Literal["skip", "update", "refuse"] = "skip"
    max_rejects: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header: Header | None = None
    columns: tuple[str, ...] | None = None
    extra: Literal["refuse", "ignore"] = "refuse"
    nulls: tuple[str, ...] = (r"\N",)
    escape: Literal["none", "backslash"] = "none"
    decimal: Literal["point", "comma"] = "point"
    dates: Literal["iso", "dmy", "mdy", "ymd", "unix", "unix_ms"] = "iso"
    timezone: str = "UTC"
    batch_rows: int = 1000
    record_chars_max: int = 1024 * 1024
    header_chars_max: int = 64 * 1024
    rejects_max: int = 10_000
    rejects_bytes_max: int = 64 * 1024 * 1024

    @property
    def rejects_allowed(self) -> int:
        return self.rejects_max if self.max_rejects is None else self.max_rejects

    def chosen(self) -> dict[str, object]:
        """Return the choices that differ from the defaults, without the limits."""
        choices = {name: getattr(self, name) for name in CHOICES}
        return {name: choice for name, choice in choices.items() if choice != getattr(Options, name)}
