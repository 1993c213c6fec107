"""What a field may hold, and how it is stored."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

TEXT_CHARS_MAX = 1000
EPOCH = datetime(1970, 1, 1)
DIGITS = "0123456789"
DATES = ("iso", "dmy", "mdy", "ymd", "unix", "unix_ms")
DECIMALS = ("point", "comma")


class Fault(Exception):
    """A value that is refused, by its code."""


def stored(text: str, kind: str, options: Mapping[str, str]) -> str:
    """Return a trimmed field that is not empty as it is shown once it is stored, or raise its Fault."""
    if kind == "integer":
        return integer(text, options.get("decimal", "point"))
    if kind == "timestamp":
        return timestamp(text, options.get("dates", "iso"), options.get("timezone", "UTC"))
    if "\0" in text:
        raise Fault("nul_character")
    if len(text) > TEXT_CHARS_MAX:
        raise Fault("too_long")
    return text


def reads(text: str, kind: str, options: Mapping[str, str]) -> bool:
    """Say whether a field is a value of its kind in any of the ways that dates and decimal could name, in bounds or not."""
    for dates in DATES:
        for decimal in DECIMALS:
            try:
                stored(text, kind, {**options, "dates": dates, "decimal": decimal})
            except Fault as fault:
                if str(fault) in ("not_an_integer", "not_a_timestamp"):
                    continue
            return True
    return False


def integer(text: str, decimal: str) -> str:
    sign = text[:1] if text.startswith(("+", "-")) else ""
    whole, mark, zeros = text.removeprefix(sign).partition("," if decimal == "comma" else ".")
    if not whole or whole.strip(DIGITS) or (mark and zeros not in ("0", "00")):
        raise Fault("not_an_integer")
    number = small(whole) * (-1 if sign == "-" else 1)
    if not -(2**63) <= number < 2**63:
        raise Fault("out_of_range")
    return str(number)


def small(digits: str) -> int:
    """Return a number, or one that is out of every range in place of one that is too long for int()."""
    digits = digits.lstrip("0") or "0"
    return int(digits) if len(digits) < 30 else 10**30


def timestamp(text: str, dates: str, timezone: str) -> str:
    try:
        moment = unix(text, dates) if dates in ("unix", "unix_ms") else calendar(text, dates, timezone)
    except OverflowError:
        raise Fault("out_of_range") from None
    if moment.year < 1000:
        raise Fault("out_of_range")
    fraction = f".{moment.microsecond:06}".rstrip("0").rstrip(".")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def unix(text: str, dates: str) -> datetime:
    scan = Scan(text)
    sign = -1 if scan.take("+", "-") == "-" else 1
    seconds = small(scan.digits(1, len(text)))
    fraction = scan.digits(1, 9) if scan.take(".") else ""
    scan.end()
    exact = 3 if dates == "unix_ms" else 6
    if fraction[exact:].strip("0"):
        raise Fault("not_a_timestamp")
    counted = seconds * 10**exact + int(fraction[:exact].ljust(exact, "0"))
    return EPOCH + timedelta(microseconds=sign * counted)


def calendar(text: str, dates: str, timezone: str) -> datetime:
    """Return what a date and a time of day are in UTC: ISO 8601 always, and the order that dates names."""
    try:
        return moment_of(Scan(text), "iso", timezone)
    except Fault as fault:
        if dates == "iso" or str(fault) != "not_a_timestamp":
            raise
        return moment_of(Scan(text), dates, timezone)


def moment_of(scan: "Scan", dates: str, timezone: str) -> datetime:
    year, month, day = iso_date(scan) if dates == "iso" else ordered_date(scan, dates)
    hour = minute = second = microsecond = 0
    zone: timedelta | None = timedelta(0)
    if scan.take("T", " ") if dates == "iso" else scan.take(" "):
        hour = int(scan.digits(2 if dates == "iso" else 1, 2))
        scan.need(":")
        minute = int(scan.digits(2, 2))
        if scan.take(":"):
            second = int(scan.digits(2, 2))
            if scan.take(".", ","):
                microsecond = micro(scan.digits(1, 9))
        if dates != "iso":
            hour = hour_of(hour, scan.take_any_case(" AM", "AM", " PM", "PM"))
        zone = offset(scan)
    scan.end()
    try:
        moment = datetime(year or 2000, month, day, hour, minute, second, microsecond)  # 0 would be a leap year too
    except ValueError:
        raise Fault("not_a_timestamp") from None
    if year == 0:
        raise Fault("out_of_range")
    return moment - (local_offset(moment, timezone) if zone is None else zone)


def iso_date(scan: "Scan") -> tuple[int, int, int]:
    year = int(scan.digits(4, 4))
    scan.need("-")
    month = int(scan.digits(2, 2))
    scan.need("-")
    return year, month, int(scan.digits(2, 2))


def ordered_date(scan: "Scan", order: str) -> tuple[int, int, int]:
    found: dict[str, int] = {}
    separator = ""
    if order == "ymd" and not scan.text[:8].strip(DIGITS) and len(scan.text) >= 8:
        return int(scan.digits(4, 4)), int(scan.digits(2, 2)), int(scan.digits(2, 2))
    for part in order:
        if len(found) == 1:
            separator = scan.need(".", "/", "-")
        elif len(found) == 2:
            scan.need(separator)
        found[part] = int(scan.digits(4, 4) if part == "y" else scan.digits(1, 2))
    return found["y"], found["m"], found["d"]


def micro(fraction: str) -> int:
    if fraction[6:].strip("0"):
        raise Fault("not_a_timestamp")
    return int(fraction[:6].ljust(6, "0"))


def hour_of(hour: int, half: str) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise Fault("not_a_timestamp")
    return hour % 12 + (12 if half.strip() == "PM" else 0)


def offset(scan: "Scan") -> timedelta | None:
    """Return how far ahead of UTC a time says that it is, or None where it does not say."""
    scan.take(" ")
    if scan.take("Z", "UTC"):
        return timedelta(0)
    sign = scan.take("+", "-")
    if not sign:
        return None
    hours, minutes = int(scan.digits(2, 2)), 0
    if scan.take(":") or scan.text:
        minutes = int(scan.digits(2, 2))
    if hours > 23 or minutes > 59:
        raise Fault("not_a_timestamp")
    return (-1 if sign == "-" else 1) * timedelta(hours=hours, minutes=minutes)


def local_offset(moment: datetime, timezone: str) -> timedelta:
    """Return how far ahead of UTC the clocks of a zone were; PEP 495: the folds differ in gaps and repeats alone."""
    first, second = (moment.replace(tzinfo=ZoneInfo(timezone), fold=fold).utcoffset() for fold in (0, 1))
    if first != second:
        raise Fault("ambiguous_time")
    return first or timedelta(0)


class Scan:
    """A text that is read from left to right; what is not as it has to be is no timestamp."""

    def __init__(self, text: str):
        self.text = text

    def digits(self, least: int, most: int) -> str:
        number = 0
        while number < min(most, len(self.text)) and self.text[number] in DIGITS:
            number += 1
        if number < least:
            raise Fault("not_a_timestamp")
        found, self.text = self.text[:number], self.text[number:]
        return found

    def take(self, *words: str) -> str:
        """Return the first of the words that stands here, and pass it by; an empty text where none does."""
        found = next((word for word in words if self.text.startswith(word)), "")
        self.text = self.text.removeprefix(found)
        return found

    def take_any_case(self, *words: str) -> str:
        """Return the first of the words that stands here in any case, and pass it by."""
        found = next((word for word in words if self.text[: len(word)].upper() == word), "")
        self.text = self.text[len(found) :]
        return found

    def need(self, *words: str) -> str:
        found = self.take(*words)
        if not found:
            raise Fault("not_a_timestamp")
        return found

    def end(self) -> None:
        if self.text:
            raise Fault("not_a_timestamp")
