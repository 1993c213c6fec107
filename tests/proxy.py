"""A network that fails: a TCP proxy in front of a database server, which cuts a connection where the test says."""

import socket
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

from ports import free_port
from waits import PATIENCE, until

CHUNK_BYTES = 1 << 20


class Proxy:
    """Passes bytes on between a service and the server of a URL; starts when told to."""

    def __init__(self, url: str):
        parts = urlsplit(url)
        self._server = (parts.hostname or "", parts.port or 0)
        self.port = free_port()
        self.url = parts._replace(netloc=parts.netloc.rpartition(":")[0] + f":{self.port}").geturl()
        self._listener: socket.socket | None = None
        self._countdown = 0
        self._pattern = b""
        self._answered = False
        self._until = b""
        self._looked = threading.Event()

    def start(self, after: float = 0) -> "Proxy":
        """Take connections at once, and pass on what they send after so many seconds."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        accepting = threading.Timer(after, self._accept, [self._listener])
        accepting.daemon = True
        accepting.start()
        return self

    def stop(self) -> None:
        """Take no new connection."""
        if self._listener:
            _end(self._listener)

    def cut(self, nth: int, pattern: bytes = b"", answered: bool = False, until: bytes = b"") -> None:
        """Cut the connection once, at the nth message with the pattern that the service sends.

        The server never sees that message; or it carries it out and its answer is lost, at once or only after the
        service has sent something with the pattern `until` on another connection.
        """
        self._countdown, self._pattern, self._answered, self._until = nth, pattern, answered, until
        self._looked.clear()

    def wait(self) -> None:
        """Wait until the connection has been cut."""
        until(lambda: not self._countdown)

    def calm(self) -> bool:
        """Cut no more, and return whether there was a cut."""
        has_cut, self._countdown = self._countdown == 0, 0
        return has_cut

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                try:
                    server = socket.create_connection(self._server)
                except OSError:  # it is down
                    client.close()
                    continue
                for work in (self._send, self._answer):
                    threading.Thread(target=work, args=[client, server], daemon=True).start()

    def _send(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what the service sends, until one of them ends or the connection is to be cut."""
        with suppress(OSError):
            while message := client.recv(CHUNK_BYTES):
                if self._is_over(message):
                    _end(client)
                    if self._answered:
                        if self._until:
                            self._looked.wait(PATIENCE)
                            time.sleep(0.1)  # the server is to have begun with that
                        server.sendall(message)
                        server.shutdown(socket.SHUT_WR)
                        return  # the server ends the connection once it has carried that out
                    break
                server.sendall(message)
                if self._until and not self._countdown and self._until in message:
                    self._looked.set()
        _end(server)

    def _is_over(self, message: bytes) -> bool:
        """Whether this is the message at which the connection is to be cut."""
        if not self._countdown or self._pattern not in message:
            return False
        self._countdown -= 1
        return self._countdown == 0

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what the server answers."""
        with suppress(OSError):
            while message := server.recv(CHUNK_BYTES):
                client.sendall(message)
        _end(client)
        _end(server)


def _end(connection: socket.socket) -> None:
    """End a connection, also for a thread that reads from it."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
