"""Frames made in turn with training, and beside it: how many there are, and what training keeps.

Nobody paints them, so that the second core is free for what measures.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from statistics import median
from unittest.mock import PropertyMock, patch

from benchmarks.framework import Result, at_least
from benchmarks.memory import PANELS
from benchmarks.sessions import place
from spiral_dash.core.config import NetworkConfig, RunConfig, TrainingConfig
from spiral_dash.live.audience import Viewer
from spiral_dash.live.commands import Pause, Play
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host, HostSettings
from spiral_dash.live.pace import FULL_SPEED
from spiral_dash.live.pool import ForkPool

SECONDS, WARM_SECONDS = 4.0, 1.5
ROUNDS = 3
CONFIGS = {
    "4-2": RunConfig(network=NetworkConfig(hidden=(4, 2)), training=TrainingConfig(batch_size=10)),
    "five layers of 50": RunConfig(network=NetworkConfig(hidden=(50,) * 5)),
}
GOALS = {"4-2": 45.0, "five layers of 50": 25.0}


@dataclass(frozen=True)
class Rates:
    """Frames and training steps a second."""

    frames: float
    steps: float


class Watcher:
    """Looks at every panel as fast as frames come, and counts them."""

    def __init__(self, viewer: Viewer) -> None:
        self.frames = 0
        self._viewer = viewer

    async def watch(self) -> None:
        """Look on until the session is gone."""
        self._viewer.watch(PANELS)
        self._viewer.credit(0)
        async for message in self._viewer:
            if isinstance(message, bytes):
                self.frames += 1
                self._viewer.credit(1)


async def rates(handle: SessionHandle, *, watched: bool) -> Rates:
    """Let a session play for a while."""
    watcher = Watcher(handle.attach())
    watching = asyncio.create_task(watcher.watch()) if watched else None
    await handle.command(Play())
    await asyncio.sleep(WARM_SECONDS)
    first, frames = await place(handle), watcher.frames
    await asyncio.sleep(SECONDS)
    last, frames = await place(handle), watcher.frames - frames
    await handle.command(Pause())
    if watching is not None:
        watching.cancel()
    took = last.at - first.at
    return Rates(frames / took, (last.steps - first.steps) / took)


async def play(config: RunConfig, *, beside: bool, watched: bool = True) -> Rates:
    """Play a session of its own."""
    with patch.object(ForkPool, "has_cores_beside", PropertyMock(return_value=beside)):
        host = Host(HostSettings())
        await host.start()
        try:
            handle = host.find(await host.open(config, speed=FULL_SPEED))
            assert handle is not None
            return await rates(handle, watched=watched)
        finally:
            await host.close()


def measure() -> list[Result]:
    """Each network alone, with frames in turn, and with frames beside, one after the other."""
    results = []
    for name, config in CONFIGS.items():
        alone, turn, beside = [], [], []
        for _ in range(ROUNDS):
            alone.append(asyncio.run(play(config, beside=False, watched=False)))
            turn.append(asyncio.run(play(config, beside=False)))
            beside.append(asyncio.run(play(config, beside=True)))
        results += [
            Result(
                f"{name}, six panels, full speed: frames a second beside training",
                median(each.frames for each in beside),
                "/s",
                at_least(GOALS[name]),
                {"in turn with it": median(each.frames for each in turn)},
            ),
            Result(
                f"{name}: training kept, of a run that nobody watches",
                median(b.steps / a.steps for b, a in zip(beside, alone, strict=True)),
                "×",
                at_least(0.5),
                {"in turn": median(t.steps / a.steps for t, a in zip(turn, alone, strict=True))},
            ),
        ]
    return results
