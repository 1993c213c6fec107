"""How memory is allocated and collected: what has been freed goes back to the system, and what stays is left alone."""

import ctypes
import gc

ARENA_MAX = -8
MMAP_THRESHOLD = -3
"""The numbers of the options, as glibc has them in malloc.h: mallopt(3)."""

MAPPED_BYTES = 256 * 1024
"""What is as large as this has pages of its own, which go back as soon as it is freed: the texts of long records."""


def give_back_freed() -> None:
    """Let one arena do for all threads, and large blocks have their own pages; nothing where the library is not glibc.

    Else each thread keeps what it has freed of the longest records that it ever read. One arena takes no time: one
    thread runs Python at a time.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(ARENA_MAX, 1)
        mallopt(MMAP_THRESHOLD, MAPPED_BYTES)


def collect_no_imports() -> None:
    """Collect garbage from here on, but not among what is there by now: what is imported is none.

    While it was looked at as well, a start took a quarter longer (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.freeze()
    gc.enable()
