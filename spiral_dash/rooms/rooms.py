"""All rooms of one server: made, found by name or key, ended in time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cached_property

from spiral_dash.core.validation import ConfigError
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.log import LOG
from spiral_dash.rooms import keys
from spiral_dash.rooms.board import Board
from spiral_dash.rooms.meeting import Meeting
from spiral_dash.rooms.names import tag_of
from spiral_dash.rooms.room import Room
from spiral_dash.rooms.store import Store

ROOMS_MAX = 200
ADDRESS_MAX = 30
"""Rooms that one address may have at a time: a school often has one for all."""
LED_SECONDS = 60.0
"""How exactly it is known when a presenter was last there."""
FULL = f"This server has {ROOMS_MAX} rooms, and may have no more. Try again later."
FULL_OF_YOURS = (
    f"{ADDRESS_MAX} rooms were made from your address and are open. Close one, and try again."
)
UNUSED = "This room is over: no run was shown in it."
OVER = "This room is over: its time has come."
ABANDONED = "This room is over: its presenter has been away for a day."


class Rooms:
    """Rooms are found by the tag that their keys carry, or by their name."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._boards: dict[str, Board] = {}
        self._kept: dict[str, Room] = {}
        self._makers: dict[str, str] = {}
        host.tend_also(self.sweep)

    def __iter__(self) -> Iterator[Meeting]:
        return iter(list(self._meetings.values()))

    @cached_property
    def _meetings(self) -> dict[str, Meeting]:
        """The rooms by their tags, at first those that an earlier server has left."""
        left = {room.tag: room for room in self._store.read()}
        self._kept.update(left)
        return {tag: Meeting(room) for tag, room in left.items()}

    @cached_property
    def _store(self) -> Store:
        folders = self._host.folders
        return Store(folders.root if folders.keep else None)

    def check(self, name: str, address: str = "") -> None:
        """Raise `ConfigError` where no room of this name can be made from an address."""
        self.sweep()
        if tag_of(name) in self._meetings:
            raise ConfigError({"name": f"A room {name} is there already. Choose another name."})
        if len(self._meetings) >= ROOMS_MAX:
            raise ConfigError({"name": FULL})
        if address and list(self._makers.values()).count(address) >= ADDRESS_MAX:
            raise ConfigError({"name": FULL_OF_YOURS})

    def make(
        self, name: str, password: str, ends_at: float | None, address: str = ""
    ) -> tuple[Meeting, str]:
        """Make a room with the hash of a password; return it, and its presenter's key.

        The address that it counts for is kept in memory alone. Raises `ConfigError` where it
        cannot be.
        """
        self.check(name, address)
        room, key = Room.made(name, password, ends_at)
        self._meetings[room.tag] = meeting = Meeting(room)
        self._makers[room.tag] = address
        self.keep(meeting)
        return meeting, key

    def find(self, name: str) -> Meeting | None:
        """Return the room of a name, None where there is none."""
        self.sweep()
        return self._meetings.get(tag_of(name))

    def of_key(self, text: str) -> tuple[Meeting, keys.Key] | None:
        """Return a room and what a key to it says, None for a key that is to none."""
        key = keys.read_key(text)
        meeting = None if key is None else self._meetings.get(key.room)
        if key is None or meeting is None or not meeting.admits(key):
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
        self._kept.pop(meeting.room.tag, None)
        self._makers.pop(meeting.room.tag, None)
        self._store.remove(meeting.room)
        meeting.close(text)

    def sweep(self) -> None:
        """End the rooms whose time has come, and keep the others as they are now."""
        now = time.time()
        for meeting in self:
            room = meeting.room
            if meeting.presenter and now - room.led_at > LED_SECONDS:
                meeting.room = room = room.replace(led_at=now)
            if room.is_over(now):
                LOG.info("a room is over")
                usual = ABANDONED if room.ends_at is None else OVER
                self.close(meeting, usual if room.runs else UNUSED)
            elif self._kept.get(room.tag) != room:
                self.keep(meeting)

    def keep(self, meeting: Meeting) -> None:
        """Keep a room as it is now, where the host keeps anything; what fails is tried again."""
        room = meeting.room
        if self._meetings.get(room.tag) is meeting and self._store.write(room):
            self._kept[room.tag] = room
