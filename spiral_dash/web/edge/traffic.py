"""What goes over the wire: counted for /metrics, and by session for whoever hosts it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

RATE_SECONDS = 10.0
SESSIONS_MAX = 10_000
METHODS = frozenset({"GET", "HEAD", "POST"})
COUNTED = ("restarts",)
"""Of what the host tells, that which only grows."""


class Flow:
    """Frames and bytes sent to the viewers of one session, and their rates of late."""

    def __init__(self) -> None:
        self.frames = self.bytes = 0
        self._late: deque[tuple[float, int]] = deque()

    def add(self, size: int, now: float) -> None:
        """Count a frame."""
        self.frames += 1
        self.bytes += size
        self._late.append((now, size))
        self._drop(now)

    def rates(self, now: float) -> tuple[float, float]:
        """Return frames and bytes a second over the last ten."""
        self._drop(now)
        return len(self._late) / RATE_SECONDS, sum(size for _, size in self._late) / RATE_SECONDS

    def _drop(self, now: float) -> None:
        while self._late and now - self._late[0][0] > RATE_SECONDS:
            self._late.popleft()


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
        if session not in self._flows and len(self._flows) >= SESSIONS_MAX:
            self._flows.pop(next(iter(self._flows)))
        self._flows.setdefault(session, Flow()).add(size, self._clock())

    def rates(self, session: str) -> tuple[float, float]:
        """Return frames and bytes a second that a session's viewers get."""
        flow = self._flows.get(session)
        return (0.0, 0.0) if flow is None else flow.rates(self._clock())

    def keep(self, sessions: Iterable[str]) -> None:
        """Forget the sessions that are no more."""
        there = set(sessions)
        self._flows = {name: flow for name, flow in self._flows.items() if name in there}

    def request(self, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, f"{status // 100}xx").inc()
        self._seconds.observe(seconds)

    def socket(self, change: int) -> None:
        """Count a websocket that opens, or, with -1, one that closes."""
        self._sockets.inc(change)


class _Stats:
    """What the host tells of its sessions, as it is when it is asked for."""

    def __init__(self, stats: Callable[[], dict[str, int]]) -> None:
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        """Yield a metric for each number."""
        for name, value in self._stats().items():
            about = f"Sessions of the server: {name.replace('_', ' ')}."
            kind = CounterMetricFamily if name in COUNTED else GaugeMetricFamily
            full = f"spiral_dash_{name}"
            yield kind(full, about, value=value)


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
