"""Text to physical lines: only LF, CR or CRLF ends one (RFC 4180, and old Macs)."""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from rows.bytes.encoding import Place, Text
from rows.records.quoting import BEGUN, OPEN, go_on

LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
OTHER_BREAKS = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What str.splitlines takes for the end of a line, and RFC 4180 does not."""

BATCH_CHARS = 1024 * 1024
"""No further lines are taken at once beyond this many characters."""

LINES_AHEAD = 1000
"""Lines that are taken at once where they are read one by one."""


class LongLine(str):
    """A line much longer than a record may be, without its middle; a quote stands for those that are left out.

    standings has how the quotes stand behind it: by how they stand before it.
    """

    standings: Mapping[str, str | None]


class Bookmark(NamedTuple):
    """A place between two lines."""

    place: Place
    rest: str
    long: "_Long | None"
    returned: "deque[str]"
    line: int


class Lines:
    """The physical lines of a text, with their ends; `line` is the number of the next one, from 1.

    Lines can be put back, and it can go back to a bookmark. Of a line that is much longer than chars_max no more than
    that is held.
    """

    def __init__(self, text: Text, delimiter: str, chars_max: int):
        self._text = text
        self._delimiter = delimiter
        self._chars_max = chars_max
        self._rest = ""
        self._long: _Long | None = None
        self._returned: deque[str] = deque()
        self.line = 1

    def take(self, most: int) -> list[str]:
        """Return the next lines, at most so many, and fewer where they are long."""
        taken = [*islice(self._returned, most)]
        self._returned = deque(islice(self._returned, most, None))
        chars = sum(map(len, taken))
        while len(taken) < most and chars < BATCH_CHARS and (block := self._block()) is not None:
            taken += block
            chars += sum(map(len, block))
        self.line += len(taken)
        if len(taken) > most:
            self.put_back(taken[most:])
            del taken[most:]
        return taken

    def next(self) -> str | None:
        """Return the next line, or None at the end."""
        if not self._returned:
            self.put_back(self.take(LINES_AHEAD))
        if not self._returned:
            return None
        self.line += 1
        return self._returned.popleft()

    def pass_over(self, count: int) -> None:
        """Pass over so many lines, or fewer at the end."""
        while count > 0 and (passed := self.take(min(count, LINES_AHEAD))):
            count -= len(passed)

    def put_back(self, lines: Sequence[str]) -> None:
        self._returned.extendleft(reversed(lines))
        self.line -= len(lines)

    def bookmark(self) -> Bookmark:
        """Return where the next line begins."""
        return Bookmark(self._text.place(), self._rest, self._long, self._returned.copy(), self.line)

    def go_back(self, bookmark: Bookmark) -> None:
        """Let the next line be the one that begins there."""
        place, self._rest, self._long, self._returned, self.line = bookmark
        self._text.go_back(place)

    def _block(self) -> list[str] | None:
        """Return the lines that the next piece of the text completes, None at the end."""
        piece = self._text.read()
        if piece is None and not self._rest and not self._long:
            return None
        rest = self._rest + (piece or "")
        # A CR at the very end may be the first half of a CRLF: it waits for what follows.
        end = len(rest) if piece is None else max(rest.rfind("\n"), rest.rfind("\r", 0, len(rest) - 1)) + 1
        lines = _split(rest[:end])
        if self._long and (lines or piece is None):
            lines[:1] = [self._long.line("".join(lines[:1]))]
            self._long = None
        self._rest = rest[end:]
        if self._long or len(self._rest) > self._chars_max + 2:
            body = self._rest.removesuffix("\r")
            self._rest = self._rest[len(body) :]
            self._long = (self._long or _Long(self._delimiter, self._chars_max)).and_then(body)
        return lines


class _Long:
    """What is held of a long line, of which not all has come."""

    def __init__(
        self,
        delimiter: str,
        chars_max: int,
        beginning: str = "",
        standings: Mapping[str, str | None] | None = None,
        has_quotes: bool = False,
    ):
        self._delimiter = delimiter
        self._chars_max = chars_max
        self._beginning = beginning
        self._standings = standings or {BEGUN: BEGUN, OPEN: OPEN}
        self._has_quotes = has_quotes

    def and_then(self, text: str) -> "_Long":
        """Return what is held once more of the line has come."""
        return _Long(
            self._delimiter,
            self._chars_max,
            (self._beginning + text)[: self._chars_max + 1],
            {before: go_on(now, text, self._delimiter) for before, now in self._standings.items()},
            self._has_quotes or '"' in text,
        )

    def line(self, text: str) -> LongLine:
        """Return the line, whose last piece is the text."""
        body = text.rstrip("\r\n")
        whole = self.and_then(body)
        line = LongLine(whole._beginning + '"' * whole._has_quotes + text[len(body) :])
        line.standings = whole._standings
        return line


def _split(text: str) -> list[str]:
    if any(character in text for character in OTHER_BREAKS):
        return LINE.findall(text)
    return text.splitlines(keepends=True)
