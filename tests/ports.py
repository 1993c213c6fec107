"""Ports of loopback for what the tests start."""

import os
import random
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import cycle
from socket import socket

PORTS = (20_000, 32_768)
"""Below those that Linux gives to outgoing connections: a server that is killed finds its own free when it is back."""


def ports() -> Iterator[int]:
    """Go round those of PORTS that no other process of the same run of tests is given, from anywhere in them."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1))
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = range(*PORTS)[number::processes]
    start = random.randrange(len(own))
    return cycle((*own[start:], *own[:start]))


OWN_PORTS = ports()


def free_port() -> int:
    """Return a port of loopback that nothing listens on, and that no outgoing connection is given meanwhile."""
    while True:
        with closing(socket()) as free, suppress(OSError):
            port = next(OWN_PORTS)
            free.bind(("127.0.0.1", port))
            return port
