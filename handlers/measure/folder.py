"""The folder in which each worker counts for itself, and what becomes of the counts of one that is dead."""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SETTING = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client looks for it, once, when it is imported."""

PREFIX = "loadbay-metrics-"
NEW = "new-"
"""Stands before the name of a folder that is not locked yet: another process would take it for left behind."""

MEMORY = Path("/dev/shm")
"""Where there is one, the folder is in memory: a process that writes to a mapped file on a full disk is killed."""

ALIVE = "alive"
"""A file that is locked for as long as one of the processes lives."""

COUNTED = ("counter", "histogram")
"""What stays counted when its worker is dead."""

DEAD = "dead"
"""Stands in the name of a file for the number of its process: all dead workers count there together."""


def make() -> None:
    """Make a folder for the workers of this process, unless it has one; prometheus_client must not be imported yet.

    A process that gunicorn started as another one's successor has that one's in its environment, and needs its own.
    """
    own = f"{PREFIX}{os.getpid()}-"
    if Path(os.environ.get(SETTING, "")).name.startswith(own):
        return
    parent = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for left in parent.glob(f"{PREFIX}*"):
        if _is_left(left):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=NEW + own, dir=parent))
    fcntl.flock(os.open(made / ALIVE, os.O_CREAT | os.O_RDWR), fcntl.LOCK_EX)
    kept = made.rename(parent / made.name.removeprefix(NEW))
    os.environ[SETTING] = str(kept)
    atexit.register(_remove, str(kept), os.getpid())


def _is_left(folder: Path) -> bool:
    """Whether all the processes of a folder are dead: one that is killed leaves it behind."""
    with suppress(OSError), (folder / ALIVE).open() as alive:
        fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _remove(folder: str, pid: int) -> None:
    """Remove a folder when the process ends that made it; its workers have the same to do at their ends."""
    if os.getpid() == pid:
        shutil.rmtree(folder, ignore_errors=True)


def folder() -> Path | None:
    """Return the folder, None where a process counts for itself alone."""
    found = os.environ.get(SETTING)
    return Path(found) if found else None


@contextmanager
def held(folder: Path, exclusive: bool = False) -> Iterator[None]:
    """Let nobody add a dead worker's counts to those of others meanwhile, or with exclusive, read them."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield


def sweep(pid: int) -> None:
    """Add the counts of a worker that is dead to those of all dead ones, so that its files go; so do its gauges."""
    from prometheus_client.mmap_dict import MmapedDict
    from prometheus_client.multiprocess import mark_process_dead

    found = folder()
    if found is None:
        return
    mark_process_dead(pid, str(found))
    with held(found, exclusive=True):
        for kind in COUNTED:
            left = found / f"{kind}_{pid}.db"
            if left.exists():
                together = MmapedDict(str(found / f"{kind}_{DEAD}.db"))
                for key, value, *_ in MmapedDict.read_all_values_from_file(str(left)):
                    together.write_value(key, together.read_value(key)[0] + value, 0.0)
                together.close()
                left.unlink()
