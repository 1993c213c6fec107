"""Kinds of files that are no CSV, known by how they begin: each is refused by its name, with the way to a CSV."""

import re
from typing import IO

from rows.fault import FileRefused
from rows.options import DELIMITERS

KINDS = {
    rb"\x1f\x8b": ("gzip inside another archive", "unpack it once, as with gunzip"),
    rb"PK\x03\x04": ("a zip archive inside another archive", "unpack it once, as with unzip"),
    rb"PK\x05\x06": ("an empty zip archive", "send the file that should be in it"),
    rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)": ("a bzip2 archive", "unpack it, as with bunzip2"),
    rb"\xfd7zXZ\0": ("an xz archive", "unpack it, as with unxz"),
    rb"7z\xbc\xaf\x27\x1c": ("a 7z archive", "unpack it, as with 7z x"),
    rb"Rar!\x1a\x07": ("a RAR archive", "unpack it, as with unrar x"),
    rb"\x28\xb5\x2f\xfd": ("a Zstandard archive", "unpack it, as with unzstd"),
    rb"PAR1[^ -~\r\n\t]": (
        "a Parquet file",
        "write it as CSV, as pandas does: read_parquet(...).to_csv(..., index=False)",
    ),
    rb"ARROW1\0": ("an Arrow file", "write it as CSV, as pandas does: read_feather(...).to_csv(..., index=False)"),
    rb"SQLite format 3\0": ("an SQLite database", "write a table of it as CSV, as with sqlite3 -csv FILE 'SELECT ...'"),
    rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": ("a workbook of old Excel (.xls)", "save the sheet as CSV"),
    rb"%PDF-": ("a PDF", "ask for the data as CSV"),
    rb"\x89PNG\r\n": ("a PNG picture", "ask for the data as CSV"),
    rb"\xff\xd8\xff": ("a JPEG picture", "ask for the data as CSV"),
    rb"GIF8[79]a": ("a GIF picture", "ask for the data as CSV"),
    rb"\x7fELF": ("a program", "ask for the data as CSV"),
}
"""What a kind begins with, its name, and the way from it to a CSV."""

START_BYTES = 16

TEXTS = {
    re.compile(r'\s*(?:\[\s*[\[{]|\{\s*"[^"]*"\s*:)'): ("JSON", "write it as CSV, as with jq -r '[.id, .name] | @csv'"),
    re.compile(r"\s*<(?:!doctype|html|head|body|table)\b", re.IGNORECASE): (
        "HTML", "open it in a spreadsheet and save it as CSV",
    ),
    re.compile(r" [^\n]*\n-+(?:\+-+)*\r?\n|[^\n]+\n-+(?:\+-+)+\r?\n|\+-+(?:\+-+)*\+\r?\n"): (
        "a table as psql or mysql prints it", "let that write CSV: psql --csv, or mysql --batch for a file with tabs",
    ),
    re.compile(r"\s*<\?xml\b"): ("XML", "open it in a spreadsheet and save it as CSV"),
}  # fmt: skip
"""The same of kinds that are text."""

UTF_16_BYTES = 4096
UTF_16_ZEROS = 0.3
"""In UTF-16 at least this part of the bytes at odd places, or at even ones, is zero: those of ASCII are."""


def refuse_other_kinds(stream: IO[bytes]) -> None:
    """Raise FileRefused where a file begins as one of KINDS."""
    stream.seek(0)
    start = stream.read(START_BYTES)
    for magic, kind in KINDS.items():
        if re.match(magic, start, re.DOTALL):
            _refuse(*kind)


def refuse_other_texts(start: str) -> None:
    """Raise FileRefused where a text begins as one of TEXTS."""
    for shape, kind in TEXTS.items():
        if shape.match(start):
            _refuse(*kind)


def utf_16_order(stream: IO[bytes]) -> str | None:
    """Return the byte order, `le` or `be`, of what looks like UTF-16; None where it does not."""
    stream.seek(0)
    start = stream.read(UTF_16_BYTES)
    even, odd = start[0::2], start[1::2]
    for order, high, low in (("le", odd, even), ("be", even, odd)):
        has_zeros = high.count(0) >= max(1, len(high) * UTF_16_ZEROS) and low.count(0) <= high.count(0) / 10
        text = start.decode(f"utf-16-{order}", "replace")
        if has_zeros and any(mark in text for mark in DELIMITERS.values()):
            return order
    return None


def _refuse(name: str, way: str) -> None:
    raise FileRefused("not_csv", f"the file is {name}, and no CSV: {way}")
