"""make aws-package: the zips that Lambda runs hold the service and all that it needs, built for their architecture."""

import shutil
import struct
import subprocess
import sys
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import pytest
from project import PROJECT
from stack import template

pytestmark = pytest.mark.aws

MIB = 2**20
MACHINES = {"arm64": 183, "x86_64": 62}
"""What a library of an architecture has as e_machine in its ELF header: EM_AARCH64 and EM_X86_64."""

CERTIFICATES = b"made up: no certificate of RDS\n"

NEEDED = {
    "apig_wsgi",
    "aws",
    "cryptography",
    "falcon",
    "handlers",
    "page",
    "psycopg",
    "psycopg_binary",
    "psycopg_binary.libs",
    "pymysql",
    "rows",
    "service.py",
    "settings.py",
    "sql",
    "tzdata",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both packages once, in a copy of the project, and return where they are."""
    project = tmp_path_factory.mktemp("project")
    for name in ("service.py", "settings.py", "requirements.lock"):
        shutil.copy(PROJECT / name, project)
    for name in ("handlers", "rows", "sql", "page", "aws"):
        shutil.copytree(PROJECT / name, project / name)
    (project / "bundle.pem").write_bytes(CERTIFICATES)
    build(project)
    return project


def build(project: Path) -> None:
    subprocess.run([sys.executable, "aws/package.py", "bundle.pem"], cwd=project, check=True)


def package(made: Path, architecture: str) -> ZipFile:
    return ZipFile(made / "dist" / f"loadbay-{architecture}.zip")


@pytest.mark.parametrize("architecture", MACHINES)
def test_package_is_small_enough_for_lambda(made: Path, architecture: str) -> None:
    with package(made, architecture) as zipped:
        unpacked = sum(entry.file_size for entry in zipped.infolist())

    assert (made / "dist" / f"loadbay-{architecture}.zip").stat().st_size < 50 * MIB
    assert unpacked < 250 * MIB


@pytest.mark.parametrize("architecture", MACHINES)
def test_package_has_what_is_needed_and_nothing_that_lambda_has(made: Path, architecture: str) -> None:
    with package(made, architecture) as zipped:
        names = zipped.namelist()
    tops = {name.partition("/")[0] for name in names}

    assert tops >= NEEDED
    assert not tops & {"boto3", "botocore", "pip", "tests", "bench", "dist"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert {name for name in names if name.startswith("aws/") and not name.endswith(".py")} == {"aws/rds-bundle.pem"}


@pytest.mark.parametrize("architecture", MACHINES)
def test_package_has_the_service_as_it_stands(made: Path, architecture: str) -> None:
    paths = [path for folder in ("handlers", "rows", "sql", "page") for path in (PROJECT / folder).rglob("*")]

    with package(made, architecture) as zipped:
        for path in paths:
            if path.is_file() and path.suffix != ".pyc":
                assert zipped.read(path.relative_to(PROJECT).as_posix()) == path.read_bytes()
        assert zipped.read("aws/rds-bundle.pem") == CERTIFICATES


@pytest.mark.parametrize("architecture", MACHINES)
def test_package_has_the_handlers_of_the_template(made: Path, architecture: str) -> None:
    functions = [
        one["Properties"] for one in template()["Resources"].values() if "Handler" in one.get("Properties", {})
    ]

    with package(made, architecture) as zipped:
        for function in functions:
            module, _, name = function["Handler"].rpartition(".")
            assert name in zipped.read(module.replace(".", "/") + ".py").decode()
    assert len(functions) == 2


@pytest.mark.parametrize("architecture", MACHINES)
def test_libraries_are_of_the_architecture(made: Path, architecture: str) -> None:
    with package(made, architecture) as zipped:
        libraries = {
            name: zipped.read(name)[:20] for name in zipped.namelist() if ".so" in PurePosixPath(name).suffixes
        }

    assert {head[:4] for head in libraries.values()} == {b"\x7fELF"}
    assert {struct.unpack("<H", head[18:20])[0] for head in libraries.values()} == {MACHINES[architecture]}
    for needed in ("_cffi_backend", "cryptography/", "falcon/", "psycopg_binary/", "psycopg_binary.libs/libpq"):
        assert [name for name in libraries if name.startswith(needed)], needed


def test_the_same_files_make_the_same_packages(made: Path) -> None:
    paths = sorted((made / "dist").iterdir())
    before = [path.read_bytes() for path in paths]

    (made / "service.py").touch()
    build(made)

    assert [path.name for path in paths] == ["loadbay-arm64.zip", "loadbay-x86_64.zip"]
    assert [path.read_bytes() for path in paths] == before
