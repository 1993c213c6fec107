"""docs/load.md: its commands are run as they stand, and so is `make load`."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from console import check_commands
from project import PROJECT, copy_examples
from served import Served

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)


def test_commands_print_what_the_page_shows(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve().wait()
    copy_examples(tmp_path / "examples")
    (tmp_path / "client").mkdir()
    shutil.copy(PROJECT / "client/load.py", tmp_path / "client")

    check_commands((PROJECT / "docs/load.md").read_text(), served.port, tmp_path, least=4, python=sys.executable)


def test_make_load_passes_files_and_options(serve: Callable[..., Served], tmp_path: Path) -> None:
    served = serve().wait()
    (tmp_path / "jobs.csv").write_text("1,Cook\n")
    given = [
        f"FILES={tmp_path}/*.csv",
        f"URL={served.url}",
        "OPTIONS=-o strict=true --json",
        f"PYTHON={sys.executable}",
    ]

    ran = subprocess.run(["make", "--silent", "load", *given], cwd=PROJECT, capture_output=True, text=True)

    assert (ran.returncode, ran.stdout.count('"is_in": true')) == (0, 2)
    assert served.get("/uploads")[0]["options"] == {"strict": True}
