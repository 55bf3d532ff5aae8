"""Files are read in processes of their own: bounded, one at a time, and no harm to a session."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from spiral_dash.core.data.points import PointsData
from spiral_dash.live import tables
from spiral_dash.live.commands import Configure, Step
from spiral_dash.live.handle import SessionHandle
from spiral_dash.live.opening import CommandRefused
from spiral_dash.live.pool import InProcess, SpawnPool, Worker, WorkerPool, default_pool
from spiral_dash.live.reading import Choice
from tests.unit.live.harness import SMALL
from tests.unit.live.hosts import opened, until
from tests.unit.live.test_host import Loop, Shared, hosting

SECONDS = 240.0


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    one = Loop()
    yield one
    one.close()


@pytest.fixture(scope="module")
def pool(loop: Loop) -> Iterator[Shared]:
    own = default_pool(in_process=False)
    loop.run(own.start())
    yield Shared(own)
    loop.run(own.close())


@asynccontextmanager
async def session(pool: WorkerPool) -> AsyncIterator[SessionHandle]:
    async with hosting(pool) as host:
        yield await opened(host)


def csv(folder: Path, count: int = 30) -> Path:
    generator = np.random.default_rng(count)
    lines = [f"{a},{b},{i % 2}" for i, (a, b) in enumerate(generator.normal(size=(count, 2)))]
    path = folder / f"points-{count}.csv"
    path.write_text("x,y,label\n" + "\n".join(lines))
    return path


def test_a_file_is_read_by_another_process_than_the_session_s(
    loop: Loop, pool: Shared, tmp_path: Path
) -> None:
    async def story() -> None:
        async with session(pool) as handle:
            before = handle.pid
            read = await handle.tables.read(csv(tmp_path), "points.csv")
            assert read["found"]["rows"] == 30
            seen = await handle.tables.take(read["table"], Choice())
            assert handle.rows.has(seen["digest"])
            assert handle.pid == before and handle.restarts == 0

    loop.run(story())


def test_the_points_outlive_the_session_s_process(loop: Loop, pool: Shared, tmp_path: Path) -> None:
    async def story() -> None:
        async with session(pool) as handle:
            read = await handle.tables.read(csv(tmp_path), "points.csv")
            seen = await handle.tables.take(read["table"], Choice())
            config = SMALL.replace(data=PointsData.of_digest(seen["digest"]))
            await handle.command(Configure(config=config))
            await handle.command(Step())
            await until(lambda: handle.epoch == 1)
            assert handle.pid is not None
            os.kill(handle.pid, signal.SIGKILL)
            await until(lambda: handle.restarts == 1)
            assert handle.config == config
            await handle.command(Step())
            await until(lambda: handle.epoch == 2)

    loop.run(story())


@pytest.mark.parametrize("kind", [SpawnPool, InProcess])
def test_a_file_is_read_wherever_sessions_run(
    loop: Loop, kind: type[SpawnPool] | type[InProcess], tmp_path: Path
) -> None:
    async def story() -> None:
        async with session(kind()) as handle:
            assert (await handle.tables.read(csv(tmp_path), "points.csv"))["seen"]["rows"] == 30
            await handle.command(Step())

    loop.run(story())


def test_the_server_and_the_session_never_load_the_library_of_tables(tmp_path: Path) -> None:
    script = f"""
import asyncio, sys
from pathlib import Path
from spiral_dash.core.config import RunConfig
from spiral_dash.live.host import Host, HostSettings

async def story():
    host = Host(HostSettings())
    await host.start()
    handle = host.find(await host.open(RunConfig()))
    read = await handle.tables.read(Path({str(csv(tmp_path))!r}), "points.csv")
    maps = Path(f"/proc/{{handle.pid}}/maps")
    if maps.exists():
        assert "pandas" not in maps.read_text()
    await host.close()
    assert "pandas" not in sys.modules
    print(read["found"]["rows"])

asyncio.run(story())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, timeout=SECONDS
    )
    assert done.stdout.split() == [b"30"]


def test_a_reader_that_is_killed_is_a_sentence(
    loop: Loop, pool: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with session(pool) as handle:
            hire = pool.hire

            async def hire_to_kill() -> Worker:
                worker = await hire()
                assert worker.pid is not None
                os.kill(worker.pid, signal.SIGKILL)
                return worker

            with monkeypatch.context() as patch:
                patch.setattr(pool, "hire", hire_to_kill)
                with pytest.raises(CommandRefused, match="the process that read it ended"):
                    await handle.tables.read(csv(tmp_path), "points.csv")
            await handle.command(Step())
            assert (await handle.tables.read(csv(tmp_path), "points.csv"))["found"]["rows"] == 30

    loop.run(story())


def test_reading_takes_no_longer_than_it_may(
    loop: Loop, pool: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "SECONDS_MAX", 0.01)

    async def story() -> None:
        async with session(pool) as handle:
            with pytest.raises(CommandRefused, match="Keep fewer rows or columns"):
                await handle.tables.read(csv(tmp_path, 40_000), "points.csv")
            await handle.command(Step())

    loop.run(story())


def test_a_newer_file_ends_the_one_before(loop: Loop, pool: Shared, tmp_path: Path) -> None:
    async def story() -> None:
        async with session(pool) as handle:
            first = asyncio.create_task(handle.tables.read(csv(tmp_path, 40_000), "first.csv"))
            await asyncio.sleep(0.05)
            read = await handle.tables.read(csv(tmp_path), "second.csv")
            with pytest.raises(CommandRefused, match="Another file was opened meanwhile"):
                await first
            assert (await handle.tables.look(read["table"], Choice()))["rows"] == 30
            kept = {path.name for path in handle.folder.glob("table-*")}
            assert kept == {f"table-{read['table']}"}

    loop.run(story())


def test_a_session_that_ends_takes_its_reader_with_it(
    loop: Loop, pool: Shared, tmp_path: Path
) -> None:
    async def story() -> None:
        async with session(pool) as handle:
            task = asyncio.create_task(handle.tables.read(csv(tmp_path, 40_000), "points.csv"))
            await asyncio.sleep(0.05)
            await handle.end("Over.")
            with pytest.raises(CommandRefused):
                await task

    loop.run(story())


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not bound memory so")
def test_a_reader_may_use_so_much_memory_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(("0.5," * 60 + "a\n" + "0.25," * 60 + "b\n") * 25_000)
    script = f"""
import resource
from pathlib import Path
import pandas
from spiral_dash.live import reading

size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
reading.MEMORY_BYTES_MAX = size + 2**26
reading.confine()
folder = Path({str(tmp_path)!r})
task = {{"source": {str(path)!r}, "table": str(folder / "t"), "rows": "r"}}
print(reading.answer(task)["error"])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "of memory, got more" in done.stdout
    assert not (tmp_path / "t").exists()
