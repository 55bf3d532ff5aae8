"""Those who wait for a seat, in the order in which they came."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

AGAIN_SECONDS = 3
"""Whoever waits asks again after so long."""
PATIENCE_SECONDS = 90.0
"""Who has not asked for so long waits no more; pages out of sight ask once a minute."""
QUEUE_MAX = 1_000
RECENT_SECONDS = 1800.0


@dataclass(frozen=True)
class Waiting:
    """A ticket, its place in the queue, from 1, and an estimate of the seconds, if there is one."""

    ticket: str
    place: int
    seconds: int | None
    again: int = AGAIN_SECONDS


Order = tuple[int, str]


@dataclass(frozen=True)
class _Place:
    order: Order
    name: str
    seen: float


class WaitingRoom:
    """Tickets tell when they were given and are signed, so that a server that is restarted with the
    same `key` knows their order again. Whoever waits keeps a ticket by showing it: one that was
    given up, or not shown for long, is worth no more than none.
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
        # By their tickets, who was seen longest ago at first; and the order of all of them.
        self._places: dict[str, _Place] = {}
        self._orders: list[Order] = []
        self._names: dict[str, str] = {}
        self._spent: set[str] = set()
        self._last = 0
        self._left: deque[float] = deque(maxlen=200)

    def ahead(self, ticket: str | None) -> int:
        """Return how many wait who came before `ticket`; before a newcomer came all."""
        self._forget()
        if ticket is None or not self._counts(ticket):
            return len(self._orders)
        return bisect_left(self._orders, _order(ticket))

    def line_up(self, ticket: str | None, name: str = "") -> Waiting | None:
        """Take or keep a place; None where there is no room for more.

        Who asks again under the same name without a ticket has the same place.
        """
        self._forget()
        if ticket is None or not self._counts(ticket):
            ticket = self._names.get(name) or self._new()
        former = self._places.pop(ticket, None)
        if former is None and len(self._places) >= QUEUE_MAX:
            return None
        order = _order(ticket) if former is None else former.order
        if former is None:
            insort(self._orders, order)
            # Whoever comes now comes after those of an earlier server.
            self._last = max(self._last, order[0])
        name = name or (former.name if former else "")
        self._places[ticket] = _Place(order, name, self._passing())
        if name:
            self._names[name] = ticket
        place = bisect_left(self._orders, order) + 1
        return Waiting(ticket, place, self._seconds(place))

    def leave(self, ticket: str | None) -> None:
        """Wait no more, with a seat or without: the ticket is spent."""
        if ticket is None:
            return
        if ticket in self._places:
            self._remove(ticket)
        if self._is_young and self._is_ours(ticket):
            self._spent.add(ticket)

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
        """Take their place from those who have not asked for long."""
        now = self._passing()
        while self._places:
            ticket, place = next(iter(self._places.items()))
            if now - place.seen <= PATIENCE_SECONDS:
                break
            self._remove(ticket)
        if not self._is_young:
            self._spent.clear()

    def _remove(self, ticket: str) -> None:
        place = self._places.pop(ticket)
        del self._orders[bisect_left(self._orders, place.order)]
        if self._names.get(place.name) == ticket:
            del self._names[place.name]

    @property
    def _is_young(self) -> bool:
        """Whether those who waited at an earlier server may still come."""
        return self._passing() - self._began <= PATIENCE_SECONDS

    def _counts(self, ticket: str) -> bool:
        """Whether a ticket has a place, or had one at an earlier server."""
        if ticket in self._places:
            return True
        return self._is_young and ticket not in self._spent and self._is_ours(ticket)

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


def _order(ticket: str) -> Order:
    time_given, _, rest = ticket.partition(".")
    return int(time_given), rest
