"""What is on its way to one page of a room: of each kind, the newest."""

from __future__ import annotations

import asyncio

Message = str | bytes


class Mailbox:
    """Iterating gives the messages as they come, and ends with `close`.

    A later message of a kind takes the place of an earlier one that was not read: a page that
    reads slowly misses what is past, and never what is.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, Message] = {}
        self._news = asyncio.Event()
        self._closed = False

    def put(self, kind: str, message: Message) -> None:
        """Leave a message."""
        self._waiting[kind] = message
        self._news.set()

    def close(self) -> None:
        """End the iteration once everything is read."""
        self._closed = True
        self._news.set()

    def __aiter__(self) -> Mailbox:
        return self

    async def __anext__(self) -> Message:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        kind = next(iter(self._waiting))
        return self._waiting.pop(kind)
