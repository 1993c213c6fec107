"""The turn: what is large is read by one upload of a worker at a time, so that memory is bounded for all together.

Who has the turn never waits for a lock of the database, nor for a client: so who waits for it may hold such a lock.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident

LARGE_CHARS = 128 * 1024
"""What an upload may hold of its file without the turn, in characters: for each of them Python may take four bytes."""

TURN_SECONDS = 300
"""So long an upload waits for its turn."""


class TurnLate(Exception):
    """Others have read what is large for as long as an upload may wait."""


class Turn:
    """One turn for all threads of a worker; they get it in the order in which they ask for it."""

    def __init__(self, seconds: float = TURN_SECONDS) -> None:
        self._seconds = seconds
        self._guard = Lock()
        self._owner: int | None = None
        self._waiting: deque[tuple[int, Lock]] = deque()

    @property
    def is_mine(self) -> bool:
        """Whether this thread has it."""
        return self._owner == get_ident()

    def need(self, chars: int) -> None:
        """Take the turn, unless so many characters are not large or this thread has it. Raises TurnLate."""
        if chars > LARGE_CHARS and not self.is_mine:
            self._take(get_ident())

    @contextmanager
    def given_back(self) -> Iterator[None]:
        """Give the turn back behind the block, where the block took it: nothing large may be held any more."""
        was_mine = self.is_mine
        try:
            yield
        finally:
            if self.is_mine and not was_mine:
                self._give()

    def _take(self, thread: int) -> None:
        with self._guard:
            if self._owner is None:
                self._owner = thread
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append((thread, mine))
        if not mine.acquire(timeout=self._seconds):
            with self._guard:
                if self._owner != thread:  # nor in the last moment
                    self._waiting.remove((thread, mine))
                    raise TurnLate(f"others have read long records for {self._seconds:g} seconds: try again later")

    def _give(self) -> None:
        with self._guard:
            self._owner, next_one = self._waiting.popleft() if self._waiting else (None, None)
            if next_one:
                next_one.release()
