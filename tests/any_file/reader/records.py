"""RFC 4180, a character at a time."""

from collections.abc import Iterator
from typing import NamedTuple

END = ""
LINE_ENDS = ("\n", "\r", END)


class Record(NamedTuple):
    """A record: the line it starts on, its text without the last line end, and its fields, None where quoting is broken."""

    line: int
    text: str
    fields: list[str] | None


def records(text: str, delimiter: str, line: int = 1) -> Iterator[Record]:
    """Yield each record of a text whose first line has that number, empty ones too."""
    place = 0
    while place < len(text):
        fields, end = split(text, place, delimiter)
        yield Record(line, text[place:end], fields)
        line += len(lines(text[place:end]))
        place = end + (2 if text.startswith("\r\n", end) else 1)


def split(text: str, start: int, delimiter: str) -> tuple[list[str] | None, int]:
    """Return the fields of the record at start and where it ends; None and the end of its line where quoting is broken."""
    fields: list[str] = []
    field, state = "", "start"
    for place in range(start, len(text) + 1):
        char = text[place] if place < len(text) else END
        if state == "quoted":
            if char == END:
                break
            if char == '"':
                state = "closed"
            else:
                field += char
        elif char == '"' and state == "start":
            state = "quoted"
        elif char == '"' and state == "closed":
            field, state = field + '"', "quoted"
        elif char == delimiter:
            fields.append(field)
            field, state = "", "start"
        elif char in LINE_ENDS:
            return [*fields, field], place
        elif char == '"' or state == "closed":
            break
        else:
            field, state = field + char, "plain"
    return None, start + len(lines(text[start:])[0])


def lines(text: str) -> list[str]:
    """Return the physical lines of a text: LF, CR and CRLF end one, and nothing else does."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def split_plainly(text: str, delimiter: str) -> list[str]:
    """Return the fields of a record whose quoting or bytes are broken, without regard to quotes but outer ones."""
    return [trim(trim(field).removeprefix('"').removesuffix('"')) for field in text.split(delimiter)]


def trim(field: str) -> str:
    """Return a field without the blanks and tabs at its ends."""
    return field.strip(" \t")
