"""The benchmark runner and what it measures with; the figures themselves are `make bench`'s."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from benchmarks.__main__ import names, table
from benchmarks.framework import Goal, Result, at_least, at_most, interleave, seconds_per_call
from benchmarks.load import Player
from benchmarks.training import baseline_steps_per_second, floor_seconds_per_step, spiral_tensors
from spiral_dash.core.threads import single_thread

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("goal", "value", "ok"),
    [
        (at_least(5), 5.0, True),
        (at_least(5), 4.99, False),
        (at_most(1.7), 1.7, True),
        (at_most(1.7), 1.71, False),
        (at_least(5), math.nan, False),
        (at_most(5), math.nan, False),
        (None, 5.0, None),
    ],
)
def test_a_result_is_ok_when_its_goal_is_reached(
    goal: Goal | None, value: float, ok: bool | None
) -> None:
    assert Result("steps", value, "×", goal).ok is ok


def test_the_table_shows_value_goal_verdict_and_detail() -> None:
    result = Result("against autograd", 5.234, "×", at_least(5), {"engine, steps/s": 5012.4})
    lines = table({"training": [result.as_dict()]}).splitlines()
    assert lines[1].split() == ["training:", "against", "autograd", "5.23", "×", "≥", "5", "yes"]
    assert lines[2].split() == ["engine,", "steps/s", "5,012"]


def test_rounds_take_the_measures_in_turn() -> None:
    clock = count()
    rounds = interleave(lambda: next(clock), lambda: next(clock), rounds=3)
    assert rounds == [(0, 1), (2, 3), (4, 5)]


def test_the_time_of_a_call_is_its_own() -> None:
    measured = seconds_per_call(lambda: time.sleep(0.002), seconds=0.05)
    assert 0.002 <= measured < 0.02


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_floor_lies_below_a_whole_step(activation: str) -> None:
    x, y = spiral_tensors()
    with single_thread():
        steps = baseline_steps_per_second((2, 20, 20, 2), activation, 50, x, y, seconds=0.1)
        floor = floor_seconds_per_step((2, 20, 20, 2), activation, 50)
    assert 0 < floor < 1 / steps


def test_an_unknown_benchmark_is_refused_with_the_ones_there_are() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "trainnig"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "trainnig" in done.stderr
    assert all(name in done.stderr for name in names())


def test_results_survive_json() -> None:
    result = Result("start", 1.5, "s", at_most(5), {"import, s": 0.7})
    assert json.loads(json.dumps(result.as_dict())) == {
        "name": "start",
        "value": 1.5,
        "unit": "s",
        "goal": "≤ 5",
        "ok": True,
        "detail": {"import, s": 0.7},
    }


def test_the_delay_of_a_control_is_that_of_the_frame_that_answers_it() -> None:
    player = Player("token", rate=0.0011, turned_at=time.perf_counter() - 1.0, awaits=True)
    for rate in (0.001, 0.001, 0.0011, 0.0011):
        player._take({"training": json.dumps({"learning_rate": rate})})
    assert player.frames == 4 and len(player.delays) == 1 and not player.awaits
    assert player.delays[0] >= 1.0
