"""Records with quotes, many at once: what is quoted is set apart, and what is left is split as plain text."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

MARK = "\x1a"
"""Stands for a quoted field."""


class Masked(NamedTuple):
    """Records with MARK for each quoted field, all their fields, and the texts of the quoted ones in their order."""

    raws: list[str]
    fields: list[str]
    quoted: list[str]

    def unmasked(self) -> list[str]:
        """Return the fields, each quoted one with its text."""
        if len(self.quoted) == len(self.fields):
            return self.quoted
        fields, place = [*self.fields], -1
        for text in self.quoted:
            place = fields.index(MARK, place + 1)
            fields[place] = text
        return fields


def mask(text: str, delimiter: str) -> Masked | None:
    """Return the records of a text, None where any quoting is broken or open at its end, or MARK is in the text.

    Every other piece between quotes is quoted. One of two quotes inside a quoted field has nothing before it.
    """
    pieces = text.split('"')
    if len(pieces) % 2 == 0 or MARK in text:
        return None
    plain, quoted = pieces[::2], pieces[1::2]
    if "" in plain[1:-1]:
        plain, quoted = _with_quotes_inside(plain, quoted)
    masked = MARK.join(plain)
    if "\r" in masked:
        masked = masked.replace("\r\n", "\n").replace("\r", "\n")
    raws = masked.removesuffix("\n").split("\n")
    fields = delimiter.join(raws).split(delimiter)
    # A quote anywhere but around a field leaves a MARK beside other text.
    return Masked(raws, fields, quoted) if fields.count(MARK) == len(quoted) else None


def lines_without_open_quote(lines: Sequence[str]) -> int:
    """Return how many of the first lines end outside of quotes, if these are sound."""
    standings = [quotes % 2 for quotes in accumulate(line.count('"') for line in lines)]
    return next((number for number in range(len(lines), 0, -1) if not standings[number - 1]), 0)


def _with_quotes_inside(plain: list[str], quoted: list[str]) -> tuple[list[str], list[str]]:
    """Return the pieces with those joined that two quotes stand between: these are one quote inside a field."""
    between, texts = [plain[0]], [quoted[0]]
    for before, text in zip(plain[1:-1], quoted[1:], strict=True):
        if before:
            between.append(before)
            texts.append(text)
        else:
            texts[-1] = f'{texts[-1]}"{text}'
    return [*between, plain[-1]], texts
