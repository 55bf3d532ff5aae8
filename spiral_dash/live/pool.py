"""Where the processes of sessions come from, behind one interface."""

from __future__ import annotations

import abc
import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, final

from spiral_dash.core.programs import module_command, module_environment
from spiral_dash.live.forkserver import PID, REQUEST
from spiral_dash.live.machine import Machine, own_bytes
from spiral_dash.live.mirror import Mirror
from spiral_dash.live.opening import Opening
from spiral_dash.live.wire import FileMessage, Said, Wire, WireError, pack_json, receive
from spiral_dash.live.worker import ONE_THREAD, serve

READ_LIMIT = 2**20
START_SECONDS = 60.0
READY_SECONDS = 60.0
READINGS_MAX = 2


class PoolError(RuntimeError):
    """No process could be had for a session."""


@dataclass
class Worker:
    """A channel to a process, or what stands for one, that serves the one session opened over it.

    It ends when its stream does; `kill` ends it whatever it is at. `pid` is None where it has
    no process of its own on this machine. One that is `away` has the session's folder as messages.
    `weigh` tells the bytes of memory that are its own, None where that is not known; it may block.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    pid: int | None
    kill: Callable[[], None]
    away: bool = False
    on_close: Callable[[], None] = lambda: None
    weigh: Callable[[], int | None] = lambda: None
    _mirror: Mirror | None = field(default=None, init=False)

    async def open(self, opening: Opening) -> None:
        """Have it open a session."""
        if self.away:
            self._mirror = Mirror(opening.folder)
            for piece in await asyncio.to_thread(lambda mirror: [*mirror.whole()], self._mirror):
                self.writer.write(piece)
        self.writer.write(pack_json(opening.model_dump(mode="json")))

    async def begin(self, opening: Opening) -> dict[str, object]:
        """Have it open a session; return what it says once it can be used.

        Where it does not, it is dismissed and `PoolError` raised.
        """
        try:
            await self.open(opening)
            ready = await asyncio.wait_for(self.receive(), READY_SECONDS)
            if not isinstance(ready, dict):
                raise PoolError("The process of this session ended while it started. Try again.")
        except (OSError, TimeoutError, WireError) as error:
            self.dismiss()
            raise PoolError("The process of this session did not start. Try again.") from error
        except BaseException:
            self.dismiss()
            raise
        return ready

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message, after the files that it may need."""
        if self._mirror is not None:
            for piece in self._mirror.needed(message.get("command") or {}):
                self.writer.write(piece)
        self.writer.write(pack_json(message))

    async def receive(self) -> Said | None:
        """Return its next message, None when it is gone; raise `WireError`, or `OSError` of a disk.

        What it leaves on the way is put into the session's folder.
        """
        while True:
            message = await receive(self.reader)
            kept = isinstance(message, dict) and message.get("event") == "kept"
            if self._mirror is None:
                if isinstance(message, FileMessage):
                    raise WireError("Expected no files of a session on this machine, got one.")
                return message
            if isinstance(message, FileMessage):
                await asyncio.to_thread(self._mirror.take, message)
            elif kept:
                assert isinstance(message, dict)
                self._mirror.keep(message["files"])
            else:
                return message

    def close(self) -> None:
        """Let go of it: it ends if it has not."""
        self.writer.close()
        self.on_close()

    def dismiss(self) -> None:
        """End it, whatever it is at."""
        self.kill()
        self.close()


class WorkerPool(abc.ABC):
    """Hands out workers. Those that were handed out live on when the pool closes."""

    @cached_property
    def reading(self) -> asyncio.Semaphore:
        """Lets so many files be read at once, whatever the number of sessions."""
        return asyncio.Semaphore(READINGS_MAX)

    @property
    def here(self) -> WorkerPool:
        """Return where processes of this machine come from, for what needs its files."""
        return self

    @property
    def machine(self) -> Machine:
        """Return what the sessions of this pool may use."""
        return Machine()

    @property
    def has_cores_beside(self) -> bool:
        """Whether a session may have a process of its own to measure beside training."""
        return False

    @abc.abstractmethod
    async def start(self) -> None:
        """Begin to get ready, without waiting for it."""

    @abc.abstractmethod
    async def hire(self) -> Worker:
        """Return a worker of one's own; raise `PoolError` where there is none to be had."""

    @abc.abstractmethod
    async def close(self) -> None:
        """End what waits to be hired."""


async def _start_module(name: str, *arguments: str, **options: Any) -> asyncio.subprocess.Process:
    """Start a module of this package as a program."""
    # Each thread of each session would otherwise set an arena of memory aside.
    environment = module_environment() | ONE_THREAD | {"MALLOC_ARENA_MAX": "2"}
    command = module_command(name, *arguments)
    return await asyncio.create_subprocess_exec(*command, env=environment, **options)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@final
