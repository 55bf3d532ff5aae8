"""A long measurement says how far it is, and ends when nobody wants it any more."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spiral_dash.core.probes import PROBES, Arrays, Cost, Subject
from spiral_dash.live.measuring import PROGRESS_SECONDS, Progress
from tests.unit.live.harness import PATIENCE, Level, Remote, make_probe, remote

LONG = {"key": "long", "probe": "long"}
OTHER = {"key": "other", "probe": "other"}
STEPS = 400
STEP_SECONDS = 0.01


class Long:
    """A measurement of four seconds that can be called off, and remembers how it ended."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.ended = threading.Event()
        self.called_off = 0

    def __call__(self, subject: Subject, options: Level) -> Arrays:
        self.begun.set()
        for step in range(STEPS):
            time.sleep(STEP_SECONDS)
            if not subject.proceed(step / STEPS):
                self.called_off += 1
                break
        self.ended.set()
        return {"level": np.array([options.level])}


@pytest.fixture
def long(monkeypatch: pytest.MonkeyPatch) -> Long:
    measured = Long()
    monkeypatch.setitem(PROBES, "long", make_probe("long", measured, Cost.SLOW))
    other = make_probe("other", lambda *_: {"one": np.array([1])}, Cost.SLOW)
    monkeypatch.setitem(PROBES, "other", other)
    return measured


def begin(session: Remote, long: Long) -> int:
    """Watch the long measurement until it is under way; the serial of the last frame."""
    session.watch(LONG)
    session.credit()
    serial = session.frame().message.serial
    session.credit(serial)
    assert long.begun.wait(PATIENCE)
    return serial


def described(session: Remote, key: str = "long") -> dict[str, Any]:
    parts: dict[str, dict[str, Any]] = json.loads(session.frame().texts["parts"])
    return parts[key]


def test_frames_say_how_far_it_is_a_few_times_a_second(tmp_path: Path, long: Long) -> None:
    with remote(tmp_path / "session") as session:
        serial = begin(session, long)
        begun = time.monotonic()
        shares: list[float] = []
        while len(shares) < 4:
            frame = session.frame()
            part = json.loads(frame.texts["parts"])["long"]
            assert part["pending"] is True and part["arrays"] == []
            assert frame.message.serial > serial
            shares.append(part["progress"])
            session.credit(frame.message.serial)
        assert time.monotonic() - begun >= 3 * PROGRESS_SECONDS
    assert shares == sorted(set(shares)) and 0.0 < shares[0] < shares[-1] < 1.0
    # The end of the session does not wait for it.
    assert long.called_off == 1


def test_it_says_so_beside_the_result_it_will_replace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, long: Long
) -> None:
    monkeypatch.setattr("tests.unit.live.test_progress.STEPS", 2)
    with remote(tmp_path / "session") as session:
        begin(session, long)
        first = session.frame()
        assert first.arrays["long/level"].tolist() == [1]
        assert "progress" not in json.loads(first.texts["parts"])["long"]
        monkeypatch.setattr("tests.unit.live.test_progress.STEPS", 400)
        session.step()
        session.credit(first.message.serial)
        seen = session.frame()
        while "progress" not in (part := json.loads(seen.texts["parts"]).get("long", {})):
            session.credit(seen.message.serial)
            seen = session.frame()
        assert part["arrays"] == [] and part["pending"] is True and 0.0 < part["progress"] < 1.0


def unwatch(session: Remote) -> None:
    session.watch(OTHER)


def seek(session: Remote) -> None:
    session.obey(do="seek", epoch=0)


def reset(session: Remote) -> None:
    session.obey(do="reset")


def branch(session: Remote) -> None:
    session.obey(do="branch", epoch=0)


def configure(session: Remote) -> None:
    session.obey(do="configure", config={"network": {"hidden": [3]}})


@pytest.mark.parametrize("change", [unwatch, seek, reset, branch, configure])
def test_it_is_called_off(tmp_path: Path, long: Long, change: Callable[[Remote], None]) -> None:
    with remote(tmp_path / "session") as session:
        session.step()
        begin(session, long)
        begun = time.monotonic()
        change(session)
        assert long.ended.wait(PATIENCE)
        assert time.monotonic() - begun < STEPS * STEP_SECONDS / 2
        assert long.called_off == 1


def test_what_was_called_off_is_shown_to_nobody_and_makes_room(tmp_path: Path, long: Long) -> None:
    with remote(tmp_path / "session") as session:
        serial = begin(session, long)
        session.watch(OTHER, LONG)
        session.watch(OTHER)
        while True:
            frame = session.frame()
            assert "long/level" not in frame.arrays
            if "other/one" in frame.arrays:
                break
            serial = frame.message.serial
            session.credit(serial)
        assert long.called_off == 1
        session.watch(OTHER, LONG)
        session.credit()
        assert described(session)["arrays"] == []


def test_what_another_audience_watches_goes_on(tmp_path: Path, long: Long) -> None:
    with remote(tmp_path / "session") as session:
        session.watch(LONG, audience=1)
        begin(session, long)
        session.watch(OTHER)
        time.sleep(20 * STEP_SECONDS)
        assert long.called_off == 0


def test_training_on_leaves_it_alone(tmp_path: Path, long: Long) -> None:
    with remote(tmp_path / "session") as session:
        begin(session, long)
        session.play_for(20 * STEP_SECONDS)
        assert long.called_off == 0


def test_progress_is_told_no_more_often_than_it_should_be() -> None:
    told: list[float | None] = []
    progress = Progress(lambda: told.append(progress.share))
    until = time.monotonic() + 2.5 * PROGRESS_SECONDS
    while time.monotonic() < until:
        assert progress.proceed(0.25)
        time.sleep(0.001)
    assert told == [0.25, 0.25]
    progress.call_off()
    time.sleep(PROGRESS_SECONDS)
    assert not progress.proceed(7.0)
    assert progress.share == 1.0 and len(told) == 2
