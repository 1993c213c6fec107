"""What is wrong, as a value: with a record, or with a file as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

VALUE_SHOWN_CHARS = 60
"""A sentence quotes at most this much of a value or a name."""

NAMES_SHOWN = 10
"""It names at most so many that are alike, and counts the others."""


class Fault(NamedTuple):
    """One broken rule; the predicate completes a sentence that begins with the column's name or `the record`."""

    code: str
    predicate: str


class Stop(NamedTuple):
    """Why a load ends early where that lies in the file: a stable code, and a sentence."""

    code: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Hint:
    """What a file itself says about the next try, and the options that would take it; none where it is no option."""

    sentence: str
    options: Mapping[str, str]

    def as_dict(self) -> dict[str, object]:
        return {"sentence": self.sentence, "options": dict(self.options)}


class FileRefused(Exception):
    """A file is refused as a whole, before any record of it is loaded.

    code is stable. The sentence, without its stop, says what is wrong and what would be right, the ways with which
    options to send it. The hints have options that take the file. dialect is how it is written, as far as that is
    known.
    """

    def __init__(
        self, code: str, sentence: str, hints: Sequence[Hint] = (), dialect: Any = None, ways: Sequence[str] = ()
    ):
        super().__init__(f"{sentence}. {'; '.join(ways)}." if ways else sentence)
        self.code = code
        self.sentence = sentence
        self.ways = list(ways)
        self.hints = list(hints)
        self.dialect = dialect


def cut(text: str, chars: int = VALUE_SHOWN_CHARS) -> str:
    """Return a text as it is shown: three dots stand for its end where it is longer than so many characters."""
    return text if len(text) <= chars else f"{text[:chars]}..."


def quote(value: str) -> str:
    """Return a value between quotes."""
    return f"'{cut(value)}'"


def quote_names(names: Sequence[str]) -> str:
    """Return the first of the names, each between quotes, and how many more there are."""
    shown = ", ".join(repr(cut(name)) for name in names[:NAMES_SHOWN])
    return shown if len(names) <= NAMES_SHOWN else f"{shown} and {len(names) - NAMES_SHOWN} more"
