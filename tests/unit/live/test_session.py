"""However a session is driven, its run is the run that its configuration names."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from spiral_dash import RunConfig
from spiral_dash.core.config import TrainingConfig
from spiral_dash.live import transport
from spiral_dash.live.checkpoint import Checkpoint
from tests.unit.live.harness import SMALL, Remote, headless, remote

EPOCHS = 12
WATCHED = (
    {"key": "boundary", "probe": "boundary", "options": {"resolution": 20}},
    {"key": "mapping", "probe": "mapping"},
    {"key": "attack", "probe": "attack"},
    {"key": "norms", "probe": "norms", "over_time": True},
)


def alone(session: Remote) -> None:
    session.play_for(0.05)


def watched(session: Remote) -> None:
    session.watch(*WATCHED)
    session.obey(do="play")
    since = 0
    for _ in range(5):
        session.credit(since)
        since = session.frame().message.serial
    session.obey(do="pause")


def paused_often(session: Remote) -> None:
    for _ in range(5):
        session.play_for(0.005)


def slowed(session: Remote) -> None:
    session.obey(do="speed", epochs_per_second=30.0)
    session.play_for(0.1)


def sought(session: Remote) -> None:
    session.watch(*WATCHED)
    session.step()
    session.play_for(0.03)
    for epoch in (0, 1, None, 1):
        session.obey(do="seek", epoch=epoch)
        session.credit()
        session.frame()


def branched(session: Remote) -> None:
    session.step_to(4)
    session.play_for(0.01)
    session.obey(do="branch", epoch=2)


def reset_after_training(session: Remote) -> None:
    session.play_for(0.03)
    session.obey(do="reset")


def configured_over_another(session: Remote) -> None:
    session.obey(do="configure", config={"network": {"hidden": [3]}})
    session.play_for(0.03)
    session.obey(do="configure", config=session.config.model_dump(mode="json"))


WAYS = (
    alone,
    watched,
    paused_often,
    slowed,
    sought,
    branched,
    reset_after_training,
    configured_over_another,
)


@pytest.mark.parametrize("drive", WAYS)
def test_the_same_weights_bit_for_bit(drive: Callable[[Remote], None], tmp_path: Path) -> None:
    # Pausing lands within an epoch, wherever that is: the steps after it complete the epoch.
    config = SMALL.replace(data=SMALL.data.replace(samples_per_arm=5000))
    config = SMALL if drive is branched else config
    with remote(tmp_path / "session", config) as session:
        drive(session)
        session.obey(do="seek", epoch=None)
        reached = session.saved().epoch
        session.step_to(max(reached + 1, 3))
        trained = session.saved()
    assert trained.config == config
    expected = headless(trained.epoch, config)
    assert torch.equal(trained.trainer.engine.state, expected.trainer.engine.state)
    for name, values in expected.history.items():
        np.testing.assert_array_equal(trained.history[name], values)


def test_an_adjusted_run_is_the_adjusted_run(tmp_path: Path) -> None:
    faster = TrainingConfig(learning_rate=0.02, batch_size=16, l2=0.001)
    with remote(tmp_path / "session") as session:
        session.step_to(3)
        session.obey(do="adjust", training=faster.model_dump())
        session.step_to(EPOCHS)
        state = session.state()
        assert session.statuses[-1]["training"]["learning_rate"] == 0.02
        told = RunConfig.parse(session.statuses[-1]["config"])
    run = headless(3)
    run.adjust(faster)
    run.train(EPOCHS - 3)
    assert told == run.config == SMALL.replace(schedule=run.config.schedule)
    assert torch.equal(state, run.trainer.engine.state)
    assert torch.equal(state, headless(EPOCHS, told).trainer.engine.state)


SCHEDULED = SMALL.replace(schedule="1:learning_rate=0.02;2.3:batch_size=16;4:l2=0.001")


@pytest.mark.parametrize("drive", [watched, sought, reset_after_training, configured_over_another])
def test_a_schedule_is_replayed_bit_for_bit(
    drive: Callable[[Remote], None], tmp_path: Path
) -> None:
    with remote(tmp_path / "session", SCHEDULED) as session:
        drive(session)
        session.obey(do="seek", epoch=None)
        session.step_to(max(session.saved().epoch + 1, 6))
        trained = session.saved()
        # Those who show the training learn what it has become.
        told = TrainingConfig.model_validate(session.statuses[-1]["training"])
        session.credit()
        texts = session.frame().texts
    assert trained.config == SCHEDULED
    assert told == trained.training == SCHEDULED.training_at(trained.epoch)
    assert json.loads(texts["training"]) == told.model_dump(mode="json")
    marks = json.loads(texts["schedule"])
    assert [(mark["epoch"], mark["text"]) for mark in marks] == [
        (1, "learning rate 0.001 → 0.02"),
        (2, "batch size 10 → 16"),
        (4, "L2 0 → 0.001"),
    ]
    expected = headless(trained.epoch, SCHEDULED)
    assert torch.equal(trained.trainer.engine.state, expected.trainer.engine.state)


def test_a_change_that_is_passed_is_told_at_once(tmp_path: Path) -> None:
    with remote(tmp_path / "session", SCHEDULED) as session:
        session.obey(do="speed", epochs_per_second=50.0)
        session.obey(do="play")
        deadline = time.monotonic() + 20.0
        while session.statuses[-1]["training"]["l2"] != 0.001:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert session.statuses[-1]["state"] == "playing"


def test_a_branch_of_a_session_cuts_its_schedule(tmp_path: Path) -> None:
    with remote(tmp_path / "session", SCHEDULED) as session:
        session.step_to(6)
        session.obey(do="branch", epoch=3)
        config = RunConfig.parse(session.statuses[-1]["config"])
        assert config.schedule == SCHEDULED.schedule[:2]
        session.step_to(6)
        state = session.state()
    assert torch.equal(state, headless(6, config).trainer.engine.state)


def test_a_pause_comes_at_the_end_of_an_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An epoch takes several slices, so that a pause would come in the middle of one.
    monkeypatch.setattr(transport, "LAST_SECONDS", 60.0)
    config = SMALL.replace(data=SMALL.data.replace(samples_per_arm=200), training={"batch_size": 1})
    with remote(tmp_path / "session", config) as session:
        for _ in range(4):
            session.play_for(0.03)
            assert session.saved().progress == 0.0
            assert session.statuses[-1]["state"] == "paused"


def test_a_killed_session_goes_on_bit_for_bit(tmp_path: Path) -> None:
    left = tmp_path / "left"
    with remote(tmp_path / "session") as session:
        session.step_to(5)
        session.obey(do="speed", epochs_per_second=500.0)
        # What a process that is killed now would leave behind.
        shutil.copytree(tmp_path / "session", left)
    with remote(left, RunConfig(), restore=True) as session:
        assert session.statuses[0]["restored"] is True
        assert session.statuses[0]["epoch"] == 5
        session.obey(do="seek", epoch=2)
        session.credit(have=(0,))
        frame = session.frame()
        assert frame.texts["shown_epoch"] == "2"
        assert frame.texts["speed"] == "500"
        assert frame.texts["epochs"] == "[0, 5, 6]"
        session.step_to(EPOCHS)
        state = session.state()
    assert torch.equal(state, headless(EPOCHS).trainer.engine.state)


def test_a_session_that_played_plays_on(tmp_path: Path) -> None:
    left = tmp_path / "left"
    with remote(tmp_path / "session") as session:
        session.obey(do="speed", epochs_per_second=1.0)
        session.obey(do="play")
        shutil.copytree(tmp_path / "session", left)
    with remote(left, restore=True) as session:
        assert session.statuses[0]["state"] == "playing"


@pytest.mark.parametrize("leave", [b"", b"{}\n", b'{"run": 1}\nx', b"\x00" * 100])
def test_what_is_no_checkpoint_is_a_fresh_start(leave: bytes, tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_bytes(leave)
    with remote(tmp_path, restore=True) as session:
        assert session.statuses[0]["restored"] is False
        session.step()
        assert session.saved().epoch == 1


def test_a_diverged_run_stays_so_until_it_is_taken_back(tmp_path: Path) -> None:
    wild = SMALL.replace(
        training=SMALL.training.replace(optimizer="sgd", learning_rate=100.0, momentum=0.99),
        network=SMALL.network.replace(activation="linear"),
    )
    left = tmp_path / "left"
    with remote(tmp_path / "session", wild) as session:
        session.obey(do="play")
        session.wait_for("diverged")
        refusal = session.ask(do="play")
        assert "no longer a finite number" in refusal
        assert session.ask(do="step") == refusal
        session.watch(*WATCHED)
        session.credit()
        frame = session.frame()
        assert frame.texts["state"] == "diverged"
        assert frame.texts["notice"] in refusal
        # What was before is still there.
        assert json.loads(frame.texts["metrics"])["test_accuracy"] is None
        before = list(range(session.saved().epoch))
        known = frame.arrays
        while known.get("norms/epochs", np.zeros(0)).tolist() != before:
            session.credit(frame.message.serial)
            frame = session.frame()
            assert "error" not in json.loads(frame.texts["parts"]).get("norms", {})
            known |= frame.arrays
        assert np.isfinite(known["norms/spectral"]).all()
        shutil.copytree(tmp_path / "session", left)
        session.obey(do="branch", epoch=0)
        assert session.statuses[-1]["state"] == "ready"
    with remote(left, restore=True) as session:
        assert session.statuses[0]["state"] == "diverged"
        assert session.ask(do="play") == refusal
        session.obey(do="reset")
        assert session.statuses[-1]["state"] == "ready"


REFUSED: list[tuple[object, str]] = [
    (None, "JSON object"),
    ({"do": "fly"}, "expected one of"),
    ({"do": "branch", "epoch": 999}, "not kept"),
    ({"do": "adjust", "training": {"optimizer": "sgd"}}, "adam"),
    ({"do": "configure", "config": {"data": {"entanglement": -1}}}, "data.entanglement"),
    ({"do": "watch", "parts": [{"key": "x", "probe": "nothing"}]}, "expected one of"),
]


@pytest.mark.parametrize(("message", "expected"), REFUSED)
def test_a_refused_command_changes_nothing(message: object, expected: str, tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(2)
        before = len(session.statuses)
        assert expected in session.ask_raw(message)
        assert len(session.statuses) == before
        session.step_to(4)
        state = session.state()
    assert torch.equal(state, headless(4).trainer.engine.state)


def test_a_configuration_that_cannot_be_built_leaves_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(2)

        def fail(*_: object, **__: object) -> None:
            raise MemoryError("no room for it")

        with monkeypatch.context() as broken:
            broken.setattr("spiral_dash.core.run.Trainer", fail)
            refusal = session.ask(do="configure", config={})
        assert "no room for it" in refusal
        assert "goes on" in refusal
        assert session.statuses[-1]["run"] == 1
        session.step_to(4)
        state = session.state()
    assert torch.equal(state, headless(4).trainer.engine.state)


def test_a_new_run_has_a_new_number_and_drops_the_old_snapshots(tmp_path: Path) -> None:
    folder = tmp_path / "session"
    with remote(folder) as session:
        session.step_to(2)
        session.obey(do="reset")
        assert session.statuses[-1]["run"] == 2
        session.obey(do="configure", config={"seed": 9})
        assert session.statuses[-1]["run"] == 3
        assert session.statuses[-1]["state"] == "ready"
        assert session.statuses[-1]["config"]["seed"] == 9
        checkpoint = Checkpoint.read(folder)
        assert checkpoint is not None
        assert [path.name for path in folder.glob("snapshots*")] == [checkpoint.snapshots]
    assert not folder.exists()


def test_the_speed_limit_holds_without_computing(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.obey(do="speed", epochs_per_second=20.0)
        begun, used = time.monotonic(), time.process_time()
        session.play_for(0.5)
        elapsed, used = time.monotonic() - begun, time.process_time() - used
        epochs = session.saved().epoch
    assert epochs <= 20.0 * elapsed + 2
    assert epochs >= 5
    # An epoch takes a millisecond or two.
    assert used < 0.3 * elapsed


def test_a_step_ends_at_the_epoch(tmp_path: Path) -> None:
    slow = SMALL.replace(data=SMALL.data.replace(samples_per_arm=5000))
    with remote(tmp_path / "session", slow) as session:
        session.play_for(0.01)
        run = session.saved()
        assert 0 <= run.progress < 1
        session.step()
        assert session.saved().epoch == run.epoch + 1
        assert session.saved().progress == 0


def test_looking_back_pauses_and_playing_replays(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(4)
        session.obey(do="speed", epochs_per_second=1.0)
        session.obey(do="play")
        session.obey(do="seek", epoch=3)
        assert session.statuses[-1]["state"] == "paused"
        session.credit()
        frame = session.frame()
        assert (frame.texts["seeking"], frame.texts["shown_epoch"]) == ("3", "3")
        session.obey(do="play")
        assert session.statuses[-1]["state"] == "replaying"
        session.obey(do="speed")
        session.wait_for("paused")
        session.credit()
        assert session.frame().texts["seeking"] == ""


BY_HAND = (
    {"change": "weight", "layer": 1, "unit": 2, "input": 1, "value": 0.75},
    {"change": "unit", "layer": 1, "unit": 3, "value": "silent"},
    {"change": "layer", "layer": 2, "value": "frozen"},
)


def test_an_edited_session_is_the_run_that_its_schedule_names(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.watch({"key": "weights", "probe": "weights"})
        session.step_to(2)
        session.credit()
        before = session.frame()
        for edit in BY_HAND:
            session.obey(do="edit", edit=edit)
        session.credit(before.message.serial)
        # Those who watch a run that rests see it at once.
        after = session.frame()
        assert after.arrays["weights/weight_1"][1, 0] == 0.75
        assert not after.arrays["weights/weight_2"][:, 2].any()
        assert [mark["text"] for mark in json.loads(after.texts["schedule"])] == [
            "weight 1 → 2 of layer 1 set to 0.75",
            "layer 2 frozen",
            "unit 3 of layer 1 silenced",
        ]
        session.obey(do="play")
        session.obey(do="edit", edit={"change": "bias", "layer": 1, "unit": 1, "value": -1})
        session.obey(do="pause")
        session.step_to(EPOCHS)
        trained = session.saved()
    expected = headless(trained.epoch, trained.config)
    assert len(trained.config.schedule) == 4
    assert torch.equal(trained.trainer.engine.state, expected.trainer.engine.state)
    for name, values in expected.history.items():
        np.testing.assert_array_equal(trained.history[name], values)


def test_what_cannot_be_edited_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(2)
        config = session.config
        for edit, says in (
            ({**BY_HAND[0], "layer": 9}, "layer: there is no such layer"),
            ({**BY_HAND[0], "value": 1e300}, "value: expected a number"),
            ({**BY_HAND[1], "epoch": -3}, "epoch: expected a whole number"),
            ("unit", "change: expected one of weight, bias, layer, unit, got 'unit'"),
        ):
            assert says in session.ask(do="edit", edit=edit)
        session.obey(do="seek", epoch=1)
        assert "epoch 1 is past and cannot be changed" in session.ask(do="edit", edit=BY_HAND[0])
        session.obey(do="seek", epoch=None)
        assert session.saved().config == config
