"""Several machines: runs on a Ray cluster against a pool, and sessions there against sessions here.

The nodes are this machine's, in a network namespace of their own, in which `python -m
benchmarks.cluster` prints the seconds that each takes for the same runs, as JSON. Sessions need
agents alone, which are started without Ray.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial

from benchmarks.experiments import SHORT
from benchmarks.framework import Result, at_least, at_most, interleave
from scripts.machines import Machines
from scripts.ray_nodes import NAMESPACE, nodes, why_not
from spiral_dash.core.config import RunConfig
from spiral_dash.core.programs import module_environment
from spiral_dash.experiments.cluster import RayCluster
from spiral_dash.experiments.plan import jobs
from spiral_dash.experiments.pool import ProcessPool, Workers
from spiral_dash.live.cluster import ClusterPool, Node
from spiral_dash.live.commands import Speed
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host, HostSettings

NODES, COMMANDS = 3, 200
PATIENCE_SECONDS = 120.0
RUNS = SHORT.replace(seeds=96)
WARM = RUNS.replace(seeds=4 * NODES, epochs=1)


def measure() -> list[Result]:
    """Measure sessions on other machines, then runs on a cluster."""
    return [*asyncio.run(_sessions()), *_runs()]


async def _sessions() -> list[Result]:
    """Return a command there and back against one here, and how long a lost machine is felt."""
    machines = Machines(NODES)
    pool = ClusterPool(machines)
    settings = HostSettings(idle_pause_seconds=600.0, max_sessions=4 * NODES)
    away, here = Host(settings, pool), Host(settings)
    try:
        await away.start()
        await here.start()
        await _until(lambda: pool.nodes == NODES)
        for _ in range(2 * NODES):
            await away.open(RunConfig())
        there, local = away.handles()[0], here.find(await here.open(RunConfig()))
        assert local is not None
        rounds = []
        for _ in range(5):
            rounds.append([1000 * await _round_trip(one) for one in (there, local)])
        ratio, far, near = sorted((far / near, far, near) for far, near in rounds)[2]
        detail = {"away_ms": far, "here_ms": near}
        found = [Result("a command there and back, against here", ratio, "×", at_most(1.5), detail)]
        for name, sign in (("killed", signal.SIGKILL), ("silent", signal.SIGSTOP)):
            felt = await _felt(away, pool, partial(_signal, machines, sign))
            found.append(Result(f"a machine {name}: its sessions go on", felt, "s", at_most(3)))
        return found
    finally:
        await away.close()
        await here.close()


def _signal(machines: Machines, sign: signal.Signals, node: Node) -> None:
    machines.signal(node, sign)


async def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.001)


async def _round_trip(handle: SessionHandle) -> float:
    times = []
    for _ in range(COMMANDS):
        begun = time.perf_counter()
        await handle.command(Speed())
        times.append(time.perf_counter() - begun)
    return sorted(times)[COMMANDS // 2]


async def _felt(host: Host, pool: ClusterPool, end: Callable[[Node], None]) -> float:
    """Return the time from the end of the machine with most sessions to all of them going on."""
    node = max(pool.machines, key=lambda one: len(one.sessions))
    handles = host.handles()
    expected = sum(one.restarts for one in handles) + len(node.sessions)
    begun = time.perf_counter()
    end(node)
    await _until(lambda: sum(one.restarts for one in handles) >= expected)
    return time.perf_counter() - begun


def _runs() -> list[Result]:
    """Return runs a minute on a cluster against a pool; nothing, and why, where there is none."""
    if reason := why_not():
        print(f"not measured: a cluster against a pool. {reason}", file=sys.stderr)
        return []
    command = [*NAMESPACE, sys.executable, "-m", "benchmarks.cluster"]
    done = subprocess.run(
        command, env=module_environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    rounds = [tuple(one) for one in json.loads(done.stdout)]
    ratio, cluster, pool = sorted((pool / cluster, cluster, pool) for cluster, pool in rounds)[
        len(rounds) // 2
    ]
    detail = {"runs_per_minute": 60 * RUNS.runs / cluster, "pool": 60 * RUNS.runs / pool}
    name = f"{NODES} nodes of Ray against a pool of {NODES}, runs a minute"
    return [Result(name, ratio, "×", at_least(0.9), detail)]


def main() -> None:
    """Measure both, warm, in turn."""
    with nodes(NODES) as made:

        def seconds(start: Callable[[], Workers]) -> float:
            with closing(start()) as workers:
                assert len([*workers.run(jobs([WARM], ()))]) == WARM.runs
                begun = time.perf_counter()
                assert len([*workers.run(jobs([RUNS], ()))]) == RUNS.runs
                return time.perf_counter() - begun

        rounds = interleave(
            lambda: seconds(lambda: RayCluster(made.address)),
            lambda: seconds(lambda: ProcessPool(NODES)),
            rounds=3,
        )
    print(json.dumps(rounds))


if __name__ == "__main__":
    main()
