"""All rooms of one server: made, found by name or key, ended in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from spiral_dash.core.validation import ConfigError
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.log import LOG
from spiral_dash.rooms import keys
from spiral_dash.rooms.board import Board
from spiral_dash.rooms.meeting import Meeting
from spiral_dash.rooms.names import tag_of
from spiral_dash.rooms.room import Room

ROOMS_MAX = 200
SWEEP_SECONDS = 5.0
FULL = f"This server has {ROOMS_MAX} rooms, and may have no more. Try again later."
OVER = "This room is over: its time has come."
ABANDONED = "This room is over: its presenter has been away for a day."


class Rooms:
    """Rooms are found by the tag that their keys carry, or by their name."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._meetings: dict[str, Meeting] = {}
        self._boards: dict[str, Board] = {}
        self._sweeping: asyncio.Task[None] | None = None

    def __iter__(self) -> Iterator[Meeting]:
        return iter(list(self._meetings.values()))

    def check(self, name: str) -> None:
        """Raise `ConfigError` where no room of this name can be made."""
        self.sweep()
        if tag_of(name) in self._meetings:
            raise ConfigError({"name": f"A room {name} is there already. Choose another name."})
        if len(self._meetings) >= ROOMS_MAX:
            raise ConfigError({"name": FULL})

    def make(self, name: str, password: str, ends_at: float | None) -> tuple[Meeting, str]:
        """Make a room with the hash of a password; return it, and its presenter's key.

        Raises `ConfigError` where it cannot be.
        """
        self.check(name)
        room, key = Room.made(name, password, ends_at)
        self._meetings[room.tag] = meeting = Meeting(room)
        self._keep_time()
        return meeting, key

    def find(self, name: str) -> Meeting | None:
        """Return the room of a name, None where there is none."""
        self.sweep()
        return self._meetings.get(tag_of(name))

    def of_key(self, text: str) -> tuple[Meeting, keys.Key] | None:
        """Return a room and what a key to it says, None for a key that is to none."""
        key = keys.read_key(text)
        meeting = None if key is None else self._meetings.get(key.room)
        if key is None or meeting is None or not meeting.room.admits(key):
            return None
        return meeting, key

    def shown(self, meeting: Meeting, shows: str) -> SessionHandle | None:
        """Return the session that a viewer's key shows, None while there is none."""
        return self._host.named(meeting.folder_of(shows))

    def board(self, meeting: Meeting) -> Board:
        """Return the board of a room."""
        return self._boards.setdefault(meeting.room.tag, Board(self._host, meeting))

    def close(self, meeting: Meeting, text: str) -> None:
        """End a room: nothing is kept of it."""
        self._meetings.pop(meeting.room.tag, None)
        self._boards.pop(meeting.room.tag, None)
        meeting.close(text)

    def sweep(self) -> None:
        """End the rooms whose time has come."""
        now = time.time()
        for meeting in self:
            if meeting.presenter:
                meeting.room = meeting.room.replace(led_at=now)
            if meeting.room.is_over(now):
                LOG.info("a room is over")
                self.close(meeting, ABANDONED if meeting.room.ends_at is None else OVER)

    def _keep_time(self) -> None:
        if self._sweeping is None or self._sweeping.done():
            self._sweeping = asyncio.create_task(self._sweep_again())

    async def _sweep_again(self) -> None:
        """As long as there are rooms."""
        while self._meetings:
            await asyncio.sleep(SWEEP_SECONDS)
            self.sweep()
