"""What a short-lived process does for a session, beside the one that trains."""

from __future__ import annotations

import asyncio
from typing import Any

from spiral_dash.live.log import LOG
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.pool import PoolError, Worker, WorkerPool
from spiral_dash.live.wire import WireError, pack_json, receive


class Errands:
    """Has one thing done at a time, each in a process of its own; a new one ends the one before."""

    def __init__(self, pool: WorkerPool, overtaken: str) -> None:
        """`overtaken` is the sentence for whoever asked for what is ended."""
        self._pool = pool.here
        self._overtaken = overtaken
        self._worker: Worker | None = None
        self._serial = 0

    async def do(
        self, name: str, task: object, seconds: float, *, slow: str, ended: str
    ) -> dict[str, Any]:
        """Return what one of the `ERRANDS` of a worker answers.

        Raises `CommandRefused` where another was asked for or there is no process to be had, with
        `slow` once it takes longer than `seconds`, with `ended` where its process did, and with the
        answer's own `error`.
        """
        try:
            answer = await self._done(name, task, seconds)
        except TimeoutError as error:
            raise CommandRefused(slow) from error
        if answer is None:
            raise CommandRefused(ended)
        if "error" in answer:
            raise CommandRefused(answer["error"])
        return answer

    async def _done(self, name: str, task: object, seconds: float) -> dict[str, Any] | None:
        self.close()
        serial = self._serial
        async with self._pool.reading:
            if serial != self._serial:
                raise CommandRefused(self._overtaken)
            try:
                worker = await self._pool.hire()
            except PoolError as error:
                raise CommandRefused(str(error)) from error
            self._worker = worker
            try:
                answer = await _ask(worker, {name: task}, seconds)
            finally:
                worker.dismiss()
                if self._worker is worker:
                    self._worker = None
        if serial != self._serial:
            raise CommandRefused(self._overtaken)
        return answer

    def close(self) -> None:
        """End what is under way."""
        self._serial += 1
        if self._worker is not None:
            self._worker.kill()


async def _ask(worker: Worker, message: dict[str, object], seconds: float) -> dict[str, Any] | None:
    try:
        async with asyncio.timeout(seconds):
            worker.writer.write(pack_json(message))
            answer = await receive(worker.reader)
    except TimeoutError:
        raise
    except (OSError, WireError) as error:
        LOG.error("a process that did something for a session failed: %s", error)
        return None
    return answer if isinstance(answer, dict) else None
