"""Integers of 64 bits."""

import re
from collections.abc import Callable, Sequence
from typing import Literal

from rows.fault import Fault, quote

INTEGER_MIN, INTEGER_MAX = -(2**63), 2**63 - 1

Decimal = Literal["point", "comma"]
"""What stands before decimals; an integer may have zeros there."""

MARKS = {"point": ".", "comma": ","}


SOMEHOW = re.compile(r"[+-]?[0-9]+(?:[.,]00?)?", re.ASCII)


def is_integer_somehow(text: str) -> bool:
    """Whether a text is an integer, whatever stands before the zeros behind it."""
    return SOMEHOW.fullmatch(text) is not None


DIGITS_MAX = 18
"""So many digits are within 64 bits, whatever they are."""


def quick_integers(texts: Sequence[str]) -> Sequence[int | None] | None:
    """Read a column of plain ASCII digits and empty fields."""
    digits = "".join(texts)
    # int() alone would also take 1_000, blanks and the digits of other scripts.
    if not (digits.isascii() and digits.isdigit()) or max(map(len, texts)) > DIGITS_MAX:
        return None if digits else [None] * len(texts)
    return list(map(int, texts)) if all(texts) else [int(text) if text else None for text in texts]


def odd_integers(texts: Sequence[str]) -> Sequence[int]:
    """Return the places of the texts that quick_integers does not take."""
    places = [place for place, text in enumerate(texts) if not text.isdigit() or len(text) > DIGITS_MAX]
    is_ascii = "".join(texts).isascii()
    return [place for place in places if texts[place]] if is_ascii else range(len(texts))


def integer_reader(decimal: Decimal) -> Callable[[str], int | Fault]:
    """Return what reads ASCII digits with an optional sign, and an optional `.0` or `.00` as spreadsheets write it."""
    shape = re.compile(rf"([+-]?)0*+([0-9]*)(?<=[0-9])(?:\{MARKS[decimal]}00?)?", re.ASCII)
    other = f" with decimal={decimal}" if decimal != "point" else ""

    def read(text: str) -> int | Fault:
        match = shape.fullmatch(text)
        if not match:
            return Fault("not_an_integer", f"is not an integer{other}: {quote(text)}")
        sign, digits = match.groups()
        # int() refuses thousands of digits with an error of its own: 64 bits have 19.
        if len(digits) > 19 or not INTEGER_MIN <= int(f"{sign}{digits or 0}") <= INTEGER_MAX:
            return Fault("out_of_range", f"is outside {INTEGER_MIN} to {INTEGER_MAX}: {quote(text)}")
        return int(f"{sign}{digits or 0}")

    return read
