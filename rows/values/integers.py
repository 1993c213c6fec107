"""Integers of 64 bits."""

import re
from collections.abc import Sequence

from rows.fault import Fault, quote

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1


def quick_integers(texts: Sequence[str]) -> Sequence[int | None] | None:
    """Read a column of plain ASCII digits and empty fields."""
    digits = "".join(texts)
    # int() alone would also take 1_000, blanks and the digits of other scripts.
    if not (digits.isascii() and digits.isdigit()) or max(map(len, texts)) > 18:
        return None if digits else [None] * len(texts)
    return list(map(int, texts)) if all(texts) else [int(text) if text else None for text in texts]


INTEGER = re.compile(r"([+-]?)0*+([0-9]*)(?:\.0)?", re.ASCII)


def read_integer(text: str) -> int | Fault:
    """Read ASCII digits with an optional sign and an optional `.0`, as spreadsheets and pandas write it."""
    match = INTEGER.fullmatch(text)
    if not match or not any(character.isdigit() for character in text.removesuffix(".0")):
        return Fault("not_an_integer", f"is not an integer: {quote(text)}")
    sign, digits = match.groups()
    # int() refuses thousands of digits with an error of its own: 64 bits have 19.
    if len(digits) > 19 or not INTEGER_MIN <= int(f"{sign}{digits or 0}") <= INTEGER_MAX:
        return Fault("out_of_range", f"is outside {INTEGER_MIN} to {INTEGER_MAX}: {quote(text)}")
    return int(f"{sign}{digits or 0}")
