"""The websocket of a session: wishes come in as JSON, frames go out as they are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Awaitable, Callable, Collection, Coroutine
from contextlib import suppress
from functools import partial
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from spiral_dash.core.config import ConfigError, shown
from spiral_dash.live.audience import Viewer
from spiral_dash.live.events import AsleepEvent, EndedEvent, ErrorEvent
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.opening import CommandRefused
from spiral_dash.rooms.keys import Key
from spiral_dash.rooms.meeting import Meeting
from spiral_dash.rooms.rooms import Rooms
from spiral_dash.web.conversation import Conversation
from spiral_dash.web.edge.limits import TokenBucket
from spiral_dash.web.edge.names import POLICY_VIOLATION
from spiral_dash.web.edge.traffic import Traffic
from spiral_dash.web.messages import parse_message

LOG = logging.getLogger("spiral_dash.stream")
MESSAGES_A_SECOND = 200.0
MESSAGES_AT_ONCE = 400
REFUSALS_MAX = 2_000
NORMAL = 1000
GOODBYES = (1000, 1001)
"""How a browser closes a socket that it wants no more, or whose page it leaves."""
LEAVING_SECONDS = 1.0
"""After what cannot be sent, the browser's own close is there within so long."""
LEFT = (WebSocketDisconnect, RuntimeError)
"""What is raised where the browser left while something was being sent to it."""
GONE = "There is no such session any more."
READ_ONLY = (
    "This run is the presenter's, and only they can change it. Take it over to go on with a copy "
    "of your own."
)
NOT_SHOWN = "The presenter shows no run at the moment."


def same_origin(origin: str | None, host: str | None, allowed: Collection[str]) -> bool:
    """Whether a page of `origin` may open a socket to a server addressed as `host`.

    Browsers always send an origin; what sends none is no page that someone was lured to.
    """
    if origin is None or origin in allowed:
        return True
    return bool(host) and urlsplit(origin).netloc.lower() == str(host).lower()


class Stream:
    """The route `/stream?session=TOKEN`, or with a viewer's key to a room."""

    def __init__(
        self,
        host: Host,
        rooms: Rooms,
        allowed_origins: Collection[str] = (),
        traffic: Traffic | None = None,
    ) -> None:
        self._host = host
        self._rooms = rooms
        self._traffic = traffic or Traffic(host.stats)
        self._allowed = frozenset(allowed_origins)

    async def __call__(self, socket: WebSocket) -> None:
        """Serve one browser until it, or the session, is gone."""
        if await is_foreign(socket, self._allowed):
            return
        await socket.accept()
        token = socket.query_params.get("session", "")
        opened = self._rooms.of_key(token)
        if opened is None:
            await self._serve(socket, self._host.find(token))
        else:
            await self._show(socket, *opened)

    async def _serve(self, socket: WebSocket, handle: SessionHandle | None) -> None:
        """Serve one whose session it is."""
        if not await _is_awake(socket, handle, GONE):
            return
        assert handle is not None
        viewer = handle.attach()
        goodbye = False
        try:
            goodbye = await _serve(socket, handle, viewer, self._traffic)
        finally:
            viewer.detach(goodbye)

    async def _show(self, socket: WebSocket, meeting: Meeting, key: Key) -> None:
        """Serve one who may look at a session, and do nothing with it."""
        handle = self._rooms.shown(meeting, key.shows)
        if not await _is_awake(socket, handle, NOT_SHOWN):
            return
        assert handle is not None
        if not self._still_shows(meeting, key, handle):
            # The page comes again, and is told what is shown then.
            await close(socket)
            return
        viewer = handle.attach(key.text)
        meeting.watch(key.shows, viewer)
        goodbye = False
        try:
            goodbye = await _serve(socket, handle, viewer, self._traffic, READ_ONLY)
        finally:
            meeting.unwatch(key.shows, viewer)
            viewer.detach(goodbye)

    def _still_shows(self, meeting: Meeting, key: Key, handle: SessionHandle) -> bool:
        """Whether a key shows a session as before a wait."""
        opened = self._rooms.of_key(key.text)
        return (
            opened is not None
            and opened[0] is meeting
            and self._rooms.shown(meeting, key.shows) is handle
        )