class ForkPool(WorkerPool):
    """Workers forked from one process that has everything loaded (Linux)."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._unread = 0
        self._turn = asyncio.Lock()
        self._at_work: set[int] = set()

    @property
    def has_cores_beside(self) -> bool:
        """Whether there is a second core for each of those at work."""
        return 2 * len(self._at_work) <= self.machine.cores

    async def start(self) -> None:
        """Start the process that forks."""
        async with self._turn:
            await self._start()

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            self._process = await _start_module(
                "spiral_dash.live.forkserver",
                str(theirs.fileno()),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._control = ours

    async def hire(self) -> Worker:
        """Have a worker forked; if the process that forks is gone, start another first."""
        async with self._turn:
            for _ in range(2):
                if self._control is None:
                    await self._start()
                with suppress(OSError, EOFError, TimeoutError):
                    return await self._fork()
                await self._stop()
        raise PoolError("No process could be started for this session. Try again later.")

    async def _fork(self) -> Worker:
        assert self._control is not None
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [REQUEST], [theirs.fileno()])
            self._unread += 1
            # Whoever was cancelled in here before has left an answer behind.
            async with asyncio.timeout(START_SECONDS):
                while self._unread:
                    answer = await loop.sock_recv(self._control, PID.size)
                    if len(answer) < PID.size:
                        raise EOFError
                    self._unread -= 1
            (pid,) = PID.unpack(answer)
            reader, writer = await asyncio.open_connection(sock=ours, limit=READ_LIMIT)
        except BaseException:
            ours.close()
            raise
        self._at_work.add(pid)
        leave = partial(self._at_work.discard, pid)
        weigh = partial(own_bytes, pid)
        return Worker(reader, writer, pid, lambda: _kill(pid), on_close=leave, weigh=weigh)

    async def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
            self._unread = 0
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None

    async def close(self) -> None:
        """End the process that forks."""
        async with self._turn:
            await self._stop()


@final
class SpawnPool(WorkerPool):
    """Workers started as programs of their own, one always kept ready (where fork is unsafe)."""

    def __init__(self) -> None:
        self._spare: asyncio.Task[asyncio.subprocess.Process] | None = None
        self._turn = asyncio.Lock()

    async def start(self) -> None:
        """Start the spare."""
        self._prepare()

    def _prepare(self) -> asyncio.Task[asyncio.subprocess.Process]:
        self._spare = self._spare or asyncio.create_task(self._spawn())
        return self._spare

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await _start_module(
            "spiral_dash.live.worker",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            limit=READ_LIMIT,
        )

    async def hire(self) -> Worker:
        """Hand out the spare and start the next."""
        async with self._turn:
            for _ in range(2):
                with suppress(OSError):
                    # The spare is there for the next one if this one is cancelled.
                    process = await asyncio.shield(self._prepare())
                    if process.returncode is None:
                        self._spare = None
                        self._prepare()
                        assert process.stdout is not None
                        assert process.stdin is not None
                        weigh = partial(own_bytes, process.pid)
                        streams = process.stdout, process.stdin
                        return Worker(*streams, process.pid, process.kill, weigh=weigh)
                self._spare = None
        raise PoolError("No process could be started for this session. Try again later.")

    async def close(self) -> None:
        """End the spare."""
        if self._spare is not None:
            process = await self._spare
            self._spare = None
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


@final
class InProcess(WorkerPool):
    """Sessions as threads of this process: for debugging, where a process would hide too much."""

    async def start(self) -> None:
        """There is nothing to prepare."""

    async def hire(self) -> Worker:
        """Start a thread."""
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._serve, args=(theirs,), daemon=True).start()
        reader, writer = await asyncio.open_connection(sock=ours, limit=READ_LIMIT)

        def hang_up() -> None:
            with suppress(OSError):
                theirs.shutdown(socket.SHUT_RDWR)

        return Worker(reader, writer, None, hang_up)

    @staticmethod
    def _serve(session: socket.socket) -> None:
        def leave(_: int) -> None:
            with suppress(OSError):
                session.shutdown(socket.SHUT_RDWR)

        with session:
            wire = Wire.between(session.fileno(), session.fileno())
            serve(wire, leave, on_ready=lambda: None, patience=None)

    async def close(self) -> None:
        """There is nothing to end."""


def default_pool(in_process: bool, cluster: str | None = None) -> WorkerPool:
    """Return the pool for this machine, the one for debugging, or the one for a Ray cluster."""
    if cluster is not None:
        from spiral_dash.live.cluster import ClusterPool
        from spiral_dash.live.launcher import RayLauncher

        return ClusterPool(RayLauncher(cluster))
    if in_process:
        return InProcess()
    return ForkPool() if sys.platform == "linux" else SpawnPool()
