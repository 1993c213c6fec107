"""What a disk keeps of SQLite's files when the power is cut: what was synced, and of the rest whatever it likes.

power.c notes in a log all that a service does to the files of a folder. The log is read up to some record, and what
was written since the last sync is kept or lost sector by sector, in any order, as disks and page caches do.
"""

import shutil
import struct
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

from required import skip

State = TypeVar("State")

SOURCE = Path(__file__).with_name("power.c")
HEAD = struct.Struct("=cIQI")

SECTOR = 512
"""A disk writes so many bytes whole or not at all."""

SHARED_MEMORY = "-shm"
"""The end of the name of a file that SQLite makes anew after a cut."""


class Record(NamedTuple):
    """One call: a file opened that may be new (o), written (w), cut off or lengthened (t), synced (s), removed (u) or
    renamed (r), or an answer sent (a). The folder itself has no name.
    """

    kind: str
    name: str
    offset: int
    data: bytes


class Power:
    """The library, and the log that it writes of a folder."""

    def __init__(self, folder: Path, log: Path, library: Path):
        if not shutil.which("cc"):
            skip("no C compiler: apt-get install gcc libc6-dev")
        subprocess.run(["cc", "-O1", "-fPIC", "-shared", "-o", library, SOURCE], check=True)
        self._log = log
        self.environ = {"LD_PRELOAD": str(library), "POWER_FOLDER": str(folder.resolve()), "POWER_LOG": str(log)}

    def records(self) -> list[Record]:
        """Return what is in the log."""
        return list(_read(self._log.read_bytes()))


def _read(log: bytes) -> Iterator[Record]:
    place = 0
    while place < len(log):
        kind, name, offset, size = HEAD.unpack_from(log, place)
        place += HEAD.size + name + size
        yield Record(kind.decode(), log[place - size - name : place - size].decode(), offset, log[place - size : place])


class File:
    """One file: what is on the disk for sure, and what was done to it since."""

    def __init__(self) -> None:
        self.synced = bytearray()
        self.since: list[Record] = []

    def sync(self) -> None:
        for record in self.since:
            _do(record, self.synced)
        self.since = []

    def now(self) -> bytes:
        """Return what a process reads."""
        content = bytearray(self.synced)
        for record in self.since:
            _do(record, content)
        return bytes(content)

    def left(self, random: Random, newest: float) -> bytes:
        """Return what a cut leaves: the newest state of a sector as likely as that, else any that it had before.

        The last write is torn.
        """
        content = bytearray(self.synced)
        sizes = [len(content)]
        sectors: dict[int, list[bytes]] = {}
        last: Iterable[int] = ()
        for record in self.since:
            last = _sectors_of(record, content)
            for sector in last:
                sectors.setdefault(sector, [_sector(content, sector)])
            _do(record, content)
            sizes.append(len(content))
            for sector in last:
                sectors[sector].append(_sector(content, sector))
        kept = bytearray(self.synced).ljust(max(sizes), b"\0")
        for sector, states in sectors.items():
            likely = min(newest, 0.5) if sector in last else newest
            kept[sector * SECTOR : (sector + 1) * SECTOR] = _one_of(states, random, likely)
        return bytes(kept[: _one_of(sizes, random, newest)])


class Disk:
    """The folder, as far as a log has been followed: .now are the files that a process finds there, by name."""

    def __init__(self) -> None:
        self.now: dict[str, File] = {}
        self._synced: dict[str, File | None] = {}
        self._since: list[dict[str, File | None]] = []

    def follow(self, records: Iterable[Record]) -> "Disk":
        for kind, name, offset, data in records:
            if kind == "o" and name not in self.now:
                self._enter({name: File()})
            elif kind == "u":
                self._enter({name: None})
            elif kind == "r":
                self._enter({data.decode(): self.now[name], name: None})
            elif kind == "s" and not name:
                self._sync()
            elif kind == "s":
                self.now[name].sync()
            elif kind in "wt":
                self.now[name].since.append(Record(kind, name, offset, data))
        return self

    def cut(self, random: Random, newest: float) -> dict[str, bytes]:
        """Return the files that a cut leaves, by name."""
        entries = dict(self._synced)
        for change in self._since:
            if random.random() < newest:
                entries.update(change)
        files = {name: file for name, file in entries.items() if file and not name.endswith(SHARED_MEMORY)}
        return {name: file.left(random, newest) for name, file in files.items()}

    def _enter(self, change: dict[str, File | None]) -> None:
        """Change the entries of the folder."""
        self._since.append(change)
        self.now.update({name: file for name, file in change.items() if file})
        for name, file in change.items():
            if file is None:
                self.now.pop(name, None)

    def _sync(self) -> None:
        for change in self._since:
            self._synced.update(change)
        self._since = []


def _do(record: Record, content: bytearray) -> None:
    """Change the content of a file as the record says."""
    content.extend(bytes(max(0, record.offset - len(content))))
    if record.kind == "t":
        del content[record.offset :]
    else:
        content[record.offset : record.offset + len(record.data)] = record.data


def _sectors_of(record: Record, content: bytearray) -> range:
    """Return the sectors of a file that a record changes."""
    ends = (record.offset, len(content) if record.kind == "t" else record.offset + len(record.data))
    return range(min(ends) // SECTOR, -(-max(ends) // SECTOR))


def _sector(content: bytearray, number: int) -> bytes:
    return bytes(content[number * SECTOR : (number + 1) * SECTOR]).ljust(SECTOR, b"\0")


def _one_of(states: list[State], random: Random, newest: float) -> State:
    if random.random() < newest or len(states) == 1:
        return states[-1]
    return random.choice(states[:-1])
