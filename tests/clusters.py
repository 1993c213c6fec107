"""Clusters on loopback, to be killed: three nodes of MariaDB Galera, or a primary and a standby of PostgreSQL.

The one of Citus is in citus.py.

`python tests/clusters.py mysql` starts one, says how a service reaches it, and brings nodes that are killed back.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql
from ports import free_port
from required import skip
from servers.mysql import MySQL
from servers.postgresql import PostgreSQL
from servers.throwaway import LOG_CHARS, Throwaway, kill_at_once
from waits import PATIENCE

GALERA_PROVIDERS = ("/usr/lib/galera/libgalera_smm.so", "/usr/lib64/galera-4/libgalera_smm.so")

GALERA_TIMES = (
    "evs.keepalive_period=PT0.2S",
    "evs.inactive_check_period=PT0.1S",
    "evs.suspect_timeout=PT1S",
    "evs.inactive_timeout=PT2S",
    "evs.install_timeout=PT2S",
)
"""How soon the others go on without a node that is dead; keepalive_period stays below a third of suspect_timeout."""

STANDBY = "standby"
"""What every node calls itself to the primary that it follows."""

REJOIN_SECONDS = 10


class Node:
    """One server of a cluster."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it with all that it started, as if its machine were gone: SIGKILL."""
        if self.process and self.is_up:
            kill_at_once(self.process)
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Cluster(Throwaway):
    """Some nodes with the same rows."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []

    def make_nodes(self, number: int) -> None:
        """Make the nodes' folders."""
        self.make_folder()
        self.nodes = [Node(self._folder / f"node{i + 1}") for i in range(number)]
        for node in self.nodes:
            node.folder.mkdir()
            shutil.chown(node.folder, self.owner)

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()
        if self.nodes:
            shutil.rmtree(self._folder)

    @property
    def live(self) -> list[Node]:
        return [node for node in self.nodes if node.is_up]

    @property
    def written(self) -> Node:
        """The node that a service writes to."""
        return self.live[0]

    def url_of(self, url: str, *nodes: Node) -> str:
        """Return the URL of a database on these nodes alone."""
        parts = urlsplit(url)
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        return parts._replace(netloc=f"{parts.username}@{hosts}").geturl()

    def url_for_service(self, url: str) -> str:
        """Return the URL of a database on whichever node takes it."""
        return self.url_of(url, *self.nodes)

    def create_database(self, name: str) -> str:
        """Return the URL of a new database."""
        self.execute(self.url, f"CREATE DATABASE {name}")
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def execute(self, url: str, *statements: str) -> list[Any]:
        """Run statements, once the others have noticed who is dead, and return the rows of the last."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return super().execute(url, *statements)
            except (psycopg.OperationalError, pymysql.OperationalError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def fail_over(self, node: Node) -> None:
        """Let the others take the place of a node that is dead."""

    def rejoin(self, *nodes: Node) -> None:
        """Start nodes that are dead again, and wait until they have what they missed."""

    def end_writes(self) -> None:
        """Kill so many nodes that the others take no writes."""


class Galera(Cluster, MySQL):
    """Three nodes of MariaDB, each of which takes writes."""

    package = "mariadb-server galera-4 rsync"

    def start(self) -> None:
        programs = self.find_programs()
        providers = [path for path in GALERA_PROVIDERS if Path(path).exists()]
        if not programs or not providers or not shutil.which("rsync"):
            skip(f"no Galera cluster: apt-get install {self.package}")
        self._mariadbd, self._provider = programs[1], providers[0]
        self.make_nodes(3)
        self._ports = {node: [free_port() for _ in range(3)] for node in self.nodes}
        first, *others = self.nodes
        self.initialize(programs[0], first.folder / "data")
        self._start(first, "--wsrep-new-cluster")
        self._wait(first)
        for node in others:
            (node.folder / "data").mkdir()
            shutil.chown(node.folder / "data", self.owner)
            self._start(node)
            self._wait(node)

    @property
    def url(self) -> str:
        return f"mysql://root@127.0.0.1:{self.written.port}/mysql"

    def rejoin(self, *nodes: Node) -> None:
        # All are started before one is waited for: those that lost their quorum form a cluster only together.
        for node in nodes:
            self._start(node, *self._position(node))
        for node in nodes:
            self._wait(node)

    def _position(self, node: Node) -> list[str]:
        """Return the option that says what a crashed node still has, so that it does not fetch all anew."""
        recover = subprocess.run(
            [self._mariadbd, *self._options(node), "--wsrep-recover"],
            user=self.owner,
            cwd=node.folder,
            capture_output=True,
            text=True,
        )
        found = re.search(r"Recovered position:?\s*(\S+)", recover.stdout + recover.stderr)
        return [f"--wsrep-start-position={found[1]}"] if found else []

    def end_writes(self) -> None:
        for node in self.nodes[1:]:
            node.kill()

    def _start(self, node: Node, *more: str) -> None:
        node.process = self.spawn(self._mariadbd, *self._options(node), *more)

    def _wait(self, node: Node) -> None:
        """Wait until a node is synced: before that it refuses every statement.

        A node ends itself where the one that was to send it what it lacks cannot, with "Will never receive state. Need
        to abort"; it is started again.
        """
        url = f"mysql://root@127.0.0.1:{node.port}/mysql"
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                super(Cluster, self).execute(url, "SELECT 1")
                return
            except pymysql.Error:
                if time.monotonic() > deadline:
                    raise AssertionError((self._folder / "log").read_text()[-LOG_CHARS:]) from None
            if not node.is_up:
                self._start(node)
            time.sleep(0.1)

    def _options(self, node: Node) -> list[str]:
        group, incremental, whole = self._ports[node]
        provider_options = (
            f"base_port={group}",
            f"gmcast.listen_addr=tcp://127.0.0.1:{group}",
            f"ist.recv_addr=127.0.0.1:{incremental}",
            "gcache.size=64M",
            *GALERA_TIMES,
        )
        addresses = ",".join(f"127.0.0.1:{ports[0]}" for ports in self._ports.values())
        return [
            *self.options(node.folder, node.port),
            "--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
            "--wsrep-on=ON",
            f"--wsrep-provider={self._provider}",
            "--wsrep-cluster-name=loadbay",
            f"--wsrep-cluster-address=gcomm://{addresses}",
            f"--wsrep-node-name={node.folder.name}",
            f"--wsrep-node-address=127.0.0.1:{group}",
            "--wsrep-sst-method=rsync",
            f"--wsrep-sst-receive-address=127.0.0.1:{whole}",
            f"--wsrep-provider-options={';'.join(provider_options)}",
        ]


class Replicated(Cluster, PostgreSQL):
    """A primary of PostgreSQL and its standby, which has every upload that was answered."""

    def start(self) -> None:
        programs = self.find_programs()
        if not programs:
            skip(f"no PostgreSQL cluster: apt-get install {self.package}")
        self._postgres = programs[1]
        self.make_nodes(2)
        self.primary, standby = self.nodes
        self.initialize(programs[0], self.primary.folder / "data")
        with (self.primary.folder / "data/postgresql.conf").open("a") as configuration:
            configuration.write(f"synchronous_standby_names = '{STANDBY}'\nwal_keep_size = 256MB\n")
        self._start(self.primary)
        self._join(standby)

    @property
    def written(self) -> Node:
        return self.primary

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.written.port}/postgres"

    def url_for_service(self, url: str) -> str:
        return f"{super().url_for_service(url)}{'&' if '?' in url else '?'}target_session_attrs=read-write"

    def fail_over(self, node: Node) -> None:
        if node is self.primary:
            self.primary = next(other for other in self.nodes if other is not node)
            self.execute(self.url, "SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote() END")

    def rejoin(self, *nodes: Node) -> None:
        for node in nodes:
            shutil.rmtree(node.folder / "data")
            self._join(node)

    def end_writes(self) -> None:
        self.primary.kill()

    def _join(self, node: Node) -> None:
        """Make a node the standby of the primary, with a copy of its data."""
        program = Path(self._postgres).with_name("pg_basebackup")
        place = ("-h", "127.0.0.1", "-p", self.primary.port, "-U", "postgres", "-D", node.folder / "data")
        self.call(program, *place, "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        self._start(node)
        following = f"SELECT 1 FROM pg_stat_replication WHERE application_name = '{STANDBY}' AND state = 'streaming'"
        while not self.execute(self.url, following):
            time.sleep(0.05)

    def _start(self, node: Node) -> None:
        node.process = self.serve(self._postgres, node.folder, node.port, f"cluster_name={STANDBY}")
        self.wait(node.process, f"postgresql://postgres@127.0.0.1:{node.port}/postgres")


CLUSTERS: dict[str, type[Cluster]] = {cluster.name: cluster for cluster in (Galera, Replicated)}


def main() -> None:
    """Start a cluster for trying it out, and let nodes that are killed rejoin until this is interrupted."""
    from citus import Citus

    kinds = {**CLUSTERS, "citus": Citus}
    if sys.argv[1:] not in [[name] for name in kinds]:
        raise SystemExit(f"expected one of {', '.join(kinds)}")
    cluster = kinds[sys.argv[1]]()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        cluster.start()
        url = cluster.create_database("loadbay")
        print(f"DATABASE_URL='{cluster.url_for_service(url)}'")
        for node in cluster.nodes:
            print(f"{node.folder.name}: kill -9 {node.process.pid}", flush=True)
        while True:
            time.sleep(0.2)
            for node in cluster.nodes:
                if not node.is_up:
                    cluster.fail_over(node)
                    print(f"{node.folder.name} was killed: it comes back in {REJOIN_SECONDS} seconds", flush=True)
                    time.sleep(REJOIN_SECONDS)
                    cluster.rejoin(node)
                    print(f"{node.folder.name} is back: kill -9 {node.process.pid}", flush=True)
    finally:
        cluster.stop()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
