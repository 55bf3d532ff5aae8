"""Who has a seat: a session that is awake. Where all are taken, those nobody watches give way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from spiral_dash.live.capacity import Capacity
from spiral_dash.live.guest import Guest
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.log import LOG
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.waiting import Waiting, WaitingRoom

GAVE_WAY = "This session sleeps: its seat was needed while nobody looked at it."


class HostFull(CommandRefused):
    """No further session can be opened or woken; the message says what to do.

    `waiting` is the place in the queue, None where there is no use in waiting.
    """

    def __init__(self, text: str, waiting: Waiting | None = None) -> None:
        super().__init__(text)
        self.waiting = waiting


@dataclass(frozen=True)
class Shares:
    """How many seats one browser, and one address, may hold; None for as many as there are."""

    browser: int | None = None
    address: int | None = None


class Seating:
    """Gives seats, one at a time and in the order of the queue."""

    def __init__(
        self,
        sessions: Callable[[], Collection[SessionHandle]],
        capacity: Capacity,
        waiting: WaitingRoom,
        shares: Shares,
        grace: float,
    ) -> None:
        """`grace` is for how many seconds a session that nobody watches keeps its seat at least."""
        self._sessions = sessions
        self._capacity = capacity
        self._waiting = waiting
        self._shares = shares
        self._grace = grace
        self._coming: list[Guest] = []
        self._turn = asyncio.Lock()

    @property
    def occupied(self) -> int:
        """How many seats are taken, or promised to those who are about to sit down."""
        return len(self._awake()) + len(self._coming)

    @property
    def seats(self) -> int:
        """How many seats there are."""
        return self._capacity.seats(self.occupied)

    def _awake(self) -> list[SessionHandle]:
        return [handle for handle in self._sessions() if not handle.asleep and not handle.over]

    @asynccontextmanager
    async def seat(self, guest: Guest) -> AsyncIterator[None]:
        """Hold a seat until a session has taken it; raise `HostFull` where there is none."""
        async with self._turn:
            await self._keep_to_share(guest)
            await self._make_room(guest)
            self._coming.append(guest)
        try:
            yield
            self._waiting.leave(guest.ticket)
        finally:
            self._coming.remove(guest)

    async def _keep_to_share(self, guest: Guest) -> None:
        for name, most in (("browser", self._shares.browser), ("address", self._shares.address)):
            value = getattr(guest, name)
            if most is None or not value:
                continue
            own = [handle for handle in self._awake() if getattr(handle.guest, name) == value]
            taken = len(own) + sum(getattr(other, name) == value for other in self._coming)
            if taken >= most and not await self._give_way(own):
                sessions = "1 session" if most == 1 else f"{most} sessions"
                raise HostFull(
                    f"This {name} has {sessions} open, and may have no more at once. Close "
                    "the page of one of them, and try again."
                )

    async def _make_room(self, guest: Guest) -> None:
        ahead = self._waiting.ahead(guest.ticket)
        idle = len(self._idle(self._awake()))
        free = self.seats - self.occupied
        if free + idle <= ahead or (free <= ahead and not await self._give_way(self._awake())):
            raise self._full(guest)
        while self._capacity.is_short(more=len(self._coming) + 1):
            if not await self._give_way(self._awake()):
                raise self._full(guest)

    def _idle(self, handles: Collection[SessionHandle]) -> list[SessionHandle]:
        """Return the sessions that nobody watches, the one that was left first at first."""
        idle = [
            handle
            for handle in handles
            if handle.presence.alone >= self._grace and not handle.presence.expected()
        ]
        return sorted(idle, key=lambda handle: -handle.presence.alone)

    async def _give_way(self, handles: Collection[SessionHandle]) -> bool:
        """Put the session to sleep that nobody has watched for longest; whether there was one."""
        for handle in self._idle(handles):
            if await self.put_to_sleep(handle, GAVE_WAY):
                LOG.info("a session that nobody watches gave its seat away")
                return True
        return False

    async def put_to_sleep(self, handle: SessionHandle, text: str, *, wakes: bool = True) -> bool:
        """Have a session sleep, see its `sleep`, and take note that its seat is free."""
        was_active = handle.active
        sleeps = await handle.sleep(text, wakes=wakes)
        # One that stood still has left its seat before; one that has ended is counted as such.
        if was_active and handle.asleep:
            self._waiting.seat_left()
        return sleeps

    async def relieve(self) -> None:
        """Give memory back where it is short, as far as nobody is watching."""
        async with self._turn:
            while self._capacity.is_short() and await self._give_way(self._awake()):
                pass

    def _full(self, guest: Guest) -> HostFull:
        name = guest.browser or guest.address
        waiting = self._waiting.line_up(guest.ticket, name) if guest.waits else None
        return HostFull(
            "All sessions of this server are in use. Try again later, or run it on your own "
            "machine.",
            waiting,
        )
