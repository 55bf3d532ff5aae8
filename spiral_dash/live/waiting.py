"""Those who wait for a seat, in the order in which they came."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

AGAIN_SECONDS = 3
"""Whoever waits asks again after so long."""
PATIENCE_SECONDS = 60.0
"""Who has not asked for so long waits no more; pages out of sight ask seldom."""
QUEUE_MAX = 1_000
RECENT_SECONDS = 1800.0


@dataclass(frozen=True)
class Waiting:
    """A ticket, its place in the queue, from 1, and an estimate of the seconds, if there is one."""

    ticket: str
    place: int
    seconds: int | None
    again: int = AGAIN_SECONDS


class WaitingRoom:
    """Tickets tell when they were given and are signed, so that a server that is restarted with the
    same `key` knows their order again. Whoever waits keeps a ticket by showing it.
    """

    def __init__(
        self,
        key: bytes,
        clock: Callable[[], float] = time.time,
        passing: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` is the time of the day in seconds, `passing` one that is never set."""
        self._key = key
        self._clock, self._passing = clock, passing
        self._began = passing()
        self._seen: dict[str, float] = {}
        self._names: dict[str, str] = {}
        self._last = 0
        self._left: deque[float] = deque(maxlen=200)

    def ahead(self, ticket: str | None) -> int:
        """Return how many wait who came before `ticket`; before a newcomer came all."""
        self._forget()
        if ticket is None or not self._is_ours(ticket):
            return len(self._seen)
        return sum(_order(other) < _order(ticket) for other in self._seen)

    def line_up(self, ticket: str | None, name: str = "") -> Waiting | None:
        """Take or keep a place; None where there is no room for more.

        Who asks again under the same name without a ticket has the same place.
        """
        self._forget()
        if ticket is None or not self._is_ours(ticket):
            ticket = self._names.get(name) or self._new()
        if ticket not in self._seen and len(self._seen) >= QUEUE_MAX:
            return None
        self._seen[ticket] = self._passing()
        if name:
            self._names[name] = ticket
        place = self.ahead(ticket) + 1
        return Waiting(ticket, place, self._seconds(place))

    def leave(self, ticket: str | None) -> None:
        """Wait no more, with a seat or without."""
        self._seen.pop(ticket or "", None)

    def seat_left(self) -> None:
        """Take note that somebody has left a seat."""
        self._left.append(self._passing())

    def _seconds(self, place: int) -> int | None:
        """Estimate from how often a seat was left of late; None while none was."""
        now = self._passing()
        while self._left and now - self._left[0] > RECENT_SECONDS:
            self._left.popleft()
        if not self._left:
            return None
        observed = min(now - self._began, RECENT_SECONDS)
        return round(place * observed / len(self._left))

    def _forget(self) -> None:
        now = self._passing()
        self._seen = {
            ticket: seen for ticket, seen in self._seen.items() if now - seen <= PATIENCE_SECONDS
        }
        self._names = {name: ticket for name, ticket in self._names.items() if ticket in self._seen}

    def _new(self) -> str:
        # Nobody comes at the same time as another, also where the clock is set back.
        self._last = max(self._last + 1, round(1e6 * self._clock()))
        text = f"{self._last}.{secrets.token_hex(8)}"
        return f"{text}.{self._signature(text)}"

    def _signature(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:32]

    def _is_ours(self, ticket: str) -> bool:
        text, _, signature = ticket.rpartition(".")
        return hmac.compare_digest(signature.encode(), self._signature(text).encode())


def _order(ticket: str) -> tuple[int, str]:
    time_given, _, rest = ticket.partition(".")
    return int(time_given), rest
