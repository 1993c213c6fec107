"""Where the service listens: on what gunicorn is told to open, and on sockets that it was handed."""

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any


def told(server: Any) -> Iterator[str]:
    """Yield the hosts that gunicorn's arbiter is told to listen on, before it does."""
    return _hosts(server.cfg.address)


def opened(server: Any) -> Iterator[str]:
    """Yield the hosts of the sockets that it has: its own, those of systemd or of the process that it replaces."""
    return _hosts(listener.getsockname() for listener in server.LISTENERS)


def _hosts(addresses: Iterable[Any]) -> Iterator[str]:
    """Yield the host of each address that has one: a path, the address of a unix socket, is on this machine alone."""
    for address in addresses:
        found = _address_of(address) if isinstance(address, int) else address
        if isinstance(found, tuple):
            yield str(found[0])


def _address_of(descriptor: int) -> Any:
    """Return the address of an open socket, None where it is none: gunicorn itself ends then."""
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as found:
        return found.getsockname()
    return None
