"""Sessions on several machines: the server's side, which agents and sessions call over TCP and TLS.

An agent on each machine says that it is there, and forks when told to; a session that it has forked
calls the server itself. Whoever calls shows a secret that is good once. What starts the agents is
no matter here: a `Launcher` does, see `spiral_dash.live.launcher`.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, final

from spiral_dash.live.capacity import SESSION_BYTES
from spiral_dash.live.log import LOG
from spiral_dash.live.machine import Machine
from spiral_dash.live.pool import READ_LIMIT, ForkPool, PoolError, Worker, WorkerPool
from spiral_dash.live.remote import Dial, watchful
from spiral_dash.live.wire import WireError, pack_json, receive

HELLO_BYTES, HELLO_SECONDS = 1024, 10.0
BEAT_BYTES = 2**16
SILENT_SECONDS, LOOK_SECONDS = 1.75, 0.1
"""A machine that has said nothing for so long is taken for gone, and its sessions go elsewhere."""
CALL_SECONDS, MACHINE_SECONDS = 10.0, 30.0
"""How long a session may take to call, and a hire to find a machine."""
SECRET_BYTES = 32
RESERVE_BYTES = 2 * SESSION_BYTES


class Launcher(Protocol):
    """Starts an agent on each machine there is, and again where one has ended."""

    async def join(self) -> str:
        """Return the address by which the machines find this one; raise `ConfigError`."""
        ...

    async def start(self, invite: Callable[[], Dial]) -> None:
        """Begin; `invite` returns whom an agent has to call."""
        ...

    async def close(self) -> None:
        """Stop."""
        ...


@dataclass(eq=False)
class Node:
    """A machine whose agent has called, what it last said, and the sessions there."""

    writer: asyncio.StreamWriter
    heard: float = field(default_factory=time.monotonic)
    state: dict[str, Any] = field(default_factory=dict)
    sessions: dict[str, Worker | None] = field(default_factory=dict)
    """Secret -> the session that has called with it, None before."""
    sizes: dict[str, int | None] = field(default_factory=dict)
    """Secret -> the bytes of memory that a session has of its own."""

    @property
    def room(self) -> int:
        """Bytes of memory for more sessions, those included that are not measured yet."""
        waiting = sum(worker is None for worker in self.sessions.values())
        return int(self.state.get("memory_left") or 0) - RESERVE_BYTES - waiting * SESSION_BYTES

    @property
    def crowding(self) -> tuple[int, float]:
        """How far other programs fill the cores (twice, once, not), and sessions a core."""
        cores = float(self.state.get("cores") or 1.0)
        others = float(self.state.get("load") or 0.0) - len(self.sessions)
        return min(2, max(0, int(others / cores))), len(self.sessions) / cores

    @property
    def name(self) -> str:
        """What the machine calls itself."""
        return str(self.state.get("name", "?"))


class Machines(Machine):
    """All machines of a cluster as one."""

    def __init__(self, nodes: Callable[[], list[Node]]) -> None:
        super().__init__()
        self._nodes = nodes

    def _sum(self, name: str) -> int | None:
        sizes = [node.state.get(name) for node in self._nodes()]
        return sum(int(size) for size in sizes if size is not None) if sizes else None

    @property
    def cores(self) -> float:
        """How many cores there are."""
        return sum(float(node.state.get("cores") or 0.0) for node in self._nodes()) or 1.0

    @property
    def memory(self) -> int | None:
        """Bytes of memory there are."""
        return self._sum("memory")

    @property
    def memory_left(self) -> int | None:
        """Bytes of memory that can still be had."""
        return self._sum("memory_left")

    @property
    def processes_left(self) -> int | None:
        """Each machine sees to that itself."""
        return None


@final
class ClusterPool(WorkerPool):
    """Workers on the machines whose agents have called; what needs files of this one is here."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._host, self._port = "", 0
        self._here = ForkPool()
        self._agents: set[str] = set()
        self._calls: dict[str, asyncio.Future[Worker]] = {}
        self._nodes: list[Node] = []
        self._came = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._looking: asyncio.Task[None] | None = None
        self._certificate = ""

    @property
    def here(self) -> WorkerPool:
        """Return where processes of this machine come from."""
        return self._here

    @property
    def machine(self) -> Machine:
        """Return all machines as one."""
        return Machines(lambda: self._nodes)

    @property
    def machines(self) -> list[Node]:
        """Return the machines that are there."""
        return list(self._nodes)

    @property
    def nodes(self) -> int:
        """How many machines are there."""
        return len(self._nodes)

    async def start(self) -> None:
        """Listen, and have agents started; raise `ConfigError` where there is no cluster."""
        from spiral_dash.live.certificate import make

        self._host = await self._launcher.join()
        context, self._certificate = make()
        self._server = await asyncio.start_server(
            self._take_call,
            self._host,
            ssl=context,
            ssl_handshake_timeout=HELLO_SECONDS,
            limit=READ_LIMIT,
        )
        self._port = self._server.sockets[0].getsockname()[1]
        self._looking = asyncio.create_task(self._look())
        await self._here.start()
        await self._launcher.start(self.invite)

    def invite(self) -> Dial:
        """Return whom an agent has to call, with a secret of its own."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        self._agents.add(secret)
        return self._dial(secret)

    def _dial(self, secret: str) -> Dial:
        return Dial(host=self._host, port=self._port, certificate=self._certificate, secret=secret)

    async def _take_call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        secret = ""
        with suppress(WireError, TimeoutError):
            async with asyncio.timeout(HELLO_SECONDS):
                hello = await receive(reader, HELLO_BYTES)
            secret = str(hello.get("secret", "")) if isinstance(hello, dict) else ""
        if secret in self._agents:
            self._agents.remove(secret)
            watchful(writer.get_extra_info("socket"))
            await self._serve_agent(Node(writer), reader)
        elif (call := self._calls.pop(secret, None)) is not None and not call.done():
            watchful(writer.get_extra_info("socket"))
            call.set_result(Worker(reader, writer, None, lambda: None, away=True))
        else:
            writer.transport.abort()

    async def _serve_agent(self, node: Node, reader: asyncio.StreamReader) -> None:
        """Learn how a machine is until it is gone."""
        try:
            while isinstance(message := await receive(reader, BEAT_BYTES), dict):
                node.heard = time.monotonic()
                if "machine" in message:
                    node.state = message["machine"]
                    if node not in self._nodes:
                        self._nodes.append(node)
                        self._came.set()
                        LOG.info("machine %s has come: there are %d", node.name, len(self._nodes))
                elif "sizes" in message:
                    node.sizes = message["sizes"]
                elif (call := self._calls.pop(str(message.get("failed")), None)) is not None:
                    call.set_exception(PoolError(str(message.get("error"))))
        except WireError as error:
            LOG.error("a machine's agent sent no message: %s", error)
        self._lose(node)

    def _lose(self, node: Node) -> None:
        """Let go of a machine and of every session there."""
        node.writer.transport.abort()
        if node in self._nodes:
            self._nodes.remove(node)
            if not self._nodes:
                self._came.clear()
            LOG.warning(
                "machine %s with %d sessions is gone: there are %d",
                node.name,
                len(node.sessions),
                len(self._nodes),
            )
        for secret, worker in list(node.sessions.items()):
            if worker is not None:
                worker.writer.transport.abort()
            elif (call := self._calls.pop(secret, None)) is not None and not call.done():
                call.set_exception(PoolError("The machine of this session is gone."))

    async def _look(self) -> None:
        """Let go of machines that have fallen silent."""
        before = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = time.monotonic()
            # Where this very process was held up, nobody could be heard.
            late = now - before > LOOK_SECONDS + SILENT_SECONDS / 4
            for node in list(self._nodes):
                if late:
                    node.heard = max(node.heard, now - SILENT_SECONDS / 2)
                elif now - node.heard > SILENT_SECONDS:
                    self._lose(node)
            before = now

    async def hire(self) -> Worker:
        """Have a session forked where there is most room, and return it once it has called."""
        tried: list[Node] = []
        while True:
            node = await self._place(tried)
            try:
                return await self._forked(node)
            except (PoolError, TimeoutError, OSError) as error:
                tried.append(node)
                LOG.warning("a session could not be started on a machine: %s", error)

    async def _place(self, tried: list[Node]) -> Node:
        """Return the least crowded machine that has room, the roomiest of several."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.0 if tried else MACHINE_SECONDS):
                await self._came.wait()
        nodes = [node for node in self._nodes if node not in tried]
        if not nodes:
            raise PoolError("No machine could be had for this session. Try again later.")
        roomy = [node for node in nodes if node.room > SESSION_BYTES] or nodes
        return min(roomy, key=lambda node: (*node.crowding, -node.room))

    async def _forked(self, node: Node) -> Worker:
        secret = secrets.token_urlsafe(SECRET_BYTES)
        call: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._calls[secret] = call
        node.sessions[secret] = None
        try:
            node.writer.write(pack_json({"fork": secret}))
            async with asyncio.timeout(CALL_SECONDS):
                worker = await call
        except BaseException:
            self._calls.pop(secret, None)
            self._end(node, secret)
            raise
        worker.kill = worker.on_close = lambda: self._end(node, secret)
        worker.weigh = lambda: node.sizes.get(secret)
        node.sessions[secret] = worker
        return worker

    def _end(self, node: Node, secret: str) -> None:
        """Have a session ended, whatever it is at."""
        if secret not in node.sessions:
            return
        worker = node.sessions.pop(secret)
        if not node.writer.is_closing():
            node.writer.write(pack_json({"kill": secret}))
        if worker is not None:
            worker.writer.transport.abort()

    async def close(self) -> None:
        """Let go of every machine."""
        if self._looking is not None:
            self._looking.cancel()
        await self._launcher.close()
        for node in self._nodes:
            node.writer.transport.abort()
        self._nodes.clear()
        if self._server is not None:
            self._server.close()
        await self._here.close()
