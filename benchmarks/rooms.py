"""A room over real sockets: sixty who follow a presenter, and a board of sixty tiles (Linux)."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from benchmarks.framework import Result, at_least, at_most
from benchmarks.load import FRAMES_ASKED, Player, ended, next_texts, opened, socket_of, tell
from benchmarks.memory import PANELS
from scripts.server import Server, running_server

VIEWERS, TILES = 60, 60
SECONDS = 10.0
WARM_SECONDS = 3.0
ROOM = "benchmark"
OPTIONS = ("--browser-sessions", "all", "--max-sessions", "100", "--log-level", "error")


@dataclass
class Follower:
    """One page in the room: asks for thirty frames a second.

    It counts them and looks into the first alone, because sixty share the cores with the server.
    """

    key: str
    frames: int = 0

    async def follow(self, server: Server) -> None:
        """Until it is cancelled."""
        async with socket_of(server, self.key) as socket:
            await tell(socket, type="watch", parts=PANELS)
            await tell(socket, type="credit", have=0)
            have = int((await next_texts(socket))["run"])
            credit = json.dumps({"type": "credit", "have": have})
            while True:
                due = perf_counter() + 1 / FRAMES_ASKED
                await socket.send(credit)
                while isinstance(await socket.recv(), str):
                    pass
                self.frames += 1
                await asyncio.sleep(max(0.0, due - perf_counter()))


@asynccontextmanager
async def line_of(server: Server, key: str) -> AsyncIterator[ClientConnection]:
    """A page's line to the room."""
    address = f"ws{server.url.removeprefix('http')}/rooms/live?session={key}"
    async with connect(address, proxy=None, compression=None, max_size=None) as socket:
        yield socket


def asked(server: Server, path: str, **fields: object) -> dict[str, Any]:
    """Ask something of the rooms' routes; the answer."""
    body = json.dumps(fields).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/rooms/{path}", body, headers)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=60) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


def cpu_seconds(pid: int) -> float:
    """What a process has computed so far, on all cores."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def cores(server: Server, seconds: float = SECONDS) -> float:
    """Cores that the server's own process takes meanwhile."""
    begun, before = perf_counter(), cpu_seconds(server.process.pid)
    await asyncio.sleep(seconds)
    return (cpu_seconds(server.process.pid) - before) / (perf_counter() - begun)


async def following(server: Server) -> list[Result]:
    """Sixty pages that follow a run which plays."""
    token = await asyncio.to_thread(opened, server)
    key = (await asyncio.to_thread(asked, server, "make", name=ROOM))["key"]
    async with line_of(server, key) as presenter:
        scene = {"search": "", "lesson": "", "step": 0}
        await tell(presenter, type="scene", scene=scene, runs=[token])
        await presenter.recv()
        entered = [
            await asyncio.to_thread(asked, server, "enter", room=ROOM) for _ in range(VIEWERS)
        ]
        followers = [Follower(each["key"]) for each in entered]
        tasks = [asyncio.create_task(each.follow(server)) for each in followers]
        tasks.append(asyncio.create_task(Player(token).play(server)))
        await asyncio.sleep(WARM_SECONDS)
        for follower in followers:
            follower.frames = 0
        begun = perf_counter()
        used = await cores(server)
        rates = [follower.frames / (perf_counter() - begun) for follower in followers]
        await ended(tasks)
    return [
        Result(
            f"{VIEWERS} follow one presenter: frames a second, the slowest",
            min(rates),
            "/s",
            at_least(25.0),
            {"mean": fmean(rates)},
        ),
        Result("cores of the server meanwhile", used, "cores", at_most(0.5)),
    ]


async def board(server: Server) -> list[Result]:
    """A board of sixty who have a run of their own, open and closed."""
    tokens = [await asyncio.to_thread(opened, server) for _ in range(TILES)]
    key = (await asyncio.to_thread(asked, server, "make", name=ROOM))["key"]
    async with line_of(server, key) as presenter:
        tasks = [asyncio.create_task(_stay(server, token)) for token in tokens]
        await asyncio.sleep(WARM_SECONDS)
        closed = await cores(server, SECONDS / 2)
        await tell(presenter, type="board", open=True)
        tiles: dict[bytes, int] = {}
        counting = asyncio.create_task(_count(presenter, tiles))
        await asyncio.sleep(WARM_SECONDS)
        tiles.clear()
        used = await cores(server)
        await ended([counting, *tasks])
    return [
        Result(
            f"a board of {TILES} tiles: cores of the server more",
            used - closed,
            "cores",
            at_most(0.2),
            {"tiles seen": len(tiles), "pictures a second": sum(tiles.values()) / SECONDS},
        )
    ]


async def _stay(server: Server, token: str) -> None:
    """Be in the room with a run of one's own, which plays."""
    entered = await asyncio.to_thread(asked, server, "enter", room=ROOM)
    async with line_of(server, entered["key"]) as line, socket_of(server, token) as socket:
        await tell(line, type="run", session=token)
        await tell(socket, type="command", id=1, command={"do": "play"})
        await asyncio.gather(_read(line), _read(socket))


async def _read(socket: ClientConnection) -> None:
    async for _ in socket:
        pass


async def _count(socket: ClientConnection, tiles: dict[bytes, int]) -> None:
    async for message in socket:
        if isinstance(message, bytes):
            member = message[1 : 1 + message[0]]
            tiles[member] = tiles.get(member, 0) + 1


def measure() -> Sequence[Result]:
    """Figures of one server with a room."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with running_server(log, *OPTIONS) as server:
            results = asyncio.run(following(server))
        with running_server(log, *OPTIONS) as server:
            return [*results, *asyncio.run(board(server))]
