"""A class on one server, over real sockets: frames, controls, memory, sleep, a restart (Linux)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.framework import Result, at_least, at_most
from benchmarks.memory import MIB, PANELS, descendants, parent, proportional_bytes
from scripts.server import APP, Server, running_server

PLAYERS = 30
FRAMES_ASKED = 30.0
SECONDS = 20.0
WARM_SECONDS = 5.0
LEFT_SECONDS = 15.0
CONTROL_SECONDS = 2.0
CYCLES = 500
PAUSE_SECONDS = 0.75
OPTIONS = ("--browser-sessions", "all", "--max-sessions", "100", "--log-level", "error")


@dataclass
class Player:
    """One page: plays, asks for thirty frames a second, and turns a dial now and then."""

    token: str
    frames: int = 0
    delays: list[float] = field(default_factory=list)
    rate: float = 0.001
    turned_at: float = 0.0
    awaits: bool = False

    async def play(self, server: Server) -> None:
        """Until it is cancelled."""
        async with socket_of(server, self.token) as socket:
            await tell(socket, type="watch", parts=PANELS)
            await tell(socket, type="command", id=1, command={"do": "play"})
            have = 0
            while True:
                due = perf_counter() + 1 / FRAMES_ASKED
                await tell(socket, type="credit", have=have)
                if not self.awaits and perf_counter() - self.turned_at > CONTROL_SECONDS:
                    await self._turn(socket)
                texts = await next_texts(socket)
                have = int(texts["run"])
                self._take(texts)
                await asyncio.sleep(max(0.0, due - perf_counter()))

    async def _turn(self, socket: ClientConnection) -> None:
        self.rate = 0.0011 if self.rate == 0.001 else 0.001
        self.turned_at, self.awaits = perf_counter(), True
        training = {"learning_rate": self.rate}
        command = {"do": "adjust", "training": training}
        await tell(socket, type="command", id=2, command=command)

    def _take(self, texts: dict[str, str]) -> None:
        self.frames += 1
        if self.awaits and json.loads(texts["training"])["learning_rate"] == self.rate:
            self.delays.append(perf_counter() - self.turned_at)
            self.awaits = False

    def forget(self) -> None:
        """Begin to measure."""
        self.frames = 0
        self.delays.clear()


async def tell(socket: ClientConnection, **message: object) -> None:
    """Send what a page says."""
    await socket.send(json.dumps(message))


async def next_texts(socket: ClientConnection) -> dict[str, str]:
    """The texts of the next frame."""
    while True:
        message = await socket.recv()
        if isinstance(message, bytes):
            size = int.from_bytes(message[:8], "little")
            texts: dict[str, str] = json.loads(message[8 : 8 + size])["__metadata__"]
            return texts


@asynccontextmanager
async def socket_of(server: Server, token: str) -> AsyncIterator[ClientConnection]:
    """The socket of a page."""
    address = f"ws{server.url.removeprefix('http')}/stream?session={token}"
    async with connect(address, proxy=None, compression=None, max_size=None) as socket:
        yield socket


def opened(server: Server, **fields: object) -> str:
    """Open a session; its token."""
    body = json.dumps({"search": "", **fields}).encode()
    request = urllib.request.Request(
        f"{server.url}/session/open", body, {"Content-Type": "application/json"}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=60) as response:
        return str(json.load(response)["token"])


def sessions_of(server: Server) -> set[int]:
    """The processes of its sessions: those that the one that forks has made, and theirs."""
    everyone = descendants(server.process.pid)
    return {pid for pid in everyone if parent(pid) not in (server.process.pid, os.getpid())}


def high(values: Sequence[float], share: float = 0.95) -> float:
    """The value that so many are not above."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def measured(players: Sequence[Player]) -> dict[str, float]:
    """Let them play for a while; what they saw of it."""
    for player in players:
        player.forget()
    begun = perf_counter()
    await asyncio.sleep(SECONDS)
    took = perf_counter() - begun
    rates = [player.frames / took for player in players]
    delays = [delay for player in players for delay in player.delays]
    return {
        "slowest": min(rates),
        "mean": fmean(rates),
        "control": 1000 * high(delays) if delays else float("inf"),
    }


