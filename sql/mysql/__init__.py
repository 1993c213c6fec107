"""MySQL and MariaDB: all about them that is not SQL. How to connect, hold a transaction and hand a batch over."""

from sql.connections.pool import Pool
from sql.mysql.connection import Connection
from sql.mysql.place import read_place

TYPES = {"bigint": "integer", "varchar": "text", "datetime": "timestamp"}
"""This database's names of the column types."""


def open_pool(url: str, busy_timeout: float, pool_size: int) -> Pool:
    """Return the connections to `mysql://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE`, to the first host that is there.

    Connecting, and waiting for another writer, may take busy_timeout seconds each. Raises UrlRefused for a wrong
    one, without showing it: it may hold a password.
    """
    place = read_place(url)
    return Pool(lambda: Connection(place, busy_timeout), pool_size)
