"""Under which names the server answers, and which sites count as its own."""

from __future__ import annotations

import ipaddress
import logging
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from spiral_dash.core.config import shown

LOG = logging.getLogger("spiral_dash.edge")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE = frozenset({"", "0.0.0.0", "::"})
ANY = "*"
MISDIRECTED = 421
POLICY_VIOLATION = 1008
NAMES_LOGGED = 20


def host_name(header: str) -> str:
    """Return the name in a `Host` header, lower case, without port, brackets and final dot."""
    try:
        found = urlsplit(f"//{header}")
        name = found.hostname or ""
    except ValueError:
        return ""
    return "" if found.username is not None or found.path else name.removesuffix(".")


def is_address(name: str) -> bool:
    """Whether a name is an IP address: no foreign name can be made to lead to it."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class HostNames:
    """Names that the server answers to: exact ones, `*.example.org`, `*` for every name.

    With `addresses`, every IP address too: where all networks are listened to, it is one of them.
    """

    names: frozenset[str] = field(default_factory=lambda: frozenset({ANY}))
    addresses: bool = False

    def allows(self, header: str | None) -> bool:
        """Whether a request with this `Host` is meant for this server."""
        if header is None or ANY in self.names:
            return True
        name = host_name(header)
        if name in self.names or (self.addresses and is_address(name)):
            return True
        return any(f"*.{parent}" in self.names for parent in _parents(name))


def _parents(name: str) -> Iterable[str]:
    while "." in name:
        _, _, name = name.partition(".")
        yield name


def names_of(bound: str, more: Iterable[str] = (), origins: Iterable[str] = ()) -> HostNames:
    """Return the names of a server bound to an address: loopback, that one, and those allowed."""
    everywhere = bound in EVERYWHERE
    own = socket.gethostname() if everywhere else bound
    of_origins = (urlsplit(origin).hostname or "" for origin in origins)
    names = {*LOOPBACK, own.lower(), *(name.lower() for name in more), *of_origins} - {""}
    return HostNames(frozenset(names), everywhere)


class Hosts:
    """Refuses what is asked under another name, as by a page that has made its name lead here."""

    def __init__(self, app: ASGIApp, names: HostNames) -> None:
        self._app = app
        self._names = names
        self._told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or say which option would let it pass."""
        host = Headers(scope=scope).get("host") if scope["type"] in {"http", "websocket"} else None
        if self._names.allows(host):
            await self._app(scope, receive, send)
            return
        name = host_name(str(host))
        sentence = (
            f"This server does not answer to the name {shown(name or host)}. Whoever runs it can "
            "allow that: --allowed-hosts NAME, or SPIRAL_DASH_ALLOWED_HOSTS=NAME."
        )
        if name not in self._told and len(self._told) < NAMES_LOGGED:
            self._told.add(name)
            LOG.warning("refused a request: %s", sentence)
        if scope["type"] == "http":
            answer = PlainTextResponse(sentence + "\n", MISDIRECTED)
            await answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