async def is_foreign(socket: WebSocket, allowed: Collection[str]) -> bool:
    """Whether a socket is one of another site's page; then it is closed."""
    origin = socket.headers.get("origin")
    if same_origin(origin, socket.headers.get("host"), allowed):
        return False
    LOG.warning("refused a socket of another origin: %s", shown(origin))
    await socket.close(POLICY_VIOLATION)
    return True


async def _is_awake(socket: WebSocket, handle: SessionHandle | None, otherwise: str) -> bool:
    """Whether a session can be served, which wakes; else a browser is told why not."""
    if handle is None:
        LOG.info("a socket asked for a session that is not there")
        await socket.send_text(EndedEvent(text=otherwise).model_dump_json())
        await socket.close(POLICY_VIOLATION)
        return False
    try:
        await handle.wake()
    except CommandRefused as error:
        await socket.send_text(AsleepEvent(text=str(error), wakes=True).model_dump_json())
        await socket.close()
        return False
    return True


async def _serve(
    socket: WebSocket,
    handle: SessionHandle,
    viewer: Viewer,
    traffic: Traffic,
    refusal: str = "",
) -> bool:
    """Read and write until either side ends; whether the browser left with a goodbye."""
    code = await both(
        socket,
        _listen(socket, handle, viewer, refusal),
        send_all(socket, viewer, partial(traffic.sent, handle.token)),
    )
    return code in GOODBYES


async def both(
    socket: WebSocket,
    listening: Coroutine[None, None, int | None],
    speaking: Coroutine[None, None, bool],
) -> int | None:
    """Read and write until either side ends; return the code with which the browser left.

    Where one side has ended, the task of the other is of no use.
    """
    listener, speaker = asyncio.create_task(listening), asyncio.create_task(speaking)
    tasks = (listener, speaker)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if speaker.done() and not speaker.result():
            # How the browser left is what the listener is told next.
            await asyncio.wait([listener], timeout=LEAVING_SECONDS)
        code = listener.result() if listener.done() else None
        if socket.application_state is WebSocketState.CONNECTED:
            await close(socket)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return code


async def close(socket: WebSocket, code: int = NORMAL) -> None:
    """Close a socket whose browser may have left."""
    with suppress(*LEFT):
        await socket.close(code)


async def send_all(
    socket: WebSocket,
    messages: AsyncIterable[str | bytes],
    sent: Callable[[int], None] = lambda _: None,
) -> bool:
    """Send what comes, `sent` being told the size of each frame; whether the browser was there for
    all of it.
    """
    try:
        async for message in messages:
            if isinstance(message, bytes):
                await socket.send_bytes(message)
                sent(len(message))
            else:
                await socket.send_text(message)
    except LEFT:
        return False
    return True


async def _listen(
    socket: WebSocket, handle: SessionHandle, viewer: Viewer, refusal: str
) -> int | None:
    """Obey until the browser leaves; return the code with which it did."""
    conversation = Conversation(handle, viewer, refusal)

    async def obey(text: str | bytes | None) -> None:
        await conversation.obey(parse_message(text))

    try:
        return await follow(socket, obey, lambda text: viewer.tell(ErrorEvent(text=text)))
    finally:
        conversation.end()


async def follow(
    socket: WebSocket,
    obey: Callable[[str | bytes | None], Awaitable[None]],
    refuse: Callable[[str], None],
) -> int | None:
    """Obey messages within bounds, until the browser leaves; return the code with which it did.

    `refuse` is called with the sentence of a message that `obey` raised `ConfigError` for.
    """
    bucket = TokenBucket(MESSAGES_A_SECOND, MESSAGES_AT_ONCE)
    refused = 0
    while refused <= REFUSALS_MAX:
        received = await socket.receive()
        if received["type"] == "websocket.disconnect":
            code: int | None = received.get("code")
            return code
        if not bucket.take():
            refused += 1
            if refused == 1:
                refuse(f"Expected at most {MESSAGES_A_SECOND:g} messages a second, got more.")
            continue
        try:
            await obey(received.get("text"))
        except ConfigError as error:
            # What was sent may hold names, so the sentence is the page's alone.
            LOG.info("refused a message: its %s", ", ".join(error.problems))
            refuse(str(error))
    LOG.warning("closed a socket that sent far too many messages")
    await close(socket, POLICY_VIOLATION)
    return None
