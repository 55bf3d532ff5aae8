"""The session's side of a server on another machine: it dials, and sends its folder as messages."""

from __future__ import annotations

import select
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from spiral_dash.live.mirror import Mirror
from spiral_dash.live.opening import Opening
from spiral_dash.live.session import Session
from spiral_dash.live.wire import FileMessage, Said, Wire, pack_json

DIAL_SECONDS = 10.0
SILENT_SECONDS = 10.0
"""A server whose machine does not even acknowledge for so long is taken for gone."""
RECORD_BYTES = 2**14

Result = TypeVar("Result")


class Dial(BaseModel):
    """Where the server listens, its certificate as PEM, and a secret that is good for one call.

    `folder` is the session's own on its machine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int
    certificate: str
    secret: str
    folder: Path = Path()


def trusting(certificate: str) -> ssl.SSLContext:
    """Return what a side that calls needs: it talks to whoever has this very certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.load_verify_locations(cadata=certificate)
    return context


def watchful(device: socket.socket) -> None:
    """Have a connection end by itself where the other machine has fallen silent."""
    device.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    device.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        for option, value in (
            (socket.TCP_KEEPIDLE, 2),
            (socket.TCP_KEEPINTVL, 2),
            (socket.TCP_KEEPCNT, 4),
            (socket.TCP_USER_TIMEOUT, int(1000 * SILENT_SECONDS)),
        ):
            device.setsockopt(socket.IPPROTO_TCP, option, value)


class TlsPort:
    """A TLS connection that one thread reads and another writes."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        connection.setblocking(False)
        self._connection = connection
        # The library may not be called for one connection by two threads at once.
        self._turn = threading.Lock()

    def read(self, count: int) -> bytes:
        """Return at most so many bytes, none at the end."""
        return self._done(lambda: self._connection.recv(count))

    def write(self, rest: memoryview) -> int:
        """Send some of the bytes; return how many."""
        return self._done(lambda: self._connection.send(rest[:RECORD_BYTES]))

    def _done(self, act: Callable[[], Result]) -> Result:
        while True:
            try:
                with self._turn:
                    return act()
            except ssl.SSLWantReadError:
                event = select.POLLIN
            except ssl.SSLWantWriteError:
                event = select.POLLOUT
            waiting = select.poll()
            waiting.register(self._connection, event)
            waiting.poll()


def dialled(dial: Dial) -> Wire:
    """Return a wire to the server; raise `OSError`."""
    device = socket.create_connection((dial.host, dial.port), DIAL_SECONDS)
    watchful(device)
    wire = Wire(TlsPort(trusting(dial.certificate).wrap_socket(device)))
    wire.send(pack_json({"secret": dial.secret}))
    return wire


class Remote:
    """A wire over which the session's folder goes, too."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        self._wire = wire
        self._folder = folder
        self._mirror = Mirror(folder)
        self._session: Session | None = None

    def follow(self, session: Session) -> None:
        """Send what a session leaves whenever it says that it did."""
        self._session = session
        session.on_left = self._send_left

    def receive(self) -> Said | None:
        """Return the next message, None when the server is gone; write the files between."""
        while True:
            message = self._wire.receive()
            if not isinstance(message, FileMessage):
                return message
            self._mirror.take(message)

    def home(self, opening: Opening) -> Opening:
        """Return how the session begins on this machine."""
        return opening.model_copy(update={"folder": self._folder, "keep": False})

    def send(self, message: bytes) -> bool:
        """Send a packed message; False when the server is gone."""
        return self._wire.send(message)

    def _send_left(self) -> None:
        """Send what the session has left; with the snapshots where it sleeps."""
        for piece in self._mirror.left(self._session is not None and self._session.asleep):
            self._wire.send(piece)
