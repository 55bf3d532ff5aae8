"""Messages between the server and a session's process, each with its length before it.

`<kind: 1 byte> <length: uint32, little-endian> <payload>`. A JSON payload is one object; a
frame's payload is its audience and request (uint32 each), its serial (uint64), and the blob; that
of a piece of a file its place (uint64), the length of its name (uint16), the name, and the blob.
The session's side blocks, the server's side is asyncio.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

JSON, FRAME, FILE = b"j", b"f", b"b"
MESSAGE_BYTES_MAX = 2**28
READ_BYTES = 2**18
_HEAD = struct.Struct("<cI")
_FRAME_HEAD = struct.Struct("<IIQ")
_FILE_HEAD = struct.Struct("<QH")


class WireError(RuntimeError):
    """The other side sent what is no message."""


@dataclass(frozen=True)
class FrameMessage:
    """A frame, the audience and the request that it answers, and the state it shows: its serial."""

    audience: int
    request: int
    serial: int
    blob: bytes


@dataclass(frozen=True)
class FileMessage:
    """A piece of a file: the bytes from a place to what is the file's end until more follows."""

    name: str
    place: int
    blob: bytes


Said = dict[str, Any] | FrameMessage
Message = Said | FileMessage


def pack_json(values: Mapping[str, object]) -> bytes:
    """Return the bytes of a JSON message."""
    payload = json.dumps(values, allow_nan=False).encode()
    return _HEAD.pack(JSON, len(payload)) + payload


def pack_frame(frame: FrameMessage) -> bytes:
    """Return the bytes of a frame."""
    inner = _FRAME_HEAD.pack(frame.audience, frame.request, frame.serial)
    return _HEAD.pack(FRAME, len(inner) + len(frame.blob)) + inner + frame.blob


def pack_file(piece: FileMessage) -> bytes:
    """Return the bytes of a piece of a file."""
    name = piece.name.encode()
    inner = _FILE_HEAD.pack(piece.place, len(name)) + name
    return _HEAD.pack(FILE, len(inner) + len(piece.blob)) + inner + piece.blob


def _unpack_head(head: bytes) -> tuple[bytes, int]:
    kind, length = _HEAD.unpack(head)
    if kind not in (JSON, FRAME, FILE) or length > MESSAGE_BYTES_MAX:
        raise WireError(
            f"Expected a JSON message or a frame of at most {MESSAGE_BYTES_MAX} bytes, "
            f"got kind {kind!r} of {length} bytes."
        )
    return kind, length


def _unpack_file(payload: bytes) -> FileMessage:
    if len(payload) < _FILE_HEAD.size:
        raise WireError(f"Expected a piece of a file, got {len(payload)} bytes.")
    place, length = _FILE_HEAD.unpack_from(payload)
    begin = _FILE_HEAD.size + length
    try:
        name = payload[_FILE_HEAD.size : begin].decode()
    except UnicodeDecodeError as error:
        raise WireError("Expected the name of a file, got what is no text.") from error
    return FileMessage(name, place, payload[begin:])


def _unpack(kind: bytes, payload: bytes) -> Message:
    if kind == FILE:
        return _unpack_file(payload)
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


class Port(Protocol):
    """What bytes come and go through; raises `OSError` where the other side is gone."""

    def read(self, count: int) -> bytes:
        """Return at most so many bytes, none at the end."""
        ...

    def write(self, rest: memoryview) -> int:
        """Send some of the bytes; return how many."""
        ...


@dataclass(frozen=True)
class Descriptors:
    """File descriptors: the two ends of a pipe, or twice a socket."""

    read_fd: int
    write_fd: int

    def read(self, count: int) -> bytes:
        """Return at most so many bytes, none at the end."""
        return os.read(self.read_fd, count)

    def write(self, rest: memoryview) -> int:
        """Send some of the bytes; return how many."""
        return os.write(self.write_fd, rest)


class Wire:
    """The blocking side.

    `receive` belongs to one thread, `send` to one thread, which may be another.
    """

    def __init__(self, port: Port) -> None:
        self._port = port

    @classmethod
    def between(cls, read_fd: int, write_fd: int) -> Wire:
        """Return the blocking side over file descriptors."""
        return cls(Descriptors(read_fd, write_fd))

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
                piece = self._port.read(min(count - len(read), READ_BYTES))
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
                rest = rest[self._port.write(rest) :]
            except OSError:
                return False
        return True


async def receive(reader: asyncio.StreamReader, most: int = MESSAGE_BYTES_MAX) -> Message | None:
    """Return the next message of at most so many bytes, or None when the other side is gone.

    Raises `WireError`.
    """
    try:
        kind, length = _unpack_head(await reader.readexactly(_HEAD.size))
        if length > most:
            raise WireError(f"Expected a message of at most {most} bytes, got {length}.")
        return _unpack(kind, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, OSError):
        return None
