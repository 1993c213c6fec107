"""What the process that reads tells the one that stores: its batches, and how it ended."""

import marshal
import pickle
import struct
from typing import IO, Any

from rows.fault import Fault, Stop
from rows.reading.batch import Read
from rows.records.records import Records
from rows.values.check import Checked

HEAD = struct.Struct("<cQ")
"""Before each frame: its kind, and how many bytes it has."""

BATCH, END, LONG, ERROR = b"b", b"e", b"l", b"x"
"""The kinds: a batch; the end of the file; a record that is too long for the process; an error, as a pickle."""


def write(pipe: IO[bytes], kind: bytes, frame: bytes = b"") -> None:
    """Write a frame."""
    pipe.write(HEAD.pack(kind, len(frame)))
    pipe.write(frame)
    pipe.flush()


def read(pipe: IO[bytes]) -> tuple[bytes, bytes]:
    """Return the kind of the next frame, and the frame. Raises EOFError where the pipe ends before its end."""
    head = pipe.read(HEAD.size)
    if len(head) == HEAD.size:
        kind, size = HEAD.unpack(head)
        frame = pipe.read(size)
        if len(frame) == size:
            return kind, frame
    raise EOFError


def of_batch(batch: Read, may_refuse: bool) -> bytes:
    """Return a batch as a frame. It has its records only where one is refused, or may_refuse says that one may be."""
    checked, records = batch.checked, batch.records
    faults = {index: (column, *fault) for index, (column, fault) in checked.faults.items()}
    indexes: Any = checked.indexes
    if isinstance(indexes, range):
        indexes = len(indexes)
    sent = records.parts() if records and (faults or may_refuse) else None
    seen = (batch.line, batch.has_backslash, batch.beyond_ascii)
    stop = checked.stop and tuple(checked.stop)
    return marshal.dumps((checked.rows, indexes, faults, [*checked.wordy], stop, sent, seen))


def as_batch(frame: bytes) -> Read:
    """Return the batch of a frame."""
    rows, indexes, faults, wordy, stop, sent, seen = marshal.loads(frame)
    checked = Checked(
        rows,
        range(indexes) if isinstance(indexes, int) else indexes,
        {index: (column, Fault(*fault)) for index, (column, *fault) in faults.items()},
        wordy,
        stop and Stop(*stop),
    )
    return Read(checked, sent and Records.of_parts(*sent), None, *seen)


def of_error(error: Exception) -> bytes:
    """Return an error as a frame."""
    try:
        return pickle.dumps(error)
    except Exception:
        return pickle.dumps(RuntimeError(f"{type(error).__name__} in the process that reads"))


def as_error(frame: bytes) -> Exception:
    """Return the error of a frame."""
    error: Exception = pickle.loads(frame)
    return error
