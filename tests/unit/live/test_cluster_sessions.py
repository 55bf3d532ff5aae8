"""Sessions on several machines: agents that call, sessions that go on when a machine is gone.

Each machine is an agent with what it has forked; one is killed, one is stopped as by a lost cable.
"""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.machines import Machines
from spiral_dash import Run
from spiral_dash.live import commands as do
from spiral_dash.live.cluster import ClusterPool, Node
from spiral_dash.live.guest import Guest
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host, HostSettings
from spiral_dash.live.machine import MIB
from spiral_dash.live.pool import PoolError
from spiral_dash.live.remote import trusting
from spiral_dash.live.states import State
from spiral_dash.live.wire import pack_json, receive
from tests.unit.live.harness import SMALL
from tests.unit.live.hosts import opened, until

pytest.importorskip("cryptography", reason="the extra `cluster` is not installed")

PATIENCE = 120.0


@asynccontextmanager
async def hosting(count: int, **settings: Any) -> AsyncIterator[tuple[Host, ClusterPool, Machines]]:
    machines = Machines(count)
    pool = ClusterPool(machines)
    host = Host(HostSettings(idle_pause_seconds=600.0, max_sessions=20, **settings), pool)
    await host.start()
    try:
        await until(lambda: pool.nodes == count, PATIENCE)
        yield host, pool, machines
    finally:
        await host.close()


async def recorded(handle: SessionHandle, name: str) -> Run:
    """Return the run as a session on another machine recorded it."""
    await handle.command(do.Pack(file=name))
    return Run.load(handle.folder / name)


async def trained_to(handle: SessionHandle, epoch: int) -> None:
    await handle.command(do.Reach(epoch=epoch))
    await until(lambda: handle.state is not State.PLAYING, PATIENCE)


async def check_life(host: Host, pool: ClusterPool, machines: Machines) -> None:
    """A session is the run alone, sleeps and wakes elsewhere with its past, and opens files."""
    handle = await opened(host)
    await trained_to(handle, 12)
    alone = Run(SMALL)
    alone.train(12)
    there = await recorded(handle, "recording-1.zip")
    np.testing.assert_array_equal(there.network.flat, alone.network.flat)
    await until(lambda: handle.weigh is not None and (handle.weigh() or 0) > MIB, PATIENCE)
    assert await handle.sleep("It sleeps.")
    assert handle.asleep and handle.pid is None and handle.weigh is None
    await handle.command(do.Seek(epoch=5))
    await handle.command(do.Branch(epoch=5))
    past = await recorded(handle, "recording-2.zip")
    assert past.epoch == 5
    await handle.command(do.Open(file="recording-1.zip"))
    again = await recorded(handle, "recording-3.zip")
    np.testing.assert_array_equal(again.network.flat, alone.network.flat)
    copied = host.find(await host.copy(handle, Guest()))
    assert copied is not None
    twin = await recorded(copied, "recording.zip")
    np.testing.assert_array_equal(twin.network.flat, alone.network.flat)
    await copied.end("It is over.")
    await handle.command(do.Draw(add=((0.5, 0.5, 0),), stroke=1))
    drawn = await recorded(handle, "recording-4.zip")
    assert drawn.rows is not None
    assert await handle.sleep("It sleeps.")
    await handle.wake()
    woken = await recorded(handle, "recording-5.zip")
    assert woken.rows is not None and woken.rows.digest == drawn.rows.digest
    await handle.end("It is over.")
    await until(lambda: not any(node.sessions for node in pool._nodes), PATIENCE)
    assert not handle.folder.exists()


async def check_losses(host: Host, pool: ClusterPool, machines: Machines) -> None:
    """Sessions are spread; those of a machine that dies, or falls silent, go on elsewhere."""
    handles = [await opened(host) for _ in range(6)]
    *_, silent, dead = sorted(pool._nodes, key=lambda node: len(node.sessions))
    lost = len(silent.sessions) + len(dead.sessions)
    assert lost >= 4
    for handle in handles:
        await trained_to(handle, 20)
    machines.signal(dead, signal.SIGKILL)
    machines.signal(silent, signal.SIGSTOP)
    await until(lambda: pool.nodes == 1 and sum(one.restarts for one in handles) >= lost, PATIENCE)
    alone = Run(SMALL)
    alone.train(25)
    for handle in handles:
        await trained_to(handle, 25)
        assert handle.epoch == 25
        there = await recorded(handle, "recording.zip")
        np.testing.assert_array_equal(there.network.flat, alone.network.flat)
    machines.signal(silent, signal.SIGCONT)
    machines.add()
    await until(lambda: pool.nodes == 2, PATIENCE)
    await opened(host)


async def check_callers(host: Host, pool: ClusterPool, machines: Machines) -> None:
    """Who shows no secret, or one that was shown before, is hung up on."""
    dial = machines.invite()

    async def called(secret: object) -> asyncio.StreamReader:
        reader, writer = await asyncio.open_connection(
            dial.host, dial.port, ssl=trusting(dial.certificate)
        )
        writer.write(pack_json({"secret": secret}))
        callers.append(writer)
        return reader

    callers: list[asyncio.StreamWriter] = []
    for wrong in ("", "x" * 43, None, 7, "x" * 5000):
        assert await receive(await called(wrong)) is None
    first = await called(dial.secret)
    assert await receive(await called(dial.secret)) is None
    assert not first.at_eof()
    for caller in callers:
        caller.transport.abort()
    stranger = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection(dial.host, dial.port, ssl=stranger)


def test_sessions_on_three_machines_of_which_two_are_lost(tmp_path: Path) -> None:
    async def scene() -> None:
        async with hosting(3, state_dir=tmp_path / "state") as all_of_it:
            await check_callers(*all_of_it)
            await check_life(*all_of_it)
            await check_losses(*all_of_it)

    asyncio.run(scene())


def test_without_a_machine_a_session_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spiral_dash.live.cluster.MACHINE_SECONDS", 0.1)

    async def scene() -> None:
        async with hosting(0) as (host, _, _):
            with pytest.raises(PoolError, match="No machine"):
                await host.open(SMALL)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("machines", "chosen"),
    [
        ([(4, 2**33, 0.0, 0), (4, 2**33, 0.0, 1)], 0),
        ([(4, 2**33, 0.0, 1), (1, 2**33, 0.0, 1)], 0),
        ([(2, 2**33, 9.0, 0), (2, 2**33, 0.5, 1)], 1),
        ([(2, 2**33, 1.9, 0), (2, 2**33, 0.0, 1)], 0),
        ([(2, 2**33, 0.0, 0), (2, 2**34, 0.0, 0)], 1),
        ([(8, 2**26, 0.0, 0), (2, 2**33, 0.0, 5)], 1),
        ([(8, 2**26, 0.0, 0)], 0),
    ],
    ids=["fewer", "cores", "load", "little load", "memory", "no room", "no other"],
)
def test_a_session_goes_where_there_is_most_room(
    machines: list[tuple[int, int, float, int]], chosen: int
) -> None:
    async def scene() -> None:
        pool = ClusterPool(Machines(0))
        for cores, memory, load, sessions in machines:
            node = Node(writer=None)  # type: ignore[arg-type]
            node.state = {"cores": cores, "memory_left": memory, "load": load}
            node.sessions = {str(number): None for number in range(sessions)}
            pool._nodes.append(node)
        pool._came.set()
        assert await pool._place([]) is pool._nodes[chosen]

    asyncio.run(scene())
