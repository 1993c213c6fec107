"""The process that reads a file and checks its records: `python -m rows.reading.process`.

It is told on its standard input what to read, writes what it has read to its standard output, and ends when nobody
takes that any more.
"""

import os
import pickle
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, NamedTuple, cast

from rows.bytes.file import File
from rows.bytes.turn import LARGE_CHARS, Turn
from rows.dialect.find import Form
from rows.options import Options
from rows.reading import frames
from rows.reading.batch import read_batches

NICENESS = 10
"""So much the process stands back: it is ahead anyway, and the ones that store are waited for, here and on a server."""


class Given(NamedTuple):
    """A column of the table."""

    name: str
    type: str
    required: bool


class Task(NamedTuple):
    """What is to be read: the file that is open as a descriptor."""

    descriptor: int
    columns: Sequence[Given]
    form: Form
    options: Options


class ReadHere(Exception):
    """What comes behind so many .batches has to be read by the process that stores: that has the turn."""

    def __init__(self, batches: int = 0):
        super().__init__(batches)
        self.batches = batches


class NoTurn(Turn):
    """Stands for the turn, which this process does not have."""

    def need(self, chars: int) -> None:
        if chars > LARGE_CHARS:
            raise ReadHere


class Spooled:
    """A file that another process has open, too: its place is none of ours to move."""

    def __init__(self, descriptor: int):
        self.stream = self
        self.turn = NoTurn()
        self._descriptor = descriptor
        self._offset = 0

    def seek(self, offset: int) -> None:
        self._offset = offset

    def read(self, size: int) -> bytes:
        found = os.pread(self._descriptor, size, self._offset)
        self._offset += len(found)
        return found


def main() -> None:
    with suppress(OSError):  # a service that may change no priorities
        os.nice(NICENESS)
    try:
        task: Task = pickle.load(sys.stdin.buffer)
    except EOFError:  # who started it is gone
        return
    try:
        _write_all(task, sys.stdout.buffer)
    except BrokenPipeError:
        os._exit(1)
    os._exit(0)  # all is written, and nothing else is to be done


def _write_all(task: Task, pipe: IO[bytes]) -> None:
    """Write the batches of the file, and how that ended."""
    may_refuse = task.options.strict or task.options.on_conflict == "refuse"
    file = cast(File, Spooled(task.descriptor))
    try:
        for batch in read_batches(file, task.columns, task.form, task.options):
            frames.write(pipe, frames.BATCH, frames.of_batch(batch, may_refuse))
    except ReadHere:
        frames.write(pipe, frames.LONG)
    except BrokenPipeError:
        raise
    except Exception as error:
        frames.write(pipe, frames.ERROR, frames.of_error(error))
    else:
        frames.write(pipe, frames.END)


if __name__ == "__main__":
    main()
