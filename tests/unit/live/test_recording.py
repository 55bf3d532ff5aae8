"""A session's run as a file: recorded, opened in another session or in Python, or refused."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from spiral_dash import Run
from spiral_dash.core import recording
from tests.unit.live.harness import SMALL, Remote, headless, remote

EPOCHS = 6
FILE = "run.spiral.zip"
BOUNDARY = {"key": "boundary", "probe": "boundary", "options": {"resolution": 12}}
OTHER = SMALL.replace(network=SMALL.network.replace(hidden=(3,)), seed=8)


def assert_equal(one: Run, other: Run) -> None:
    assert one.config == other.config
    assert list(one.epochs) == list(other.epochs)
    assert torch.equal(one.trainer.engine.state, other.trainer.engine.state)
    for epoch in one.epochs:
        np.testing.assert_array_equal(
            one.subject(int(epoch)).network.flat.numpy(),
            other.subject(int(epoch)).network.flat.numpy(),
        )
    for name, values in one.history.items():
        np.testing.assert_array_equal(values, other.history[name])


def test_a_recorded_session_opens_in_python_bit_for_bit(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(EPOCHS)
        session.obey(do="seek", epoch=2)
        session.obey(do="pack", file=FILE)
        assert session.statuses[-1]["epoch"] == EPOCHS
        opened = Run.load(session.folder / FILE)
    expected = headless(EPOCHS)
    assert_equal(opened, expected)
    opened.train(2)
    expected.train(2)
    assert_equal(opened, expected)


def test_a_run_saved_in_python_opens_in_a_session_bit_for_bit(tmp_path: Path) -> None:
    run = headless(EPOCHS)
    with remote(tmp_path / "session", OTHER) as session:
        session.watch(BOUNDARY)
        session.obey(do="play")
        run.save(session.folder / FILE)
        session.obey(do="open", file=FILE)
        status = session.statuses[-1]
        assert (status["state"], status["epoch"], status["run"]) == ("paused", EPOCHS, 2)
        assert status["config"] == SMALL.model_dump(mode="json")
        session.credit(have=(1,))
        shown = session.frame()
        assert shown.texts["epochs"] == f"[0, {EPOCHS}, {EPOCHS + 1}]"
        assert "points/train" in shown.arrays
        np.testing.assert_array_equal(
            shown.arrays["boundary/probability"],
            run.measure("boundary", resolution=12)["probability"],
        )
        assert [path.name for path in session.folder.glob("snapshots*")] == ["snapshots-2"]
        assert_equal(session.saved(), Run.restore(run.checkpoint()))
        session.step_to(EPOCHS + 2)
        state = session.state()
    assert torch.equal(state, headless(EPOCHS + 2).trainer.engine.state)


def test_an_opened_run_that_has_not_begun_is_ready(tmp_path: Path) -> None:
    with remote(tmp_path / "session", OTHER) as session:
        headless(0).save(session.folder / FILE)
        session.obey(do="open", file=FILE)
        assert (session.statuses[-1]["state"], session.statuses[-1]["epoch"]) == ("ready", 0)


def test_an_opened_run_that_diverged_says_so(tmp_path: Path) -> None:
    wild = SMALL.replace(
        training=SMALL.training.replace(optimizer="sgd", learning_rate=100.0, momentum=0.99),
        network=SMALL.network.replace(activation="linear"),
    )
    run = headless(30, wild)
    assert run.diverged
    with remote(tmp_path / "session", OTHER) as session:
        run.save(session.folder / FILE)
        session.obey(do="open", file=FILE)
        assert session.statuses[-1]["state"] == "diverged"
        assert "no longer a finite number" in session.ask(do="play")
        session.obey(do="branch", epoch=0)
        assert session.statuses[-1]["state"] == "ready"


def _rewritten(whole: bytes, name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(whole)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for each in old.namelist():
            new.writestr(each, content if each == name else old.read(each))
    return buffer.getvalue()


def _broken_deflate(whole: bytes) -> bytes:
    packed = bytearray(_rewritten(whole, "", b""))
    start = packed.index(b"run.safetensors") + len(b"run.safetensors")
    packed[start : start + 40] = bytes(40)
    return bytes(packed)


BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda whole: b"", "Expected a recorded run"),
    "no zip": (lambda whole: b"weights" * 1000, "Expected a recorded run"),
    "cut off": (lambda whole: whole[: len(whole) // 2], "Expected a recorded run"),
    "cut off at the end": (lambda whole: whole[:-1], "Expected a recorded run"),
    "another zip": (lambda whole: _rewritten(b"PK\5\6" + bytes(18), "", b""), "without run"),
    "another version": (
        lambda whole: whole.replace(b'"version":"1"', b'"version":"9"'),
        "Expected a run|cut off",
    ),
    "another network": (
        lambda whole: _rewritten(whole, recording.RUN, headless(1, OTHER).checkpoint()),
        "Expected snapshots of",
    ),
    "nonsense inside": (lambda whole: _rewritten(whole, recording.RUN, b"\xff" * 99), "Expected"),
    "broken compression": (_broken_deflate, "Expected a recorded run"),
    "a bomb": (
        lambda whole: _rewritten(whole, recording.RUN, bytes(recording.BYTES_MAX + 1)),
        "at most 256 MiB",
    ),
    "too large": (lambda whole: bytes(recording.BYTES_MAX + 1), "at most 256 MiB"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_and_the_session_goes_on(name: str, tmp_path: Path) -> None:
    spoil, sentence = BAD[name]
    with remote(tmp_path / "session") as session:
        session.step_to(2)
        path = session.folder / FILE
        path.write_bytes(spoil(headless(3, OTHER).pack()))
        _assert_refused(session, path.name, sentence)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(2)
        _assert_refused(session, "nothing.zip", "cannot be read")


def _assert_refused(session: Remote, file: str, sentence: str) -> None:
    before = session.statuses[-1]
    error = session.ask(do="open", file=file)
    assert any(each in error for each in sentence.split("|")), error
    assert error.endswith("The present run goes on.")
    assert "Traceback" not in error and len(error) < 400
    assert session.statuses[-1] is before
    assert [path.name for path in session.folder.glob("snapshots*")] == ["snapshots-1"]
    session.step_to(4)
    assert torch.equal(session.state(), headless(4).trainer.engine.state)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        (session.folder / FILE).mkdir()
        assert "cannot be recorded here" in session.ask(do="pack", file=FILE)
        session.step()


def test_an_epoch_beyond_the_history_is_refused_with_the_range(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.step_to(3)
        assert "expected 0 to 3" in session.ask(do="seek", epoch=4)
        assert "expected 0 to 3" in session.ask(do="branch", epoch=4)
        session.credit()
        assert session.frame().texts["shown_epoch"] == "3"


def test_a_layer_that_does_not_exist_is_refused_with_the_range(tmp_path: Path) -> None:
    with remote(tmp_path / "session") as session:
        session.watch({"key": "mapping", "probe": "mapping", "options": {"layer": 9}}, BOUNDARY)
        session.credit()
        shown = session.frame()
        assert "0 to 3" in shown.texts["parts"]
        assert "boundary/probability" in shown.arrays
