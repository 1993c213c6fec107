"""Write dist/loadbay-arm64.zip and dist/loadbay-x86_64.zip: the service and all that it needs, as Lambda runs it.

`python aws/package.py BUNDLE` takes the certificates of RDS from the file BUNDLE; `make aws-package` fetches that.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

PROJECT = Path(__file__).parent.parent
PYTHON = "3.13"
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""What Lambda calls an architecture, and what wheels call it."""

SERVICE = ("service.py", "settings.py", "handlers/**/*", "rows/**/*", "sql/**/*", "page/**/*", "aws/*.py")
LOCKS = ("requirements.lock", "aws/requirements.lock")
BUNDLE = "aws/rds-bundle.pem"
TIME = (1980, 1, 1, 0, 0, 0)
"""When all in a package was changed: the earliest that a zip can say, so that the same files make the same package."""


def main(bundle: Path, folder: Path) -> None:
    """Write the package of each architecture into a folder."""
    folder.mkdir(exist_ok=True)
    for architecture, machine in MACHINES.items():
        files = dict(service_files())
        files[BUNDLE] = bundle.read_bytes()
        with TemporaryDirectory() as wheels:
            download(machine, Path(wheels))
            for wheel in Path(wheels).iterdir():
                files.update(wheel_files(wheel))
        write(folder / f"loadbay-{architecture}.zip", files)


def service_files() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each file of the service."""
    for pattern in SERVICE:
        for path in PROJECT.glob(pattern):
            if path.is_file() and path.suffix != ".pyc" and path != Path(__file__):
                yield path.relative_to(PROJECT).as_posix(), path.read_bytes()


def download(machine: str, folder: Path) -> None:
    """Fetch the wheels of what is locked, built for a glibc of at most 2.28: that of Lambda's Linux is 2.34."""
    platforms = [f"--platform={standard}_{machine}" for standard in ("manylinux2014", "manylinux_2_28")]
    target = [*platforms, f"--python-version={PYTHON}", "--implementation=cp", "--only-binary=:all:"]
    locks = [f"--requirement={PROJECT / lock}" for lock in LOCKS]
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"]
    subprocess.run([*pip, "--no-deps", "--require-hashes", *target, *locks, f"--dest={folder}"], check=True)


def wheel_files(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what a wheel installs. One with a folder `.data` needs an installer, and ends this with a sentence."""
    with ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".data/" in name:
                raise SystemExit(f"{wheel.name} has {name}: expected only what can be unpacked as it is")
            if not name.endswith("/"):
                yield name, archive.read(name)


def write(path: Path, files: dict[str, bytes]) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = ZipInfo(name, TIME)
            entry.external_attr = 0o100644 << 16  # readable for the user that Lambda runs it as
            archive.writestr(entry, content, ZIP_DEFLATED)
    unpacked = sum(map(len, files.values()))
    print(f"{path.name}: {path.stat().st_size / 2**20:.1f} MiB, {unpacked / 2**20:.1f} MiB unpacked")


if __name__ == "__main__":
    main(Path(sys.argv[1]), PROJECT / "dist")
