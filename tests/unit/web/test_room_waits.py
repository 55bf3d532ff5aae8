"""What a key to a room shows is what it shows after a wait, and not what it showed before."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest
from starlette.types import Message
from starlette.websockets import WebSocket

from spiral_dash.live.guest import Guest
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.rooms.meeting import Meeting
from spiral_dash.rooms.rooms import Rooms
from spiral_dash.web.rooms.socket import NOT_HERE, RoomSocket
from spiral_dash.web.stream import Stream

FOLDER = "the folder of a run"


class Browser:
    """A socket that was opened with a key, and what is sent to it."""

    def __init__(self, key: str, *says: object, address: str = "1.2.3.4") -> None:
        self.sent: list[Message] = []
        scope = {
            "type": "websocket",
            "headers": [],
            "query_string": f"session={key}".encode(),
            "client": (address, 5),
        }
        said = [{"type": "websocket.receive", "text": json.dumps(each)} for each in says]
        self._messages = iter([{"type": "websocket.connect"}, *said])
        self.left = asyncio.Event()
        self.left.set()
        self.socket = WebSocket(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if (message := next(self._messages, None)) is not None:
            return message
        await self.left.wait()
        return {"type": "websocket.disconnect", "code": 1000}

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def texts(self) -> str:
        return "".join(message.get("text", "") for message in self.sent)


async def until(condition: Callable[[], object]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not happen")


class Waking:
    """A session that wakes, while something happens in the room."""

    def __init__(self) -> None:
        self.happens: Callable[[], None] = lambda: None
        self.attached = 0

    async def wake(self) -> None:
        await asyncio.sleep(0)
        self.happens()

    def attach(self, _: str) -> None:
        self.attached += 1
        raise LookupError("attached")


def a_room(handle: Waking) -> tuple[Rooms, Meeting, str]:
    host = SimpleNamespace(
        folders=SimpleNamespace(root=None, keep=False),
        tend_also=lambda _: None,
        find=lambda _: None,
        named=lambda folder: cast(SessionHandle, handle) if folder == FOLDER else None,
        stats=dict,
    )
    rooms = Rooms(cast(Host, host))
    meeting, _ = rooms.make("waits", "", None)
    meeting.show_runs((FOLDER,))
    return rooms, meeting, meeting.room.viewer_key("ada")


@pytest.mark.parametrize("case", ["nothing", "the room closes", "another run", "made anew"])
def test_a_stream_attaches_to_what_is_shown_after_the_session_woke(case: str) -> None:
    async def story() -> None:
        handle = Waking()
        rooms, meeting, key = a_room(handle)

        def happens() -> None:
            if case == "another run":
                meeting.show_runs(("another",))
            elif case != "nothing":
                rooms.close(meeting, "Over.")
                if case == "made anew":
                    rooms.make("waits", "", None)[0].show_runs((FOLDER,))

        handle.happens = happens
        browser = Browser(key)
        stream = Stream(rooms._host, rooms)
        if case == "nothing":
            with pytest.raises(LookupError):
                await stream(browser.socket)
        else:
            await stream(browser.socket)
            assert browser.sent[-1]["type"] == "websocket.close"
        assert handle.attached == (case == "nothing")

    asyncio.run(story())


def test_no_page_comes_into_a_room_that_closed_while_it_was_accepted() -> None:
    async def story() -> None:
        rooms, meeting, key = a_room(Waking())
        browser = Browser(key)
        accept = browser.socket.accept

        async def slowly() -> None:
            await accept()
            rooms.close(meeting, "Over.")

        browser.socket.accept = slowly  # type: ignore[method-assign,assignment]
        await RoomSocket(rooms._host, rooms)(browser.socket)
        assert "no such room" in browser.texts and not meeting.members

    asyncio.run(story())


@pytest.mark.parametrize("case", ["a run of their own", "no run", "closed meanwhile"])
def test_a_copy_that_is_handed_on_counts_for_whoever_gets_it(case: str) -> None:
    async def story() -> None:
        rooms, meeting, key = a_room(Waking())
        own = SimpleNamespace(guest=Guest("ada's browser", "1.2.3.4"))
        ended: list[str] = []
        guests: list[Guest] = []

        async def end(text: str) -> None:
            ended.append(text)

        async def copy(_: object, guest: Guest) -> str:
            guests.append(guest)
            if case == "closed meanwhile":
                rooms.close(meeting, "Over.")
            return "the copy"

        copied = SimpleNamespace(folder=SimpleNamespace(name="copied"), end=end)
        runs = {FOLDER: Waking(), "own": own}
        host = SimpleNamespace(copy=copy, find=lambda _: copied, named=runs.get)
        socket = RoomSocket(cast(Host, host), rooms)
        rooms._host = cast(Host, host)
        ada = Browser(key)
        ada.left.clear()
        here = asyncio.create_task(socket(ada.socket))
        await until(lambda: meeting.members)
        meeting.members["ada"].run = "own" if case == "a run of their own" else ""
        meeting.room, presenter = meeting.room.handed_on()
        await socket(Browser(presenter, {"type": "hand", "to": "ada"}, address="9.9.9.9").socket)
        ada.left.set()
        await here
        expected = own.guest if case == "a run of their own" else Guest(address="1.2.3.4")
        assert guests == [expected]
        assert ended == ([NOT_HERE] if case == "closed meanwhile" else [])
        assert ("led" in ada.texts) == (case != "closed meanwhile")

    asyncio.run(story())
