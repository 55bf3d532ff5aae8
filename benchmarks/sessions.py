"""Many sessions at once: what they train together, how evenly, and how soon one is there."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from time import perf_counter

from benchmarks.framework import Result, at_least, at_most
from spiral_dash.core.config import NetworkConfig, RunConfig
from spiral_dash.core.frame import decode
from spiral_dash.live.commands import Pause, Play
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host, HostSettings

SESSIONS = 8
ROUNDS = 3
SECONDS = 3.0
THESIS = RunConfig(network=NetworkConfig(hidden=(50,) * 5))


@dataclass(frozen=True)
class Place:
    """Where a session's training was, and when: steps since the beginning, seconds."""

    at: float
    steps: float


async def place(handle: SessionHandle) -> Place:
    """Read off a frame without any measurement where a session's training is."""
    viewer = handle.attach()
    viewer.credit(1)
    texts: dict[str, str] = {}
    async for message in viewer:
        if isinstance(message, bytes):
            texts = decode(message)[1]
            break
    viewer.detach()
    config = handle.config
    points = round(config.data.train_share * config.data.arms * config.data.samples_per_arm)
    steps_an_epoch = math.ceil(points / config.training.batch_size)
    epochs = float(texts["epoch"]) + float(texts["progress"])
    return Place(perf_counter(), epochs * steps_an_epoch)


async def steps_per_second(handles: list[SessionHandle]) -> list[float]:
    """Let sessions play at once for some seconds; the steps a second of each."""
    await asyncio.gather(*(handle.command(Play()) for handle in handles))
    await asyncio.sleep(SECONDS / 4)
    before = await asyncio.gather(*map(place, handles))
    await asyncio.sleep(SECONDS)
    after = await asyncio.gather(*map(place, handles))
    await asyncio.gather(*(handle.command(Pause()) for handle in handles))
    return [
        (last.steps - first.steps) / (last.at - first.at)
        for first, last in zip(before, after, strict=True)
    ]


async def open_sessions(host: Host, count: int) -> tuple[list[SessionHandle], list[float]]:
    """Open sessions one after the other; with the seconds that each took."""
    handles, seconds = [], []
    for _ in range(count):
        begun = perf_counter()
        handle = host.find(await host.open(THESIS))
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
            alone.append((await steps_per_second(handles[:1]))[0])
            together.append(await steps_per_second(handles))
        alone.append((await steps_per_second(handles[:1]))[0])
    finally:
        await host.close()
    # Each round against what one session did before and after it.
    gains = [
        sum(each) / ((one + next_one) / 2)
        for each, (one, next_one) in zip(together, pairwise(alone), strict=True)
    ]
    evenness = [min(each) / max(each) for each in together]
    return [
        Result(
            f"{SESSIONS} sessions together against one alone",
            median(gains),
            "×",
            at_least(1.5),
            {
                "one alone, steps/s": median(alone),
                "all together, steps/s": median(map(sum, together)),
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
