"""A process that reads a file, as the process has it that stores."""

import os
import pickle
import signal
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from fcntl import F_SETPIPE_SZ, fcntl
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO

from rows.bytes.file import File
from rows.dialect.find import Form
from rows.options import Options
from rows.reading import frames
from rows.reading.batch import Read
from rows.reading.process import Given, ReadHere, Task
from rows.table import Column

PIPE_BYTES = 1024 * 1024
"""So much the process may have read ahead, as far as the system lets it."""

PROJECT = Path(__file__).parents[2]

KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONTZPATH", "PYTHONDONTWRITEBYTECODE", "TMPDIR")
"""What the process has of the environment: none of what is secret."""

UNHEARD_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1)
"""What all processes of a service may be told with at once: its uploads end first, and this process with its upload."""


class ReadingEnded(Exception):
    """The process that reads the file has ended before it, as when it was killed."""

    def __init__(self, batches: int):
        super().__init__(
            f"the process that reads the file has ended after {batches} batches of it: send the file again to "
            "complete it"
        )


def read_apart(file: File, columns: Sequence[Column], form: Form, options: Options, place: int) -> Generator[Read]:
    """Yield the batches of a file that a process of its own reads. It holds the descriptor of a place, which is closed.

    Raises ReadHere where the rest has to be read here, and ReadingEnded.
    """
    descriptor = file.stream.fileno()  # which puts it on disk
    file.stream.flush()
    given = [Given(column.name, column.type, column.required) for column in columns]
    task = Task(descriptor, given, form, options)
    batches = 0
    with _started(task, place) as pipe:
        while True:
            try:
                kind, frame = frames.read(pipe)
            except EOFError:
                raise ReadingEnded(batches) from None
            if kind == frames.BATCH:
                yield frames.as_batch(frame)
                batches += 1
            elif kind == frames.END:
                return
            elif kind == frames.LONG:
                raise ReadHere(batches)
            else:
                raise frames.as_error(frame)


@contextmanager
def _started(task: Task, place: int) -> Iterator[IO[bytes]]:
    """Give the block what a process writes, which ends with the block."""
    command = [sys.executable, "-m", "rows.reading.process"]
    environ = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, UNHEARD_SIGNALS)  # the process has them blocked from its start on
    try:
        process = Popen(
            command,
            bufsize=PIPE_BYTES,
            stdin=PIPE,
            stdout=PIPE,
            pass_fds=[task.descriptor, place],
            cwd=PROJECT,
            env=environ,
        )
    except OSError:  # no room for another process
        raise ReadHere from None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        os.close(place)
    with process:
        assert process.stdin
        assert process.stdout
        try:
            with suppress(OSError):  # the system may keep it smaller
                fcntl(process.stdout, F_SETPIPE_SZ, PIPE_BYTES)
            with suppress(BrokenPipeError):  # it has ended: its output says no more
                process.stdin.write(pickle.dumps(task))
                process.stdin.close()
            yield process.stdout
        finally:
            process.kill()
