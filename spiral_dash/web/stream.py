"""The websocket of a session: wishes come in as JSON, frames go out as they are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from spiral_dash.core.config import ConfigError, shown
from spiral_dash.live.audience import Viewer
from spiral_dash.live.events import AsleepEvent, EndedEvent, ErrorEvent
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.opening import CommandRefused
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


def same_origin(origin: str | None, host: str | None, allowed: Collection[str]) -> bool:
    """Whether a page of `origin` may open a socket to a server addressed as `host`.

    Browsers always send an origin; what sends none is no page that someone was lured to.
    """
    if origin is None or origin in allowed:
        return True
    return bool(host) and urlsplit(origin).netloc.lower() == str(host).lower()


class Stream:
    """The route `/stream?session=TOKEN`."""

    def __init__(
        self, host: Host, allowed_origins: Collection[str] = (), traffic: Traffic | None = None
    ) -> None:
        self._host = host
        self._traffic = traffic or Traffic(host.stats)
        self._allowed = frozenset(allowed_origins)

    async def __call__(self, socket: WebSocket) -> None:
        """Serve one browser until it, or the session, is gone."""
        origin = socket.headers.get("origin")
        if not same_origin(origin, socket.headers.get("host"), self._allowed):
            LOG.warning("refused a socket of another origin: %s", shown(origin))
            await socket.close(POLICY_VIOLATION)
            return
        handle = self._host.find(socket.query_params.get("session", ""))
        await socket.accept()
        if handle is None:
            LOG.info("a socket asked for a session that is not there")
            await socket.send_text(EndedEvent(text=GONE).model_dump_json())
            await socket.close(POLICY_VIOLATION)
            return
        try:
            await handle.wake()
        except CommandRefused as error:
            await socket.send_text(AsleepEvent(text=str(error), wakes=True).model_dump_json())
            await socket.close()
            return
        viewer = handle.attach()
        goodbye = False
        try:
            goodbye = await _serve(socket, handle, viewer, self._traffic)
        finally:
            viewer.detach(goodbye)


async def _serve(
    socket: WebSocket, handle: SessionHandle, viewer: Viewer, traffic: Traffic
) -> bool:
    """Read and write until either side ends; whether the browser left with a goodbye.

    Where one side has ended, the task of the other is of no use.
    """
    listener = asyncio.create_task(_listen(socket, handle, viewer))
    speaker = asyncio.create_task(_speak(socket, handle.token, viewer, traffic))
    tasks = (listener, speaker)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if speaker.done() and not speaker.result():
            # How the browser left is what the listener is told next.
            await asyncio.wait([listener], timeout=LEAVING_SECONDS)
        goodbye = listener.done() and listener.result() in GOODBYES
        if socket.application_state is WebSocketState.CONNECTED:
            await _close(socket)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return goodbye


async def _close(socket: WebSocket, code: int = NORMAL) -> None:
    with suppress(*LEFT):
        await socket.close(code)


async def _speak(socket: WebSocket, token: str, viewer: Viewer, traffic: Traffic) -> bool:
    """Send what the viewer is to know; whether the browser was there for all of it."""
    try:
        async for message in viewer:
            if isinstance(message, bytes):
                await socket.send_bytes(message)
                traffic.sent(token, len(message))
            else:
                await socket.send_text(message)
    except LEFT:
        return False
    return True


async def _listen(socket: WebSocket, handle: SessionHandle, viewer: Viewer) -> int | None:
    """Obey until the browser leaves; return the code with which it did."""
    conversation = Conversation(handle, viewer)
    try:
        return await _follow(socket, conversation, viewer)
    finally:
        conversation.end()


async def _follow(socket: WebSocket, conversation: Conversation, viewer: Viewer) -> int | None:
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
                _refuse(
                    viewer, f"Expected at most {MESSAGES_A_SECOND:g} messages a second, got more."
                )
            continue
        try:
            await conversation.obey(parse_message(received.get("text")))
        except ConfigError as error:
            _refuse(viewer, str(error))
    LOG.warning("closed a socket that sent far too many messages")
    await _close(socket, POLICY_VIOLATION)
    return None


def _refuse(viewer: Viewer, text: str) -> None:
    LOG.info("refused a message: %s", text)
    viewer.tell(ErrorEvent(text=text))
