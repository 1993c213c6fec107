"""A file's checked batches: read by a process of its own where the file is large, and one is free."""

from collections.abc import Generator, Sequence

from rows.bytes.file import File
from rows.dialect.find import Form
from rows.options import Options
from rows.reading.apart import read_apart
from rows.reading.batch import Read, read_batches
from rows.reading.process import ReadHere
from rows.table import Column


def read_file(file: File, columns: Sequence[Column], form: Form, options: Options) -> Generator[Read]:
    """Yield the file's records in batches, with what the rules of the columns say of them.

    Raises ReadingEnded where the process that reads has ended before the file.
    """
    passed_over = 0
    if (place := file.spools.readers.take(file.stream.size)) is not None:
        try:
            yield from read_apart(file, columns, form, options, place)
            return
        except ReadHere as here:
            passed_over = here.batches
    yield from read_batches(file, columns, form, options, passed_over)
