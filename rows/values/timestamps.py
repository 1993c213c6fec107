"""Timestamps: ISO 8601 in, UTC out."""

import re
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime

from rows.fault import Fault, quote

YEAR_MIN, YEAR_MAX = 1000, 9999

ZEROS = bytes.maketrans(b"123456789", b"000000000")
SHAPE = b"0000-00-00T00:00:00Z"


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


TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)


def read_timestamp(text: str) -> str | Fault:
    """Read ISO 8601: a date, or date and time with T or a blank between, `Z`, an offset or none (UTC)."""
    wrong = Fault("not_a_timestamp", f"is not an ISO 8601 timestamp such as 2021-07-27T16:02:08Z: {quote(text)}")
    far = Fault("out_of_range", f"is outside the years {YEAR_MIN} to {YEAR_MAX} in UTC: {quote(text)}")
    if not TIMESTAMP.fullmatch(text):
        return wrong
    if text.startswith("0000"):
        return far
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except ValueError:
        return wrong
    except OverflowError:
        return far
    if moment.year < YEAR_MIN:
        return far
    whole, _, fraction = moment.replace(tzinfo=None).isoformat().partition(".")
    return f"{whole}.{fraction.rstrip('0')}Z" if fraction else f"{whole}Z"
