"""Text to physical lines: only LF, CR or CRLF ends one (RFC 4180, and old Macs)."""

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import accumulate, islice
from typing import NamedTuple

from rows.bytes.encoding import Place, Text
from rows.bytes.turn import LARGE_CHARS, Turn
from rows.records.quoting import BEGUN, OPEN, go_on

LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
END = re.compile(r"\n|\r(?!\Z)")
"""The end of a line. A CR at the very end may be the first half of a CRLF: it waits for what follows."""

OTHER_BREAKS = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What str.splitlines takes for the end of a line, and RFC 4180 does not."""

BATCH_CHARS = LARGE_CHARS
"""No more lines are taken at once than have this many characters, but one that has more alone."""

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
    begun: Sequence[str]
    long: "_Long | None"
    returned: "deque[str]"
    line: int


class Lines:
    """The physical lines of a text, with their ends; `line` is the number of the next one, from 1.

    Lines can be put back, and it can go back to a bookmark. Of a line that is much longer than chars_max no more than
    that is held, and one that is large is read in turn.
    """

    def __init__(self, text: Text, delimiter: str, chars_max: int, turn: Turn):
        self.turn = turn
        self._text = text
        self._delimiter = delimiter
        self._chars_max = chars_max
        self._begun: list[str] = []
        self._long: _Long | None = None
        self._returned: deque[str] = deque()
        self.line = 1

    def take(self, most: int) -> list[str]:
        """Return the next lines, at most so many, and fewer where they are long."""
        taken = [*islice(self._returned, most)]
        self._returned = deque(islice(self._returned, most, None))
        chars = sum(map(len, taken))
        while len(taken) < most and chars < BATCH_CHARS and not (taken and self._begins_long()):
            block = self._block()
            if block is None:
                break
            taken += block
            chars += sum(map(len, block))
        self.line += len(taken)
        fitting = most if chars <= BATCH_CHARS else _fitting(taken[:most])
        if len(taken) > fitting:
            self.put_back(taken[fitting:])
            del taken[fitting:]
        if len(taken) == 1:
            self.turn.need(len(taken[0]))
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
        return Bookmark(self._text.place(), [*self._begun], self._long, self._returned.copy(), self.line)

    def go_back(self, bookmark: Bookmark) -> None:
        """Let the next line be the one that begins there."""
        self._text.go_back(bookmark.place)
        self._begun, self._returned = [*bookmark.begun], bookmark.returned.copy()
        self._long, self.line = bookmark.long, bookmark.line

    def _begins_long(self) -> bool:
        """Whether more has come of a line than may be held beside others."""
        return self._long is not None or self._begun_chars() > LARGE_CHARS

    def _begun_chars(self) -> int:
        return sum(map(len, self._begun))

    def _block(self) -> list[str] | None:
        """Return the lines that the next piece of the text completes, None at the end."""
        self.turn.need(self._chars_max if self._long else self._begun_chars())
        piece = self._text.read()
        if piece is None and not self._begun and not self._long:
            return None
        self._begun += [piece] if piece else []
        lines = self._complete(piece is None) if piece is None or END.search("".join(self._begun[-2:])) else []
        if self._long or self._begun_chars() > self._chars_max + 2:
            text = "".join(self._begun)
            body = text.removesuffix("\r")
            self._begun = [*filter(None, [text[len(body) :]])]
            self._long = (self._long or _Long(self._delimiter, self._chars_max)).and_then(body)
        return lines

    def _complete(self, is_end: bool) -> list[str]:
        """Return the lines that have come to their ends."""
        text = "".join(self._begun)
        end = len(text) if is_end else max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1
        lines = _split(text[:end])
        if self._long and (lines or is_end):
            lines[:1] = [self._long.line("".join(lines[:1]))]
            self._long = None
        self._begun = [*filter(None, [text[end:]])]
        return lines


def without_end(text: str) -> str:
    """Return a line, or several, without the last end of a line."""
    return text.removesuffix("\n").removesuffix("\r")


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
            self._beginning + text[: self._chars_max + 1 - len(self._beginning)],
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


def _fitting(lines: Sequence[str]) -> int:
    """Return how many of the first lines have no more than BATCH_CHARS characters together, at least one."""
    return max(1, bisect_right([*accumulate(map(len, lines))], BATCH_CHARS))


def _split(text: str) -> list[str]:
    if any(character in text for character in OTHER_BREAKS):
        return LINE.findall(text)
    return text.splitlines(keepends=True)
