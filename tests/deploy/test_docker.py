"""deploy/Dockerfile and compose.yaml: what they build and start is done in a clean folder, since no engine is at hand."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from dockerfile import Image, context, python_for_all, read
from ports import free_port
from project import PROJECT
from required import skip
from waits import PATIENCE, until

from settings import read_settings

DEPLOY = PROJECT / "deploy"
STEPS = read(DEPLOY / "Dockerfile")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
TOKEN = "correct-horse-battery"


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """What the Dockerfile makes, in a folder that its user may enter."""
    if os.getuid():
        skip("the image's files belong to several users: only root can make it")
    if not (python := python_for_all()):
        skip("the image's user may run no Python that is here: apt-get install python3")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Image(Path(folder), context(PROJECT, DEPLOY / "Dockerfile.dockerignore"), STEPS, python)


@contextmanager
def container(image: Image, command: list[str], **environ: str) -> Iterator[int]:
    """Run a command of the image until the end of the block, on a port of its own, and give the port."""
    port = free_port()
    command = [word.replace(image.port, str(port)) for word in command]
    process = subprocess.Popen(image.run(command, HOST="127.0.0.1", PORT=str(port), **environ))
    try:
        until(lambda: process.poll() is not None or is_healthy(image, port))
        yield port
    finally:
        process.send_signal(signal.Signals[image.stop_signal])
        assert process.wait(PATIENCE) == 0


def is_healthy(image: Image, port: int) -> bool:
    """Whether the health check says so."""
    command = [word.replace(f":{image.port}/", f":{port}/") for word in image.health]
    return subprocess.run(image.run(command), stderr=subprocess.DEVNULL).returncode == 0


def load(port: int, body: bytes) -> bytes:
    """Return what is stored after an upload."""
    url = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/csv"}
    for path, data in (("/upload/jobs", body), ("/tables/jobs.csv", None)):
        with urllib.request.urlopen(urllib.request.Request(url + path, data, headers)) as answer:
            content = answer.read()
    return content


def test_service_of_the_image_keeps_its_rows_in_the_volume(image: Image) -> None:
    with container(image, image.command, API_TOKEN=TOKEN) as port:
        assert load(port, b"1,Clerk\n") == b"id,job\r\n1,Clerk\r\n"
    assert not is_healthy(image, port)
    with container(image, image.command, API_TOKEN=TOKEN) as port:
        assert load(port, b"2,Agent\n") == b"id,job\r\n1,Clerk\r\n2,Agent\r\n"

    file = Path(image.path("/data/loadbay.db"))
    assert (file.stat().st_uid, file.stat().st_mode & 0o777) == (int(image.user.split(":")[0]), 0o600)
    assert image.volumes == ["/data", "/var/tmp"]


def test_service_of_the_image_needs_a_token(image: Image) -> None:
    ran = subprocess.run(image.run(image.command), capture_output=True, text=True)

    assert ran.returncode == 1
    assert ran.stderr == "Listening on 0.0.0.0 needs an API_TOKEN: without one only 127.0.0.1, ::1 or localhost\n"


def test_image_has_what_the_service_needs_and_no_more(image: Image) -> None:
    folder = Path(image.path("/opt/loadbay"))

    assert {path.name for path in folder.iterdir()} == {
        *(".venv", "LICENSE", "__pycache__", "gunicorn.conf.py", "requirements.lock", "requirements.txt"),
        *("handlers", "page", "rows", "service.py", "settings.py", "sql"),
    }
    assert not list(folder.glob(".venv/bin/pip*"))
    assert [path for path in folder.rglob("*") if not path.is_symlink() and path.stat().st_uid] == []
    assert Path(image.path("/opt/loadbay/rows/__pycache__")).is_dir()
    assert image.user != "0:0"
    assert image.labels["org.opencontainers.image.licenses"] == "MIT"


def test_service_of_compose_answers_on_its_socket(image: Image) -> None:
    token = image.root / "token"
    token.write_text(f"{TOKEN}\n")

    with container(image, COMPOSE["services"]["loadbay"]["command"], API_TOKEN_FILE=str(token)):
        ran = subprocess.run(
            ["curl", "-s", "--unix-socket", image.path("/run/loadbay/socket"), "-H", f"Authorization: Bearer {TOKEN}", "http://loadbay.example/tables/jobs.csv"],
            capture_output=True, text=True,
        )  # fmt: skip

    assert ran.stdout.startswith("id,job\n")


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if not hadolint:
        skip("no hadolint: pip install -r tests/requirements.txt")

    ran = subprocess.run([hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True)

    assert (ran.returncode, ran.stdout) == (0, "")


def test_services_of_compose_may_do_little() -> None:
    for service in COMPOSE["services"].values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert COMPOSE["services"]["nginx"]["networks"] == ["outside"]
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["nginx"]


def test_secrets_of_compose_are_files() -> None:
    named = {name for service in COMPOSE["services"].values() for name in service.get("secrets", [])}

    assert COMPOSE["secrets"] == {name: {"file": f"./secrets/{name}"} for name in named}
    for service in COMPOSE["services"].values():
        for name, value in service.get("environment", {}).items():
            assert re.search("PASSWORD|TOKEN|URL", name) is None or value.startswith("/run/secrets/")


def test_files_and_volumes_of_compose_are_there() -> None:
    mounted = [volume.split(":")[0] for service in COMPOSE["services"].values() for volume in service["volumes"]]

    assert {name for name in mounted if not name.startswith(".")} == set(COMPOSE["volumes"])
    assert all((DEPLOY / name).is_file() for name in mounted if name.startswith(".") and name != "./tls")


def test_a_stop_has_the_time_that_the_service_takes() -> None:
    graceful = int(re.findall(r"GRACEFUL_TIMEOUT=(\d+)", (DEPLOY / "Dockerfile").read_text())[0])

    assert COMPOSE["services"]["loadbay"]["stop_grace_period"] == f"{graceful + 30}s"


def test_lines_of_the_page_make_the_secrets_and_the_certificate(tmp_path: Path) -> None:
    page = (PROJECT / "docs/deploy.md").read_text()
    certificate, secrets = re.findall(r"a test runs these lines -->\n```sh\n(.*?)```", page, re.DOTALL)
    (tmp_path / "deploy").mkdir()

    for lines in (secrets, certificate.replace("/etc/nginx/tls", "deploy/tls")):
        subprocess.run(["sh", "-euc", lines], cwd=tmp_path, check=True, capture_output=True)

    made = {name: tmp_path / "deploy" / secret["file"] for name, secret in COMPOSE["secrets"].items()}
    assert [path.parent.stat().st_mode & 0o777 for path in made.values()] == [0o700] * 3
    assert [path.stat().st_mode & 0o777 for path in made.values()] == [0o644] * 3
    settings = read_settings({f"{name.upper()}_FILE": str(made[name]) for name in ("api_token", "database_url")})
    password = made["postgres_password"].read_text().strip()
    assert settings.database_url == f"postgresql://loadbay:{password}@postgres/loadbay"
    assert len(password) == len(settings.api_token or "") == 48
    assert {path.name for path in (tmp_path / "deploy/tls").iterdir()} == {"fullchain.pem", "privkey.pem"}
