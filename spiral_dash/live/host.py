"""Starts sessions, watches over them, and ends them. Knows asyncio, and no web."""

from __future__ import annotations

import asyncio
import secrets
import time
from pathlib import Path
from tempfile import mkdtemp

from pydantic import BaseModel, ConfigDict, Field

from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.points import check_rows
from spiral_dash.core.data.rows import Rows
from spiral_dash.live.commands import Speed
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.log import LOG
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.pace import USUAL_SPEED
from spiral_dash.live.pool import WorkerPool, default_pool
from spiral_dash.live.states import MOVING, State

TOKEN_BYTES = 32
FOLDER_PREFIX = "spiral-dash-"
WATCH_SECONDS_MAX = 5.0
WATCHES_A_TERM = 4


class HostFull(RuntimeError):  # noqa: N818 - the name says what happened
    """No further session can be opened; the message says what to do."""


class HostSettings(BaseModel):
    """What a host allows.

    A session that nobody watches is paused after `idle_pause_seconds` and ended after
    `idle_end_seconds`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    idle_pause_seconds: float = Field(600.0, gt=0.0)
    idle_end_seconds: float = Field(3600.0, gt=0.0)
    max_sessions: int = Field(32, ge=1)
    in_process: bool = False


class Host:
    """All sessions of one server."""

    def __init__(self, settings: HostSettings, pool: WorkerPool | None = None) -> None:
        self._settings = settings
        self._pool = pool or default_pool(settings.in_process)
        self._sessions: dict[str, SessionHandle] = {}
        self._opening = 0
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Get ready to open sessions; the first one waits for what is not ready yet."""
        await self._pool.start()
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """End every session and every process."""
        if self._watching is not None:
            self._watching.cancel()
        text = "The server is stopping."
        await asyncio.gather(*(handle.end(text) for handle in list(self._sessions.values())))
        await self._pool.close()

    async def open(
        self,
        config: RunConfig,
        rows: Rows | None = None,
        *,
        speed: Speed = USUAL_SPEED,
        reach: int | None = None,
    ) -> str:
        """Open a session, on `rows` if there are any, and return its token.

        With `reach`, it begins by training to that epoch, as fast as it goes.
        Raises `HostFull`, `PoolError`, or `ConfigError` where the rows are not those that the
        configuration names, or there is no room for them.
        """
        check_rows(config.data, rows)
        self._forget_ended()
        if len(self._sessions) + self._opening >= self._settings.max_sessions:
            raise HostFull(
                f"All {self._settings.max_sessions} sessions of this server are in use. "
                "Try again later, or run it on your own machine."
            )
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._opening += 1
        try:
            folder = Path(mkdtemp(prefix=FOLDER_PREFIX))
            handle = SessionHandle(token, config, folder, self._pool, speed, reach)
            if rows is not None:
                handle.rows.put(rows)
            await handle.start()
        finally:
            self._opening -= 1
        self._sessions[token] = handle
        return token

    def find(self, token: str) -> SessionHandle | None:
        """Return the session of a token, None if there is none or it has ended."""
        handle = self._sessions.get(token)
        return None if handle is None or handle.state is State.ENDED else handle

    def stats(self) -> dict[str, int]:
        """Return how many sessions there are, play, are watched and were restarted."""
        self._forget_ended()
        handles = self._sessions.values()
        return {
            "sessions": len(handles),
            "max_sessions": self._settings.max_sessions,
            "playing": sum(handle.state in MOVING for handle in handles),
            "viewers": sum(handle.viewers for handle in handles),
            "restarts": sum(handle.restarts for handle in handles),
        }

    def _forget_ended(self) -> None:
        self._sessions = {
            token: handle
            for token, handle in self._sessions.items()
            if handle.state is not State.ENDED
        }

    async def _watch(self) -> None:
        shortest = min(self._settings.idle_pause_seconds, self._settings.idle_end_seconds)
        while True:
            await asyncio.sleep(min(WATCH_SECONDS_MAX, shortest / WATCHES_A_TERM))
            self._forget_ended()
            await asyncio.gather(*map(self._tend, self._sessions.values()))

    async def _tend(self, handle: SessionHandle) -> None:
        try:
            await self._pause_or_end(handle)
        except CommandRefused as error:
            LOG.warning("an idle session could not be paused: %s", error)

    async def _pause_or_end(self, handle: SessionHandle) -> None:
        idle = time.monotonic() - handle.watched_at()
        if idle >= self._settings.idle_end_seconds:
            await handle.end(
                "This session was ended because nobody watched it for "
                f"{_duration(self._settings.idle_end_seconds)}. Reload the page for a new one."
            )
        elif idle >= self._settings.idle_pause_seconds and handle.state in MOVING:
            await handle.pause_idle(
                "Training was paused because nobody watched it for "
                f"{_duration(self._settings.idle_pause_seconds)}."
            )


def _duration(seconds: float) -> str:
    for size, unit in ((3600.0, "hour"), (60.0, "minute")):
        if seconds >= size:
            count = seconds / size
            return f"{count:g} {unit}" + ("s" if count != 1 else "")
    return f"{seconds:g} seconds"
