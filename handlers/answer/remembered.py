"""Answers of reports, each remembered until the database changes."""

import hashlib
from collections.abc import Callable, Hashable
from threading import Lock
from typing import NamedTuple

ANSWERS_MAX = 32
"""So many answers are remembered, those that were asked for last."""

ANSWER_BYTES_MAX = 512 * 1024
"""A larger one is not remembered."""


class Answer(NamedTuple):
    """The body of an answer, and its entity tag (RFC 9110, 8.8.3): the same for the same bytes on every worker."""

    body: bytes
    etag: str


class Answers:
    """The latest answers by what was asked, each with the version of the database that it is from."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, tuple[Hashable, Answer]] = {}
        self._lock = Lock()

    def get(self, asked: Hashable, version: Callable[[], Hashable], body: Callable[[], bytes]) -> Answer:
        """Return the answer that is remembered, or that of the body, where the database has changed since.

        A version of None says that nobody knows. What is written while the body is made counts as later, so that
        the answer is remembered only if the version is the same before and after.
        """
        before = version()
        with self._lock:
            kept = self._answers.pop(asked, None)
            if kept and kept[0] == before:
                self._answers[asked] = kept
                return kept[1]
        made = body()
        answer = Answer(made, hashlib.sha256(made).hexdigest()[:32])
        if before is not None and len(made) <= ANSWER_BYTES_MAX and version() == before:
            with self._lock:
                self._answers[asked] = before, answer
                for oldest in list(self._answers)[:-ANSWERS_MAX]:
                    del self._answers[oldest]
        return answer
