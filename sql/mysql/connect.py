"""How a connection is opened, to one of several hosts."""

import errno
import socket
from contextlib import suppress
from typing import Any

import pymysql
from pymysql.constants import CLIENT

from sql.connections.retry import LOCK_WAITS
from sql.errors import DatabaseUnavailable
from sql.mysql.errors import named
from sql.mysql.place import Place
from sql.mysql.values import CONVERSIONS

PORT = 3306
"""Where MySQL listens if the URL does not say."""

LOOK = "DO 1"
"""What any server does that is well."""

KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}
"""How a connection finds out within half a minute that the server's machine is gone, where the system has these."""

SESSION = (
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO',"
    " time_zone = '+00:00', innodb_lock_wait_timeout = {lock_wait}, lock_wait_timeout = {lock_wait}",
)
"""What a connection is told first. Only READ COMMITTED sees the ids that another upload stored a moment ago."""

GALERA_SESSION = "SET SESSION wsrep_sync_wait = 1"
"""What a connection to a Galera node is told: to read nothing before all is there that other nodes have committed."""


def connect(place: Place, busy_timeout: float) -> tuple["pymysql.Connection[Any]", bool]:
    """Return a connection to the first host that takes one, and whether that is a Galera node.

    Raises DatabaseUnavailable and the like.
    """
    *hosts, last = place.order(place.hosts)
    for host in hosts:
        with suppress(DatabaseUnavailable):
            return _connect_to(place, busy_timeout, *host)
    return _connect_to(place, busy_timeout, *last)


def _connect_to(
    place: Place, busy_timeout: float, host: str, port: int | None
) -> tuple["pymysql.Connection[Any]", bool]:
    """Return a connection to a host that is up and, where it is a Galera node, synced; and whether it is one."""
    lock_wait = max(1, round(busy_timeout / LOCK_WAITS))
    try:
        connection = pymysql.connect(
            host=host,
            port=port or PORT,
            charset="utf8mb4",
            collation="utf8mb4_bin",
            autocommit=True,
            binary_prefix=True,
            conv=CONVERSIONS,
            client_flag=CLIENT.FOUND_ROWS,  # an UPDATE counts the rows that it finds, not those that it changes
            defer_connect=True,
            **place.arguments,
        )
        seconds = max(1, busy_timeout / len(place.hosts))
        connection.connect(None if connection.unix_socket else _open_socket(host, port or PORT, seconds))
        for statement in SESSION:
            connection.query(statement.format(lock_wait=lock_wait))
        is_galera = _is_galera(connection)
        if is_galera:
            connection.query(GALERA_SESSION)
            connection.query(LOOK)
    except pymysql.Error as error:
        raise named(error) from error
    except OSError as error:
        own_code = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise DatabaseUnavailable("the database cannot be reached", own_code) from error
    return connection, is_galera


def _open_socket(host: str, port: int, seconds: float) -> socket.socket:
    """Return what the driver would open, but with KEEPALIVE: the system's own default is two hours."""
    opened = socket.create_connection((host, port), seconds)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return opened


def _is_galera(connection: "pymysql.Connection[Any]") -> bool:
    """Whether the server is a node of a Galera cluster."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES LIKE 'wsrep_on'")
        return cursor.fetchone() == ("wsrep_on", "ON")
