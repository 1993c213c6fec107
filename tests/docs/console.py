"""The commands of a page, each with what it shows: they are run as they stand."""

import re
import subprocess
from pathlib import Path
from subprocess import PIPE, STDOUT

from waits import PATIENCE


def check_commands(page: str, port: int, folder: Path, least: int, python: str = "python3") -> None:
    """Run a page's commands in a folder, but for those of make, against the service on a port; compare what they print."""
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    steps = [
        step for block in blocks for step in re.findall(r"^\$ (?!make)(.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
    ]
    for command, shown in steps:
        command = command.replace("localhost:8000", f"localhost:{port}").replace("python3 ", f"{python} ")
        ran = subprocess.run(command, shell=True, cwd=folder, stdout=PIPE, stderr=STDOUT, text=True, timeout=PATIENCE)

        printed = ran.stdout.replace("\r\n", "\n").removeprefix("\ufeff")  # a byte order mark, which no terminal shows
        assert printed == shown, command
    assert len(steps) >= least
