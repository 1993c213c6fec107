"""PostgreSQL, as the tests start it."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from servers.server import TABLES, Step
from servers.throwaway import Throwaway


class PostgreSQL(Throwaway):
    name = "postgresql"
    emptying = (f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY",)
    variable = "TEST_POSTGRESQL_URL"
    package = "postgresql"
    user = "postgres"
    stop_signal = signal.SIGINT  # without regard to connections that are open

    def find_programs(self) -> list[str]:
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        path = os.pathsep.join([*map(str, reversed(folders)), os.environ.get("PATH", "")])
        found = [shutil.which(program, path=path) for program in ("initdb", "postgres")]
        return [program for program in found if program] if all(found) else []

    def run(self, folder: Path, *programs: str) -> "subprocess.Popen[bytes]":
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.initialize(programs[0], folder / "data")
        return self.serve(programs[1], folder, self.port)

    def initialize(self, initdb: str, data: Path) -> None:
        """Make a new data folder."""
        options = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync")
        self.call(initdb, "-D", data, *options)

    def serve(self, postgres: str, folder: Path, port: int, *more: str) -> "subprocess.Popen[bytes]":
        """Start a server on the data in a folder."""
        settings = (
            "listen_addresses=127.0.0.1",
            f"port={port}",
            f"unix_socket_directories={folder}",
            "max_connections=200",
            "dynamic_shared_memory_type=mmap",  # it goes with the data folder, also after a SIGKILL
            *(() if self.durable else ("fsync=off",)),
            *more,
        )
        return self.spawn(postgres, "-D", folder / "data", *(part for name in settings for part in ("-c", name)))

    def create(self) -> str:
        name = f"test_{uuid4().hex}"
        self.execute(self.url, f"CREATE SCHEMA {name}")
        return f"{self.url}{'&' if '?' in self.url else '?'}options=-csearch_path%3D{name}"

    def drop(self, url: str) -> None:
        self.execute(self.url, f"DROP SCHEMA {url.rpartition('%3D')[2]} CASCADE")

    def holding(self, number: int, step: Step) -> list[str]:
        lock = f"hashtext(current_schema()), {number}"
        return [
            f"SELECT pg_advisory_lock({lock})",
            # Not pg_advisory_lock: the service's lock_timeout would end it.
            f"CREATE OR REPLACE FUNCTION hold_{number}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN "
            f"WHILE NOT pg_try_advisory_xact_lock_shared({lock}) LOOP PERFORM pg_sleep(0.01); END LOOP; RETURN NEW; END'",
            f"CREATE OR REPLACE TRIGGER hold_{number} BEFORE {step.event} "
            f"FOR EACH ROW WHEN (NEW.{step.column} = {number}) EXECUTE FUNCTION hold_{number}()",
        ]

    waited_for = "SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"

    def connect(self, url: str) -> Any:
        connection = psycopg.connect(url, autocommit=True)
        connection.execute("SET TIME ZONE 'UTC'")
        return connection
