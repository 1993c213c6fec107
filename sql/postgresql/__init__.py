"""PostgreSQL: all about it that is not SQL. How to connect, hold a transaction and hand a batch over."""

import re
from functools import partial
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from sql.citus.connection import CitusConnection
from sql.connections.pool import Pool
from sql.errors import UrlRefused
from sql.postgresql.connect import Place
from sql.postgresql.connection import Connection

CONNECTIONS = {kind.variant: kind for kind in (Connection, CitusConnection)}
"""The kinds of connections, by the name of the folder in sql/ with what differs on their database."""

TYPES = {"bigint": "integer", "text": "text", "timestamp with time zone": "timestamp"}
"""This database's names of the column types."""

KEEPALIVE = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""How a connection finds out within half a minute that the server's machine is gone, unless the URL says otherwise."""


def open_pool(url: str, busy_timeout: float, pool_size: int) -> Pool:
    """Return the connections to `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, in all forms that libpq takes.

    Connecting, and waiting for another writer, may take busy_timeout seconds each. Raises UrlRefused for a wrong
    one, without showing it: it may hold a password.
    """
    try:
        place = conninfo_to_dict(url)
        ports = str(place.get("port") or "")
        # A slash in a password ends the host: what follows would be a name that errors print.
        if "@" in urlsplit(url).path or not re.fullmatch("[0-9,]*", ports):
            raise ValueError
    except (psycopg.Error, ValueError):
        raise UrlRefused(
            "is no URL of PostgreSQL: expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with other "
            "characters than letters and digits percent-encoded"
        ) from None
    hosts = str(place.get("host") or "").count(",") + 1
    timeout = {"connect_timeout": max(2, int(busy_timeout / hosts))}
    place = {**KEEPALIVE, **timeout, **place, "client_encoding": "utf8"}
    return Pool(partial(_open, Place(place, busy_timeout)), pool_size)


def _open(place: Place) -> Connection:
    connection, variant = place.connect()
    return CONNECTIONS[variant](place, connection)
