"""Starts sessions, watches over them, and ends them. Knows asyncio, and no web."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from spiral_dash.core.config import RunConfig
from spiral_dash.core.data.points import check_rows
from spiral_dash.core.data.rows import Rows
from spiral_dash.live.capacity import Capacity
from spiral_dash.live.checkpoint import Checkpoint
from spiral_dash.live.commands import Copy, Speed
from spiral_dash.live.folders import Folders, name_of
from spiral_dash.live.guest import Guest
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.log import LOG
from spiral_dash.live.machine import MIB
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.pace import USUAL_SPEED
from spiral_dash.live.pool import PoolError, WorkerPool, default_pool
from spiral_dash.live.seating import HostFull, Seating, Shares
from spiral_dash.live.waiting import WaitingRoom

TOKEN_BYTES = 32
WATCH_SECONDS_MAX = 2.5
WEIGH_SECONDS = 5.0
WATCHES_A_TERM = 4


__all__ = ["Guest", "Host", "HostFull", "HostSettings", "PoolError"]


class HostSettings(BaseModel):
    """What a host allows.

    What moves stands still once no page has been open for `idle_pause_seconds`. A session that
    nobody has looked at for `idle_sleep_seconds`, with no page open or with one that is hidden and
    untouched, is put to sleep. One that sleeps is forgotten once nobody has been there for
    `idle_end_seconds`.

    At most `max_sessions` are awake, `browser_sessions` of one browser and `address_sessions` of
    one address; without a number, as many as the machine has room for. A session that grows beyond
    `session_mib` of memory of its own is put to sleep; without a number, that depends on the
    machine. With `state_dir`, sessions outlive the server. With `cluster`, the HOST:PORT of the
    head of a Ray cluster, they run on its nodes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    idle_pause_seconds: float = Field(5.0, gt=0.0)
    idle_sleep_seconds: float = Field(1800.0, gt=0.0)
    idle_end_seconds: float = Field(86_400.0, gt=0.0)
    max_sessions: int | None = Field(None, ge=1)
    browser_sessions: int | None = Field(12, ge=1)
    address_sessions: int | None = Field(None, ge=1)
    session_mib: int | None = Field(None, ge=1)
    in_process: bool = False
    cluster: str | None = None
    state_dir: Path | None = None


