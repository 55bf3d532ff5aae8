"""What each further session costs in memory (Linux)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks.framework import Result, at_most
from spiral_dash.core.config import NetworkConfig, RunConfig
from spiral_dash.core.frame import decode
from spiral_dash.live.audience import Viewer
from spiral_dash.live.commands import Play
from spiral_dash.live.host import Host, HostSettings
from spiral_dash.live.pace import FULL_SPEED

SESSIONS = 5
SECONDS = 5.0
MIB = 2**20
NETWORKS = {"2-8-8-8-2": (8, 8, 8), "2-50-50-50-50-50-2": (50,) * 5}
PANELS: list[dict[str, object]] = [
    {"key": "boundary", "probe": "boundary", "options": {"resolution": 100}},
    {"key": "mapping", "probe": "mapping"},
    {"key": "weights", "probe": "weights"},
    {"key": "spectrum", "probe": "eigenvalues"},
    {"key": "norms", "probe": "norms", "over_time": True},
    {"key": "attack", "probe": "attack"},
    {"key": "history", "probe": "history"},
]


def proportional_bytes(pids: set[int]) -> int:
    """Memory of processes, each page that several share divided among them (PSS)."""
    total = 0
    for pid in pids:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        (line,) = (line for line in rollup.splitlines() if line.startswith("Pss:"))
        total += int(line.split()[1]) * 1024
    return total


def parent(pid: int) -> int:
    """The process that started a process."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return int(stat.rpartition(")")[2].split()[1])


def descendants(pid: int) -> set[int]:
    """A process and all that come from it."""
    found = {pid}
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = parent(int(folder.name))
        except OSError:
            continue
    while more := {child for child, above in parents.items() if above in found} - found:
        found |= more
    return found


async def watch(viewer: Viewer) -> None:
    """Look at every panel, as fast as frames come."""
    viewer.watch(PANELS)
    viewer.credit(0)
    async for message in viewer:
        if isinstance(message, bytes):
            viewer.credit(int(decode(message)[1]["run"]))


async def bytes_of_one_and_all(config: RunConfig) -> tuple[int, int]:
    """Memory with one session and with all, playing and watched, with what they share."""
    host = Host(HostSettings())
    await host.start()
    watching: list[asyncio.Task[None]] = []
    pids: set[int] = set()

    async def bytes_with(sessions: int) -> int:
        while len(watching) < sessions:
            handle = host.find(await host.open(config, speed=FULL_SPEED))
            assert handle is not None and handle.pid is not None
            pids.update({parent(handle.pid)} | descendants(handle.pid))
            await handle.command(Play())
            watching.append(asyncio.create_task(watch(handle.attach())))
        await asyncio.sleep(SECONDS)
        return proportional_bytes(pids)

    try:
        return await bytes_with(1), await bytes_with(SESSIONS)
    finally:
        await host.close()
        await asyncio.gather(*watching)


def measure() -> list[Result]:
    """Memory of each session beyond the first, all six panels on screen, playing."""
    results = []
    for name, hidden in NETWORKS.items():
        config = RunConfig(network=NetworkConfig(hidden=hidden))
        first, last = asyncio.run(bytes_of_one_and_all(config))
        results.append(
            Result(
                f"a session beyond the first, {name}",
                (last - first) / (SESSIONS - 1) / MIB,
                "MiB",
                at_most(40),
                {"the first and what all share, MiB": first / MIB},
            )
        )
    return results
