"""What was asked of a session's process and is not answered yet."""

from __future__ import annotations

import asyncio


class Answers:
    """Numbers questions, and brings each its answer."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Future[str]] = {}
        self._number = 0

    def expect(self) -> tuple[int, asyncio.Future[str]]:
        """Return the number of a new question, and what will be its answer."""
        self._number += 1
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = answer
        return self._number, answer

    def take(self, number: int, text: str) -> None:
        """Bring an answer to the one who waits for it."""
        answer = self._waiting.pop(number, None)
        if answer is not None and not answer.done():
            answer.set_result(text)

    def give_up(self, text: str) -> None:
        """Answer everyone: nothing more will come."""
        for number in list(self._waiting):
            self.take(number, text)
