"""How far and how fast a session trains changes nothing of what it comes to."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from spiral_dash import Run, RunConfig
from spiral_dash.core.validation import ConfigError
from spiral_dash.live.commands import Stop, parse_command
from spiral_dash.live.drive import Drive
from spiral_dash.live.hold import Hold
from spiral_dash.live.pace import read_speed
from spiral_dash.live.stop import is_reached, why_not
from tests.unit.live.harness import SMALL, headless, remote, texts_of, wait_for_epoch

WILD = SMALL.replace(
    training=SMALL.training.replace(optimizer="sgd", learning_rate=100.0, momentum=0.99),
    network=SMALL.network.replace(activation="linear"),
)


def test_batches_one_by_one_are_the_epoch(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        batches = int(texts_of(session)["batches"])
        for _ in range(batches + 3):
            session.obey(do="step", unit="batch")
            session.wait_for("paused")
        texts = texts_of(session)
        assert (texts["epoch"], texts["step"]) == ("1", "3")
        assert session.saved().trainer.place == (1, 3)
        session.step_to(3)
        state = session.state()
    assert torch.equal(state, headless(3).trainer.engine.state)


def test_batches_a_second_are_kept_to_and_a_pause_leaves_the_epoch(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.obey(do="speed", steps_per_second=20.0)
        session.play_for(0.4)
        trainer = session.saved().trainer
        assert 2 <= trainer.epoch * trainer.batches + trainer.step <= 14
        assert texts_of(session)["speed"] == "20batches"
        session.obey(do="speed")
        session.step_to(2)
        state = session.state()
    assert torch.equal(state, headless(2).trainer.engine.state)


@pytest.mark.parametrize(
    ("speed", "hold", "idles"),
    [("0.01", None, True), ("full", None, False), ("full", 0, True), ("full", 5, False)],
)
def test_training_leaves_its_time_to_frames_where_its_speed_or_another_run_bids_it_wait(
    speed: str, hold: int | None, idles: bool
) -> None:
    run, drive = Run(SMALL), Drive(read_speed(speed))
    drive.begin()
    assert not drive.idles(run)
    drive.train(run, 60.0, to_end=True)
    if hold is not None:
        drive.hold = Hold(run.epoch + hold)
    assert drive.idles(run) is idles


@pytest.mark.parametrize("begun", [0, 3])
def test_reaching_an_epoch_is_training_to_it(begun: int, tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.obey(do="speed", epochs_per_second=0.01)
        session.obey(do="stop", at="epoch", value=5)
        if begun:
            session.step_to(begun)
        session.obey(do="reach", epoch=9)
        session.wait_for("paused")
        assert session.saved().epoch == 9
        assert texts_of(session)["reach"] == ""
        state = session.state()
        session.obey(do="reach", epoch=4)
        texts = texts_of(session)
        assert (texts["epoch"], texts["shown_epoch"], texts["state"]) == ("9", "4", "paused")
        session.obey(do="reach", epoch=9)
        assert texts_of(session)["seeking"] == ""
    assert torch.equal(state, headless(9).trainer.engine.state)


def test_a_session_opens_at_an_epoch_and_is_restored_on_its_way(tmp_path: Path) -> None:
    config = SMALL.replace(data=SMALL.data.replace(samples_per_arm=2000))
    with remote(tmp_path / "session", config, reach=12) as session:
        assert session.statuses[0]["state"] == "playing"
        shutil.copytree(tmp_path / "session", tmp_path / "left")
        session.wait_for("paused")
        states = [session.state()]
    with remote(tmp_path / "left", config, restore=True) as session:
        session.wait_for("paused")
        states.append(session.state())
        assert session.saved().epoch == 12
    expected = headless(12, config).trainer.engine.state
    assert all(torch.equal(state, expected) for state in states)


def test_a_pause_ends_the_way_to_an_epoch(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.obey(do="reach", epoch=1_000_000)
        assert texts_of(session)["reach"] == "1000000"
        session.obey(do="pause")
        texts = texts_of(session)
        assert (texts["state"], texts["reach"]) == ("paused", "")


@pytest.mark.parametrize("speed", [{"epochs_per_second": 200.0}, {}])
def test_a_replay_shows_the_kept_epochs_in_their_order(
    speed: dict[str, float], tmp_path: Path
) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(12)
        state = session.state()
        kept = session.saved().epoch
        session.watch({"key": "norms", "probe": "norms"})
        session.obey(do="speed", **speed)
        session.obey(do="seek", epoch=2)
        session.obey(do="play")
        assert session.statuses[-1]["state"] == "replaying"
        seen = []
        since = 0
        while True:
            session.credit(since)
            shown = session.frame()
            since = shown.message.serial
            seen.append(int(shown.texts["shown_epoch"]))
            if shown.texts["state"] == "paused":
                break
        assert seen == sorted(seen) and seen[-1] == kept == 12
        assert len(set(seen)) > 3
        assert shown.texts["seeking"] == ""
        # Nothing was trained, and what comes next is trained on from the newest.
        assert torch.equal(session.state(), state)
        session.step()
        assert torch.equal(session.state(), headless(13).trainer.engine.state)


def test_a_step_shows_the_next_kept_epoch_and_branching_trains(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(4)
        session.obey(do="seek", epoch=2)
        assert "branch here" in session.ask(do="step", unit="batch")
        for shown in ("3", "4"):
            session.obey(do="step")
            assert texts_of(session)["shown_epoch"] == shown
        assert texts_of(session)["seeking"] == ""
        session.obey(do="seek", epoch=2)
        session.obey(do="branch", epoch=2)
        session.step()
        assert session.saved().epoch == 3
        assert torch.equal(session.state(), headless(3).trainer.engine.state)


def test_a_replay_is_paused_sought_in_and_restored(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(8)
        session.obey(do="speed", epochs_per_second=0.5)
        session.obey(do="seek", epoch=3)
        session.obey(do="play")
        shutil.copytree(tmp_path / "session", tmp_path / "left")
        session.obey(do="pause")
        texts = texts_of(session)
        assert (texts["state"], texts["shown_epoch"]) == ("paused", "3")
        session.obey(do="play")
        session.obey(do="seek", epoch=5)
        assert session.statuses[-1]["state"] == "paused"
    with remote(tmp_path / "left", restore=True) as session:
        assert session.statuses[0]["state"] == "replaying"
        session.obey(do="speed")
        session.wait_for("paused")
        assert texts_of(session)["shown_epoch"] == "8"


def test_what_led_to_a_divergence_is_replayed(tmp_path: Path) -> None:
    with remote(tmp_path / "session", WILD) as session:
        session.obey(do="play")
        session.wait_for("diverged")
        session.obey(do="seek", epoch=0)
        session.obey(do="play")
        assert session.statuses[-1]["state"] == "replaying"
        session.wait_for("diverged")
        assert "no longer a finite number" in session.ask(do="play")
        assert "no longer a finite number" in session.ask(do="reach", epoch=100)


STOPS: list[dict[str, Any]] = [
    {"at": "epoch", "value": 7},
    {"at": "train_loss", "value": 0.68},
    {"at": "test_loss", "value": 0.7},
    {"at": "train_accuracy", "value": 0.6},
    {"at": "test_accuracy", "value": 0.6},
]


def first_epoch(run: Run, at: str, value: float) -> int:
    """The first epoch at which the condition holds and at the one before it does not."""
    values = run.trainer.history.arrays()[at]
    met = values <= value if at.endswith("loss") else values >= value
    return int(np.flatnonzero(met[1:] & ~met[:-1])[0]) + 1


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop["at"])
def test_training_stops_exactly_where_it_was_told(stop: dict[str, Any], tmp_path: Path) -> None:
    long = headless(60)
    expected = first_epoch(long, **stop)
    with remote(tmp_path / "session") as session:
        session.obey(do="stop", **stop)
        session.obey(do="play")
        session.wait_for("paused")
        run = session.saved()
        texts = texts_of(session)
        assert run.epoch == expected
        assert is_reached(Stop.model_validate({"do": "stop", **stop}), run)
        assert f"Stopped at epoch {expected}" in json.loads(texts["stop"])["said"]
        # Playing on goes beyond it.
        session.obey(do="play")
        wait_for_epoch(session, expected + 1)
        session.obey(do="stop")
        assert texts_of(session)["stop"] == ""
    assert torch.equal(run.trainer.engine.state, headless(expected).trainer.engine.state)


SENSELESS: list[tuple[dict[str, Any], str]] = [
    ({"at": "epoch", "value": 2}, "at epoch 2 already: expected a later one"),
    ({"at": "epoch", "value": 1}, "already"),
    ({"at": "train_accuracy", "value": 0.01}, "already: expected a higher one"),
    ({"at": "test_loss", "value": 100}, "already: expected a lower one"),
]


@pytest.mark.parametrize(("stop", "expected"), SENSELESS)
def test_a_condition_that_is_met_already_is_refused(
    stop: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(2)
        assert expected in session.ask(do="stop", **stop)
        assert texts_of(session)["stop"] == ""


def test_a_condition_on_test_points_that_are_not_there() -> None:
    run = Run(RunConfig.parse({"data": {"train_share": 1.0, "samples_per_arm": 50}}))
    stop = Stop(at="test_loss", value=0.1)
    assert "no test points" in why_not(stop, run)
    assert why_not(Stop(at="train_loss", value=0.1), run) == ""


NO_STOPS: list[tuple[dict[str, Any], str]] = [
    ({"at": "epoch"}, "expected a number"),
    ({"at": "epoch", "value": 0}, "whole number from 1"),
    ({"at": "epoch", "value": 2.5}, "whole number from 1"),
    ({"at": "epoch", "value": 1e300}, "value"),
    ({"at": "train_accuracy", "value": 97}, "up to 1"),
    ({"at": "test_accuracy", "value": 0}, "up to 1"),
    ({"at": "train_loss", "value": 0}, "above 0"),
    ({"at": "train_loss", "value": -1}, "value"),
    ({"at": "train_loss", "value": float("nan")}, "value"),
    ({"at": "train_loss", "value": "low"}, "value"),
    ({"at": "luck", "value": 1}, "at"),
]


@pytest.mark.parametrize(("stop", "expected"), NO_STOPS)
def test_a_condition_that_can_never_be_met_is_refused(stop: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        parse_command({"do": "stop", **stop})


def test_a_speed_is_of_epochs_or_of_batches() -> None:
    with pytest.raises(ConfigError, match="got both"):
        parse_command({"do": "speed", "epochs_per_second": 1, "steps_per_second": 1})
