"""The websocket of a session: wishes come in as JSON, frames go out as they are."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from spiral_dash.core.config import ConfigError, parse_json, shown, validated
from spiral_dash.live.audience import Viewer
from spiral_dash.live.commands import SERIAL_MAX, Seek, Undraw, parse_command
from spiral_dash.live.events import EndedEvent, ErrorEvent
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host
from spiral_dash.live.session import CommandRefused

LOG = logging.getLogger("spiral_dash.stream")
MESSAGE_BYTES_MAX = 16 * 1024
MESSAGES_A_SECOND = 200.0
MESSAGES_AT_ONCE = 400
REFUSALS_MAX = 2_000
POLICY_VIOLATION = 1008
GONE = "There is no such session any more."


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class WatchMessage(_Message):
    """Replaces what this browser watches; the parts are checked by the session's own rules."""

    type: Literal["watch"]
    parts: list[object]


class CreditMessage(_Message):
    """Allows one frame; `have` is the run whose points the browser holds, 0 for none."""

    type: Literal["credit"]
    have: int = Field(ge=0, le=SERIAL_MAX)


class SeekMessage(_Message):
    """Shows the network as it was at an epoch, or with None as it is."""

    type: Literal["seek"]
    epoch: int | None = Field(ge=0, le=SERIAL_MAX)


class DrawMessage(_Message):
    """Adds points to the data, or erases some; checked by the session's own rules."""

    type: Literal["draw"]
    stroke: int = Field(ge=0, le=SERIAL_MAX)
    add: list[object] = []
    erase: list[object] = []
    radius: float = 0.0


class UndrawMessage(_Message):
    """Takes back the last stroke."""

    type: Literal["undraw"]


Message = WatchMessage | CreditMessage | SeekMessage | DrawMessage | UndrawMessage

MESSAGES: dict[str, type[Message]] = {
    "watch": WatchMessage,
    "credit": CreditMessage,
    "seek": SeekMessage,
    "draw": DrawMessage,
    "undraw": UndrawMessage,
}


def parse_message(text: str | bytes | None) -> Message:
    """Validate one message of a browser; raise `ConfigError` with a sentence."""
    if not isinstance(text, str):
        raise ConfigError({"message": "Expected JSON text, got binary data."})
    if len(text.encode()) > MESSAGE_BYTES_MAX:
        raise ConfigError(
            {
                "message": f"Expected a message of at most {MESSAGE_BYTES_MAX} bytes, "
                f"got {len(text.encode())}."
            }
        )
    values = parse_json(text)
    if not isinstance(values, Mapping):
        raise ConfigError({"message": f"Expected a JSON object, got {shown(values)}."})
    kind = values.get("type")
    if not isinstance(kind, str) or kind not in MESSAGES:
        expected = ", ".join(MESSAGES)
        raise ConfigError({"type": f"type: expected one of {expected}, got {shown(kind)}."})
    return validated(MESSAGES[kind], values)


class TokenBucket:
    """Allows `rate` events a second, and `burst` at once."""

    def __init__(
        self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._level, self._at = burst, clock()

    def take(self) -> bool:
        """Whether one more event is allowed now."""
        now = self._clock()
        self._level = min(self._burst, self._level + self._rate * (now - self._at))
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


def same_origin(origin: str | None, host: str | None, allowed: Collection[str]) -> bool:
    """Whether a page of `origin` may open a socket to a server addressed as `host`.

    Browsers always send an origin; what sends none is no page that someone was lured to.
    """
    if origin is None or origin in allowed:
        return True
    return bool(host) and urlsplit(origin).netloc.lower() == str(host).lower()


class Stream:
    """The route `/stream?session=TOKEN`."""

    def __init__(self, host: Host, allowed_origins: Collection[str] = ()) -> None:
        self._host = host
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
        viewer = handle.attach()
        try:
            await _serve(socket, handle, viewer)
        finally:
            viewer.detach()


async def _serve(socket: WebSocket, handle: SessionHandle, viewer: Viewer) -> None:
    """Read and write until either side ends; the other task is then of no use."""
    tasks = {
        asyncio.create_task(_listen(socket, handle, viewer)),
        asyncio.create_task(_speak(socket, viewer)),
    }
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        if socket.application_state is WebSocketState.CONNECTED:
            await socket.close()
    except (WebSocketDisconnect, RuntimeError):
        pass  # the browser left while something was being sent to it
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _speak(socket: WebSocket, viewer: Viewer) -> None:
    async for message in viewer:
        if isinstance(message, bytes):
            await socket.send_bytes(message)
        else:
            await socket.send_text(message)


async def _listen(socket: WebSocket, handle: SessionHandle, viewer: Viewer) -> None:
    bucket = TokenBucket(MESSAGES_A_SECOND, MESSAGES_AT_ONCE)
    refused = 0
    while refused <= REFUSALS_MAX:
        received = await socket.receive()
        if received["type"] == "websocket.disconnect":
            return
        if not bucket.take():
            refused += 1
            if refused == 1:
                _refuse(
                    viewer, f"Expected at most {MESSAGES_A_SECOND:g} messages a second, got more."
                )
            continue
        try:
            await _obey(parse_message(received.get("text")), handle, viewer)
        except (ConfigError, CommandRefused) as error:
            _refuse(viewer, str(error))
    LOG.warning("closed a socket that sent far too many messages")
    await socket.close(POLICY_VIOLATION)


async def _obey(message: Message, handle: SessionHandle, viewer: Viewer) -> None:
    match message:
        case WatchMessage():
            viewer.watch(message.parts)
        case CreditMessage():
            viewer.credit(message.have)
        case SeekMessage():
            await handle.command(Seek(epoch=message.epoch))
        case DrawMessage():
            await handle.command(
                parse_command({"do": "draw", **message.model_dump(exclude={"type"})})
            )
        case UndrawMessage():
            await handle.command(Undraw())


def _refuse(viewer: Viewer, text: str) -> None:
    LOG.info("refused a message: %s", text)
    viewer.tell(ErrorEvent(text=text))
