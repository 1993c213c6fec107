"""A server on loopback that is gone after the tests."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from abc import abstractmethod
from contextlib import suppress
from getpass import getuser
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from ports import free_port
from required import skip
from waits import PATIENCE, until

from servers.server import Server

LOG_CHARS = 5000
MEMORY_BYTES = 2 * 2**30


class Throwaway(Server):
    """A server of the tests' own, unless the environment names one."""

    variable: str
    package: str
    user: str
    waited_for: str
    """Asks whether anyone waits for a lock of the connection that asks."""
    stop_signal = signal.SIGTERM
    durable = False
    """Whether it keeps its data on disk and syncs each commit, as a server does by default: tests need neither."""

    def start(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.url = os.environ.get(self.variable, "")
        if self.url:
            return
        programs = self.find_programs()
        if not programs:
            skip(f"no {self.name} server: apt-get install {self.package}, or set {self.variable}")
        self.make_folder()
        self.port = free_port()
        self._process = self.run(self._folder, *programs)
        self.wait(self._process, self.url)

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(self.stop_signal)
            self._process.wait(PATIENCE)
            shutil.rmtree(self._folder)

    def wait_for_another(self, cursor: Any) -> None:
        """Return once another waits for what a cursor's transaction has locked."""

        def is_waited_for() -> bool:
            cursor.execute(self.waited_for)
            return bool(cursor.fetchone()[0])

        until(is_waited_for, pause=0.2)  # MariaDB gives the old answer to who asks more often than each 0.1 seconds

    def kill(self) -> None:
        """End the server with all its processes: SIGKILL."""
        if not self._process:
            pytest.skip(f"the server of {self.variable} is not the tests' own to kill")
        kill_at_once(self._process)

    def restart(self) -> None:
        """Start the server again on the data that it has."""
        self._process = self.spawn(*self._process.args)
        self.wait(self._process, self.url)

    def make_folder(self) -> None:
        """Make the folder for the data, of a user that the server runs as: neither server runs as root."""
        self._folder = Path(tempfile.mkdtemp(prefix="loadbay-", dir=None if self.durable else in_memory()))
        self.owner = self.user if getuser() == "root" else getuser()
        if getuser() == "root":
            shutil.chown(self._folder, self.owner)

    @abstractmethod
    def find_programs(self) -> list[str]:
        """Return the paths of the server's programs, none where it is not installed."""

    @abstractmethod
    def run(self, folder: Path, *programs: str) -> "subprocess.Popen[bytes]":
        """Make a new data folder, and start the server on it."""

    def call(self, *command: object) -> None:
        ran = subprocess.run([*map(str, command)], user=self.owner, capture_output=True, text=True, cwd=self._folder)
        if ran.returncode:
            raise AssertionError(f"{command[0]} ended with {ran.returncode}: {ran.stdout}{ran.stderr}")

    def spawn(self, *command: object) -> "subprocess.Popen[bytes]":
        log = (self._folder / "log").open("ab")
        with log:
            return subprocess.Popen(
                [*map(str, command)],
                user=self.owner,
                process_group=0,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    def wait(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        """Wait until a server answers."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.execute(url, "SELECT 1")
                return
            except (psycopg.Error, pymysql.Error):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError((self._folder / "log").read_text()[-LOG_CHARS:]) from None
                time.sleep(0.05)


def kill_at_once(process: "subprocess.Popen[bytes]") -> None:
    """End a server with all its processes: SIGKILL.

    All stop before one ends: PostgreSQL's processes are no group, and what one held another would go on with.
    """
    first = process.pid
    os.kill(first, signal.SIGSTOP)
    others = [int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in (first, *others):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
    process.wait()


def in_memory() -> Path | None:
    """Return a folder in memory, which makes many small databases faster, or None where there is no room in it."""
    folder = Path("/dev/shm")
    has_room = folder.is_dir() and shutil.disk_usage(folder).free >= MEMORY_BYTES
    return folder if has_room else None
