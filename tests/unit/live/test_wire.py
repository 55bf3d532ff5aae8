"""Messages arrive whole and in order, or not at all."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from spiral_dash.live.wire import (
    FrameMessage,
    Message,
    Said,
    Wire,
    WireError,
    pack_frame,
    pack_json,
    receive,
)

MESSAGES: list[Said] = [
    {"event": "status", "text": "é", "numbers": [1, 2.5, None]},
    FrameMessage(3, 2**32 - 1, 2**53, b""),
    FrameMessage(0, 1, 2, bytes(range(256)) * 20_000),
    {},
]


def packed(message: Said) -> bytes:
    return pack_frame(message) if isinstance(message, FrameMessage) else pack_json(message)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    with one, other:
        yield one, other


def wire(end: socket.socket) -> Wire:
    return Wire.between(end.fileno(), end.fileno())


def test_messages_cross_between_blocking_ends(ends: tuple[socket.socket, socket.socket]) -> None:
    def send() -> None:
        for message in MESSAGES:
            assert wire(ends[0]).send(packed(message))
        ends[0].shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    received = [wire(ends[1]).receive() for _ in range(len(MESSAGES) + 1)]
    sender.join()
    assert received == [*MESSAGES, None]


@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_messages_cross_to_asyncio_however_they_are_cut(piece: int) -> None:
    small = [*MESSAGES[:2], FrameMessage(1, 1, 1, b"x" * 3_000)]
    stream = b"".join(map(packed, small))

    async def read() -> list[Message | None]:
        reader = asyncio.StreamReader(limit=64)
        for start in range(0, len(stream), piece):
            reader.feed_data(stream[start : start + piece])
        reader.feed_eof()
        return [await receive(reader) for _ in range(len(small) + 1)]

    assert asyncio.run(read()) == [*small, None]


def test_a_message_cut_short_is_the_end(ends: tuple[socket.socket, socket.socket]) -> None:
    ends[0].sendall(pack_json({"event": "status"})[:-1])
    ends[0].close()
    assert wire(ends[1]).receive() is None


@pytest.mark.parametrize(
    "garbage",
    [
        struct.pack("<cI", b"x", 0),
        struct.pack("<cI", b"j", 2**31),
        struct.pack("<cI", b"j", 2) + b"{]",
        struct.pack("<cI", b"j", 2) + b"[]",
        struct.pack("<cI", b"f", 3) + b"abc",
    ],
)
def test_what_is_no_message_is_refused(
    garbage: bytes, ends: tuple[socket.socket, socket.socket]
) -> None:
    ends[0].sendall(garbage)
    with pytest.raises(WireError, match="Expected"):
        wire(ends[1]).receive()

    async def read() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(garbage)
        await receive(reader)

    with pytest.raises(WireError, match="Expected"):
        asyncio.run(read())


def test_sending_to_nobody_says_so() -> None:
    read_fd, write_fd = os.pipe()
    os.close(read_fd)
    assert not Wire.between(write_fd, write_fd).send(pack_json({"event": "status"}))
    os.close(write_fd)
