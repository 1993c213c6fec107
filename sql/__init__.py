"""Everything a database is told: `open_database(url)` reads every .sql file, so that a broken one stops the start."""

import logging
from importlib import import_module
from pathlib import Path
from typing import TypeVar

from sql.database import Database
from sql.errors import DatabaseOutOfOrder, DatabaseUnavailable, StartRefused, UrlRefused
from sql.replica import Replica

__all__ = ["Database", "Replica", "open_database", "open_replica"]

Opened = TypeVar("Opened", bound=Database)

FOLDER = Path(__file__).parent

OTHER_NAMES = {"postgres": "postgresql"}
"""Other names of schemes, as providers write them into URLs."""


def open_database(url: str, busy_timeout: float = 30, pool_size: int = 0) -> Database:
    """Return the database of the URL, its tables created and its statements prepared if it can be reached.

    What is busy or away for a moment is tried again for busy_timeout seconds. At most pool_size connections are kept
    open for their next use, none when this returns, so that the process may fork. Raises StartRefused for a wrong URL,
    and for a .sql file that is missing or that the database does not take.
    """
    return _open(Database, "DATABASE_URL", url, busy_timeout, pool_size)


def open_replica(url: str, busy_timeout: float = 30, pool_size: int = 0) -> Replica:
    """Return the copy of a database that is at the URL, from which reports are read, likewise."""
    return _open(Replica, "REPORTS_DATABASE_URL", url, busy_timeout, pool_size)


def _open(kind: type[Opened], setting: str, url: str, busy_timeout: float, pool_size: int) -> Opened:
    try:
        scheme = _scheme_of(url)
        module = import_module(f"sql.{scheme}")
        database = kind(FOLDER / scheme, module.open_pool(url, busy_timeout, pool_size), module.TYPES, busy_timeout)
        database.start()
    except UrlRefused as error:
        raise StartRefused(f"{setting} {error}") from None
    except DatabaseOutOfOrder as error:
        raise StartRefused(f"{setting}: {error}") from None
    except DatabaseUnavailable as error:
        logging.getLogger(__name__).warning("%s: requests get a 503 until it answers (%s)", error, error.__cause__)
    database.close()
    return database


def _scheme_of(url: str) -> str:
    """Return what the URL begins with, the name of a folder."""
    name = url.partition(":")[0]
    scheme = OTHER_NAMES.get(name, name)
    known = sorted(path.parent.name for path in FOLDER.glob("*/ledger"))
    if scheme not in known:
        # What is no URL at all may be a password alone.
        found = f"begins with {scheme!r}, which" if "://" in url else "begins with what"
        raise UrlRefused(f"{found} is not one of {', '.join(known)}")
    return scheme
