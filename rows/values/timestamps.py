"""Timestamps: ISO 8601 in, UTC out."""

import re
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo

from rows.fault import Fault, quote

YEAR_MIN, YEAR_MAX = 1000, 9999

FRACTION = r"[.,][0-9]{1,6}0{0,3}"
OFFSET = r" ?(?:Z|UTC|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"

ZEROS = bytes.maketrans(b"123456789", b"000000000")
SHAPE = b"0000-00-00T00:00:00Z"

QUICK = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z")

TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}"
    rf"(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:{FRACTION})?)?)?)(?:(?<=.{{11}})({OFFSET}))?"
)


def quick_timestamps(texts: Sequence[str]) -> Sequence[str | None] | None:
    """Read a column of `2021-07-27T16:02:08Z`, the form that is stored, and empty fields."""
    present = texts if all(texts) else [text for text in texts if text]
    joined = "".join(present).encode(errors="surrogatepass")
    # Texts of other lengths could make up the same shape together, but fromisoformat takes no part of it.
    if joined.translate(ZEROS) != SHAPE * len(present) or b"T24:" in joined:
        return None
    if present and min(present) < str(YEAR_MIN):
        return None
    try:
        deque(map(datetime.fromisoformat, present), maxlen=0)
    except ValueError:
        return None
    return texts if present is texts else [text or None for text in texts]


def odd_timestamps(texts: Sequence[str]) -> Sequence[int]:
    """Return the places of the texts that quick_timestamps does not take."""
    return [place for place, text in enumerate(texts) if text and not _is_quick(text)]


def _is_quick(text: str) -> bool:
    if not QUICK.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def iso_reader(zone: tzinfo) -> Callable[[str], str | Fault]:
    """Return what reads ISO 8601: a date, or date and time with T or a blank between, `Z`, an offset, UTC or none.

    A time without an offset is in the zone; a date alone is midnight UTC.
    """

    def read(text: str) -> str | Fault:
        match = TIMESTAMP.fullmatch(text)
        if not match:
            return not_iso(text)
        if text.startswith("0000"):
            return too_far(text)
        try:
            moment = datetime.fromisoformat(match[1] + as_iso(match[2]))
        except ValueError:
            return not_iso(text)
        return stored(moment, text, UTC if len(text) == len("2021-07-27") else zone)

    return read


def as_iso(offset: str | None) -> str:
    """Return an offset as ISO 8601 has it, nothing where there is none."""
    return (offset or "").strip().replace("UTC", "Z")


def not_iso(text: str) -> Fault:
    return Fault("not_a_timestamp", f"is not an ISO 8601 timestamp such as 2021-07-27T16:02:08Z: {quote(text)}")


def too_far(text: str) -> Fault:
    return Fault("out_of_range", f"is outside the years {YEAR_MIN} to {YEAR_MAX} in UTC: {quote(text)}")


def stored(moment: datetime, text: str, zone: tzinfo) -> str | Fault:
    """Return a moment as it is stored; where it has no offset it is in the zone. The text is what it was read from."""
    try:
        if moment.tzinfo is None and zone is not UTC:
            moment = moment.replace(tzinfo=zone)
            # In a gap of the zone's clocks, and where they strike an hour twice, the two readings differ: PEP 495.
            if moment.utcoffset() != moment.replace(fold=1).utcoffset():
                return Fault("ambiguous_time", f"is a time that {zone} had twice or not at all: {quote(text)}")
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
    except OverflowError:
        return too_far(text)
    if moment.year < YEAR_MIN:
        return too_far(text)
    whole, _, fraction = moment.replace(tzinfo=None).isoformat().partition(".")
    return f"{whole}.{fraction.rstrip('0')}Z" if fraction else f"{whole}Z"
