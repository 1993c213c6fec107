"""Text to physical lines: only LF, CR or CRLF ends one (RFC 4180, and old Macs)."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
OTHER_BREAKS = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What str.splitlines takes for the end of a line, and RFC 4180 does not."""

BATCH_CHARS = 1024 * 1024
"""No further lines are taken at once beyond this many characters."""

LINES_AHEAD = 1000
"""Lines that are taken at once where they are read one by one."""


def lines(chunks: Iterable[str], chars_max: int) -> Iterator[list[str]]:
    """Yield the physical lines that each chunk completes, with their ends.

    The middle of a line that is much longer than chars_max is left out.
    """
    rest = ""
    for chunk in chunks:
        rest += chunk
        # A CR at the very end may be the first half of a CRLF: it waits for what follows.
        end = max(rest.rfind("\n"), rest.rfind("\r", 0, len(rest) - 1)) + 1
        yield _split(rest[:end])
        rest = rest[end:]
        if len(rest) > chars_max + 2:
            rest = rest[: chars_max + 1] + ("\r" if rest.endswith("\r") else "")
    yield _split(rest)


def _split(text: str) -> list[str]:
    if any(character in text for character in OTHER_BREAKS):
        return LINE.findall(text)
    return text.splitlines(keepends=True)


class Lines:
    """The file's lines, some of which can be put back; `line` is the number of the next one."""

    def __init__(self, blocks: Iterable[list[str]]):
        self._blocks = iter(blocks)
        self._returned: deque[str] = deque()
        self.line = 1

    def take(self, most: int) -> list[str]:
        """Return the next lines, at most so many, and fewer where they are long."""
        taken = [*islice(self._returned, most)]
        self._returned = deque(islice(self._returned, most, None))
        chars = sum(map(len, taken))
        while len(taken) < most and chars < BATCH_CHARS and (block := next(self._blocks, None)) is not None:
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

    def put_back(self, lines: Sequence[str]) -> None:
        self._returned.extendleft(reversed(lines))
        self.line -= len(lines)
