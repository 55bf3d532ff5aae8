"""One session as the server sees it: its worker, its viewers, and what it was last known to be."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from spiral_dash.core.config import RunConfig, TrainingConfig, validated
from spiral_dash.live import commands as do
from spiral_dash.live.answers import Answers
from spiral_dash.live.attendance import Attendance
from spiral_dash.live.audience import Viewer
from spiral_dash.live.checkpoint import Checkpoint
from spiral_dash.live.events import AsleepEvent, EndedEvent, NoticeEvent
from spiral_dash.live.exports import Exports
from spiral_dash.live.guest import Gate, Guest, open_gate
from spiral_dash.live.log import LOG
from spiral_dash.live.opening import CommandRefused, Opening
from spiral_dash.live.pace import USUAL_SPEED
from spiral_dash.live.pool import PoolError, Worker, WorkerPool
from spiral_dash.live.presence import Presence
from spiral_dash.live.rows import RowsFolder
from spiral_dash.live.states import MOVING, State
from spiral_dash.live.tables import Tables
from spiral_dash.live.wire import FrameMessage, WireError

ANSWER_SECONDS = 60.0
SLEEP_SECONDS = 10.0
END_SECONDS = 2.0
CRASHES_MAX = 3
CRASH_WINDOW_SECONDS = 60.0
GONE = "This session has ended. Reload the page for a new one."
RESTARTED = "The session was restarted before it answered. Try again."


class SessionHandle:
    """Sends commands to a session, brings its frames to its viewers, and replaces its process.

    A session that is `asleep` has no process, only what it has saved: a command, or `wake`, has
    another one go on from there.
    """

    def __init__(
        self,
        token: str,
        config: RunConfig,
        folder: Path,
        pool: WorkerPool,
        speed: do.Speed = USUAL_SPEED,
        reach: int | None = None,
        *,
        keep: bool = False,
        gate: Gate = open_gate,
        guest: Guest | None = None,
    ) -> None:
        self.guest = (guest or Guest()).seated
        self._speed, self._reach, self._keep, self._gate = speed, reach, keep, gate
        self.asleep = self.suspended = False
        self._turn = asyncio.Lock()
        self.copying = asyncio.Lock()
        self.token = token
        self.config = config
        self.training = config.training_at(0)
        self.state = State.READY
        self.restarts = 0
        self._folder = folder
        self.rows = RowsFolder(folder)
        self.tables = Tables(folder, self.rows, pool)
        self.exports = Exports(pool)
        self._pool = pool
        self._worker: Worker | None = None
        self._run = 1
        self._epoch = 0
        self._attendance = Attendance(self._send, lambda: self._worker is not None, self._resume)
        self._answers = Answers()
        self._usable = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._crashes: deque[float] = deque(maxlen=CRASHES_MAX)
        self._followers: list[Callable[[], None]] = []

    @classmethod
    def sleeping(
        cls,
        saved: Checkpoint,
        folder: Path,
        pool: WorkerPool,
        gate: Gate,
        seen_at: float,
        *,
        keep: bool = True,
    ) -> SessionHandle:
        """Return the session that a folder is left of, last seen at a monotonic time.

        Raises `ConfigError` where the configuration is none. Whoever finds it brings its token.
        """
        config = RunConfig.from_json(saved.config)
        handle = cls("", config, folder, pool, keep=keep, gate=gate)
        handle._attendance.was_seen(seen_at)
        handle._run, handle.state, handle.asleep = saved.run, saved.state, True
        return handle

    @property
    def viewers(self) -> int:
        """How many viewers are attached."""
        return self._attendance.count

    @property
    def presence(self) -> Presence:
        """Since when nobody is there."""
        return self._attendance.presence

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state is State.ENDED

    @property
    def present(self) -> RunConfig:
        """What the dials stand at: the configuration with the present training, and no past."""
        return self.config.replace(training=self.training, schedule=())

    @property
    def folder(self) -> Path:
        """The session's own folder, which goes with it."""
        return self._folder

    @property
    def epoch(self) -> int:
        """Epochs completed when it last said so: with every command that is carried out."""
        return self._epoch

    @property
    def run(self) -> int:
        """The number of its present run."""
        return self._run

    @property
    def pid(self) -> int | None:
        """The process that serves the session now, None if it has none of its own."""
        return None if self._worker is None else self._worker.pid

    @property
    def weigh(self) -> Callable[[], int | None] | None:
        """What tells the bytes of memory of what serves it now, None while nothing does."""
        return None if self._worker is None else self._worker.weigh

    @property
    def moving(self) -> bool:
        """Whether it trains, or shows its past again, now."""
        return self.state in MOVING and self.active

    @property
    def active(self) -> bool:
        """Whether it is awake, and has not been left to stand still."""
        return not (self.suspended or self.asleep)

    # Its life.

    async def start(self) -> None:
        """Start the session's worker; raise `PoolError`."""
        try:
            await self._begin(restore=False)
        except BaseException:
            self._remove_folder()
            raise
        self._pump = asyncio.create_task(self._serve())

    async def _begin(self, restore: bool) -> bool:
        """Have a new worker open the session; whether it goes on from a checkpoint."""
        worker = await self._pool.hire()
        opening = Opening(
            config=self.config,
            folder=self._folder,
            run=self._run,
            restore=restore,
            speed=self._speed,
            reach=self._reach,
            keep=self._keep,
            beside=self._pool.has_cores_beside,
        )
        ready = await worker.begin(opening)
        self._worker = worker
        self.suspended = False
        self._learn(ready)
        self._usable.set()
        return bool(ready["restored"])

    async def _serve(self) -> None:
        """Read what the session says; when its process is gone without leave, replace it."""
        while self._worker is not None:
            await self._read(self._worker)
            self._lose_worker()
            if not (self.over or self.asleep):
                await self._replace()
        if self.over:
            self._remove_folder()

    async def _read(self, worker: Worker) -> None:
        try:
            while (message := await worker.receive()) is not None:
                self._take(message)
        except (WireError, OSError) as error:
            LOG.error("what a session's process sent cannot be taken: %s", error)
            worker.kill()

    def _lose_worker(self) -> None:
        if not self.over:
            self._usable.clear()
        if self._worker is not None:
            self._worker.close()
            self._worker = None
        self._answers.give_up(GONE if self.over else RESTARTED)

    async def _replace(self) -> None:
        self._crashes.append(time.monotonic())
        window = self._crashes[-1] - self._crashes[0]
        if len(self._crashes) == CRASHES_MAX and window < CRASH_WINDOW_SECONDS:
            self._finish(
                f"The process of this session ended unexpectedly {CRASHES_MAX} times within "
                "a minute, so it was not started again. Reload the page for a new session."
            )
            return
        try:
            where = self._whence(await self._go_on())
        except PoolError as error:
            self._doze(error)
            return
        self.restarts += 1
        LOG.warning("a session's process ended unexpectedly; a new one %s", where)
        self._attendance.notice(
            "warning",
            f"The process of this session ended unexpectedly. It was replaced and {where}.",
        )

    def _doze(self, why: PoolError) -> None:
        """Sleep because there is no process to be had: what was saved stays for another time."""
        LOG.error("a session could not be restarted, and sleeps: %s", why)
        if self.over:
            return
        self.asleep = True
        self._attendance.dismiss(
            AsleepEvent(text="This session sleeps: its process ended unexpectedly.", wakes=True)
        )
        self._close_files()

    def _close_files(self) -> None:
        self.tables.close()
        self.exports.close()

    async def _go_on(self) -> bool:
        """Have a new worker go on from what was saved; whether that could be read."""
        self._run += 1
        restored = await self._begin(restore=True)
        self._attendance.begin_anew()
        return restored

    def _whence(self, restored: bool) -> str:
        return f"goes on from epoch {self._epoch}" if restored else "starts again from epoch 0"

    async def wake(self, guest: Guest | None = None, *, seated: bool = False) -> None:
        """Have a process again, if it sleeps; raise `CommandRefused`.

        A guest who is `seated` has a seat for it already.
        """
        guest = guest or self.guest
        self.guest = guest.seated
        if not self.asleep:
            return
        async with self._turn:
            if not self.asleep or self.over:
                return
            async with (open_gate if seated else self._gate)(guest):
                try:
                    restored = await self._go_on()
                except PoolError as error:
                    raise CommandRefused(str(error)) from error
                # Otherwise it would be taken for the one that was left first.
                self.presence.touch()
                self.asleep = False
            self._pump = asyncio.create_task(self._serve())
        if not restored:
            where = self._whence(restored)
            self._attendance.notice(
                "warning", f"What this session had saved cannot be read: it {where}."
            )

    async def sleep(self, text: str, *, wakes: bool = True, tell: bool = True) -> bool:
        """Save the session and end its process, telling its viewers why; whether that could be.

        With `wakes`, a page that comes in sight again may wake it by itself. Viewers that are told
        nothing come back by themselves, at once.
        """
        async with self._turn:
            if self.asleep or self.over:
                return True
            # What is asked from now on waits to wake it.
            self.asleep = True
            error = await self._ask_in_time(do.Sleep(), SLEEP_SECONDS)
            if self.over or (error and self._worker is not None):
                self.asleep = False
                LOG.warning("%s", error)
                return self.over
            self._attendance.dismiss(AsleepEvent(text=text, wakes=wakes) if tell else None)
            self._kill()
            await self._leave_worker()
            self._close_files()
        return True

    def _finish(self, text: str) -> None:
        self.state = State.ENDED
        self._close_files()
        self._usable.set()
        self._attendance.dismiss(EndedEvent(text=text))

    async def end(self, text: str) -> None:
        """End the session and its process, telling its viewers why."""
        if not self.over:
            self._finish(text)
        await self.leave()
        self._remove_folder()

    async def leave(self) -> None:
        """End the process, and leave what it has saved to whoever finds it."""
        if not self.over:
            self.asleep = True
        self._kill()
        async with self._turn:
            self._kill()
            await self._leave_worker()

    def _kill(self) -> None:
        if self._worker is not None:
            self._worker.kill()

    async def _leave_worker(self) -> None:
        """Wait for the end of the process that was killed."""
        if self._pump is not None:
            done, _ = await asyncio.wait([self._pump], timeout=END_SECONDS)
            if not done:
                self._pump.cancel()
                await asyncio.wait([self._pump])
            self._pump = None
        if self._worker is not None:
            self._worker.dismiss()
            self._lose_worker()

    def _remove_folder(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def suspend(self) -> None:
        """Have what moves stand still until somebody is there again."""
        self.suspended = True
        self._send(do.Suspend())

    def _resume(self) -> None:
        self.presence.touch()
        if self.suspended:
            self.suspended = False
            self._send(do.Suspend(suspended=False))

    # What it says.

    def _take(self, message: dict[str, object] | FrameMessage) -> None:
        if isinstance(message, FrameMessage):
            self._attendance.show(message)
        elif message["event"] == "reply":
            self._answers.take(int(str(message["id"])), str(message["error"]))
        elif message["event"] == "notice":
            notice = NoticeEvent.model_validate(message)
            LOG.warning("%s", notice.text)
            self._attendance.notice(notice.level, notice.text)
        else:
            self._learn(message)

    def _learn(self, status: dict[str, object]) -> None:
        if not self.over:
            self.state = State(str(status["state"]))
        self._epoch = int(str(status["epoch"]))
        before = self.config, self.training, self._run
        self._run = int(str(status["run"]))
        self.config = RunConfig.parse(status["config"])
        self.training = validated(TrainingConfig, status["training"])
        if before != (self.config, self.training, self._run):
            for follower in list(self._followers):
                follower()

    def on_change(self, follower: Callable[[], None]) -> Callable[[], None]:
        """Have `follower` called when the configuration changes, until what is returned is."""
        self._followers.append(follower)
        return lambda: self._followers.remove(follower)

    # What is asked of it.

    async def command(self, command: do.Command) -> None:
        """Have a command carried out; raise `CommandRefused` with a sentence if it is not."""
        assert not isinstance(command, do.Watch | do.Frame), "viewers ask for these"
        if isinstance(command, do.End):
            await self.end("This session was ended.")
            return
        await self.wake()
        self._resume()
        if error := await self._ask_in_time(command):
            raise CommandRefused(error)

    async def _ask_in_time(self, command: do.Command, seconds: float = ANSWER_SECONDS) -> str:
        try:
            async with asyncio.timeout(seconds):
                await self._usable.wait()
                return await self._ask(command)
        except TimeoutError:
            LOG.error("a session's process did not answer and is replaced")
            self._kill()
            return f"The session did not answer within {seconds:g} s, so it is restarted."

    def hold(self, epoch: int) -> None:
        """Have the run wait at the end of an epoch, without an answer."""
        self._send(do.Hold(epoch=epoch))

    async def _ask(self, command: do.Command) -> str:
        if self.over or self._worker is None:
            return GONE
        number, answer = self._answers.expect()
        self._send(command, number)
        return await answer

    def _send(self, command: do.Command, number: int | None = None) -> None:
        if self._worker is not None and not self.over:
            message = {"id": number, "command": command.model_dump(mode="json")}
            self._worker.send(message)

    # Its viewers.

    def attach(self, name: str | None = None, *, apart: bool = False) -> Viewer:
        """Add a viewer; its first message is the welcome, or that it cannot join.

        One who is to see the session, and not to have it, knows it by another `name`; one that is
        `apart` shares its frames with no others.
        """
        refusal = GONE if self.over else ""
        return self._attendance.attach(self.token, name, apart=apart, refusal=refusal)
