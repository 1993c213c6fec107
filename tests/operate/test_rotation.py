"""Logs in files, rotated with the line of docs/operate.md."""

import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from project import PROJECT
from served import Served
from waits import until

POSTROTATE = re.findall(r"postrotate\n\s*(.*)\n", (PROJECT / "docs/operate.md").read_text())


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_rotated_logs_go_on_in_new_files(serve: Callable[..., Served], tmp_path: Path) -> None:
    access, errors, pid = tmp_path / "access.log", tmp_path / "errors.log", tmp_path / "pid"
    served = serve("--access-logfile", str(access), "--error-logfile", str(errors), "--pid", str(pid)).wait()
    served.status("/tables")
    until(lambda: '"/tables"' in access.read_text())
    (line,) = POSTROTATE
    for log in (access, errors):
        log.rename(log.with_suffix(".1"))

    subprocess.run(line.replace("/run/loadbay/pid", str(pid)), shell=True, check=True)

    until(lambda: all(opened_by(worker) >= {str(access), str(errors)} for worker in served.workers))
    until(lambda: served.status("/stats") == 200 and '"/stats"' in access.read_text())
    assert '"/stats"' not in access.with_suffix(".1").read_text()
    assert served.status("/health") == 200


def opened_by(process: int) -> set[str]:
    """Return the paths of the files that a process has open."""
    found = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):  # it is closed by now
            found.add(str(descriptor.readlink()))
    return found
