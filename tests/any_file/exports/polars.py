"""What polars writes: DataFrame.write_csv in its ways."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import polars as pl
from exports.made_up import Export, Table

KINDS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "everything quoted": {"quote_style": "always"},
    "texts quoted": {"quote_style": "non_numeric"},
    "CRLF": {"line_terminator": "\r\n"},
    "a mark": {"include_bom": True},
    "semicolons": {"separator": ";"},
    "tabs": {"separator": "\t"},
    "pipes": {"separator": "|"},
    "gzip": {"compression": "gzip"},
    **{f"{word!r} for none": {"null_value": word} for word in (r"\N", "NULL", "null", "NA", "NaN", "None")},
}
MOMENTS = {
    "ISO 8601": "%Y-%m-%dT%H:%M:%S%:z",
    "blank": "%Y-%m-%d %H:%M:%S",
    "day first": "%d.%m.%Y %H:%M:%S",
    "month first": "%m/%d/%Y %I:%M:%S %p",
    "seconds since 1970": "%s",
}
UNQUOTED = ',"\r\n'


def frame_of(table: Table) -> pl.DataFrame:
    return pl.DataFrame(table.rows, schema=list(table.columns), orient="row", infer_schema_length=None)


def write(frame: pl.DataFrame, **how: Any) -> bytes:
    stream = io.BytesIO()
    frame.write_csv(stream, **how)
    return stream.getvalue()


def exports(table: Table) -> Iterator[Export]:
    """Yield a table as polars writes it."""
    frame = frame_of(table)
    for header in (True, False):
        headed = "a header" if header else "no header"
        for name, how in KINDS.items():
            yield Export(f"{headed}, {name}", write(frame, include_header=header, **how), table)
        lost = table.ids(lambda text: any(character in text for character in UNQUOTED))
        yield Export(
            f"{headed}, nothing quoted", write(frame, include_header=header, quote_style="never"), table, lost=lost
        )
        floats = frame.with_columns(pl.col(pl.Int64).cast(pl.Float64))
        yield Export(f"{headed}, floats", write(floats, include_header=header), table)
        comma = {"decimal_comma": True, "separator": ";", "include_header": header}
        said = {"delimiter": ";", "decimal": "comma"}  # two fields may be parted by a comma as well
        for name, more in {
            "floats with a comma": {},
            "floats with a comma and two decimals": {"float_precision": 2},
        }.items():
            yield Export(f"{headed}, {name}", write(floats, **comma, **more), table, said, "the delimiter may be")
        if table.is_dated:
            yield from dated(table, headed, header)
    zstd = write(frame, compression="zstd")
    yield Export("zstd", zstd, Table(table.name, []), told="Zstandard")
    yield Export("the row's number", write(frame.with_row_index()), table)


def dated(table: Table, headed: str, header: bool) -> Iterator[Export]:
    frame = frame_of(table)
    for name, moments in MOMENTS.items():
        aware = frame.with_columns(pl.col("datetime").dt.replace_time_zone("UTC"))
        yield Export(f"{headed}, {name}", write(aware, datetime_format=moments, include_header=header), table)
    finer = table.with_moments(lambda moment: moment + timedelta(microseconds=(moment.second * 12_345) % 10**6))
    for unit in ("us", "ns"):
        fine = frame_of(finer).with_columns(pl.col("datetime").dt.cast_time_unit(unit))
        yield Export(f"{headed}, {unit}", write(fine, include_header=header), finer)
    berlin = frame.with_columns(pl.col("datetime").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin"))
    yield Export(f"{headed}, an offset", write(berlin, include_header=header), table)
    for unit in ("s", "ms"):
        epoch = frame.with_columns(pl.col("datetime").dt.epoch(unit))
        yield Export(f"{headed}, {unit} since 1970", write(epoch, include_header=header), table)
