"""requirements.lock: what requirements.txt asks for and all that this needs, each release by the hashes of its files."""

import re
import subprocess
import sys
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from project import PROJECT

PYTHONS = ("3.11", "3.12", "3.13")
"""Those that the tests were run on."""


def asked_for() -> list[Requirement]:
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    return [Requirement(line.partition("#")[0]) for line in lines if line.partition("#")[0].strip()]


def locked() -> dict[str, tuple[Requirement, list[str]]]:
    """Return what is locked by its name, each with its hashes."""
    text = (PROJECT / "requirements.lock").read_text().replace("\\\n", " ")
    lines = [line.split("--hash=") for line in text.splitlines() if not line.startswith("#")]
    found = [(Requirement(requirement), [one.strip() for one in hashes]) for requirement, *hashes in lines]
    return {canonicalize_name(requirement.name): (requirement, hashes) for requirement, hashes in found}


def needed(requirement: Requirement, python: str) -> set[str]:
    """Return the names of what a requirement needs on a release of Python, as it is installed here, its own with them."""
    name = canonicalize_name(requirement.name)
    found = {name}
    for line in metadata.requires(name) or []:
        further = Requirement(line)
        environments = [
            {"python_version": python, "python_full_version": python, "extra": extra}
            for extra in ("", *requirement.extras)
        ]
        if further.marker is None or any(map(further.marker.evaluate, environments)):
            found |= needed(further, python)
    return found


def test_lock_has_what_is_asked_for_in_a_release_that_fits() -> None:
    lock = locked()

    for requirement in asked_for():
        (specifier,) = lock[canonicalize_name(requirement.name)][0].specifier
        assert specifier.operator == "=="
        assert requirement.specifier.contains(specifier.version), requirement


def test_lock_has_all_that_is_needed_on_each_python_and_nothing_else() -> None:
    lock = locked()

    for python in PYTHONS:
        environment = {"python_version": python, "python_full_version": python}
        installed = {name for name, (one, _) in lock.items() if one.marker is None or one.marker.evaluate(environment)}
        assert installed == set().union(*(needed(requirement, python) for requirement in asked_for())), python


def test_lock_has_the_hashes_of_more_than_one_file_of_each_release() -> None:
    for name, (_, hashes) in locked().items():
        assert len(hashes) == len(set(hashes)) > 1, name
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", one) for one in hashes), name


def test_what_is_installed_is_what_is_locked() -> None:
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--require-hashes",
        "--no-index",
        "-r",
        "requirements.lock",
    ]

    ran = subprocess.run(pip, cwd=PROJECT, capture_output=True, text=True)

    assert ran.returncode == 0, ran.stderr
    assert "Would install" not in ran.stdout
