"""What pyarrow writes: pyarrow.csv.write_csv in its ways."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from exports.made_up import Export, Table
from pyarrow import csv

KINDS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "everything quoted": {"quoting_style": "all_valid"},
    "header unquoted": {"quoting_header": "none"},
    "CRLF": {"eol": "\r\n"},
    "semicolons": {"delimiter": ";"},
    "tabs": {"delimiter": "\t"},
    "pipes": {"delimiter": "|"},
    **{f"{word!r} for none": {"null_string": word} for word in (r"\N", "NULL", "null", "NA", "nan", "None")},
}
QUOTED = [",", '"', "\r", "\n"]
TYPES = {
    "datetime": [pa.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC", "America/Lima")]
}


def table_of(table: Table) -> pa.Table:
    columns = zip(*table.rows, strict=True)
    return pa.table(dict(zip(table.columns, map(list, columns), strict=True)))


def write(table: pa.Table, **how: Any) -> bytes:
    stream = pa.BufferOutputStream()
    csv.write_csv(table, stream, csv.WriteOptions(**how))
    return stream.getvalue().to_pybytes()


def exports(table: Table) -> Iterator[Export]:
    """Yield a table as pyarrow writes it."""
    arrow = table_of(table)
    for header in (True, False):
        headed = "a header" if header else "no header"
        for name, how in KINDS.items():
            yield Export(f"{headed}, {name}", write(arrow, include_header=header, **how), table)
        plain = table.without(*QUOTED)
        yield Export(
            f"{headed}, nothing quoted", write(table_of(plain), include_header=header, quoting_style="none"), plain
        )
        floats = arrow.set_column(0, "id", arrow["id"].cast(pa.float64()))
        yield Export(f"{headed}, floats", write(floats, include_header=header), table)
        for kind in TYPES["datetime"] if table.is_dated else ():
            place = table.columns.index("datetime")
            typed = arrow.set_column(place, "datetime", arrow["datetime"].cast(kind))
            yield Export(f"{headed}, {kind}", write(typed, include_header=header), table)
