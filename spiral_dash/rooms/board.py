"""The board: a small picture of every member's own run, one a second, for the presenter."""

from __future__ import annotations

import asyncio

from spiral_dash.core.config import ConfigError
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.log import LOG
from spiral_dash.rooms.mailbox import Mailbox
from spiral_dash.rooms.meeting import Meeting

TILE_SECONDS = 1.0
RESOLUTION = 40
PART = {
    "key": "tile",
    "probe": "boundary",
    "options": {"resolution": RESOLUTION},
    "over_time": False,
}
"""What is measured for a tile."""
BOARD = "board"


class Board:
    """Follows the members' sessions as long as a page of the presenter has it open.

    Each tile is a message of its own: the length of the member's id in a byte, the id, a frame.
    """

    def __init__(self, host: Host, meeting: Meeting) -> None:
        self._host = host
        self._meeting = meeting
        self._open: list[Mailbox] = []
        self._tiles: dict[str, asyncio.Task[None]] = {}
        self._last: dict[str, bytes] = {}
        self._watching: asyncio.Task[None] | None = None

    def open(self, mailbox: Mailbox) -> None:
        """Send tiles to a page, at once what is known."""
        if mailbox not in self._open:
            self._open.append(mailbox)
        for member, tile in self._last.items():
            mailbox.put(f"tile {member}", tile)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())

    def close(self, mailbox: Mailbox) -> None:
        """Send no more to a page."""
        if mailbox in self._open:
            self._open.remove(mailbox)

    async def _watch(self) -> None:
        """Have a task for every tile, as long as anyone looks."""
        try:
            while self._open:
                wanted = {m.id: m.tile for m in self._meeting.members.values() if m.tile}
                for member, task in list(self._tiles.items()):
                    if member not in wanted:
                        task.cancel()
                        self._forget(member)
                    elif task.done():
                        del self._tiles[member]
                for member, folder in wanted.items():
                    if member not in self._tiles:
                        self._tiles[member] = asyncio.create_task(self._follow(member, folder))
                await asyncio.sleep(TILE_SECONDS)
        finally:
            for task in self._tiles.values():
                task.cancel()
            self._tiles.clear()
            self._last.clear()

    def _forget(self, member: str) -> None:
        self._tiles.pop(member, None)
        self._last.pop(member, None)

    async def _follow(self, member: str, folder: str) -> None:
        """Pass the frames of a session on, one a second, as long as it is the member's."""
        handle = self._host.named(folder)
        if handle is None or handle.asleep:
            return
        try:
            await self._pass_on(member, folder, handle)
        except ConfigError as error:
            LOG.error("a tile cannot be measured: %s", error)

    async def _pass_on(self, member: str, folder: str, handle: SessionHandle) -> None:
        viewer = handle.attach(BOARD, apart=True)
        try:
            viewer.watch([PART])
            viewer.credit(handle.run)
            async for message in viewer:
                if isinstance(message, str):
                    continue
                if self._meeting.folder_of(member) != folder:
                    return
                self._deliver(member, message)
                await asyncio.sleep(TILE_SECONDS)
                viewer.credit(handle.run)
        finally:
            viewer.detach()

    def _deliver(self, member: str, frame: bytes) -> None:
        name = member.encode()
        tile = bytes([len(name)]) + name + frame
        self._last[member] = tile
        for mailbox in self._open:
            mailbox.put(f"tile {member}", tile)
