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
from spiral_dash.live.audience import Audiences, Viewer
from spiral_dash.live.events import EndedEvent, Level, NoticeEvent, WelcomeEvent
from spiral_dash.live.exports import Exports
from spiral_dash.live.log import LOG
from spiral_dash.live.opening import CommandRefused, Opening
from spiral_dash.live.pace import USUAL_SPEED
from spiral_dash.live.pool import PoolError, Worker, WorkerPool
from spiral_dash.live.rows import RowsFolder
from spiral_dash.live.states import State
from spiral_dash.live.tables import Tables
from spiral_dash.live.wire import FrameMessage, WireError, pack_json, receive

READY_SECONDS = 60.0
ANSWER_SECONDS = 60.0
END_SECONDS = 2.0
CRASHES_MAX = 3
CRASH_WINDOW_SECONDS = 60.0
GONE = "This session has ended. Reload the page for a new one."
CROWDED = f"This session has {do.VIEWERS_MAX} viewers, and no more can join."
RESTARTED = "The session was restarted before it answered. Try again."


def _dismiss(worker: Worker) -> None:
    worker.kill()
    worker.writer.close()


class SessionHandle:
    """Sends commands to a session, brings its frames to its viewers, and replaces its process."""

    def __init__(
        self,
        token: str,
        config: RunConfig,
        folder: Path,
        pool: WorkerPool,
        speed: do.Speed = USUAL_SPEED,
        reach: int | None = None,
    ) -> None:
        self._speed, self._reach = speed, reach
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
        self._audiences = Audiences()
        self._answers: dict[int, asyncio.Future[str]] = {}
        self._answer = 0
        self._usable = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self._crashes: deque[float] = deque(maxlen=CRASHES_MAX)
        self._touched = time.monotonic()
        self._asking = False
        self._attached_before = False
        self._unseen: tuple[Level, str] | None = None
        self._followers: list[Callable[[], None]] = []

    @property
    def viewers(self) -> int:
        """How many viewers are attached."""
        return len(self._audiences.viewers)

    @property
    def _ended(self) -> bool:
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

    def watched_at(self) -> float:
        """When someone last watched or asked for something, on the monotonic clock."""
        if any(viewer.hungry for viewer in self._audiences.viewers):
            self._touched = time.monotonic()
        return self._touched

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
        )
        try:
            worker.writer.write(pack_json(opening.model_dump(mode="json")))
            ready = await asyncio.wait_for(receive(worker.reader), READY_SECONDS)
            if not isinstance(ready, dict):
                raise PoolError("The process of this session ended while it started. Try again.")
        except (OSError, TimeoutError, WireError) as error:
            _dismiss(worker)
            raise PoolError("The process of this session did not start. Try again.") from error
        except BaseException:
            _dismiss(worker)
            raise
        self._worker = worker
        self._learn(ready)
        self._usable.set()
        return bool(ready["restored"])

    async def _serve(self) -> None:
        """Read what the session says; when its process is gone without leave, replace it."""
        while self._worker is not None:
            await self._read(self._worker)
            self._lose_worker()
            if not self._ended:
                await self._replace()
        self._remove_folder()

    async def _read(self, worker: Worker) -> None:
        try:
            while (message := await receive(worker.reader)) is not None:
                self._take(message)
        except WireError as error:
            LOG.error("a session's process sent no message: %s", error)
            worker.kill()

    def _lose_worker(self) -> None:
        if not self._ended:
            self._usable.clear()
        if self._worker is not None:
            self._worker.writer.close()
            self._worker = None
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result(GONE if self._ended else RESTARTED)
        self._answers.clear()

    async def _replace(self) -> None:
        while True:
            self._crashes.append(time.monotonic())
            window = self._crashes[-1] - self._crashes[0]
            if len(self._crashes) == CRASHES_MAX and window < CRASH_WINDOW_SECONDS:
                self._finish(
                    f"The process of this session ended unexpectedly {CRASHES_MAX} times within "
                    "a minute, so it was not started again. Reload the page for a new session."
                )
                return
            self._run += 1
            try:
                restored = await self._begin(restore=True)
            except PoolError as error:
                LOG.error("a session could not be restarted: %s", error)
                continue
            break
        self.restarts += 1
        where = f"goes on from epoch {self._epoch}" if restored else "starts again from epoch 0"
        LOG.warning("a session's process ended unexpectedly; a new one %s", where)
        self._tell_all(
            "warning",
            f"The process of this session ended unexpectedly. It was replaced and {where}.",
        )
        self._audiences.forget()
        self._ask_for_frames()

    def _finish(self, text: str) -> None:
        self.state = State.ENDED
        self.tables.close()
        self.exports.close()
        self._usable.set()
        for viewer in self._audiences.viewers:
            viewer.tell(EndedEvent(text=text))
            viewer.finish()

    async def end(self, text: str) -> None:
        """End the session and its process, telling its viewers why."""
        if not self._ended:
            self._finish(text)
        if self._pump is None:
            return
        if self._worker is not None and self._worker.writer.can_write_eof():
            self._worker.writer.write_eof()
        done, _ = await asyncio.wait([self._pump], timeout=END_SECONDS)
        if not done:
            self._pump.cancel()
            await asyncio.wait([self._pump])
        if self._worker is not None:
            _dismiss(self._worker)
            self._worker = None
        self._remove_folder()

    def _remove_folder(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    async def pause_idle(self, text: str) -> None:
        """Pause without counting it as a sign of life."""
        touched = self._touched
        await self.command(do.Pause())
        self._touched = touched
        self._tell_all("info", text)

    # What it says.

    def _take(self, message: dict[str, object] | FrameMessage) -> None:
        if isinstance(message, FrameMessage):
            self._audiences.show(message)
        elif message["event"] == "reply":
            answer = self._answers.pop(int(str(message["id"])), None)
            if answer is not None and not answer.done():
                answer.set_result(str(message["error"]))
        else:
            self._learn(message)

    def _learn(self, status: dict[str, object]) -> None:
        if not self._ended:
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

    def _tell_all(self, level: Level, text: str) -> None:
        """Show a notice to everyone, or to the next who comes."""
        for viewer in self._audiences.viewers:
            viewer.tell(NoticeEvent(level=level, text=text))
        if not self._audiences.viewers:
            self._unseen = level, text

    # What is asked of it.

    async def command(self, command: do.Command) -> None:
        """Have a command carried out; raise `CommandRefused` with a sentence if it is not."""
        assert not isinstance(command, do.Watch | do.Frame), "viewers ask for these"
        self._touched = time.monotonic()
        if isinstance(command, do.End):
            await self.end("This session was ended.")
            return
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._usable.wait()
                error = await self._ask(command)
        except TimeoutError:
            error = f"The session did not answer within {ANSWER_SECONDS:g} s, so it is restarted."
            LOG.error("a session's process did not answer and is replaced")
            if self._worker is not None:
                self._worker.kill()
        if error:
            raise CommandRefused(error)

    def hold(self, epoch: int) -> None:
        """Have the run wait at the end of an epoch, without an answer."""
        self._touched = time.monotonic()
        self._send(do.Hold(epoch=epoch))

    async def _ask(self, command: do.Command) -> str:
        if self._ended or self._worker is None:
            return GONE
        self._answer += 1
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[self._answer] = answer
        self._send(command, self._answer)
        return await answer

    def _send(self, command: do.Command, number: int | None = None) -> None:
        if self._worker is not None and not self._ended:
            message = {"id": number, "command": command.model_dump(mode="json")}
            self._worker.writer.write(pack_json(message))

    # Its viewers.

    def attach(self) -> Viewer:
        """Add a viewer; its first message is the welcome, or that it cannot join."""
        viewer = Viewer(self._ask_soon, self._audiences.remove)
        refusal = GONE if self._ended else CROWDED if self.viewers >= do.VIEWERS_MAX else ""
        if refusal:
            viewer.tell(EndedEvent(text=refusal))
            viewer.finish()
            return viewer
        viewer.tell(WelcomeEvent(session=self.token, restored=self._attached_before))
        self._attached_before = True
        if self._unseen is not None:
            level, text = self._unseen
            viewer.tell(NoticeEvent(level=level, text=text))
            self._unseen = None
        self._audiences.add(viewer)
        self._ask_soon()
        return viewer

    def _ask_soon(self) -> None:
        """Tell the session what is watched and who waits, once for all that changes now."""
        self._touched = time.monotonic()
        if not self._asking:
            self._asking = True
            asyncio.get_running_loop().call_soon(self._ask_for_frames)

    def _ask_for_frames(self) -> None:
        self._asking = False
        if self._worker is None:
            return
        for watch in self._audiences.regroup():
            self._send(watch)
        for request in self._audiences.requests():
            self._send(request)
