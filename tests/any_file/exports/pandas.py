"""What pandas writes: DataFrame.to_csv in its ways."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from exports.made_up import Export, Table

WORDS = ["", r"\N", "NULL", "null", "NA", "<NA>", "nan", "NaN", "NaT", "None", "N/A", "(null)"]
KINDS = {
    "everything quoted": {"quoting": csv.QUOTE_ALL},
    "texts quoted": {"quoting": csv.QUOTE_NONNUMERIC},
    "CRLF": {"lineterminator": "\r\n"},
    "CR": {"lineterminator": "\r"},
    "semicolons": {"sep": ";"},
    "tabs": {"sep": "\t"},
    "pipes": {"sep": "|"},
    "semicolons and decimal commas": {"sep": ";", "decimal": ","},
    "commas and decimal commas": {"decimal": ","},
    "two decimals": {"float_format": "%.2f"},
    "two decimals behind a comma": {"float_format": "%.2f", "decimal": ",", "sep": ";"},
    "gzip": {"compression": "gzip"},
    "zip": {"compression": {"method": "zip", "archive_name": "hires.csv"}},
}
ENCODINGS = {
    "utf-8-sig": None,
    "utf-16": None,
    "utf-16-le": None,
    "utf-16-be": None,
    "cp1252": None,
    "latin-1": None,
    "iso-8859-15": "undecodable",
    "cp1250": "undecodable",
    "mac-roman": "undecodable",
}
"""The encodings that tell themselves, or read as cp1252; and those that have to be said."""

ESCAPES = {"escape": "backslash"}
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
DATES: dict[str, tuple[str, Any]] = {
    "ISO 8601": ("%Y-%m-%dT%H:%M:%SZ", SECOND),
    "minutes": ("%Y-%m-%d %H:%M", MINUTE),
    "days": ("%Y-%m-%d", timedelta(days=1)),
    "day first": ("%d/%m/%Y %H:%M:%S", SECOND),
    "day first, dots": ("%d.%m.%Y %H:%M", MINUTE),
    "day first, days": ("%d-%m-%Y", timedelta(days=1)),
    "month first": ("%m/%d/%Y %H:%M:%S", SECOND),
    "month first, half days": ("%m/%d/%Y %I:%M:%S %p", SECOND),
    "year first, slashes": ("%Y/%m/%d %H:%M:%S", SECOND),
    "year first, days without separators": ("%Y%m%d", timedelta(days=1)),
    "seconds since 1970": ("%s", SECOND),
}


def frame_of(table: Table) -> pd.DataFrame:
    frame = pd.DataFrame(table.rows, columns=table.columns)
    if table.is_dated:
        frame["datetime"] = pd.to_datetime(frame["datetime"])
    return frame


def write(frame: pd.DataFrame, index: bool = False, **how: Any) -> bytes:
    stream = io.BytesIO()
    frame.to_csv(stream, index=index, **how)
    return stream.getvalue()


def exports(table: Table) -> Iterator[Export]:
    """Yield a table as pandas writes it."""
    frame = frame_of(table)
    for header in (True, False):
        headed = "a header" if header else "no header"
        yield Export(f"{headed}", write(frame, header=header), table)
        beside = {} if header else {"options": {"columns": ",".join(("-", *table.columns))}, "told": "too many"}
        yield Export(f"{headed}, the index", write(frame, header=header, index=True), table, **beside)
        yield Export(f"{headed}, the ids as index", write(frame.set_index("id"), header=header, index=True), table)
        for name, how in KINDS.items():
            lost = table.ids(lambda text: "\n" in text) if name == "CR" else ()  # it leaves LF unquoted
            yield Export(f"{headed}, {name}", write(frame, header=header, **how), table, lost=lost)
            content = write(frame, header=header, index=True, **how)
            yield Export(f"{headed}, {name}, the index", content, table, **beside, lost=lost)
        for word in WORDS:
            sayable = table.without(word) if word else table
            for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
                content = write(frame_of(sayable), header=header, na_rep=word, quoting=quoting)
                yield Export(f"{headed}, {word!r} for none, quoting {quoting}", content, sayable)
        for encoding, told in ENCODINGS.items():
            encodable = table.encodable(encoding)
            content = write(frame_of(encodable), header=header, encoding=encoding)
            said = {"encoding": encoding} if told else {}
            yield Export(f"{headed}, {encoding}", content, encodable, said, told or "")
        if table.is_dated:
            yield from dated(table, headed, header)
    yield from odd(table, frame)


def dated(table: Table, headed: str, header: bool) -> Iterator[Export]:
    for name, (date_format, unit) in DATES.items():
        cut = table.with_moments(lambda moment, unit=unit: moment - (moment - datetime.min) % unit)
        yield Export(f"{headed}, {name}", write(frame_of(cut), header=header, date_format=date_format), cut)
    finer = table.with_moments(lambda moment: moment + timedelta(microseconds=(moment.second * 12_345) % 10**6))
    frame = frame_of(finer)
    yield Export(f"{headed}, microseconds", write(frame, header=header), finer)
    nano = frame.astype({"datetime": "datetime64[ns]"})
    yield Export(f"{headed}, nanoseconds", write(nano, header=header), finer)
    aware = frame.assign(datetime=frame["datetime"].dt.tz_localize("UTC"))
    yield Export(f"{headed}, UTC", write(aware, header=header), finer)
    berlin = aware.assign(datetime=aware["datetime"].dt.tz_convert("Europe/Berlin"))
    yield Export(f"{headed}, an offset", write(berlin, header=header), finer)
    whole = frame_of(table)
    milliseconds = [
        None if value is None else str(value)
        for value in whole["datetime"].astype("datetime64[ms]").astype("int64").where(whole["datetime"].notna())
    ]
    yield Export(
        f"{headed}, milliseconds since 1970",
        write(whole.assign(datetime=[value and value.split(".")[0] for value in milliseconds]), header=header),
        table,
    )
    numbers = (whole["datetime"] - pd.Timestamp("1970-01-01")) / pd.Timedelta("1s")
    yield Export(f"{headed}, seconds since 1970 as floats", write(whole.assign(datetime=numbers), header=header), table)


def odd(table: Table, frame: pd.DataFrame) -> Iterator[Export]:
    foreign = frame.rename(columns={table.columns[0]: "employee no", table.columns[1]: "full name"})
    columns = {"columns": ",".join(table.columns)}
    yield Export("foreign names", write(foreign), table, columns, "columns=")
    capital = frame.rename(columns=lambda name: name.replace("_", " ").title())
    yield Export("names in other letters", write(capital), table)
    more = frame.assign(office="Berlin", floor=3)
    yield Export("columns too many", write(more), table)
    yield Export("columns too many, no header", write(more, header=False), table)
    yield Export("columns in another order", write(frame[list(reversed(frame.columns))]), table)
    yield Export("appended to a file", write(frame[:3]) + write(frame[3:]), table)
    yield Export("appended to a file without header", write(frame[:3], header=False) + write(frame[3:]), table)
    whole = frame.convert_dtypes()
    yield Export("integers that may be none", write(whole), table)
    yield Export("everything as text", write(frame.astype(object).where(frame.notna(), None)), table)
    escaped = {"quoting": csv.QUOTE_NONE, "escapechar": "\\"}
    lost = table.ids(lambda text: any(character in text for character in ',"\r\n'))
    for header in (True, False):
        yield Export(
            f"quoting none, escapes, header {header}",
            write(frame, header=header, **escaped),
            table,
            ESCAPES,
            "escape",
            lost,
        )
        content = write(frame, header=header, doublequote=False, escapechar="\\")
        yield Export(
            f"quotes escaped, header {header}", content, table, ESCAPES, "escape", table.ids(lambda text: '"' in text)
        )
    for name in ("bz2", "xz"):
        yield Export(name, write(frame, compression=name), Table(table.name, []), told="archive")
    yield Export("utf-32", write(frame, encoding="utf-32"), Table(table.name, []), told="utf-32")
