"""The export command writes what Python writes; bad input gets a sentence, and harms nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiral_dash import Run, RunConfig
from spiral_dash.__main__ import main
from spiral_dash.core.export import FORMATS, exported

SETTINGS = ["--set", "data.samples_per_arm=60", "--set", "network.hidden=4", "--set", "seed=2"]


@pytest.fixture(scope="module")
def run() -> Run:
    data = {"samples_per_arm": 60}
    made = Run(RunConfig.parse({"data": data, "network": {"hidden": [4]}, "seed": 2}))
    made.train(3)
    return made


@pytest.fixture(scope="module")
def recorded(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "run.spiral.zip"
    run.save(path)
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_a_recording_gives_what_python_gives(
    name: str, run: Run, recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "file"
    assert main(["export", str(recorded), "--format", name, "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    if name not in {"safetensors", "vnnlib"}:  # the order of whose parts, or their time, varies
        assert out.read_bytes() == exported(run, name)


def test_a_checkpoint_and_settings_give_the_same(run: Run, tmp_path: Path) -> None:
    checkpoint, first, second = (tmp_path / name for name in ("checkpoint", "first", "second"))
    checkpoint.write_bytes(run.checkpoint())
    command = ["export", "--format", "npz", "--quiet", "--out"]
    assert main([*command, str(first), str(checkpoint)]) == 0
    assert main([*command, str(second), *SETTINGS, "--epochs", "3"]) == 0
    assert first.read_bytes() == second.read_bytes() == exported(run, "npz")


def test_an_epoch_points_and_epsilons_are_chosen(recorded: Path, tmp_path: Path) -> None:
    weights, properties = tmp_path / "weights", tmp_path / "properties"
    command = ["export", str(recorded), "--quiet", "--format"]
    assert main([*command, "npz", "--epoch", "1", "--out", str(weights)]) == 0
    assert weights.read_bytes() == exported(Run.load(recorded), "npz", 1)
    chosen = ["--points", "2,5", "--epsilon", "0.1,0.25"]
    assert main([*command, "vnnlib", "--out", str(properties), *chosen]) == 0
    assert properties.read_bytes().count(b"vnnlib/point_5_epsilon_0.25.vnnlib") == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--format", "gif"], "--format: expected one of pytorch"),
        (["--epoch", "9"], "Epoch 9 is not kept"),
        (["--epoch", "first"], "epoch: expected a whole number"),
        (["--format", "vnnlib", "--points", "none"], "points: expected"),
        (["--format", "vnnlib", "--points", ","], "points: expected one or more"),
        (["--format", "vnnlib", "--points", "3,99999"], "points: expected test points from 0"),
        (["--format", "vnnlib", "--epsilon", "-1"], "epsilon: expected"),
        (["--format", "vnnlib", "--epsilon", "inf"], "epsilon: expected"),
        (["--set", "seed=1"], "expected a recorded run or settings of one to train"),
        (["--epochs", "5"], "expected a recorded run or settings of one to train"),
        (["--out", "/nowhere/file"], "--out: expected a folder that is there, got /nowhere"),
        (["--out", "/"], "--out: expected a file that is not there yet"),
        (["--out", "/", "--overwrite"], "path: expected a file to write to"),
    ],
)
def test_bad_input_gets_a_sentence(
    arguments: list[str],
    sentence: str,
    recorded: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    usual = ["--format", "npz", "--out", str(tmp_path / "file")]
    assert main(["export", str(recorded), *usual, *arguments, "--quiet"]) == 2
    assert sentence in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"hello", "Expected a recorded run"), (b"PK\x03\x04", "Expected a recorded run"), (None, "")],
)
def test_a_file_that_is_no_run_is_refused(
    content: bytes | None, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "some"
    if content is not None:
        path.write_bytes(content)
    out = tmp_path / "file"
    assert main(["export", str(path), "--format", "npz", "--out", str(out)]) == 2
    assert (sentence or "expected a file that can be read") in capsys.readouterr().err
    assert not out.exists()


def test_a_file_is_not_overwritten_unasked(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "file"
    out.write_text("mine")
    command = ["export", str(recorded), "--format", "npz", "--out", str(out)]
    assert main(command) == 2
    assert "add --overwrite" in capsys.readouterr().err and out.read_text() == "mine"
    assert main([*command, "--overwrite"]) == 0
    assert out.read_bytes() == exported(Run.load(recorded), "npz")
