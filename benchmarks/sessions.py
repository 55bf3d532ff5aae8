"""Many sessions at once: what they train together, how evenly, and how soon one is there."""

from __future__ import annotations

import asyncio
import json
import math
import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.framework import Result, at_least, at_most
from spiral_dash.core.config import NetworkConfig, RunConfig
from spiral_dash.core.frame import decode
from spiral_dash.live.commands import Pause, Play
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host, HostSettings
from spiral_dash.live.pace import FULL_SPEED

SESSIONS = 8
ROUNDS = 3
SECONDS = 4.0
THESIS = RunConfig(network=NetworkConfig(hidden=(50,) * 5))


@dataclass(frozen=True)
class Place:
    """Where a session's training was, and when: steps and processor time so far, seconds."""

    at: float
    steps: float
    busy: float


@dataclass(frozen=True)
class Speed:
    """Steps a second, and the share of one processor core that it took."""

    steps: float
    cores: float


async def place(handle: SessionHandle) -> Place:
    """Read off a frame without any measurement where a session's training is."""
    viewer = handle.attach()
    viewer.credit(0)
    texts: dict[str, str] = {}
    async for message in viewer:
        if isinstance(message, bytes):
            texts = decode(message)[1]
            break
    viewer.detach()
    config = handle.config
    points = sum(train for train, _ in json.loads(texts["data"])["counts"])
    steps_an_epoch = math.ceil(points / config.training.batch_size)
    epochs = float(texts["epoch"]) + float(texts["progress"])
    assert handle.pid is not None
    return Place(perf_counter(), epochs * steps_an_epoch, processor_seconds(handle.pid))


def processor_seconds(pid: int) -> float:
    """Time that a process has spent on processors, 0 where the system does not tell (no Linux)."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = (
        stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[11:13]
    )
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def speeds(handles: list[SessionHandle]) -> list[Speed]:
    """Let sessions play at once for some seconds; how fast each was."""
    await asyncio.gather(*(handle.command(Play()) for handle in handles))
    await asyncio.sleep(SECONDS / 4)
    before = await asyncio.gather(*map(place, handles))
    await asyncio.sleep(SECONDS)
    after = await asyncio.gather(*map(place, handles))
    await asyncio.gather(*(handle.command(Pause()) for handle in handles))
    return [
        Speed(
            (last.steps - first.steps) / (last.at - first.at),
            (last.busy - first.busy) / (last.at - first.at),
        )
        for first, last in zip(before, after, strict=True)
    ]


async def open_sessions(host: Host, count: int) -> tuple[list[SessionHandle], list[float]]:
    """Open sessions one after the other; with the seconds that each took."""
    handles, seconds = [], []
    for _ in range(count):
        begun = perf_counter()
        handle = host.find(await host.open(THESIS, speed=FULL_SPEED))
        seconds.append(perf_counter() - begun)
        assert handle is not None
        handles.append(handle)
    return handles, seconds


async def compare() -> list[Result]:
    """Train one session and several in turn, and compare."""
    host = Host(HostSettings())
    await host.start()
    try:
        handles, seconds = await open_sessions(host, SESSIONS)
        alone, together = [], []
        for _ in range(ROUNDS):
            alone.append((await speeds(handles[:1]))[0])
            together.append(await speeds(handles))
        alone.append((await speeds(handles[:1]))[0])
    finally:
        await host.close()
    # Each round against what one session did before and after it.
    totals = [sum(each.steps for each in all_) for all_ in together]
    gains = [
        total / ((one.steps + next_one.steps) / 2)
        for total, (one, next_one) in zip(totals, pairwise(alone), strict=True)
    ]
    steps = [[each.steps for each in all_] for all_ in together]
    evenness = [min(each) / max(each) for each in steps]
    return [
        Result(
            f"{SESSIONS} sessions together against one alone",
            median(gains),
            "×",
            at_least(1.5),
            {
                "one alone, steps/s": median(one.steps for one in alone),
                "all together, steps/s": median(totals),
                # Less than one core alone, or than all of them together: others were at work.
                "one alone, cores": median(one.cores for one in alone),
                "all together, cores": median(sum(e.cores for e in all_) for all_ in together),
            },
        ),
        Result("slowest session against the fastest", median(evenness), "×", at_least(0.7)),
        # The first waits for the process that all others are forked from.
        Result(
            "opening a session",
            median(seconds[1:]),
            "s",
            at_most(0.5),
            {
                "the first of a cold server, s": seconds[0],
                "the slowest after it, s": max(seconds[1:]),
            },
        ),
    ]


def measure() -> list[Result]:
    """Steps a second of many sessions against one, and the time to open one."""
    return asyncio.run(compare())
