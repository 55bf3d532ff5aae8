"""Sessions in processes of their own: killed, watched by many, idle, too many, and ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
import torch

from spiral_dash import Run
from spiral_dash.core.frame import decode
from spiral_dash.live import commands as do
from spiral_dash.live.audience import Viewer
from spiral_dash.live.checkpoint import Checkpoint, HistoryFile
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.host import Host, HostFull, HostSettings
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.pool import ForkPool, InProcess, PoolError, SpawnPool, Worker, WorkerPool
from tests.unit.live.harness import PATIENCE, SMALL, headless
from tests.unit.live.hosts import opened, until

ROOT = Path(__file__).resolve().parents[3]
BOUNDARY = {"key": "boundary", "probe": "boundary", "options": {"resolution": 12}}
T = TypeVar("T")


class Shared(WorkerPool):
    """Hands out the workers of a pool that outlives the host."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool

    async def start(self) -> None:
        """It has started."""

    async def hire(self) -> Worker:
        return await self._pool.hire()

    async def close(self) -> None:
        """Others need it."""


class Loop:
    """An event loop on a thread of its own, so that one warm pool serves every test."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end, from another thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def close(self) -> None:
        """End the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    one = Loop()
    yield one
    one.close()


@pytest.fixture(scope="module")
def pool(loop: Loop) -> Iterator[WorkerPool]:
    forks = ForkPool()
    loop.run(forks.start())
    yield Shared(forks)
    loop.run(forks.close())


@asynccontextmanager
async def hosting(pool: WorkerPool, **settings: Any) -> AsyncIterator[Host]:
    host = Host(HostSettings(**settings), pool)
    await host.start()
    try:
        yield host
    finally:
        await host.close()


