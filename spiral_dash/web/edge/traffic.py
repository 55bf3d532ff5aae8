"""What goes over the wire: counted for /metrics, and by session for whoever hosts it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

RATE_SECONDS = 10.0
"""What was sent so long ago counts a third (1/e) of what is sent now."""
FORGET_SECONDS = 120.0
"""A session that gets nothing for so long is forgotten, and with it one that has ended."""
METHODS = frozenset({"GET", "HEAD", "POST"})


class Flow:
    """Frames and bytes of late to the viewers of one session: sums that fade with time."""

    def __init__(self, now: float) -> None:
        self._frames = self._bytes = 0.0
        self._at = now

    def add(self, size: int, now: float) -> None:
        """Count a frame."""
        left = self._left(now)
        self._frames = self._frames * left + 1
        self._bytes = self._bytes * left + size
        self._at = now

    def rates(self, now: float) -> tuple[float, float]:
        """Return frames and bytes a second of late."""
        left = self._left(now) / RATE_SECONDS
        return self._frames * left, self._bytes * left

    def is_over(self, now: float) -> bool:
        """Whether nothing was sent for so long that nothing is left to tell."""
        return now - self._at > FORGET_SECONDS

    def _left(self, now: float) -> float:
        """Return which part of the sums is left since the last frame."""
        return math.exp((self._at - now) / RATE_SECONDS)


class Traffic:
    """Counts; each server has its own registry."""

    def __init__(
        self, stats: Callable[[], dict[str, int]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.registry = CollectorRegistry()
        self._clock = clock
        self._flows: dict[str, Flow] = {}
        self._frames = Counter("spiral_dash_frames", "Frames sent.", registry=self.registry)
        self._bytes = Counter("spiral_dash_frame_bytes", "Bytes of frames.", registry=self.registry)
        self._sockets = Gauge("spiral_dash_sockets", "Open websockets.", registry=self.registry)
        self._requests = Counter(
            "spiral_dash_requests", "Requests.", ("method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "spiral_dash_request_seconds", "Time to an answer.", registry=self.registry
        )
        self.registry.register(_Stats(stats))
        ProcessCollector(registry=self.registry)

    def sent(self, session: str, size: int) -> None:
        """Count a frame that a viewer of a session got."""
        self._frames.inc()
        self._bytes.inc(size)
        now = self._clock()
        if session not in self._flows:
            self._forget(now)
            self._flows[session] = Flow(now)
        self._flows[session].add(size, now)

    def _forget(self, now: float) -> None:
        over = [session for session, flow in self._flows.items() if flow.is_over(now)]
        for session in over:
            del self._flows[session]

    def rates(self, session: str) -> tuple[float, float]:
        """Return frames and bytes a second that a session's viewers get."""
        flow = self._flows.get(session)
        return (0.0, 0.0) if flow is None else flow.rates(self._clock())

    def request(self, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, f"{status // 100}xx").inc()
        self._seconds.observe(seconds)

    def socket(self, change: int) -> None:
        """Count a websocket that opens, or, with -1, one that closes."""
        self._sockets.inc(change)


class _Stats:
    """What the host tells of the sessions that there are, when it is asked: each may fall again."""

    def __init__(self, stats: Callable[[], dict[str, int]]) -> None:
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        """Yield a metric for each number."""
        for name, value in self._stats().items():
            about = f"Sessions of the server: {name.replace('_', ' ')}."
            yield GaugeMetricFamily(f"spiral_dash_{name}", about, value=value)


class Counting:
    """Counts requests and sockets."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and count it."""
        if scope["type"] == "websocket":
            self._traffic.socket(1)
            try:
                await self._app(scope, receive, send)
            finally:
                self._traffic.socket(-1)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.monotonic(), 500

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        finally:
            self._traffic.request(scope["method"], status, time.monotonic() - begun)
