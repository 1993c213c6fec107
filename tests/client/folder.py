"""The client as people run it: the file alone, with Python's standard library alone, in a folder."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from project import PROJECT
from served import Served
from waits import PATIENCE

PROGRAM = [sys.executable, "-I", "-S", str(PROJECT / "client/load.py")]
"""Isolated and without site-packages: what is not in the standard library is not there."""

Serve = Callable[..., Served]


class Ran:
    """A run of the client that has ended."""

    def __init__(self, status: int, printed: str, errors: str):
        self.status, self.printed, self.errors = status, printed, errors

    @property
    def account(self) -> dict[str, Any]:
        assert self.printed, self.errors
        return json.loads(self.printed)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        return {file["file"]: file for file in self.account["files"]}

    def sentences(self, name: str) -> list[str]:
        return self.files[name]["sentences"]


class Folder:
    """A folder of files, and the service that they go to."""

    def __init__(self, path: Path, url: str):
        self.path, self.url = path, url

    def write(self, **files: str | bytes) -> "Folder":
        """Write files by their names without .csv."""
        for name, content in files.items():
            self.put(f"{name}.csv", content)
        return self

    def put(self, name: str, content: str | bytes) -> "Folder":
        (self.path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def names(self) -> list[str]:
        return sorted(path.name for path in self.path.iterdir())

    def start(self, *files: str, options: str = "", url: str | None = None, **environ: str) -> "subprocess.Popen[str]":
        """Begin to load these files, or all that are in the folder."""
        return subprocess.Popen(
            [*PROGRAM, *(files or self.names()), "--url", url or self.url, *shlex.split(options)],
            cwd=self.path,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="surrogateescape",
        )

    def load(self, *files: str, options: str = "", url: str | None = None, **environ: str) -> Ran:
        """Load them, and return the account in JSON."""
        return ended(self.start(*files, options=f"--json {options}", url=url, **environ))

    def text(self, *files: str, options: str = "") -> Ran:
        """Load them, and return the account as people read it."""
        return ended(self.start(*files, options=options))


def ended(running: "subprocess.Popen[str]") -> Ran:
    printed, errors = running.communicate(timeout=PATIENCE)
    assert "Traceback" not in errors, errors
    return Ran(running.returncode, printed, errors)
