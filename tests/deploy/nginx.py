"""nginx in front of a service, as deploy/ has it: its files as they are, but for paths, ports and a certificate of its own."""

import shutil
import socket
import subprocess
from getpass import getuser
from pathlib import Path

from ports import free_port
from project import PROJECT
from required import skip
from waits import until

AROUND = "daemon off; user {user}; pid {folder}/pid; error_log {folder}/error.log; events {{ worker_connections 1000; }} http {{ access_log off; {temporary} {sites} }}"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
CERTIFICATE = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
NAMES = "subjectAltName=IP:127.0.0.1,DNS:localhost"


class Nginx:
    """A running nginx. `certificate` is the file that its clients have to trust."""

    def __init__(self, folder: Path, upstream: str, replace: dict[str, str]):
        """upstream is where the service listens, as nginx names it; replace has what else of the configuration to change."""
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if not program:
            skip("no nginx: apt-get install nginx-light")
        self.port, self.plain_port = free_port(), free_port()
        self.certificate = make_certificate(folder)
        places = {
            "unix:/run/loadbay/socket": upstream,
            "/etc/nginx/tls": str(folder),
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
        }
        sites = "".join((PROJECT / "deploy" / name).read_text() for name in ("upstream.conf", "nginx.conf"))
        for old, new in (places | replace).items():
            assert old in sites
            sites = sites.replace(old, new)
        temporary = " ".join(f"{name}_temp_path {folder}/{name};" for name in TEMPORARY)
        configuration = folder / "nginx.conf"
        configuration.write_text(AROUND.format(user=getuser(), folder=folder, temporary=temporary, sites=sites))
        self.process = subprocess.Popen([program, "-p", folder, "-e", "error.log", "-c", configuration])
        until(lambda: self.process.poll() is not None or accepts(self.port))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def accepts(port: int) -> bool:
    """Whether anything listens on a port of loopback."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def make_certificate(folder: Path) -> Path:
    """Make a key and a certificate for loopback that signs itself, by the names that deploy/nginx.conf gives them."""
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    subprocess.run(
        [*CERTIFICATE, "-subj", "/CN=localhost", "-addext", NAMES, "-days", "2", "-out", certificate, "-keyout", key],
        check=True,
        capture_output=True,
    )
    return certificate
