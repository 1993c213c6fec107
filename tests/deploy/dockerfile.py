"""A Dockerfile without an engine: its steps are done in a clean folder, in which its paths begin.

A Python that is here stands for the base image. Each stage begins with an empty folder, so that the last one has no more
than what it copies.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

PATHS = re.compile(r"/(?=(?:opt|data|var/tmp|run/loadbay)\b)")
"""Where the paths begin that the Dockerfile makes or copies."""


PYTHONS = (Path(os.path.realpath(sys.executable)), Path("/usr/bin/python3"))
"""What may stand for the base image: the Python that runs the tests, or Debian's."""


class Step(NamedTuple):
    instruction: str
    words: str


def read(dockerfile: Path) -> list[Step]:
    """Return the steps of a Dockerfile."""
    lines = [line for line in dockerfile.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", "")
    return [Step(*line.split(maxsplit=1)) for line in joined.splitlines() if line]


def context(project: Path, ignored: Path) -> dict[str, Path]:
    """Return what of a project an engine sees, by name: the ignore file leaves out all but what it lists."""
    first, *rest = [line for line in ignored.read_text().splitlines() if line and not line.startswith("#")]
    assert first == "*"
    assert rest[-1] == "**/__pycache__"
    return {name: project / name for name in (line.removeprefix("!") for line in rest[:-1])}


def python_for_all() -> Path | None:
    """Return a Python that any user may run, None where there is none."""
    return next((path for path in PYTHONS if path.exists() and all(map(_may_enter, path.parents))), None)


def _may_enter(folder: Path) -> bool:
    return bool(folder.stat().st_mode & 0o001)


class Image:
    """What the steps of a Dockerfile made: a folder, and how a process in it is started."""

    def __init__(self, folder: Path, seen: dict[str, Path], steps: list[Step], python: Path):
        self.root = folder / "root"
        self.labels: dict[str, str] = {}
        self.volumes: list[str] = []
        self.base = folder / "base"
        self._seen = seen
        self._stages: dict[str, Path] = {}
        self._make_base(python)
        for step in steps:
            getattr(self, f"_{step.instruction.lower()}")(step.words)

    def path(self, words: str) -> str:
        """Return words with the paths that they have inside."""
        return PATHS.sub(f"{self.root}/", words)

    def run(self, command: list[str], **environ: str) -> list[str]:
        """Return the command that starts another one as the image would, with more in its environment."""
        names = [f"{name}={value}" for name, value in (self.environ | environ).items()]
        user, group = self.user.split(":")
        return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "env", "-i", f"--chdir={self.folder}", *names, *map(self.path, command)]  # fmt: skip

    def _make_base(self, python: Path) -> None:
        self.base.mkdir()
        (self.base / "python").symlink_to(python)
        (self.base / "pip").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pip "$@"\n')
        (self.base / "pip").chmod(0o755)

    def _from(self, words: str) -> None:
        if self.root.exists():
            self.root.rename(self._stages[self._name])
        self._name = words.rpartition(" AS ")[2]
        self._stages[self._name] = self.root.with_name(f"stage-{len(self._stages)}")
        for path in ("opt", "run", "var/tmp"):
            (self.root / path).mkdir(parents=True)
        (self.root / "var/tmp").chmod(0o1777)
        self.environ = {"PATH": f"{self.base}:/usr/local/bin:/usr/bin:/bin"}
        self.folder, self.user = str(self.root), "0:0"

    def _workdir(self, words: str) -> None:
        self.folder = self.path(words)
        Path(self.folder).mkdir(exist_ok=True)

    def _copy(self, words: str) -> None:
        *sources, target = words.split()
        stage = ""
        if sources[0].startswith("--from="):
            stage = sources.pop(0).removeprefix("--from=")
        for source in sources:
            found = self._stages[stage] / source[1:] if stage else self._seen[source]
            place = Path(self.path(target)) if stage else Path(self.folder, target)
            if found.is_dir():
                shutil.copytree(
                    found, place, symlinks=True, ignore=None if stage else shutil.ignore_patterns("__pycache__")
                )
            else:
                shutil.copy(found, place)

    def _run(self, words: str) -> None:
        ran = subprocess.run(self.run(["sh", "-c", words]), capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    def _env(self, words: str) -> None:
        for word in shlex.split(words):
            name, _, value = word.partition("=")
            self.environ[name] = self.path(value).replace("$PATH", self.environ["PATH"])

    def _label(self, words: str) -> None:
        self.labels |= dict(word.split("=", 1) for word in shlex.split(words))

    def _user(self, words: str) -> None:
        self.user = words

    def _volume(self, words: str) -> None:
        self.volumes = json.loads(words)

    def _expose(self, words: str) -> None:
        self.port = words

    def _stopsignal(self, words: str) -> None:
        self.stop_signal = words

    def _healthcheck(self, words: str) -> None:
        self.health = json.loads(words.partition("CMD ")[2])

    def _cmd(self, words: str) -> None:
        self.command = json.loads(words)
