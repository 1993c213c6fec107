"""Dates in other orders than ISO 8601's, and seconds since 1970."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from rows.fault import Fault, quote
from rows.values.timestamps import FRACTION, OFFSET, as_iso, quick_timestamps, stored, too_far

Dates = Literal["iso", "dmy", "mdy", "ymd", "unix", "unix_ms"]
"""In which order dates are written, beside ISO 8601; unix and unix_ms are instead of it."""

PARTS = {"d": "(?P<day>[0-9]{1,2})", "m": "(?P<month>[0-9]{1,2})", "y": "(?P<year>[0-9]{4})"}
TIME = (
    rf"(?: (?P<hour>[0-9]{{1,2}}):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9])(?P<fraction>{FRACTION})?)?"
    rf"(?: ?(?P<half>[AaPp][Mm]))?(?P<offset>{OFFSET})?)?"
)
EXAMPLES = {"dmy": "27/07/2021 16:02:08", "mdy": "07/27/2021 4:02 PM", "ymd": "2021/07/27 16:02:08"}

EPOCH = datetime(1970, 1, 1)
UNIX = re.compile(r"([+-]?)0*([0-9]+)(?:\.([0-9]{1,9}))?")
DECIMALS = {"unix": 6, "unix_ms": 3}
"""How many decimals of a number of seconds, or of milliseconds, a timestamp has."""


def quick_dates(order: str) -> Callable[[Sequence[str]], Sequence[str | None] | None]:
    """Return what reads a column of dates in an order, with or without a time to the second or minute."""
    parts = "[./-]".join({"d": "([0-9]{1,2})", "m": "([0-9]{1,2})", "y": "([0-9]{4})"}[part] for part in order)
    line = re.compile(rf"^{parts}(?: ([0-9]{{1,2}}):([0-9]{{2}})(?::([0-9]{{2}}))?)?$", re.MULTILINE)
    year, month, day = (order.index(part) for part in "ymd")

    def read(texts: Sequence[str]) -> Sequence[str | None] | None:
        present = texts if all(texts) else [text for text in texts if text]
        joined = "\n".join(present)
        found = line.findall(joined)
        is_plain = len(found) == len(present) == joined.count("\n") + 1
        if not is_plain or sum(separator in joined for separator in "./-") > 1:
            return None
        read_as_iso = quick_timestamps(
            [
                f"{parts[year]}-{parts[month]:0>2}-{parts[day]:0>2}T{parts[3]:0>2}:{parts[4]:0>2}:{parts[5]:0>2}Z"
                for parts in found
            ]
        )
        if read_as_iso is None or present is texts:
            return read_as_iso
        values = iter(read_as_iso)
        return [next(values) if text else None for text in texts]

    return read


def date_reader(order: str, zone: tzinfo, read_iso: Callable[[str], str | Fault]) -> Callable[[str], str | Fault]:
    """Return what reads a date in an order of d, m and y, or as read_iso does; times are written as people do."""
    spelled = r"(?P<separator>[./-])".join([PARTS[order[0]], PARTS[order[1]]]) + "(?P=separator)" + PARTS[order[2]]
    compact = "|(?P<compact>[0-9]{8})" if order == "ymd" else ""
    shape = re.compile(f"(?:{spelled}{compact}){TIME}")

    def read(text: str) -> str | Fault:
        match = shape.fullmatch(text)
        if not match:
            found = read_iso(text)
            return _wrong(order, text) if isinstance(found, Fault) and found.code == "not_a_timestamp" else found
        parts = match.groupdict()
        if parts.get("compact"):
            parts |= {"year": text[:4], "month": text[4:6], "day": text[6:8]}
        if parts["year"] == "0000":
            return too_far(text)
        try:
            moment = datetime.fromisoformat(_as_iso(parts))
        except ValueError:
            return _wrong(order, text)
        return stored(moment, text, zone if parts["hour"] else UTC)

    return read


def unix_reader(unit: Literal["unix", "unix_ms"]) -> Callable[[str], str | Fault]:
    """Return what reads seconds, or milliseconds, since 1970."""

    def read(text: str) -> str | Fault:
        match = UNIX.fullmatch(text)
        decimals = DECIMALS[unit]
        if not match or (match[3] or "")[decimals:].strip("0"):
            unit_name = "seconds" if unit == "unix" else "milliseconds"
            return Fault("not_a_timestamp", f"is not a number of {unit_name} since 1970: {quote(text)}")
        if len(match[2]) > 18:
            return too_far(text)
        microseconds = int(f"{match[1]}{match[2]}{(match[3] or '')[:decimals]:0<{decimals}}")
        try:
            return stored(EPOCH + timedelta(microseconds=microseconds), text, UTC)
        except OverflowError:
            return too_far(text)

    return read


def _as_iso(parts: dict[str, str | None]) -> str:
    """Return a match's parts in ISO 8601. Raises ValueError for an hour that its half of the day does not have."""
    hour = int(parts["hour"] or 0)
    if parts["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of half a day")
        hour = hour % 12 + 12 * (parts["half"] in ("PM", "pm", "Pm", "pM"))
    if hour > 23:
        raise ValueError("no hour of a day")
    date = f"{parts['year']}-{parts['month']:0>2}-{parts['day']:0>2}"
    time = f"{hour:02}:{parts['minute'] or '00'}:{parts['second'] or '00'}{parts['fraction'] or ''}"
    return f"{date}T{time}{as_iso(parts['offset'])}"


def _wrong(order: str, text: str) -> Fault:
    return Fault("not_a_timestamp", f"is neither ISO 8601 nor a date such as {EXAMPLES[order]}: {quote(text)}")
