"""How much may come from one client: requests and sockets, each refusal with a sentence."""

from __future__ import annotations

import ipaddress
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from spiral_dash.web.edge.names import POLICY_VIOLATION

LOG = logging.getLogger("spiral_dash.edge")
CLIENTS_MAX = 10_000
"""Clients that are remembered; of more, those seen longest ago are forgotten."""
HOST_BITS = 64
"""Of an IPv6 address, which one subscriber may choose at will."""
TOO_MANY = 429


class TokenBucket:
    """Allows `rate` events a second, and `burst` at once."""

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._level, self._at = burst, clock()

    def take(self) -> bool:
        """Whether one more event is allowed now."""
        if self.wait() > 0:
            return False
        self._level -= 1
        return True

    def wait(self) -> float:
        """How many seconds to wait until one more event is allowed."""
        now = self._clock()
        self._level = min(self._burst, self._level + self._rate * (now - self._at))
        self._at = now
        return max(0.0, (1 - self._level) / self._rate)


class Buckets:
    """A bucket for each client."""

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def of(self, client: str) -> TokenBucket:
        """Return the bucket of a client."""
        bucket = self._buckets.pop(client, None)
        if bucket is None:
            bucket = TokenBucket(self._rate, self._burst, self._clock)
        self._buckets[client] = bucket
        if len(self._buckets) > CLIENTS_MAX:
            self._buckets.popitem(last=False)
        return bucket


def client_of(scope: Scope) -> str:
    """Return who asks: an IPv4 address, or the network of an IPv6 one."""
    client = scope.get("client")
    address = str(client[0]) if client else ""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, HOST_BITS), strict=False))
    return address


@dataclass(frozen=True)
class Rates:
    """What one client may do: requests a second and at once, of either kind, and sockets held.

    A whole class may share one address, so these are bounds of a flood, not of a person.
    """

    gets: tuple[float, float] = (500.0, 20_000.0)
    posts: tuple[float, float] = (30.0, 600.0)
    sockets: int = 300


class Limits:
    """Refuses what is too much of one client, with 429 and the seconds to wait."""

    def __init__(
        self, app: ASGIApp, rates: Rates, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._rates = rates
        self._gets, self._posts = Buckets(*rates.gets, clock), Buckets(*rates.posts, clock)
        self._sockets: dict[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "websocket":
            await self._hold(scope, receive, send)
            return
        if scope["type"] == "http":
            reads = scope["method"] in {"GET", "HEAD"}
            bucket = (self._gets if reads else self._posts).of(client_of(scope))
            if not bucket.take():
                rate = (self._rates.gets if reads else self._rates.posts)[0]
                sentence = (
                    f"Expected at most {rate:g} requests a second from one address, got more."
                )
                await too_many(sentence, bucket.wait())(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _hold(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = client_of(scope)
        held = self._sockets.get(client, 0)
        if held >= self._rates.sockets:
            LOG.warning("refused a socket: one address holds %d, the most that it may", held)
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        self._sockets[client] = held + 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._sockets[client] -= 1
            if not self._sockets[client]:
                del self._sockets[client]


def seconds_to_wait(wait: float) -> int:
    """Return the whole seconds to tell who has to wait: never none, never too few."""
    return max(1, math.ceil(wait))


def too_many(sentence: str, wait: float) -> JSONResponse:
    """Return the answer to who asks too often: why not, and when again."""
    seconds = seconds_to_wait(wait)
    return JSONResponse(
        {"error": f"{sentence} Try again in {seconds} s."},
        TOO_MANY,
        {"Retry-After": str(seconds)},
    )