async def next_event(viewer: Viewer, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        async for message in viewer:
            if isinstance(message, str) and json.loads(message)["event"] == kind:
                event: dict[str, Any] = json.loads(message)
                return event
    raise AssertionError(f"no {kind} came")


async def next_frame(viewer: Viewer, have: int = 0) -> dict[str, str]:
    viewer.credit(have)
    async with asyncio.timeout(PATIENCE):
        async for message in viewer:
            if isinstance(message, bytes):
                return decode(message)[1]
    raise AssertionError("no frame came")


def saved_run(folder: Path) -> Run:
    """The run as a session that sleeps has left it."""
    saved = Checkpoint.read(folder)
    assert saved is not None
    return Run.restore(saved.blob, history=HistoryFile.read(folder, saved))


def kill_score(pid: int | None) -> int:
    return int(Path(f"/proc/{pid}/oom_score_adj").read_text(encoding="ascii"))


def temporary(folder: Path) -> list[Path]:
    return list(folder.glob("spiral-dash-*"))


def gone(handle: SessionHandle) -> bool:
    return handle.state == "ended"


def state_and_parent(pid: int) -> tuple[str, int]:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    state, parent, *_ = stat.rpartition(")")[2].split()
    return state, int(parent)


def alive(pid: int) -> bool:
    try:
        return state_and_parent(pid)[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_warm_host_opens_a_session_at_once(loop: Loop, pool: WorkerPool) -> None:
    async def story() -> None:
        async with hosting(pool) as host:
            await opened(host)
            times = []
            for _ in range(3):
                begun = time.monotonic()
                await opened(host)
                times.append(time.monotonic() - begun)
            # Half a second is the promise; a loaded machine may break it now and then.
            assert min(times) < 0.5
            assert host.stats()["sessions"] == 4

    loop.run(story())


def test_a_killed_process_is_replaced_and_goes_on(loop: Loop, pool: WorkerPool) -> None:
    async def story() -> None:
        async with hosting(pool) as host:
            handle = await opened(host)
            viewer = handle.attach()
            assert await next_event(viewer, "welcome") == {
                "event": "welcome",
                "session": handle.token,
                "restored": False,
            }
            viewer.watch([BOUNDARY])
            await handle.command(do.Speed(epochs_per_second=50))
            await handle.command(do.Play())
            texts = await next_frame(viewer)
            while int(texts["epoch"]) < 20:
                texts = await next_frame(viewer, int(texts["run"]))
            # Saved once a second while it plays.
            await asyncio.sleep(1.1)
            killed = handle.pid
            assert killed is not None
            viewer.credit(1)
            os.kill(killed, signal.SIGKILL)
            begun = time.monotonic()
            await until(lambda: handle.restarts == 1, 3.0)
            notice = await next_event(viewer, "notice")
            assert notice["level"] == "warning"
            assert "goes on from epoch" in notice["text"]
            resumed = await next_frame(viewer)
            assert time.monotonic() - begun < 3.0
            assert resumed["state"] == "playing"
            assert int(resumed["epoch"]) >= 20
            assert resumed["speed"] == "50"
            assert json.loads(resumed["epochs"])[0] == 0
            await handle.command(do.Pause())
            await handle.command(do.Step())
            await until(lambda: handle.state == "paused")
            viewer.watch([{"key": "history", "probe": "history", "options": {"points": 1000}}])
            arrays: dict[str, Any] = {}
            # A frame may have been on its way, for the credit given before the kill.
            while "history/train_loss" not in arrays:
                viewer.credit(0)
                message = await anext(aiter(viewer))
                assert isinstance(message, bytes)
                arrays, texts = decode(message)
            run = headless(int(texts["epoch"]))
            losses = run.trainer.history.arrays()["train_loss"].astype("float32")
            assert arrays["history/train_loss"].tolist() == losses.tolist()
            assert handle.pid != killed
            assert host.stats()["restarts"] == 1

    loop.run(story())


def test_after_three_crashes_in_a_minute_it_stays_down(loop: Loop, pool: WorkerPool) -> None:
    async def story() -> None:
        async with hosting(pool) as host:
            handle = await opened(host)
            viewer = handle.attach()
            while not gone(handle):
                pid = handle.pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                restarts = handle.restarts
                await until(partial(lambda n: handle.restarts > n or gone(handle), restarts))
            assert handle.restarts == 2
            ended = await next_event(viewer, "ended")
            assert "3 times" in ended["text"]
            assert host.find(handle.token) is None
            with pytest.raises(CommandRefused, match="ended"):
                await handle.command(do.Play())
            assert host.stats()["sessions"] == 0

    loop.run(story())


def test_a_command_under_way_when_the_process_is_killed_is_answered(
    loop: Loop, pool: WorkerPool
) -> None:
    async def story() -> None:
        async with hosting(pool) as host:
            handle = await opened(host)
            assert handle.pid is not None
            os.kill(handle.pid, signal.SIGSTOP)
            command = asyncio.create_task(handle.command(do.Play()))
            await asyncio.sleep(0.05)
            os.kill(handle.pid, signal.SIGKILL)
            with pytest.raises(CommandRefused, match="restarted"):
                await command
            await handle.command(do.Play())
            assert handle.state == "playing"

    loop.run(story())


def test_refused_commands_leave_the_session_as_it_was(loop: Loop, pool: WorkerPool) -> None:
    async def story() -> None:
        async with hosting(pool) as host:
            handle = await opened(host)
            with pytest.raises(CommandRefused, match="not kept"):
                await handle.command(do.Branch(epoch=77))
            other = SMALL.training.replace(optimizer="sgd")
            with pytest.raises(CommandRefused, match="optimiser"):
                await handle.command(do.Adjust(training=other))
            assert handle.state == "ready"
            assert handle.config == SMALL
            faster = SMALL.training.replace(learning_rate=0.01)
            await handle.command(do.Adjust(training=faster))
            assert handle.config == SMALL.replace(training=faster)
            await handle.command(do.Configure(config=SMALL.replace(seed=8)))
            assert handle.config.seed == 8

    loop.run(story())


def test_one_frame_serves_all_and_the_slow_slow_nobody(loop: Loop, pool: WorkerPool) -> None:
    async def story() -> None:
        async with hosting(pool) as host:
            handle = await opened(host)
            viewers = [handle.attach() for _ in range(5)]
            assert host.stats()["viewers"] == 5
            for viewer in viewers:
                viewer.watch([BOUNDARY])
            # Asked in one go, answered with one frame.
            first = await asyncio.gather(*map(next_frame, viewers))
            assert all(texts == first[0] for texts in first)
            asleep, *awake = viewers
            asleep.credit(1)
            await handle.command(do.Play())

            async def follow(viewer: Viewer) -> list[int]:
                return [int((await next_frame(viewer, 1))["epoch"]) for _ in range(10)]

            seen = await asyncio.gather(*map(follow, awake))
            assert all(epochs == sorted(epochs) for epochs in seen)
            # The sleeper finds the one frame it gave credit for, and no more.
            assert isinstance(await anext(aiter(asleep)), bytes)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await anext(aiter(asleep))
            for viewer in viewers:
                viewer.detach()
            assert host.stats()["viewers"] == 0

    loop.run(story())


def test_viewers_of_different_things_get_their_own(loop: Loop, pool: WorkerPool) -> None:
    async def story() -> None:
        async with hosting(pool) as host:
            handle = await opened(host)
            shapes = []
            viewers = [handle.attach(), handle.attach()]
            for viewer, resolution in zip(viewers, (12, 20), strict=True):
                viewer.watch([{**BOUNDARY, "options": {"resolution": resolution}}])
                viewer.credit(0)
            for viewer in viewers:
                async for message in viewer:
                    if isinstance(message, bytes):
                        shapes.append(decode(message)[0]["boundary/probability"].shape)
                        break
            assert shapes == [(12, 12), (20, 20)]

    loop.run(story())


def test_panels_opened_one_after_another_in_a_second_tab_are_all_filled(
    loop: Loop, pool: WorkerPool
) -> None:
    def part(name: str, resolution: int) -> dict[str, Any]:
        return {**BOUNDARY, "key": name, "options": {"resolution": resolution}}

    a, b, c = part("a", 12), part("b", 13), part("c", 14)

    async def follow(viewer: Viewer, parts: set[str], have: int) -> None:
        """Read frames as a page does until each part's arrays have arrived."""
        while parts:
            async for message in viewer:
                if isinstance(message, bytes):
                    arrays, _ = decode(message)
                    parts -= {name.partition("/")[0] for name in arrays}
                    viewer.credit(have)
                    break

    async def story() -> None:
        async with hosting(pool) as host:
            handle = await opened(host)
            first, second = handle.attach(), handle.attach()
            for viewer, parts in ((first, [a, b]), (second, [b])):
                viewer.watch(parts)
                viewer.credit(0)
            await asyncio.gather(follow(first, {"a", "b"}, 1), follow(second, {"b"}, 1))
            await asyncio.sleep(0.2)  # the credits wait: nothing changes in a run that rests
            second.watch([b, c])
            second.watch([b, c, a])
            async with asyncio.timeout(PATIENCE):
                await follow(second, {"a", "b", "c"}, 1)

    loop.run(story())


def test_a_session_that_nobody_watches_stands_still_and_sleeps(
    loop: Loop, pool: WorkerPool
) -> None:
    async def story() -> None:
        idle = {"idle_pause_seconds": 0.3, "idle_sleep_seconds": 0.6, "idle_end_seconds": 600.0}
        async with hosting(pool, **idle) as host:
            watched, left = await opened(host), await opened(host)
            viewer = watched.attach()
            pid = left.pid
            assert pid is not None
            for handle in (watched, left):
                await handle.command(do.Speed(epochs_per_second=20))
                await handle.command(do.Play())
            await until(lambda: left.suspended or left.asleep)
            assert not left.moving
            await until(lambda: left.asleep)
            await until(lambda: not alive(pid))
            await until(lambda: left.pid is None)
            assert left.state == "playing"
            # A page that asks for nothing is looked at all the same, as long as it is in sight.
            assert watched.moving and watched.viewers == 1
            viewer.presence(hidden=True)
            assert "nobody has looked" in (await next_event(viewer, "asleep"))["text"]

    loop.run(story())


def test_a_session_that_sleeps_is_forgotten_when_nobody_was_there_for_long(
    loop: Loop, pool: WorkerPool
) -> None:
    async def story() -> None:
        async with hosting(pool, idle_end_seconds=0.3) as host:
            awake, left = await opened(host), await opened(host)
            assert left.folder.exists()
            assert await left.sleep("A test.")
            await until(lambda: host.find(left.token) is None)
            await until(lambda: not left.folder.exists())
            assert host.find(awake.token) is awake

    loop.run(story())


@pytest.mark.parametrize("kind", ["fork", "thread"])
def test_a_session_that_slept_has_the_weights_of_one_that_did_not(
    kind: str, loop: Loop, pool: WorkerPool
) -> None:
    async def story() -> None:
        async with hosting(pool if kind == "fork" else InProcess()) as host:
            handle = await opened(host)
            await handle.command(do.Speed(steps_per_second=200))
            await handle.command(do.Play())
            for _ in range(3):
                await handle.command(do.Adjust(training=handle.training))
                assert await handle.sleep("A test.")
                assert handle.asleep and handle.pid is None
                await handle.wake()
                assert handle.state == "playing"
            await handle.command(do.Reach(epoch=12))
            await until(lambda: handle.state == "paused")
            assert await handle.sleep("A test.")
            run = saved_run(handle.folder)
            alone = headless(12)
            assert run.epoch == 12
            assert torch.equal(run.trainer.engine.state, alone.trainer.engine.state)
            assert run.metrics == alone.metrics

    loop.run(story())


def test_a_killed_process_costs_nobody_else_anything(loop: Loop, pool: WorkerPool) -> None:
    async def story() -> None:
        async with hosting(pool) as host:
            killed, other = await opened(host), await opened(host)
            pid = other.pid
            assert killed.pid is not None
            for handle in (killed, other):
                await handle.command(do.Reach(epoch=8))
            os.kill(killed.pid, signal.SIGKILL)
            await until(lambda: killed.restarts == 1)
            await until(lambda: other.state == "paused")
            assert other.pid == pid and other.restarts == 0
            assert await other.sleep("A test.")
            alone = headless(8).trainer.engine.state
            assert torch.equal(saved_run(other.folder).trainer.engine.state, alone)
            # Where memory is short, the system is to end a session before the server.
            assert kill_score(killed.pid) > kill_score(os.getpid())

    loop.run(story())


def test_a_full_host_says_so_until_there_is_room(loop: Loop, pool: WorkerPool) -> None:
    async def story() -> None:
        async with hosting(pool, max_sessions=2) as host:
            first, second = await asyncio.gather(opened(host), opened(host))
            with pytest.raises(HostFull, match="All sessions of this server"):
                await host.open(SMALL)
            assert len(first.token) >= 43
            assert first.token != second.token
            assert host.find("guess") is None
            viewer = first.attach()
            await first.command(do.End())
            assert (await next_event(viewer, "ended"))["text"] == "This session was ended."
            await host.open(SMALL)

    loop.run(story())


def test_closing_ends_every_process_and_tells_the_viewers(loop: Loop, pool: WorkerPool) -> None:
    async def story() -> tuple[int | None, dict[str, Any]]:
        async with hosting(pool) as host:
            handle = await opened(host)
            await handle.command(do.Play())
            viewer, pid = handle.attach(), handle.pid
        return pid, await next_event(viewer, "ended")

    pid, ended = loop.run(story())
    assert pid is not None
    assert "stopping" in ended["text"]
    loop.run(until(lambda: not alive(pid)))


class Nobody(WorkerPool):
    """Has no workers."""

    async def start(self) -> None:
        """Nothing to do."""

    async def hire(self) -> Worker:
        raise PoolError("There is nobody.")

    async def close(self) -> None:
        """Nothing to do."""


def test_a_session_that_cannot_start_leaves_nothing(loop: Loop) -> None:
    async def story() -> None:
        async with hosting(Nobody(), max_sessions=1) as host:
            for _ in range(2):
                with pytest.raises(PoolError, match="nobody"):
                    await host.open(SMALL)
            assert host.stats()["sessions"] == 0

    before = set(Path(tempfile.gettempdir()).glob("spiral-dash-*"))
    loop.run(story())
    assert set(Path(tempfile.gettempdir()).glob("spiral-dash-*")) <= before


@pytest.mark.parametrize("kind", ["fork", "spawn", "thread"])
def test_every_pool_serves_the_same_session(kind: str, loop: Loop, pool: WorkerPool) -> None:
    pools: dict[str, Callable[[], WorkerPool]] = {
        "fork": lambda: pool,
        "spawn": SpawnPool,
        "thread": InProcess,
    }

    async def story() -> None:
        async with hosting(pools[kind]()) as host:
            handle = await opened(host)
            assert (handle.pid is None) is (kind == "thread")
            viewer = handle.attach()
            viewer.watch([BOUNDARY])
            await handle.command(do.Step())
            await until(lambda: handle.state == "paused")
            texts = await next_frame(viewer)
            assert texts["epoch"] == "1"
            run = headless(1)
            assert json.loads(texts["metrics"]) == pytest.approx(run.metrics)

    loop.run(story())


def test_a_worker_that_nobody_waited_for_is_not_mistaken_for_another(
    loop: Loop, pool: WorkerPool
) -> None:
    async def story() -> None:
        impatient = asyncio.create_task(pool.hire())
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        worker = await pool.hire()
        worker.kill()
        async with asyncio.timeout(PATIENCE):
            assert await worker.reader.read() == b""
        worker.writer.close()

    loop.run(story())


def test_a_pool_whose_forking_process_was_killed_starts_another(
    loop: Loop, pool: WorkerPool
) -> None:
    async def story() -> None:
        async with hosting(pool) as host:
            first = await opened(host)
            assert first.pid is not None
            _, forker = state_and_parent(first.pid)
            os.kill(forker, signal.SIGKILL)
            await until(lambda: not alive(forker))
            second = await opened(host)
            assert second.pid is not None
            assert state_and_parent(second.pid)[1] != forker
            # Those it had forked live on.
            await first.command(do.Play())
            assert first.state == "playing"

    loop.run(story())


SERVER = """
import asyncio, sys
from pathlib import Path
from spiral_dash.live import commands as do
from spiral_dash.live.host import Host, HostSettings
from spiral_dash.live.pool import ForkPool, SpawnPool
from spiral_dash import RunConfig

async def serve():
    state = Path(sys.argv[2]) if sys.argv[2] else None
    pool = {"fork": ForkPool, "spawn": SpawnPool}[sys.argv[1]]()
    host = Host(HostSettings(state_dir=state), pool)
    await host.start()
    handle = host.find(await host.open(RunConfig()))
    await handle.command(do.Play())
    print(handle.pid, handle.token, flush=True)
    await asyncio.sleep(600)

asyncio.run(serve())
"""


def children(pid: int) -> set[int]:
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            _, parent = state_and_parent(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            found.add(int(folder.name))
    return found


@pytest.mark.parametrize(("kind", "keeps"), [("fork", True), ("spawn", False)])
def test_no_process_survives_a_killed_server_and_no_session_unless_it_is_to(
    kind: str, keeps: bool, tmp_path: Path, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state" if keeps else None
    command = [sys.executable, "-c", SERVER, kind, str(state or "")]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        worker, token = server.stdout.readline().split()
        # Beside the session: what forks, or the spare.
        everyone = {int(worker)} | children(server.pid)
        assert len(everyone) == 2
        assert all(map(alive, everyone))
        server.kill()
    deadline = time.monotonic() + PATIENCE
    while any(map(alive, everyone)):
        assert time.monotonic() < deadline, "a process outlived its server"
        time.sleep(0.02)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def story() -> None:
        async with hosting(InProcess(), state_dir=state) as host:
            # The next server clears away what the killed one has left.
            assert len(temporary(tmp_path)) == (0 if keeps else 1)
            handle = host.find(token)
            assert (handle is not None) is keeps
            if handle is not None:
                assert handle.asleep and handle.state == "playing"
                await handle.wake()
                assert handle.state == "playing"

    loop.run(story())
    assert temporary(tmp_path) == []
