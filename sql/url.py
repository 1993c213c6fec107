"""URLs of databases with several hosts, for drivers that read none themselves."""

from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

Host = tuple[str, int | None]
"""A host and its port, None where the URL gives none."""


class Url(NamedTuple):
    """What stands in `scheme://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?NAME=VALUE`, decoded."""

    hosts: list[Host]
    user: str
    password: str
    database: str
    parameters: dict[str, str]


def read_url(url: str) -> Url:
    """Return the parts of a URL. Raises ValueError for a wrong one, without showing it: it may hold a password."""
    parts = urlsplit(url)
    user, _, hosts = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    database = unquote(parts.path[1:])
    # A slash in a password ends the hosts: what follows would be a name that errors print.
    if not database or "@" in parts.path:
        raise ValueError("no database")
    parameters = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    return Url([_read_host(host) for host in hosts.split(",")], unquote(name), unquote(password), database, parameters)


def _read_host(text: str) -> Host:
    """Return the host and port of `HOST:PORT`, `HOST` or `[IPV6]:PORT`."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError("no host")
    return parts.hostname, parts.port