async def crowd(server: Server) -> list[Result]:
    """Thirty who play, alone and beside as many who have left."""
    tokens = [await asyncio.to_thread(opened, server) for _ in range(PLAYERS)]
    await asyncio.sleep(1.0)
    pids = sessions_of(server)
    at_start = proportional_bytes(pids) / PLAYERS / MIB
    players = [Player(token) for token in tokens]
    tasks = [asyncio.create_task(player.play(server)) for player in players]
    await asyncio.sleep(WARM_SECONDS)
    alone = await measured(players)
    later = proportional_bytes(pids) / PLAYERS / MIB
    leavers = [Player(await asyncio.to_thread(opened, server)) for _ in range(PLAYERS)]
    leaving = [asyncio.create_task(player.play(server)) for player in leavers]
    await asyncio.sleep(WARM_SECONDS)
    await ended(leaving)
    await asyncio.sleep(LEFT_SECONDS)
    beside = await measured(players)
    await ended(tasks)
    return [
        Result(
            f"{PLAYERS} playing: frames a second, the slowest",
            alone["slowest"],
            "/s",
            at_least(5.0),
            {"mean": alone["mean"]},
        ),
        Result("control to the frame that shows it, p95", alone["control"], "ms", at_most(300.0)),
        Result(
            f"the slowest, {LEFT_SECONDS:g} s after {PLAYERS} more have left, over that without",
            beside["slowest"] / alone["slowest"],
            "×",
            at_least(0.9),
            {"frames/s": beside["slowest"], "control p95, ms": beside["control"]},
        ),
        Result("memory of a session at its start", at_start, "MiB", at_most(25.0)),
        Result(f"and after {WARM_SECONDS + SECONDS:g} s of playing", later, "MiB", at_most(45.0)),
    ]


async def ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Close the pages."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def complete(server: Server, token: str) -> float:
    """Seconds from opening a page's socket to a frame with every panel."""
    begun = perf_counter()
    lacking = {str(part["key"]) for part in PANELS}
    async with socket_of(server, token) as socket:
        await tell(socket, type="watch", parts=PANELS)
        have = 0
        while lacking:
            await tell(socket, type="credit", have=have)
            texts = await next_texts(socket)
            have = int(texts["run"])
            parts: dict[str, dict[str, Any]] = json.loads(texts["parts"])
            lacking -= {key for key, part in parts.items() if part.get("arrays")}
    return perf_counter() - begun


async def waking(server: Server) -> Result:
    """From asleep to awake with all panels, on a server of one seat."""
    token = await asyncio.to_thread(opened, server)
    first = await complete(server, token)
    await asyncio.sleep(1.0)
    await asyncio.to_thread(opened, server)
    await asyncio.sleep(1.0)
    return Result(
        "sleeping to awake with all panels",
        await complete(server, token),
        "s",
        at_most(1.0),
        {"the same of a session just opened, s": first},
    )


async def cycles(server: Server) -> list[Result]:
    """Open and end sessions one after another; what that leaves behind."""

    async def cycle() -> None:
        token = await asyncio.to_thread(opened, server)
        async with socket_of(server, token) as socket:
            await tell(socket, type="command", id=1, command={"do": "end"})
            try:
                async for _ in socket:
                    pass
            except ConnectionClosed:
                pass

    def left() -> tuple[float, int]:
        pid = server.process.pid
        return proportional_bytes({pid}) / MIB, len(os.listdir(f"/proc/{pid}/fd"))

    for _ in range(20):
        await cycle()
    before = left()
    for _ in range(CYCLES):
        await cycle()
    await asyncio.sleep(3.0)
    after = left()
    return [
        Result(f"{CYCLES} sessions opened and ended: growth", after[0] - before[0], "MiB",
               at_most(5.0)),
        Result("descriptors left of them", after[1] - before[1], "", at_most(0)),
    ]  # fmt: skip


def restart() -> Result:
    """From the moment a killed server is there again to a page that goes on.

    A page tries again every `PAUSE_SECONDS` at the most, all of which counts.
    """
    with tempfile.TemporaryDirectory() as folder:
        log, state = Path(folder) / "log", str(Path(folder) / "state")
        with running_server(log, *OPTIONS, "--state-dir", state) as server:
            token = opened(server)
            asyncio.run(complete(server, token))
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
        with running_server(log, *OPTIONS, "--state-dir", state, program=APP) as server:
            seconds = asyncio.run(complete(server, token))
    return Result(
        "a killed server is there again: until a page has all panels, its longest pause counted",
        seconds + PAUSE_SECONDS,
        "s",
        at_most(3.0),
    )


def measure() -> list[Result]:
    """Figures of one server with many pages."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with running_server(log, *OPTIONS) as server:
            results = asyncio.run(crowd(server))
        with running_server(log, "--max-sessions", "1", "--idle-pause", "0.3") as server:
            results.append(asyncio.run(waking(server)))
        with running_server(log, *OPTIONS) as server:
            results += asyncio.run(cycles(server))
    return [*results, restart()]
