"""MariaDB, as the tests start it."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pymysql
from waits import PATIENCE

from servers.server import DELETES, Step
from servers.throwaway import Throwaway


class MySQL(Throwaway):
    name = "mysql"
    emptying = (*DELETES, "ALTER TABLE uploads AUTO_INCREMENT = 1")
    variable = "TEST_MYSQL_URL"
    package = "mariadb-server"
    user = "mysql"

    def find_programs(self) -> list[str]:
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
        found = [shutil.which(program, path=path) for program in ("mariadb-install-db", "mariadbd")]
        return [program for program in found if program] if all(found) else []

    def run(self, folder: Path, *programs: str) -> "subprocess.Popen[bytes]":
        self.url = f"mysql://root@127.0.0.1:{self.port}/mysql"
        self.initialize(programs[0], folder / "data")
        return self.spawn(programs[1], *self.options(folder, self.port))

    def initialize(self, install_db: str, data: Path) -> None:
        """Make a new data folder."""
        options = ("--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db")
        self.call(install_db, *options, f"--datadir={data}", f"--tmpdir={data.parent}")

    def options(self, folder: Path, port: int) -> list[str]:
        """Return what a server on the data in a folder is started with."""
        return [
            "--no-defaults",
            f"--datadir={folder / 'data'}",
            f"--tmpdir={folder}",  # at its start a server removes temporary tables, those of others with them
            f"--socket={folder / 'socket'}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--max-connections=200",
            *(() if self.durable else ("--innodb-flush-log-at-trx-commit=0",)),
        ]

    def create(self) -> str:
        name = f"test_{uuid4().hex}"
        self.execute(self.url, f"CREATE DATABASE {name}")
        return urlsplit(self.url)._replace(path=f"/{name}").geturl()

    def drop(self, url: str) -> None:
        self.execute(self.url, f"DROP DATABASE {urlsplit(url).path[1:]}")

    def holding(self, number: int, step: Step) -> list[str]:
        lock = f"concat(database(), {number})"
        return [
            f"DO get_lock({lock}, {PATIENCE})",
            f"CREATE OR REPLACE TRIGGER hold_{number} BEFORE {step.event} FOR EACH ROW "
            f"IF NEW.{step.column} = {number} THEN DO get_lock({lock}, {PATIENCE}); DO release_lock({lock}); END IF",
        ]

    waited_for = """
        SELECT count(*)
        FROM information_schema.innodb_lock_waits
        JOIN information_schema.innodb_trx ON trx_id = blocking_trx_id
        WHERE trx_mysql_thread_id = connection_id()
    """

    def connect(self, url: str) -> Any:
        parts = urlsplit(url)
        return pymysql.connect(
            host=parts.hostname or "",
            port=parts.port or 3306,
            user=parts.username,
            password=parts.password or "",
            database=parts.path[1:],
            ssl_disabled=True,  # it would read the machine's certificates for each connection
            autocommit=True,
            init_command="SET sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES'",
        )
