"""Messages between the server and a session's process, each with its length before it.

`<kind: 1 byte> <length: uint32, little-endian> <payload>`. A JSON payload is one object; a
frame's payload is its audience and request (uint32 each), its serial (uint64), and the blob.
The session's side blocks, the server's side is asyncio.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

JSON, FRAME = b"j", b"f"
MESSAGE_BYTES_MAX = 2**28
READ_BYTES = 2**18
_HEAD = struct.Struct("<cI")
_FRAME_HEAD = struct.Struct("<IIQ")


class WireError(RuntimeError):
    """The other side sent what is no message."""


@dataclass(frozen=True)
class FrameMessage:
    """A frame, the audience and the request that it answers, and the state it shows: its serial."""

    audience: int
    request: int
    serial: int
    blob: bytes


Message = dict[str, Any] | FrameMessage


def pack_json(values: Mapping[str, object]) -> bytes:
    """Return the bytes of a JSON message."""
    payload = json.dumps(values, allow_nan=False).encode()
    return _HEAD.pack(JSON, len(payload)) + payload


def pack_frame(frame: FrameMessage) -> bytes:
    """Return the bytes of a frame."""
    inner = _FRAME_HEAD.pack(frame.audience, frame.request, frame.serial)
    return _HEAD.pack(FRAME, len(inner) + len(frame.blob)) + inner + frame.blob


def _unpack_head(head: bytes) -> tuple[bytes, int]:
    kind, length = _HEAD.unpack(head)
    if kind not in (JSON, FRAME) or length > MESSAGE_BYTES_MAX:
        raise WireError(
            f"Expected a JSON message or a frame of at most {MESSAGE_BYTES_MAX} bytes, "
            f"got kind {kind!r} of {length} bytes."
        )
    return kind, length


def _unpack(kind: bytes, payload: bytes) -> Message:
    if kind == FRAME:
        if len(payload) < _FRAME_HEAD.size:
            raise WireError(f"Expected a frame, got {len(payload)} bytes.")
        audience, request, serial = _FRAME_HEAD.unpack_from(payload)
        return FrameMessage(audience, request, serial, payload[_FRAME_HEAD.size :])
    try:
        values = json.loads(payload)
    except ValueError as error:
        raise WireError(f"Expected JSON, got text that is not: {error}.") from error
    if not isinstance(values, dict):
        raise WireError("Expected a JSON object, got another value.")
    return values


class Wire:
    """The blocking side, over file descriptors: the two ends of a pipe, or twice a socket.

    `receive` belongs to one thread, `send` to one thread, which may be another.
    """

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd = read_fd
        self._write_fd = write_fd

    def receive(self) -> Message | None:
        """Return the next message, or None when the other side is gone; raise `WireError`."""
        head = self._read(_HEAD.size)
        if head is None:
            return None
        kind, length = _unpack_head(head)
        payload = self._read(length)
        return None if payload is None else _unpack(kind, payload)

    def _read(self, count: int) -> bytes | None:
        read = bytearray()
        while len(read) < count:
            try:
                piece = os.read(self._read_fd, min(count - len(read), READ_BYTES))
            except OSError:
                return None
            if not piece:
                return None
            read += piece
        return bytes(read)

    def send(self, message: bytes) -> bool:
        """Send a packed message; False when the other side is gone."""
        rest = memoryview(message)
        while rest:
            try:
                rest = rest[os.write(self._write_fd, rest) :]
            except OSError:
                return False
        return True


async def receive(reader: asyncio.StreamReader) -> Message | None:
    """Return the next message, or None when the other side is gone; raise `WireError`."""
    try:
        kind, length = _unpack_head(await reader.readexactly(_HEAD.size))
        return _unpack(kind, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
