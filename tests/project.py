"""The project that is tested, and copies of it."""

import shutil
from pathlib import Path

PROJECT = Path(__file__).parent.parent


def copy_examples(folder: Path) -> None:
    """Copy the example files, without the refused rows that somebody who loaded them has beside them."""
    shutil.copytree(PROJECT / "examples", folder, ignore=shutil.ignore_patterns("*.rejects.csv*"), dirs_exist_ok=True)


def edit(path: Path, old: str, new: str) -> None:
    """Replace a part of a file that is there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
