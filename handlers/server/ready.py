"""What systemd is told of the start: that the service answers, once it does (sd_notify(3))."""

from collections.abc import MutableMapping
from contextlib import suppress
from socket import AF_UNIX, SOCK_DGRAM, socket


class Ready:
    """Tells systemd that the service is ready, where it asks to be told."""

    def __init__(self, environ: MutableMapping[str, str]):
        """Take where to tell it out of the environment: gunicorn itself would say so before any worker runs."""
        self._place = environ.pop("NOTIFY_SOCKET", "")

    def tell(self) -> None:
        """Tell it; nothing where nobody listens any more."""
        if self._place:
            with suppress(OSError), socket(AF_UNIX, SOCK_DGRAM) as told:
                told.sendto(b"READY=1", self._place.replace("@", "\0", 1) if self._place[0] == "@" else self._place)
