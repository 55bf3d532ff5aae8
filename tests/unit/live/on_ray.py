"""What a test has done with sessions on Ray's nodes, one of which is killed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from spiral_dash.core.config import RunConfig
from spiral_dash.live import commands as do
from spiral_dash.live.cluster import ClusterPool
from spiral_dash.live.host import Host, HostSettings
from spiral_dash.live.launcher import RayLauncher

PATIENCE_SECONDS = 120.0
SMALL = RunConfig.parse({"data": {"samples_per_arm": 50}, "network": {"hidden": [4]}, "seed": 1})


async def until(condition: Callable[[], bool], what: str) -> float:
    """Wait for a condition; return how long it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + PATIENCE_SECONDS, f"waited in vain for {what}"
        await asyncio.sleep(0.01)
    return time.monotonic() - begun


async def sessions(address: str, nodes: int, kill: Callable[[], None]) -> dict[str, object]:
    """Have two sessions on each node, and one node killed; return what became of them."""
    pool = ClusterPool(RayLauncher(address))
    host = Host(HostSettings(idle_pause_seconds=600.0, max_sessions=2 * nodes), pool)
    try:
        await host.start()
        await until(lambda: pool.nodes == nodes, "agents")
        for _ in range(2 * nodes):
            await host.open(SMALL)
        handles = host.handles()
        for handle in handles:
            await handle.command(do.Reach(epoch=10))
        await until(lambda: all(one.state.value == "paused" for one in handles), "training")
        kill()
        gone = await until(lambda: pool.nodes == nodes - 1, "the end of a node")
        await until(lambda: sum(one.restarts for one in handles) > 0, "a session that goes on")
        for handle in handles:
            await handle.command(do.Reach(epoch=12))
        await until(lambda: all(one.epoch == 12 for one in handles), "more training")
        return {"gone": gone, "restarts": [one.restarts for one in handles]}
    finally:
        await host.close()
