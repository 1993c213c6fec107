"""A cluster of Citus on loopback: a coordinator and two workers, to be killed and cut off.

`python tests/citus.py COMMAND` runs a command with its URL as TEST_POSTGRESQL_URL.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from clusters import Cluster, Node
from proxy import Proxy
from servers.postgresql import PostgreSQL
from waits import until

SET_UP = Path(__file__).parent.parent / "docs/citus.sql"
"""What distributes the tables as a service creates them."""

SETTINGS = (
    "shared_preload_libraries=citus",
    "citus.node_conninfo=sslmode=disable",
    "citus.enable_unsafe_triggers=on",  # by which the tests hold an upload
    "log_statement=all",
    "log_line_prefix=%p ",
)
"""What each node is started with."""

SHARDS = 4

STATEMENT = re.compile(r"^(\d+) LOG:  (?:statement|execute [^:]*): (.*)", re.MULTILINE)
"""A line of a node's log: the number of a process, and what it was told."""


class Citus(Cluster, PostgreSQL):
    """A coordinator, which has the ledger, and two workers with the shards, which it reaches by proxies."""

    def start(self) -> None:
        programs = self.find_programs()
        if not programs or not has_citus():
            pytest.skip(
                "Citus is not among PostgreSQL's libraries (pg_config --pkglibdir)"
            )  # no package of Debian has it
        self._postgres = programs[1]
        self.make_nodes(3)
        self.proxies: list[Proxy] = []
        for node in self.nodes:
            self.initialize(programs[0], node.folder / "data")
            self._start(node)
        self.proxies = [Proxy(self.url_of(self.url, node)).start() for node in self.workers]
        for node in self.nodes:
            self._wait(node)
        self.spread(self.url)
        self.set_recovery(1000)
        self.distribute(self.url)

    def create_database(self, name: str) -> str:
        for node in self.nodes:
            self.execute(self.url_of(self.url, node), f"CREATE DATABASE {name}")
        url = urlsplit(self.url)._replace(path=f"/{name}").geturl()
        self.spread(url)
        self.distribute(url)
        return url

    def spread(self, url: str) -> None:
        """Let a database that each node has be one, over all of them."""
        for node in self.nodes:
            self.execute(self.url_of(url, node), "CREATE EXTENSION citus")
        self.execute(url, f"SELECT citus_set_coordinator_host('127.0.0.1', {self.coordinator.port})")
        for proxy in self.proxies:
            self.execute(url, f"SELECT citus_add_node('127.0.0.1', {proxy.port})")

    def distribute(self, url: str) -> None:
        """Let the tables be distributed that a service will create."""
        self.execute(url, SET_UP.read_text().replace("shard_count => 32", f"shard_count => {SHARDS}"))

    def stop(self) -> None:
        for proxy in self.proxies:
            proxy.stop()
        super().stop()

    @property
    def coordinator(self) -> Node:
        return self.nodes[0]

    @property
    def workers(self) -> list[Node]:
        return self.nodes[1:]

    @property
    def written(self) -> Node:
        return self.coordinator

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.coordinator.port}/postgres"

    def url_for_service(self, url: str) -> str:
        return url

    def rejoin(self, *nodes: Node) -> None:
        for node in nodes:
            self._start(node)
        for node in nodes:
            self._wait(node)

    def wait_until_recovered(self) -> None:
        """Wait until no node has a transaction that is prepared and not ended."""
        for node in self.nodes:
            url = self.url_of(self.url, node)
            until(lambda url=url: self.execute(url, "SELECT count(*) FROM pg_prepared_xacts") == [(0,)])

    def set_recovery(self, milliseconds: int) -> None:
        """Set how often the coordinator ends what is prepared; -1 is never."""
        setting = f"ALTER SYSTEM SET citus.recover_2pc_interval = {milliseconds}"
        self.execute(self.url, setting, "SELECT pg_reload_conf()")

    def statements(self) -> list[tuple[str, str]]:
        """Return what the nodes were told, each with the number of the process that did it."""
        return STATEMENT.findall((self._folder / "log").read_text())

    def _start(self, node: Node) -> None:
        node.process = self.serve(self._postgres, node.folder, node.port, *SETTINGS)

    def _wait(self, node: Node) -> None:
        self.wait(node.process, self.url_of(self.url, node))


def has_citus() -> bool:
    """Whether the extension is installed."""
    pg_config = shutil.which("pg_config")
    if not pg_config:
        return False
    folder = subprocess.run([pg_config, "--pkglibdir"], capture_output=True, text=True, check=True).stdout.strip()
    return Path(folder, "citus.so").exists()


def main() -> None:
    """Run a command beside a cluster."""
    cluster = Citus()
    try:
        cluster.start()
        sys.exit(subprocess.run(sys.argv[1:], env={**os.environ, "TEST_POSTGRESQL_URL": cluster.url}).returncode)
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
