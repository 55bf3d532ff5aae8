"""What is measured beside training is what would have been measured in turn with it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from spiral_dash import Run, RunConfig
from spiral_dash.core.probes import PROBES
from spiral_dash.core.threads import single_thread
from spiral_dash.live.commands import Part
from spiral_dash.live.frames import for_screen
from spiral_dash.live.machine import Machine
from spiral_dash.live.pool import ForkPool
from tests.unit.live.harness import SMALL, Remote, Shown, remote

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux")

WIDE = SMALL.replace(network={"hidden": [40, 40]})
PARTS = [
    Part(key="boundary", probe="boundary", options={"resolution": 150}),
    Part(key="mapping", probe="mapping"),
    Part(key="weights", probe="weights", options={"change": True}),
    Part(key="history", probe="history"),
]
SECONDS = 60.0


def companion(session: Remote) -> int:
    """The process that measures beside a session."""
    assert session.process is not None
    pid = session.process.pid
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return int(child)


def ticks(pid: int) -> int:
    """The time that a process has computed."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(stat[11]) + int(stat[12])


def advance_to(run: Run, frame: Shown) -> None:
    """Train a run to what a frame is of."""
    place = int(frame.texts["epoch"]), int(frame.texts["step"])
    while (run.epoch, run.trainer.step) != place:
        assert (run.epoch, run.trainer.step) < place
        run.advance(60.0, 1)


def assert_is_of(frame: Shown, run: Run) -> None:
    """Every array of a frame is, to the last bit, what is measured of the run at that moment."""
    with single_thread():
        advance_to(run, frame)
        measured = {part.key: run.measure(part.probe, **part.arguments) for part in PARTS}
    for part in PARTS:
        shares = PROBES[part.probe].unit_interval
        for name, array in measured[part.key].items():
            shown = frame.arrays.get(f"{part.key}/{name}")
            if shown is not None:
                np.testing.assert_array_equal(shown, for_screen(array, name in shares))


def playing(session: Remote, count: int) -> list[Shown]:
    """So many frames of a session that plays."""
    frames: list[Shown] = []
    for _ in range(count):
        session.credit(frames[-1].message.serial if frames else 0)
        frames.append(session.frame())
    return frames


@pytest.mark.parametrize("config", [WIDE, WIDE.replace(data={"kind": "digits"})])
def test_a_frame_is_of_its_moment(config: RunConfig, tmp_path: Path) -> None:
    with remote(tmp_path / "session", config, beside=True) as session:
        session.watch(*(part.model_dump(mode="json") for part in PARTS))
        other, before = companion(session), ticks(companion(session))
        session.obey(do="play")
        frames = playing(session, 40)
        deadline = time.monotonic() + SECONDS
        while ticks(other) == before:
            assert time.monotonic() < deadline, "nothing was measured beside training"
            frames += playing(session, 10)
        session.obey(do="pause")
        # Whatever was under way, what comes is of the present, and then nothing does.
        session.credit(frames[-1].message.serial)
        last = session.frame()
        assert last.texts["state"] == "paused"
        session.credit(last.message.serial)
        assert session.no_frame()
        run = session.saved()
        assert (run.epoch, run.trainer.step) == tuple(int(last.texts[n]) for n in ("epoch", "step"))
        again = Run(run.config)
        for frame in [*frames, last]:
            assert_is_of(frame, again)
        assert again.trainer.engine.state.equal(run.trainer.engine.state)


def test_what_is_changed_meanwhile_is_seen_next(tmp_path: Path) -> None:
    with remote(tmp_path / "session", WIDE, beside=True) as session:
        session.watch(*(part.model_dump(mode="json") for part in PARTS))
        for seed in range(1, 9):
            session.obey(do="play")
            since = playing(session, 6)[-1].message.serial
            session.credit(since, have=(seed,))
            session.obey(do="configure", config=WIDE.replace(seed=seed).model_dump(mode="json"))
            frame = session.frame()
            while frame.texts["run"] != str(seed + 1):
                session.credit(frame.message.serial, have=(seed,))
                frame = session.frame()
            assert_is_of(frame, Run(WIDE.replace(seed=seed)))


def test_what_took_too_long_is_dropped(tmp_path: Path) -> None:
    dear = [
        {"key": f"b{n}", "probe": "boundary", "options": {"resolution": 400 - n}} for n in range(3)
    ]
    with remote(tmp_path / "session", WIDE, beside=True) as session:
        for number in range(1, 6):
            session.watch(*dear)
            session.obey(do="play")
            since = playing(session, 3)[-1].message.serial
            session.credit(since, have=(number,))
            time.sleep(0.03)
            session.watch({"key": "m", "probe": "metrics"})
            session.obey(do="configure", config=WIDE.replace(seed=9).model_dump(mode="json"))
            frame = session.frame()
            while frame.texts["run"] != str(number + 1):
                session.credit(frame.message.serial, have=(number,))
                frame = session.frame()
            session.credit(frame.message.serial, have=(number + 1,))
            assert session.no_frame(0.4)


def test_who_comes_meanwhile_has_the_points(tmp_path: Path) -> None:
    with remote(tmp_path / "session", WIDE, beside=True) as session:
        session.watch({"key": "b", "probe": "boundary", "options": {"resolution": 300}})
        session.obey(do="play")
        since = playing(session, 3)[-1].message.serial
        for _ in range(10):
            session.credit(since)
            time.sleep(0.01)
            session.credit(since, have=(1, 0))
            frame = session.frame()
            if "data" not in frame.texts:
                frame = session.frame()
            assert "data" in frame.texts and "points/train" in frame.arrays
            since = frame.message.serial


def test_without_it_frames_are_made_in_turn(tmp_path: Path) -> None:
    with remote(tmp_path / "session", WIDE, beside=True) as session:
        session.watch(*(part.model_dump(mode="json") for part in PARTS))
        session.obey(do="play")
        frames = playing(session, 10)
        os.kill(companion(session), signal.SIGKILL)
        session.credit(frames[-1].message.serial)
        frames.append(session.frame())
        session.credit(frames[-1].message.serial)
        frames.append(session.frame())
        run = Run(WIDE)
        for frame in frames:
            assert_is_of(frame, run)


def test_it_ends_with_its_session(tmp_path: Path) -> None:
    with remote(tmp_path / "session", WIDE, beside=True) as session:
        other = Path(f"/proc/{companion(session)}")
        assert other.exists()
    deadline = time.monotonic() + SECONDS
    while other.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_ends_where_its_session_is_killed(tmp_path: Path) -> None:
    session = Remote(tmp_path / "session", WIDE, beside=True)
    session.wait_until_ready()
    other = Path(f"/proc/{companion(session)}")
    assert session.process is not None
    session.process.kill()
    session.close()
    deadline = time.monotonic() + SECONDS
    while other.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_each_that_has_one_has_a_second_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "cores", property(lambda self: 4.5))

    async def story() -> None:
        pool = ForkPool()
        try:
            first, second = await pool.hire(), await pool.hire()
            seen = [pool.has_cores_beside]
            third = await pool.hire()
            seen.append(pool.has_cores_beside)
            for worker in (first, first, second, third):
                worker.dismiss()
                seen.append(pool.has_cores_beside)
            assert seen == [True, False, True, True, True, True]
        finally:
            await pool.close()

    asyncio.run(story())