class Host:
    """All sessions of one server."""

    def __init__(self, settings: HostSettings, pool: WorkerPool | None = None) -> None:
        self._settings = settings
        self._pool = pool or default_pool(settings.in_process, settings.cluster)
        self._sessions: dict[str, SessionHandle] = {}
        self._folders: Folders | None = None
        megabytes = settings.session_mib
        self._capacity = Capacity(
            settings.max_sessions,
            None if megabytes is None else MIB * megabytes,
            self._pool.machine,
        )
        self._seating: Seating | None = None
        self._watching: list[asyncio.Task[None]] = []
        self._tended: list[Callable[[], None]] = []

    @property
    def folders(self) -> Folders:
        """Where sessions are kept, from the start of the host on."""
        assert self._folders is not None, "the host has not started"
        return self._folders

    async def start(self) -> None:
        """Get ready to open sessions; the first one waits for what is not ready yet.

        Raises `FolderTaken` where the folder for them cannot be used.
        """
        self._folders = Folders(self._settings.state_dir)
        self.waiting = WaitingRoom(self._folders.key())
        self._seating = Seating(
            self._sessions.values,
            self._capacity,
            self.waiting,
            Shares(self._settings.browser_sessions, self._settings.address_sessions),
            self._settings.idle_pause_seconds,
        )
        self._find_left()
        await self._pool.start()
        self._watching = [asyncio.create_task(work) for work in (self._watch(), self._weigh())]

    @property
    def seating(self) -> Seating:
        """Who gets a seat, from the start of the host on."""
        assert self._seating is not None, "the host has not started"
        return self._seating

    def _find_left(self) -> None:
        """Take in the sessions that an earlier server has left."""
        for folder, saved, age in self.folders.left():
            try:
                handle = SessionHandle.sleeping(
                    saved, folder, self._pool, self.seating.seat, time.monotonic() - age
                )
            except ValueError as error:
                self.folders.set_aside(folder, str(error))
            else:
                self._sessions[folder.name] = handle

    async def close(self) -> None:
        """End every session and every process; with a state folder, they only sleep."""
        for task in self._watching:
            task.cancel()
        if self._folders is None:
            return
        self._tend_others()
        handles = list(self._sessions.values())
        await asyncio.gather(*map(self._close, handles))
        await self._pool.close()
        self._folders.close()

    async def _close(self, handle: SessionHandle) -> None:
        if not self.folders.keep:
            await handle.end("The server is stopping.")
        elif not await handle.sleep("", tell=False):
            await handle.leave()

    async def open(
        self,
        config: RunConfig,
        rows: Rows | None = None,
        *,
        speed: Speed = USUAL_SPEED,
        reach: int | None = None,
        guest: Guest | None = None,
    ) -> str:
        """Open a session of `guest`, on `rows` if there are any, and return its token.

        With `reach`, it begins by training to that epoch, as fast as it goes.
        Raises `HostFull`, `PoolError`, or `ConfigError` where the rows are not those that the
        configuration names, or there is no room for them.
        """
        check_rows(config.data, rows)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        guest = guest or Guest()
        async with self.seating.seat(guest):
            folder = self._new_folder(token)
            handle = SessionHandle(
                token,
                config,
                folder,
                self._pool,
                speed,
                reach,
                keep=self.folders.keep,
                gate=self.seating.seat,
                guest=guest,
            )
            if rows is not None:
                handle.rows.put(rows)
            await handle.start()
            self._sessions[folder.name] = handle
        return token

    async def copy(self, handle: SessionHandle, guest: Guest) -> str:
        """Open a session of `guest` that goes on from exactly where another is; return its token.

        Raises `HostFull`, before the other is asked for anything, or `CommandRefused` where the run
        cannot be copied.
        """
        # Otherwise the seat might be the one of the session to be copied.
        handle.presence.touch()
        async with self.seating.seat(guest), handle.copying:
            return await self._copy(handle, guest)

    async def _copy(self, handle: SessionHandle, guest: Guest) -> str:
        token, name = secrets.token_urlsafe(TOKEN_BYTES), f"copy-{secrets.token_hex(8)}"
        await handle.command(Copy(file=name))
        folder = handle.folder / name
        try:
            folder = self.folders.adopt(token, folder)
            saved = Checkpoint.read(folder)
            assert saved is not None, "a copy has a checkpoint"
            copied = SessionHandle.sleeping(
                saved,
                folder,
                self._pool,
                self.seating.seat,
                time.monotonic(),
                keep=self.folders.keep,
            )
            copied.token = token
            await copied.wake(guest, seated=True)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise CommandRefused(f"There is no room for a session here: {error}.") from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._sessions[folder.name] = copied
        return token

    def _new_folder(self, token: str) -> Path:
        try:
            return self.folders.new(token)
        except OSError as error:
            raise PoolError(f"There is no room for a session here: {error}.") from error

    def tend_also(self, look_after: Callable[[], None]) -> None:
        """Have something else looked after as often as the sessions are, and before they close."""
        self._tended.append(look_after)

    def _tend_others(self) -> None:
        for look_after in self._tended:
            with _going_on("something beside the sessions could not be looked after"):
                look_after()

    def find(self, token: str) -> SessionHandle | None:
        """Return the session of a token, None if there is none or it has ended."""
        handle = self.named(name_of(token))
        if handle is not None:
            handle.token = token
        return handle

    def named(self, folder: str) -> SessionHandle | None:
        """Return the session whose folder has this name, None if there is none or it has ended."""
        handle = self._sessions.get(folder)
        return None if handle is None or handle.over else handle

    def handles(self) -> list[SessionHandle]:
        """Return every session that there is."""
        self._forget_ended()
        return list(self._sessions.values())

    def stats(self) -> dict[str, int]:
        """Return how many sessions there are, sleep, play, are watched and were restarted."""
        self._forget_ended()
        handles = self._sessions.values()
        return {
            "sessions": len(handles),
            "asleep": sum(handle.asleep for handle in handles),
            "max_sessions": self.seating.seats,
            "playing": sum(handle.moving for handle in handles),
            "viewers": sum(handle.viewers for handle in handles),
            "restarts": sum(handle.restarts for handle in handles),
        }

    def _forget_ended(self) -> None:
        # The dictionary itself stays: the seating looks at it.
        for name in [name for name, handle in self._sessions.items() if handle.over]:
            if self._sessions.pop(name).active:
                self.waiting.seat_left()

    async def _watch(self) -> None:
        settings = self._settings
        shortest = min(
            settings.idle_pause_seconds, settings.idle_sleep_seconds, settings.idle_end_seconds
        )
        while True:
            await asyncio.sleep(min(WATCH_SECONDS_MAX, shortest / WATCHES_A_TERM))
            with _going_on("the sessions could not be looked after"):
                self._forget_ended()
                await asyncio.gather(*map(self._tend, list(self._sessions.values())))
                await self.seating.relieve()
            self._tend_others()

    async def _tend(self, handle: SessionHandle) -> None:
        # What is wrong with one is no matter of the others.
        with _going_on("a session could not be looked after"):
            await self._tend_one(handle)

    async def _tend_one(self, handle: SessionHandle) -> None:
        settings, presence = self._settings, handle.presence
        if handle.asleep:
            if presence.unwatched >= settings.idle_end_seconds:
                await handle.end(f"This session was forgotten: {_unseen(presence.unwatched)}.")
        elif presence.unwatched >= settings.idle_sleep_seconds:
            LOG.info("a session that nobody looks at is put to sleep")
            unseen = _unseen(settings.idle_sleep_seconds)
            await self.seating.put_to_sleep(handle, f"This session sleeps: {unseen}.")
        elif presence.alone >= settings.idle_pause_seconds and not handle.suspended:
            self.waiting.seat_left()
            handle.suspend()

    async def _weigh(self) -> None:
        """Learn what sessions need, and put those to sleep that have grown beyond their bound."""
        while True:
            await asyncio.sleep(WEIGH_SECONDS)
            with _going_on("the sessions could not be weighed"):
                await self._weigh_once()

    async def _weigh_once(self) -> None:
        awake = [(handle, handle.weigh) for handle in self._sessions.values()]
        sizes = await asyncio.to_thread(lambda: [weigh and weigh() for _, weigh in awake])
        self._capacity.learn([size for size in sizes if size is not None])
        for (handle, weigh), size in zip(awake, sizes, strict=True):
            if size is not None and size > self._capacity.bound and handle.weigh is weigh:
                await self._lighten(handle, size)

    async def _lighten(self, handle: SessionHandle, size: int) -> None:
        most = self._capacity.bound
        LOG.warning("a session of %d MiB is put to sleep: it may have %d", size // MIB, most // MIB)
        await self.seating.put_to_sleep(
            handle,
            f"This session has grown to {size // MIB} MiB of memory, and may have {most // MIB} "
            "here: it was put to sleep. Fewer units, points or panels need less.",
            wakes=False,
        )


@contextmanager
def _going_on(failure: str) -> Iterator[None]:
    """Log what goes wrong in the block, which is done again in a while."""
    try:
        yield
    except Exception:
        LOG.exception("%s", failure)


def _unseen(seconds: float) -> str:
    return f"nobody has looked at it for {_duration(seconds)}"


def _duration(seconds: float) -> str:
    for size, unit in ((3600.0, "hour"), (60.0, "minute")):
        if seconds >= size:
            count = seconds / size
            return f"{count:.3g} {unit}" + ("s" if count != 1 else "")
    return f"{seconds:.3g} seconds"
