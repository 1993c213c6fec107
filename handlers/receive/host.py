"""The host that a request or a page is from: Host and Origin, by the letter of RFC 3986, 3.2 and RFC 6454, 7."""

import re
from contextlib import suppress
from ipaddress import IPv6Address
from typing import NamedTuple

AUTHORITY = re.compile(
    r"(?P<name>\[(?P<ipv6>[0-9A-Fa-f:.]+)\]"
    r"|\[v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+\]"
    r"|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)"
    r"(?::(?P<port>[0-9]*))?"
)
"""uri-host [ ":" port ], as RFC 9110, 7.2 has it for Host: no user before it, and no path behind it."""

PORTS = {"http": "80", "https": "443"}
"""The port of an origin that names none."""


class Host(NamedTuple):
    """A name in lower case or an address, IPv6 in its shortest form and without brackets; the port as it was sent."""

    name: str
    port: str


def read_host(sent: str) -> Host | None:
    """Return what a Host header says, None where it is malformed."""
    match = AUTHORITY.fullmatch(sent)
    if match is None:
        return None
    name, port = match["name"].lower(), match["port"] or ""
    if match["ipv6"]:
        with suppress(ValueError):
            return Host(IPv6Address(match["ipv6"]).compressed, port)
        return None
    return Host(name, port)


def is_same_host(origin: str, host: Host) -> bool:
    """Whether a page of the origin is from the host; the origin's scheme says which port an absent one is."""
    scheme, separator, authority = origin.partition("://")
    found = read_host(authority) if separator and scheme in PORTS else None
    if found is None:
        return False
    return (found.name, _port(found, scheme)) == (host.name, _port(host, scheme))


def _port(host: Host, scheme: str) -> str:
    return host.port.lstrip("0") or PORTS[scheme]
