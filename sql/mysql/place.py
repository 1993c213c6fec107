"""Where the database is, as DATABASE_URL says it."""

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from sql.errors import UrlRefused
from sql.url import Host, read_url

FILES = ("unix_socket", "ssl_ca", "ssl_cert", "ssl_key")
"""What the query of the URL may give, each the path of a file."""

ORDERS = {"disable": list, "random": lambda hosts: random.sample(hosts, len(hosts))}
"""In which order the URL's hosts are tried, by load_balance_hosts in its query: libpq's name and values for it."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Place(NamedTuple):
    """Where the database is, and who asks."""

    hosts: list[Host]
    order: Callable[[list[Host]], list[Host]]
    arguments: dict[str, Any]
    """The driver's names and values for all that the hosts share."""


def read_place(url: str) -> Place:
    """Return what the URL says."""
    try:
        hosts, user, password, database, parameters = read_url(url)
        order = ORDERS[parameters.pop("load_balance_hosts", "disable")]
        if not parameters.keys() <= set(FILES):
            raise ValueError("unknown parameters")
    except (ValueError, KeyError):
        raise UrlRefused(
            "is no URL of MySQL: expected mysql://USER:PASSWORD@HOST:PORT/DATABASE, or several HOST:PORT "
            "with commas, with other characters than letters and digits percent-encoded, and behind a question mark "
            f"only {', '.join(FILES)}, load_balance_hosts={'|'.join(ORDERS)}"
        ) from None
    # Without ssl_ca the driver encrypts where the server offers it; on one machine that protects nothing.
    ssl = {
        "ssl_disabled": "ssl_ca" not in parameters and all(host in LOOPBACK for host, _ in hosts),
        "ssl_verify_identity": "ssl_ca" in parameters,
    }
    return Place(hosts, order, {"user": user, "password": password, "database": database, **ssl, **parameters})
